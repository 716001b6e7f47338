"""Open a collaboration and change what is known of it; its stage is changed in `states.lifecycle.move` only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from states.clock import now, today
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration, Member, MemberPart
from states.errors import Invalid, Missing
from states.partners.registry_faults import slug_fault
from states.partners.tables import Organisation, WorkingArea
from states.storage import bump_version


class SlugInvalid(Invalid):
    """The short name does not fit or is taken."""

    code = "slug_invalid"


class AlreadyMember(Invalid):
    """The organisation takes part already."""

    code = "already_member"


class AreaEnded(Invalid):
    """The working area has ended."""

    code = "area_ended"


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
            remedy="choose_another_organisation",
            organisation=joining.organisation.name,
        )
    if joining.part is MemberPart.LEAD:
        for entry in present:
            entry.member.part = MemberPart.PARTNER
    query = select(Member).where(Member.collaboration_id == row.id, Member.organisation_id == joining.organisation.id)
    member = session.exec(query).one_or_none() or Member(
        collaboration_id=row.id, organisation_id=joining.organisation.id, part=joining.part, joined_on=today()
    )
    member.part, member.contribution, member.left_on = joining.part, joining.contribution, None
    session.add(member)
    session.flush()
    return member


def remove_member(
    session: Session, row: Collaboration, organisation_id: str, *, expected_version: int | None = None
) -> None:
    """Let a member leave; the record of its time stays."""
    bump_version(session, row, expected=expected_version)
    present = members_of(session, [row.id])[row.id]
    member = next((entry.member for entry in present if entry.organisation.id == organisation_id), None)
    if member is None:
        raise Missing("member", organisation_id)
    member.left_on = today()
    session.flush()


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
