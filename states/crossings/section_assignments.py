"""Sections of a protocol in the hands of people: who may have one, until when, and what they are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from states.clock import now, today
from states.collaborations.queries import collaborations_by_id, members_of
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.followers import followed
from states.crossings.rights.parts import need_every_part, writes_every_part
from states.crossings.section_mails import OFFICE, tell_giver, tell_writer
from states.deadlines.kinds import Waiting
from states.deadlines.queries import next_stage_date
from states.deadlines.service import close_deadlines, date_faults, reason_faults
from states.errors import Denied, Fault, Invalid, Refusal
from states.mail.receipts import Receipt, enter_receipt
from states.partners.queries import holders
from states.partners.tables import Organisation, Person, RoleGrant
from states.places.working_days import shift
from states.playbooks.definition import StageKind
from states.playbooks.editions import playbook_of
from states.protocol.assignments import service
from states.protocol.assignments.queries import live_assignments
from states.protocol.assignments.states import LAPSE, TAKE_BACK, AssignmentRefused
from states.protocol.assignments.tables import SectionAssignment
from states.protocol.content import digest
from states.protocol.queries import drafts_of
from states.rights.access import Actor, Role


@dataclass(frozen=True, slots=True)
class PossibleWriter:
    """Somebody who may be given a section, for an organisation that takes part or (None) for the office."""

    person: Person
    organisation: Organisation | None


@dataclass(frozen=True, slots=True)
class Giving:
    """Which sections go to whom: a person by its id, for a member by its short name where it speaks for several."""

    sections: Sequence[str]
    person_id: str
    organisation: str = ""
    due_on: date | None = None
    note: str = ""


def possible_writers(session: Session, row: Collaboration) -> list[PossibleWriter]:
    """Return who may be given a section: the people of the members, then the office, each by function."""
    members = {one.organisation.id: one.organisation for one in members_of(session, [row.id])[row.id]}
    found: dict[tuple[str, str | None], PossibleWriter] = {}
    for held in holders(session, row.partnership_id, Role.PARTNER, *OFFICE):
        organisation = members.get(held.grant.organisation_id or "")
        if held.grant.role in OFFICE or organisation is not None:
            key = held.person.id, organisation.id if organisation else None
            found.setdefault(key, PossibleWriter(held.person, organisation))
    return sorted(found.values(), key=lambda one: one.organisation is None)


def give_sections(session: Session, row: Collaboration, wanted: Giving, *, actor: Actor) -> list[SectionAssignment]:
    """Give sections to somebody, who is told by mail with a link; raise with every fault.

    A section is in one pair of hands at a time; the lead and the office write it all the same.
    """
    need_every_part(session, actor, row)
    with followed(session, row):
        _need_active(session, row)
        known = {one.key for one in playbook_of(session, row).protocol}
        held = {one.section: one for one in live_assignments(session, collaboration_id=row.id)}
        faults = [] if wanted.sections else [Fault("sections", "missing", remedy="name_a_section")]
        for number, key in enumerate(wanted.sections, start=1):
            place = f"sections[{number}]"
            if key not in known:
                faults.append(Fault(place, "no_such_section", remedy="one_of", known=tuple(sorted(known))))
            elif key in held or key in wanted.sections[: number - 1]:
                faults.append(Fault(place, "section_given_already", remedy="hand_over_or_take_back", section=key))
        due_on = wanted.due_on or _day(session, row)
        writer = _writer(session, row, wanted.person_id, wanted.organisation, faults=faults, due_on=due_on)
        given = [
            service.give(
                session,
                SectionAssignment(
                    partnership_id=row.partnership_id,
                    collaboration_id=row.id,
                    section=key,
                    person_id=writer.person.id,
                    organisation_id=writer.organisation.id if writer.organisation else None,
                    note=wanted.note.strip(),
                    due_on=due_on,
                    given_by=actor.person_id,
                    given_at=now(),
                ),
            )
            for key in wanted.sections
        ]
    tell_writer(session, row, given)
    return given


def ask_anew(
    session: Session,
    row: Collaboration,
    one: SectionAssignment,
    *,
    due_on: date | None,
    note: str | None,
    actor: Actor,
    expected_version: int | None = None,
) -> None:
    """Give it another day, of which the reminders begin anew, or another note."""
    need_every_part(session, actor, row)
    if due_on is not None and (faults := date_faults(due_on, before=date.min)):
        raise Invalid(faults=faults)
    with followed(session, row):
        service.ask_anew(session, one, due_on=due_on, note=note, expected_version=expected_version)
    tell_writer(session, row, [one])


def hand_in(
    session: Session, row: Collaboration, one: SectionAssignment, *, actor: Actor, expected_version: int | None = None
) -> None:
    """Record that the section is done as it stands; its writer does so, or whoever writes all. Who gave it is told."""
    if actor.person_id != one.person_id and not writes_every_part(session, actor, row):
        raise Denied("section_of_another")
    with followed(session, row):
        drafts = {draft.key: draft for draft in drafts_of(session, [row.id])[row.id]}
        content = drafts[one.section].content if one.section in drafts else {}
        if not any(content.values()):
            raise AssignmentRefused([Refusal("section_unwritten", where=f"protocol/sections/{one.section}")])
        service.hand_in(session, one, sha256=digest({one.section: content}), expected_version=expected_version)
        close_deadlines(session, Waiting.SECTION.value, subject_id=f"{one.id}:{one.turn}")
    tell_giver(session, row, one)
    enter_receipt(
        session,
        Receipt.SECTION,
        f"{one.id}:{one.turn}",
        partnership_id=row.partnership_id,
        title=row.title,
        named=next((spec.title for spec in playbook_of(session, row).protocol if spec.key == one.section), one.section),
        sha256=one.sha256,
        path=f"section-assignments/{one.id}",
        next_on=next_stage_date(session, row.id),
    )


def return_section(
    session: Session,
    row: Collaboration,
    one: SectionAssignment,
    *,
    question: str,
    due_on: date | None,
    actor: Actor,
    expected_version: int | None = None,
) -> None:
    """Return a section that was handed in, with a question, until another day."""
    need_every_part(session, actor, row)
    day = due_on or _day(session, row)
    faults = date_faults(day, before=date.min)
    if not question.strip():
        faults.append(Fault("question", "missing", remedy="say_what_is_open"))
    if faults:
        raise Invalid(faults=faults)
    with followed(session, row):
        _need_active(session, row)
        for other in live_assignments(session, collaboration_id=row.id):
            if other.section == one.section:
                raise AssignmentRefused([Refusal("section_with_another", where="protocol/assignments")])
        _writer(session, row, one.person_id, "", faults=[], due_on=day, organisation_id=one.organisation_id)
        service.return_section(session, one, question=question, due_on=day, expected_version=expected_version)
    tell_writer(session, row, [one])


def hand_over(
    session: Session,
    row: Collaboration,
    one: SectionAssignment,
    *,
    person_id: str,
    organisation: str = "",
    due_on: date | None = None,
    note: str | None = None,
    actor: Actor,
    expected_version: int | None = None,
) -> None:
    """Let somebody else write it, to the same day unless another one is said; that person is told."""
    need_every_part(session, actor, row)
    with followed(session, row):
        _need_active(session, row)
        day = due_on or max(one.due_on, today())
        writer = _writer(session, row, person_id, organisation, faults=[], due_on=day)
        service.hand_over(
            session,
            one,
            person_id=writer.person.id,
            organisation_id=writer.organisation.id if writer.organisation else None,
            due_on=day,
            note=one.note if note is None else note,
            expected_version=expected_version,
        )
    tell_writer(session, row, [one])


def take_back(
    session: Session,
    row: Collaboration,
    one: SectionAssignment,
    *,
    reason: str,
    actor: Actor,
    expected_version: int | None = None,
) -> None:
    """Take a section back, with a reason; what was written stays."""
    need_every_part(session, actor, row)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    with followed(session, row):
        service.end(session, one, TAKE_BACK, reason=reason, expected_version=expected_version)


def release_organisation(session: Session, row: Collaboration, organisation: Organisation) -> None:
    """Let lapse what people of an organisation write that takes part no more; the caller follows the collaboration."""
    for one in live_assignments(session, collaboration_id=row.id, organisation_id=organisation.id):
        service.end(session, one, LAPSE, reason=f"{organisation.name} takes part no more")


def release_person(session: Session, grant: RoleGrant, *, heir: str | None, reason: str) -> int:
    """Hand what somebody wrote by a role that ends to the heir, or let it lapse; return how many sections that were."""
    if grant.role is not Role.PARTNER and grant.role not in OFFICE:
        return 0
    found = [
        one
        for one in live_assignments(session, person_id=grant.person_id)
        if (one.partnership_id, one.organisation_id) == (grant.partnership_id, grant.organisation_id)
    ]
    rows = collaborations_by_id(session, {one.collaboration_id for one in found})
    with followed(session, *rows.values()):
        for one in found:
            if heir is None:
                service.end(session, one, LAPSE, reason=reason)
            else:
                due_on = max(one.due_on, today())
                to = {"person_id": heir, "organisation_id": one.organisation_id}
                service.hand_over(session, one, **to, due_on=due_on, note=one.note)  # type: ignore[arg-type]
    for one in found:
        if heir is not None:
            tell_writer(session, rows[one.collaboration_id], [one])
    return len(found)


def _need_active(session: Session, row: Collaboration) -> None:
    stage = playbook_of(session, row).stages[row.stage]
    if stage.kind is not StageKind.ACTIVE:
        raise AssignmentRefused(
            [Refusal("nobody_writes_now", stage=stage.title, mend_by=("project_manager",), where="moves")]
        )


def _day(session: Session, row: Collaboration) -> date:
    term = playbook_of(session, row).terms[Waiting.SECTION]
    return shift(today(), term.due or 0, nuts="")


def _writer(
    session: Session,
    row: Collaboration,
    person_id: str,
    organisation: str,
    *,
    faults: list[Fault],
    due_on: date,
    organisation_id: str | None = None,
) -> PossibleWriter:
    """Return who is to write, or raise with these faults and those of person and day."""
    faults = [*faults, *date_faults(due_on, before=date.min)]
    found = [one for one in possible_writers(session, row) if one.person.id == person_id]
    if organisation or organisation_id:
        keys = {organisation, organisation_id}
        found = [one for one in found if one.organisation and keys & {one.organisation.slug, one.organisation.id}]
    partners = [one for one in found if one.organisation is not None]
    if not found:
        faults.append(Fault("person", "writes_not_here", remedy="name_somebody_of_member_or_office"))
    elif len(partners) > 1:
        known = tuple(one.organisation.slug for one in partners if one.organisation)
        faults.append(Fault("organisation", "speaks_for_several", remedy="one_of", known=known))
    if faults:
        raise Invalid(faults=faults)
    return found[0]
