"""Open a collaboration and change what is known of it; its stage is changed in `states.lifecycle.move` only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from states.clock import now, today
from states.collaborations.queries import MemberEntry, members_of
from states.collaborations.tables import Collaboration, Member, MemberPart
from states.errors import Invalid, Missing, Refusal, Refused
from states.partners.registry_faults import slug_fault
from states.partners.tables import Organisation, WorkingArea
from states.storage import bump_version


class SlugInvalid(Invalid):
    """The short name does not fit or is taken."""

    code = "slug_invalid"


class AlreadyMember(Invalid):
    """The organisation takes part already."""

    code = "already_member"


class LeadNeeded(Refused):
    """The collaboration would be without a lead."""

    code = "lead_needed"


class AreaEnded(Invalid):
    """The working area has ended."""

    code = "area_ended"


_MANAGER = ("project_manager",)


@dataclass(frozen=True, slots=True)
class Joining:
    """An organisation that joins, its part, and what it brings in."""

    organisation: Organisation
    part: MemberPart = MemberPart.PARTNER
    contribution: str = ""


def add_collaboration(
    session: Session,
    *,
    partnership_id: str,
    slug: str,
    title: str,
    playbook: str,
    stage: str,
    members: Sequence[Joining],
    summary: str = "",
    illustrative: bool = False,
) -> Collaboration:
    """Add a collaboration at the initial stage of its playbook; `states.lifecycle.opening` is the caller."""
    query = select(Collaboration.id).where(Collaboration.partnership_id == partnership_id, Collaboration.slug == slug)
    if fault := slug_fault(slug, taken=session.exec(query).first() is not None):
        raise SlugInvalid(faults=[fault])
    instant = now()
    row = Collaboration(
        partnership_id=partnership_id,
        slug=slug,
        title=title,
        summary=summary,
        playbook=playbook,
        stage=stage,
        stage_since=instant,
        opened_at=instant,
        illustrative=illustrative,
    )
    session.add(row)
    session.flush()
    for joining in members:
        add_member(session, row, joining)
    return row


def add_member(
    session: Session, row: Collaboration, joining: Joining, *, expected_version: int | None = None
) -> Member:
    """Let an organisation join, or join again; a new lead takes over from the old one."""
    bump_version(session, row, expected=expected_version)
    present = members_of(session, [row.id])[row.id]
    if any(entry.organisation.id == joining.organisation.id for entry in present):
        raise AlreadyMember(
            "takes_part_already",
            field="organisation",
            remedy="choose_another_or_change_part",
            organisation=joining.organisation.name,
        )
    if joining.part is MemberPart.LEAD:
        _step_back(row, present)
    query = select(Member).where(Member.collaboration_id == row.id, Member.organisation_id == joining.organisation.id)
    member = session.exec(query).one_or_none() or Member(
        collaboration_id=row.id, organisation_id=joining.organisation.id, part=joining.part, joined_on=today()
    )
    member.part, member.contribution, member.left_on = joining.part, joining.contribution, None
    session.add(member)
    session.flush()
    return member


def change_member(
    session: Session,
    row: Collaboration,
    organisation_id: str,
    *,
    part: MemberPart | None = None,
    contribution: str | None = None,
    expected_version: int | None = None,
) -> Member:
    """Change a member's part or what it brings in; what is None stays. A new lead takes over from the old one.

    Raises `LeadNeeded` where the lead would become a partner: another member becomes lead instead.
    """
    bump_version(session, row, expected=expected_version)
    present = members_of(session, [row.id])[row.id]
    member = _present(present, organisation_id)
    if part is MemberPart.PARTNER and member.part is MemberPart.LEAD:
        raise LeadNeeded([Refusal("lead_steps_back", mend_by=_MANAGER, where="members")])
    if part is MemberPart.LEAD and member.part is not MemberPart.LEAD:
        _step_back(row, present)
        member.part = MemberPart.LEAD
    member.contribution = member.contribution if contribution is None else contribution
    session.flush()
    return member


def remove_member(
    session: Session,
    row: Collaboration,
    organisation_id: str,
    *,
    next_lead: str | None = None,
    expected_version: int | None = None,
) -> None:
    """Let a member leave; the record of its time stays. `next_lead` is the organisation that leads from now on.

    Raises `LeadNeeded` where the lead would leave and none is named, or nobody else takes part.
    """
    bump_version(session, row, expected=expected_version)
    present = members_of(session, [row.id])[row.id]
    member = _present(present, organisation_id)
    others = [entry for entry in present if entry.member is not member]
    if not others:
        raise LeadNeeded([Refusal("last_member_leaves", mend_by=_MANAGER, where="moves")])
    if next_lead is None and member.part is MemberPart.LEAD:
        names = tuple(entry.organisation.name for entry in others)
        raise LeadNeeded([Refusal("lead_leaves", organisations=names, mend_by=_MANAGER, where="members")])
    if next_lead is not None:
        heir = _present(others, next_lead)
        _step_back(row, present)
        heir.part = MemberPart.LEAD
    member.left_on = today()
    row.consortium = (row.consortium or 0) + 1
    session.flush()


def _present(entries: Sequence[MemberEntry], organisation_id: str) -> Member:
    found = next((entry.member for entry in entries if entry.organisation.id == organisation_id), None)
    if found is None:
        raise Missing("member", organisation_id)
    return found


def _step_back(row: Collaboration, entries: Sequence[MemberEntry]) -> None:
    """Let nobody lead any more: what was frozen, signed and costed under the former lead is void."""
    for entry in entries:
        entry.member.part = MemberPart.PARTNER
    row.consortium = (row.consortium or 0) + 1


def edit_collaboration(
    session: Session,
    row: Collaboration,
    *,
    title: str | None = None,
    summary: str | None = None,
    working_area: WorkingArea | None = None,
    expected_version: int | None = None,
) -> Collaboration:
    """Change title, summary or working area; what is None stays."""
    bump_version(session, row, expected=expected_version)
    if working_area is not None:
        if working_area.partnership_id != row.partnership_id:
            raise Missing("working_area", working_area.id)
        if working_area.ended_at is not None and working_area.id != row.working_area_id:
            raise AreaEnded(
                "area_has_ended", field="working_area", remedy="choose_another_area", area=working_area.number
            )
        row.working_area_id = working_area.id
    row.title = row.title if title is None else title
    row.summary = row.summary if summary is None else summary
    session.flush()
    return row
