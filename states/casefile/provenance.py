"""Who made what of a case, and out of what: W3C PROV as PROV-JSON (the member submission of 24 April 2013).

Entities are frozen versions, documents and files of evidence; activities are moves, review rounds and the acts of
people that the record of change tells of; agents are people, by their role, and organisations. All of it follows from
the parts of the file, so that whoever reads them can make it anew.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from states.casefile.values import Row

Parts = Mapping[str, Sequence[Row]]

PREFIX = {
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "case": "urn:bankable:case:",
    "bankable": "urn:bankable:terms:",
}


def provenance(parts: Parts) -> dict[str, Any]:
    """Return the provenance of a case as PROV-JSON."""
    made = _Graph()
    _agents(made, parts)
    _moves(made, parts)
    _rounds(made, parts)
    _acts(made, parts)
    _versions(made, parts)
    _documents(made, parts)
    _evidence(made, parts)
    return {"prefix": PREFIX, **{kind: records for kind, records in made.records.items() if records}}


class _Graph:
    """Records by kind and name; a relation is named by what it ties."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)

    def add(self, kind: str, name: str, **said: object) -> None:
        held = {key.replace("__", ":"): value for key, value in said.items() if value not in (None, "", [])}
        self.records[kind][name] = held

    def tie(self, kind: str, **ends: str) -> None:
        told = {f"prov:{name}": key for name, key in ends.items()}
        self.records[kind]["_:" + "|".join([kind, *(key.removeprefix("case:") for key in ends.values())])] = told

    def has(self, kind: str, name: str) -> bool:
        return name in self.records[kind]


def _name(kind: str, key: object) -> str:
    return f"case:{kind}-{key}"


def _typed(kind: str) -> dict[str, str]:
    return {"$": kind, "type": "prov:QUALIFIED_NAME"}


def _agents(made: _Graph, parts: Parts) -> None:
    roles = _roles(parts)
    for row in parts.get("references/person.json", ()):
        name = _name("person", row["id"])
        said = roles.get(row["id"], [])
        made.add("agent", name, prov__type=_typed("prov:Person"), prov__label=row.get("label"), bankable__role=said)
    for row in parts.get("references/organisation.json", ()):
        name = _name("organisation", row["id"])
        made.add("agent", name, prov__type=_typed("prov:Organization"), prov__label=row["name"])


def _roles(parts: Parts) -> dict[str, list[str]]:
    """Return in which roles each person acted, by the history and the record of change."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in parts.get("history/history_line.json", ()):
        if row["actor_person_id"]:
            found[row["actor_person_id"]].add(row["actor_role"])
    for row in parts.get("history/change_record.json", ()):
        if row["person_id"] and row["role"]:
            found[row["person_id"]].add(row["role"])
    return {key: sorted(roles) for key, roles in found.items()}


def _moves(made: _Graph, parts: Parts) -> None:
    for row in parts.get("history/history_line.json", ()):
        name = _name("move", row["number"])
        made.add(
            "activity",
            name,
            prov__startTime=row["at"],
            prov__endTime=row["at"],
            prov__type=_typed("bankable:Move"),
            bankable__move=row["move"],
            bankable__from=row["from_stage"],
            bankable__to=row["to_stage"],
            bankable__role=row["actor_role"],
        )
        _associate(made, name, row["actor_person_id"])


def _rounds(made: _Graph, parts: Parts) -> None:
    for row in parts.get("data/review_round.json", ()):
        made.add(
            "activity",
            _name("round", row["id"]),
            prov__startTime=row["opened_at"],
            prov__endTime=row["closed_at"],
            prov__type=_typed("bankable:Review"),
            bankable__panel=row["panel"],
        )
        made.tie("used", activity=_name("round", row["id"]), entity=_name("version", row["protocol_version_id"]))
    for row in parts.get("data/seat.json", ()):
        _associate(made, _name("round", row["round_id"]), row["person_id"])


def _acts(made: _Graph, parts: Parts) -> None:
    for act, rows in _by_act(parts):
        first = rows[0]
        name = _name("act", act)
        made.add(
            "activity",
            name,
            prov__startTime=first["at"],
            prov__endTime=first["at"],
            prov__type=_typed("bankable:Write"),
            bankable__via=first["via"],
            bankable__role=first["role"],
            bankable__wrote=sorted({f"{row['noun']} {row['subject_id']}" for row in rows}),
        )
        _associate(made, name, first["person_id"])
        person, body = _name("person", first["person_id"]), _name("organisation", first["organisation_id"])
        if made.has("agent", person) and made.has("agent", body):
            made.tie("actedOnBehalfOf", delegate=person, responsible=body)


def _by_act(parts: Parts) -> Iterator[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in parts.get("history/change_record.json", ()):
        found[row["act"]].append(row)
    yield from found.items()


def _versions(made: _Graph, parts: Parts) -> None:
    frozen = sorted(parts.get("data/protocol_version.json", ()), key=lambda row: int(row["number"]))
    for row, former in zip(frozen, [None, *frozen], strict=False):
        name = _name("version", row["id"])
        made.add(
            "entity",
            name,
            prov__type=_typed("bankable:ProtocolVersion"),
            prov__label=f"Investment protocol, version {row['number']}",
            bankable__sha256=row["sha256"],
            prov__generatedAtTime=row["frozen_at"],
        )
        if former is not None:
            ends = {"generatedEntity": name, "usedEntity": _name("version", former["id"])}
            made.tie("wasDerivedFrom", **ends)
    _made_by(made, parts, "protocol_version", "version")


def _documents(made: _Graph, parts: Parts) -> None:
    for row in parts.get("data/issued_document.json", ()):
        name = _name("document", row["id"])
        made.add(
            "entity",
            name,
            prov__type=_typed("bankable:Document"),
            prov__label=row["title"],
            bankable__kind=row["kind"],
            bankable__edition=row["edition"],
            bankable__sha256=row["sha256"],
            prov__generatedAtTime=row["issued_at"],
        )
        if made.has("entity", _name("version", row["subject_id"])):
            made.tie("wasDerivedFrom", generatedEntity=name, usedEntity=_name("version", row["subject_id"]))


def _evidence(made: _Graph, parts: Parts) -> None:
    rows = parts.get("data/evidence.json", ())
    for row in rows:
        name = _name("evidence", row["id"])
        made.add(
            "entity",
            name,
            prov__type=_typed("bankable:Evidence"),
            prov__label=row["title"],
            bankable__kind=row["kind"],
            bankable__state=row["state"],
            bankable__sha256=row["sha256"],
            prov__generatedAtTime=row["filed_at"],
        )
        if made.has("agent", _name("person", row["filed_by"])):
            made.tie("wasAttributedTo", entity=name, agent=_name("person", row["filed_by"]))
        if made.has("agent", _name("organisation", row["organisation_id"])):
            made.tie("wasAttributedTo", entity=name, agent=_name("organisation", row["organisation_id"]))
    for row in rows:
        newer, older = _name("evidence", row["superseded_by"]), _name("evidence", row["id"])
        if made.has("entity", newer):
            made.tie("wasDerivedFrom", generatedEntity=newer, usedEntity=older)
    _made_by(made, parts, "evidence", "evidence")


def _made_by(made: _Graph, parts: Parts, noun: str, kind: str) -> None:
    """Tie what the record of change says was created to the act that did it."""
    for row in parts.get("history/change_record.json", ()):
        entity = _name(kind, row["subject_id"])
        if row["noun"] == noun and row["kind"] == "created" and made.has("entity", entity):
            made.tie("wasGeneratedBy", entity=entity, activity=_name("act", row["act"]))


def _associate(made: _Graph, activity: str, person: object) -> None:
    if made.has("agent", _name("person", person)):
        made.tie("wasAssociatedWith", activity=activity, agent=_name("person", person))
