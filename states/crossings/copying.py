"""Copy sections of a protocol, and cost lines, from one collaboration into another.

Decisions, evidence, signatures, scores and money that was had never go over. What the other collaboration's playbook
does not ask for, or names who takes no part there, is left out and named.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from sqlmodel import Session

from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.crossings.costs import add_cost, change_cost, cost_table, write_protocol
from states.crossings.rights.parts import need_part
from states.errors import Fault, Invalid, Stale
from states.funding.inputs.cost_lines import CostInvalid, plan_of
from states.funding.queries import costs_of
from states.playbooks.editions import playbook_of
from states.protocol.comparison import SectionDifference, compare_sections
from states.protocol.content import Content, Row, SectionInvalid, need_within_limits
from states.protocol.definition import FieldSpec, SectionSpec
from states.protocol.ownership import Writer
from states.protocol.parts import Owners, with_members
from states.protocol.queries import draft_version, drafts_of
from states.protocol.tables import ProtocolVersion, SectionDraft
from states.rights.access import Actor


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to go over: the draft or a frozen version, all sections or `only` some; and the cost lines."""

    version: ProtocolVersion | None = None
    only: Collection[str] = ()
    costs: bool = False
    protocol: bool = True


@dataclass(slots=True)
class Copied:
    """What a copy writes: in sections word by word, cost lines by short name, and what is left out and why.

    `version` is that of the target's draft as it was before.
    """

    version: int
    sections: list[SectionDifference] = field(default_factory=list)
    costs: list[str] = field(default_factory=list)
    left_out: list[Fault] = field(default_factory=list)


def copy_protocol(
    session: Session,
    source: Collaboration,
    target: Collaboration,
    wanted: Wanted,
    *,
    actor: Actor | None = None,
    writer: Writer | None = None,
    expected_version: int | None = None,
) -> Copied:
    """Copy into the draft of `target`; what is empty in the source overwrites nothing.

    Raises `Stale` where the target's draft is another one than expected, `Invalid` for a section nobody knows,
    `PartOfAnother` or `Denied` for what is another's there. Without an actor it is a command of the office.
    """
    drafts = {draft.key: draft for draft in drafts_of(session, [target.id])[target.id]}
    copied = Copied(draft_version(drafts.values()))
    if expected_version is not None and expected_version != copied.version:
        raise Stale("protocol", expected=expected_version, actual=copied.version)
    held, illustrative = _held(session, source, wanted.version)
    _need_known(session, source, wanted.only)
    known = {section.key: section for section in playbook_of(session, target).protocol}
    for key, content in held.items() if wanted.protocol else ():
        if wanted.only and key not in wanted.only:
            continue
        if key not in known:
            if content:
                copied.left_out.append(Fault(key, "no_such_section", remedy="one_of", known=tuple(known)))
            continue
        fitting = _fitting(session, source, target, known[key], content, drafts.get(key), copied)
        if fitting:
            draft = drafts.get(key)
            _write(session, target, known[key], draft, fitting, key in illustrative, writer=writer, copied=copied)
    if wanted.costs:
        _copy_costs(session, source, target, copied, actor=actor)
    return copied


def _held(
    session: Session, source: Collaboration, version: ProtocolVersion | None
) -> tuple[Mapping[str, Content], Collection[str]]:
    """Return what the source says, by section, and which sections of it are made up."""
    if version is not None:
        return version.content, version.illustrative  # type: ignore[return-value] # by section
    drafts = drafts_of(session, [source.id])[source.id]
    return {draft.key: draft.content for draft in drafts}, {draft.key for draft in drafts if draft.illustrative}


def _need_known(session: Session, source: Collaboration, only: Collection[str]) -> None:
    known = tuple(section.key for section in playbook_of(session, source).protocol)
    faults = [Fault(key, "no_such_section", remedy="one_of", known=known) for key in only if key not in known]
    if faults:
        raise Invalid(faults=faults)


def _fitting(
    session: Session,
    source: Collaboration,
    target: Collaboration,
    section: SectionSpec,
    content: Content,
    draft: SectionDraft | None,
    copied: Copied,
) -> Content:
    """Return the fields that the target's section can hold; the rest is left out and named."""
    fitting: Content = {}
    tables = {cost_table(session, row) for row in (source, target)}
    owners = Owners(session, target)
    for key, value in content.items():
        place, spec = f"{section.key}.{key}", section.field(key)
        if not value or (section.key, key) in tables:
            continue  # costs go over as cost lines
        if spec is None or bool(spec.columns) is not isinstance(value, list):
            names = tuple(one.key for one in section.fields)
            copied.left_out.append(Fault(place, "no_such_field", remedy="fields_are", fields=names))
            continue
        kept = _rows(owners, spec, value, place, copied) if isinstance(value, list) else value
        standing = draft.content if draft else {}
        try:
            sent = with_members(session, target, section, {key: kept})
            need_within_limits(sent, section=section, standing=standing)
        except SectionInvalid as error:
            copied.left_out += error.faults
            continue
        if kept and sent[key] != standing.get(key):
            fitting[key] = sent[key]
    return fitting


def _rows(owners: Owners, spec: FieldSpec, rows: list[Row], place: str, copied: Copied) -> list[Row]:
    """Return the rows whose partners take part in the target, with the columns that it knows."""
    known = [column.key for column in spec.columns]
    found = []
    for number, row in enumerate(rows, start=1):
        strange = [row[key] for key in spec.partner_columns if row.get(key) and len(owners.meant(row[key])) != 1]
        if strange:
            names = tuple(one.name for one in owners.members)
            copied.left_out.append(
                Fault(
                    f"{place}[{number}]",
                    "organisation_takes_no_part",
                    remedy="one_of",
                    organisation=strange[0],
                    known=names,
                )
            )
        else:
            found.append({key: row[key] for key in known if key in row})
    return found


def _write(
    session: Session,
    target: Collaboration,
    section: SectionSpec,
    draft: SectionDraft | None,
    content: Content,
    illustrative: bool,
    *,
    writer: Writer | None,
    copied: Copied,
) -> None:
    before = dict(draft.content) if draft else {}
    made_up = True if illustrative else None  # what stands there may be made up already
    expected = draft.version if draft else None
    written = write_protocol(
        session, target, section, content, illustrative=made_up, expected_version=expected, writer=writer
    )
    fields = list(compare_sections(before, written.content, key=section.key, section=section))
    copied.sections.append(SectionDifference(section.key, section.title, fields))


def _copy_costs(
    session: Session, source: Collaboration, target: Collaboration, copied: Copied, *, actor: Actor | None
) -> None:
    """Add the source's cost lines, or put them in the place of those of the same short name."""
    members = {entry.organisation.id: entry.organisation.name for entry in members_of(session, [target.id])[target.id]}
    former = {entry.organisation.id: entry.organisation.name for entry in members_of(session, [source.id])[source.id]}
    there = {line.slug: line for line in costs_of(session, target.id)}
    for line in costs_of(session, source.id):
        place = f"costs.{line.slug}"
        if line.organisation_id not in members:
            name, known = former.get(line.organisation_id, line.organisation_id), tuple(members.values())
            fault = Fault(place, "organisation_takes_no_part", remedy="one_of", organisation=name, known=known)
            copied.left_out.append(fault)
            continue
        standing = there.get(line.slug)
        if actor is not None:
            for owner in {line.organisation_id, standing.organisation_id if standing else line.organisation_id}:
                need_part(session, actor, target, owner)
        plan = replace(plan_of(line), slug=line.slug)
        if standing is not None and plan_of(standing) == plan:
            continue
        try:
            with session.begin_nested():
                if standing is None:
                    add_cost(session, target, plan)
                else:
                    change_cost(session, target, standing, plan)
        except CostInvalid as error:
            copied.left_out += [fault.at(f"{place}.{fault.place}") for fault in error.faults]
        else:
            copied.costs.append(line.slug)
