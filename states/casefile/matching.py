"""Find what a case points to in this installation, and make what is not there."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, SQLModel, select

from states.archive.tables import KeptContext
from states.casefile.declared import columns_of_case
from states.casefile.reading import Opened
from states.casefile.values import Row, plain
from states.errors import Fault, Invalid
from states.funding.rules.tables import RuleText
from states.funding.tables import Instrument
from states.partners.addresses import address_key
from states.partners.tables import Membership, Organisation, Partnership, Person, Region, WorkingArea
from states.playbooks.tables import PlaybookEdition
from states.storage import table_of

ELSEWHERE = "another-installation.invalid"
"""No mail goes there (RFC 2606): the address of a person whom the case file names by id alone."""

_SHOWN = {
    "organisation": ("name", "kind", "country", "nuts", "legal_name", "registration_number", "vat_number", "pic"),
    "region": ("name", "country", "codes"),
    "working_area": ("name",),
    "instrument": ("name", "programme", "kind", "maximum_rate", "maximum_amount", "terms"),
    "partnership": ("name", "kind", "programme"),
}


class CaseFaulty(Invalid):
    """What the case points to does not go with what is here."""

    code = "case_file_invalid"


@dataclass(frozen=True, slots=True)
class Difference:
    """What the file says of something that is here, and what is said of it here, which stays."""

    noun: str
    name: str
    field: str
    here: str
    there: str


@dataclass(slots=True)
class Matched:
    """What a case points to, as it is here: `ids` by those of the file; how much was found and made, by noun."""

    partnership: Partnership
    ids: dict[str, str] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def match(session: Session, found: Opened, house: Partnership | None) -> Matched:
    """Return what the case points to here; make what is not there, and note each fault."""
    references = found.case.references
    [there] = references["partnership"]
    matched = Matched(house or _own_house(session, there))
    matched.ids[there["id"]] = matched.partnership.id
    _compare(matched, Partnership, matched.partnership, there)
    own = matched.partnership.id
    _each(session, matched, Organisation, references, lambda row: _organisation(session, row))
    _each(session, matched, Region, references, lambda row: _in_house(session, Region, own, slug=row["slug"]))
    _each(
        session,
        matched,
        WorkingArea,
        references,
        lambda row: _in_house(session, WorkingArea, own, number=row["number"]),
    )
    _each(session, matched, Instrument, references, lambda row: _in_house(session, Instrument, own, slug=row["slug"]))
    _each(session, matched, Person, references, lambda row: _person(session, row), fill=_stranger)
    _each(session, matched, KeptContext, references, lambda _: None)
    _each(session, matched, RuleText, references, lambda _: None)
    _editions(session, matched, references.get("playbook_edition", []))
    _memberships(session, matched, references.get("membership", []))
    return matched


def _own_house(session: Session, there: Row) -> Partnership:
    """Return the partnership of the case; it is made where there is none at all, and asked for where others are."""
    known = session.get(Partnership, there["id"])
    if known is not None:
        return known
    others = session.exec(select(Partnership.slug).order_by(Partnership.slug)).all()
    if others:
        place = "references/partnership.json"
        fault = Fault(place, "partnership_not_here", remedy="say_into_which", name=there["name"], known=tuple(others))
        raise CaseFaulty(faults=[fault])
    made = Partnership(**there)
    session.add(made)
    session.flush()
    return made


def _each(
    session: Session,
    matched: Matched,
    model: type[SQLModel],
    references: Mapping[str, list[Row]],
    known_by: Callable[[Row], Any],
    *,
    fill: Callable[[Row], Row] = lambda row: row,
) -> None:
    """Find each row of a kind by its id or by what it is known by, or make it."""
    table = table_of(model)
    key = next(iter(table.primary_key)).name
    for row in references.get(table.name, []):
        here = session.get(model, row[key]) or known_by(row)
        if here is None:
            values = {
                name: matched.ids.get(value, value) if isinstance(value, str) else value for name, value in row.items()
            }
            here = model(**fill(values))
            if (other := _slug_of_another(session, model, here)) is not None:
                matched.faults.append(_taken(table.name, other, str(row["name"])))
                continue
            session.add(here)
            matched.made[table.name] += 1
        else:
            matched.found[table.name] += 1
            _compare(matched, model, here, row)
        if getattr(here, key) != row[key]:
            matched.ids[row[key]] = getattr(here, key)
    session.flush()


def _slug_of_another(session: Session, model: type[SQLModel], row: Any) -> str | None:
    """Return the name of another organisation of that short name: it is unique in the installation."""
    if model is not Organisation:
        return None
    column = table_of(model).c
    with session.no_autoflush:
        query = select(column["name"]).where(column.slug == row.slug, column.id != row.id)
        return session.execute(query).scalars().first()


def _taken(noun: str, other: str, name: str) -> Fault:
    return Fault(f"references/{noun}.json", "slug_of_another", remedy="rename_here_first", name=name, other=other)


def _organisation(session: Session, row: Row) -> Organisation | None:
    """Return the organisation that registers know by one of the same numbers."""
    for name in ("registration_number", "vat_number", "pic"):
        if row.get(name):
            column = getattr(Organisation, name)
            query = select(Organisation).where(column == row[name], Organisation.country == row["country"])
            if (found := session.exec(query).first()) is not None:
                return found
    return None


def _in_house(session: Session, model: type[Any], partnership_id: str, **known: object) -> Any:
    query = select(model).where(model.partnership_id == partnership_id)
    for name, value in known.items():
        query = query.where(getattr(model, name) == value)
    return session.exec(query).first()


def _person(session: Session, row: Row) -> Person | None:
    if "email" not in row:
        return None
    return session.exec(select(Person).where(Person.email == address_key(row["email"]))).first()


def _stranger(row: Row) -> Row:
    """Return what is kept of a person whom the file names by id alone: nobody to whom a mail could go."""
    return {"label": "person of another installation", "email": f"{row['id']}@{ELSEWHERE}"} | row


def _editions(session: Session, matched: Matched, rows: Iterable[Row]) -> None:
    for row in rows:
        here = session.get(PlaybookEdition, row["key"])
        if here is None:
            session.add(PlaybookEdition(**row))
            matched.made["playbook_edition"] += 1
        elif here.sha256 == row["sha256"]:
            matched.found["playbook_edition"] += 1
        else:
            place = "references/playbook_edition.json"
            fault = Fault(place, "was_published_with_another_text", remedy="take_in_elsewhere", playbook=row["key"])
            matched.faults.append(fault)
    session.flush()


def _memberships(session: Session, matched: Matched, rows: Iterable[Row]) -> None:
    for row in rows:
        key = matched.ids.get(row["organisation_id"], row["organisation_id"])
        if (
            session.get(Organisation, key) is not None
            and session.get(Membership, (matched.partnership.id, key)) is None
        ):
            session.add(Membership(**row | {"partnership_id": matched.partnership.id, "organisation_id": key}))
    session.flush()


def _compare(matched: Matched, model: type[SQLModel], here: Any, row: Row) -> None:
    table = table_of(model)
    for column in columns_of_case(table):
        if column.name in row and column.name in _SHOWN.get(table.name, ()):
            mine, other = (plain(value, column) for value in (getattr(here, column.name), row[column.name]))
            if mine != other:
                name = getattr(here, "slug", "") or getattr(here, "name", "")
                matched.differences.append(Difference(table.name, name, column.name, str(mine), str(other)))
