"""Routes of collaborations: list, open from a contact, read, change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlmodel import Session, col

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.examples import ID, example
from api.http.idempotency import Idempotent
from api.http.lookups import (
    OfOfficer,
    cases_where,
    collaboration_named,
    need_open_sort,
    need_stage,
    organisations_named,
    working_area_numbered,
)
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Named, Output, Prose, Slug, Text
from api.http.searching import Narrowing
from states.collaborations.officers import officers_of
from states.collaborations.queries import ORDERS, MemberEntry, collaborations_by_id, listed_collaborations, members_of
from states.collaborations.service import Joining, edit_collaboration
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.merging import name_target
from states.crossings.rights.collaborations import blindings_of
from states.crossings.search import matching
from states.errors import Missing
from states.founding.naming import free_name
from states.lifecycle.opening import open_collaboration
from states.matchmaking.queries import contact_by_id
from states.partners.queries import working_area_numbers
from states.partners.tables import OrganisationKind, Partnership
from states.playbooks.editions import playbooks_of
from states.rights.access import Action, Actor, Scope, may
from states.rights.blinding import Blinding
from states.rights.conditions import permitted_where
from states.rights.scopes import scopes_of
from states.search import SearchKind
from states.storage.paging import sorted_by
from states.texts.titles import Said

router = APIRouter(prefix="/collaborations", tags=["collaborations"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Opener = Annotated[Actor, Depends(InPartnership(Action.OPEN_COLLABORATION))]
Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_COLLABORATION))]
Edit = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_COLLABORATION))]


class MemberIn(Input):
    model_config = example(organisation="medtech-katowice", contribution="Clinical tests")

    organisation: Slug
    part: MemberPart = MemberPart.PARTNER
    contribution: Prose = ""


class CollaborationIn(Input):
    model_config = example(
        contact_id=ID,
        slug="soil-sensors",
        title="Soil sensors for three river basins",
        summary="One network, two basins.",
        members=[{"organisation": "medtech-gliwice", "part": "lead"}, {"organisation": "medtech-marseille"}],
    )

    contact_id: str = Field(description="the meeting held or expression of interest accepted that it comes from")
    slug: Slug | None = Field(default=None, description="made from its title where none is given")
    title: Line
    summary: Prose = ""
    members: list[MemberIn] = Field(min_length=1, max_length=200)
    illustrative: bool = False


class CollaborationPatch(Input):
    model_config = example(title="Centre for Biocompatibility and Coatings")

    title: Line | None = None
    summary: Prose | None = None
    working_area: int | None = Field(default=None, description="the number of a working area")
    merges_into: str | None = Field(
        default=None, max_length=80, description="short name of the collaboration that it is to merge into; empty: none"
    )


class MemberOut(Output):
    organisation: Named
    name: Named
    kind: OrganisationKind
    country: str
    nuts: str
    part: MemberPart
    contribution: Text


class OutlineOut(Output):
    """What everybody inside may know: title, partners and regions; the rest opens with a seat's declaration."""

    id: str
    title: Text
    members: list[MemberOut]
    regions: list[str] = Field(description="NUTS 2")
    illustrative: bool


class CollaborationOut(Output):
    id: str
    slug: Named
    title: Text
    summary: Text
    stage: str
    stage_title: Said
    stage_since: datetime
    opened_at: datetime
    playbook: str
    working_area: int | None
    merges_into: Named | None
    officer: str | None = Field(description="who of the office looks after it, by role; null: nobody in particular")
    illustrative: bool
    version: int
    members: list[MemberOut]


Shown = TypeVar("Shown", CollaborationOut, OutlineOut)


Sort = Literal["opened", "-opened", "title", "-title", "stage_since", "-stage_since"]


@router.get("")
def list_collaborations(
    session: Tx,
    actor: Insider,
    page: Page,
    words: Narrowing,
    stage: Annotated[str | None, Query(max_length=40, description="a stage of the partnership's playbook")] = None,
    officer: OfOfficer = None,
    sort: Sort = "opened",
) -> Listing[CollaborationOut | OutlineOut]:
    """List the collaborations that the token may read; a reviewer before the declaration gets title, partners and
    regions, and by stage only what opens the rest."""
    if stage is not None:
        need_stage(session, actor.partnership_id, stage)
    need_open_sort(actor, sort, hidden="title")
    by_stage = stage is not None or "stage_since" in sort or officer is not None
    action = Action.READ_PROGRESS if by_stage else Action.READ_COLLABORATION
    readable = permitted_where(session, actor, Collaboration, action)
    found = matching(session, SearchKind.COLLABORATION, words, actor)
    of_officer = cases_where(session, actor, col(Collaboration.id), officer)
    return page.read(
        session,
        listed_collaborations(actor.partnership_id, readable, found, *of_officer, stage=stage),
        *sorted_by(ORDERS, sort, col(Collaboration.id)),
        show=lambda rows: _shown(session, actor, rows),
    )


def _shown(session: Session, actor: Actor, rows: Sequence[Collaboration]) -> list[CollaborationOut | OutlineOut]:
    return shown_to(session, actor, list(zip(rows, scopes_of(session, actor, rows), strict=True)))


@router.post("", status_code=201)
def post_collaboration(sent: CollaborationIn, session: Tx, actor: Opener, answer: Answered) -> CollaborationOut:
    """Open a collaboration from a contact that bore fruit."""
    partnership = session.get_one(Partnership, actor.partnership_id)
    contact = contact_by_id(session, sent.contact_id)
    if contact.partnership_id != partnership.id:
        raise Missing("contact", sent.contact_id)
    wanted = {f"members[{number}].organisation": one.organisation for number, one in enumerate(sent.members, start=1)}
    organisations = organisations_named(session, partnership.id, wanted)
    row = open_collaboration(
        session,
        partnership,
        contact=contact,
        slug=sent.slug
        or free_name(session, col(Collaboration.slug), sent.title, col(Collaboration.partnership_id) == partnership.id),
        title=sent.title,
        summary=sent.summary,
        illustrative=sent.illustrative,
        members=[
            Joining(organisation, one.part, one.contribution)
            for organisation, one in zip(organisations.values(), sent.members, strict=True)
        ],
    )
    answer.created("get_collaboration", collaboration_id=row.id)
    answer.tag(row.version)
    return present(session, [row])[0]


@router.get("/{collaboration_id}")
def get_collaboration(row: Read, session: Tx, actor: CurrentActor, answer: Answered) -> CollaborationOut | OutlineOut:
    """Read a collaboration; its ETag is what a change sends back as If-Match. A reviewer who has not declared
    gets title, partners and regions."""
    [found] = _shown(session, actor, [row])
    if isinstance(found, CollaborationOut):
        answer.tag(row.version)
    return found


@router.patch("/{collaboration_id}")
def patch_collaboration(
    row: Edit, version: IfMatch, sent: CollaborationPatch, session: Tx, answer: Answered
) -> CollaborationOut:
    """Change a collaboration: its title, summary, working area, or what it is to merge into. What is left out stays."""
    number = sent.working_area
    area = None if number is None else working_area_numbered(session, row.partnership_id, number)
    edit_collaboration(
        session, row, title=sent.title, summary=sent.summary, working_area=area, expected_version=version
    )
    if sent.merges_into is not None:
        name_target(session, row, collaboration_named(session, row.partnership_id, sent.merges_into))
    answer.tag(row.version)
    return present(session, [row])[0]


def shown_to(
    session: Session, actor: Actor, rows: Sequence[tuple[Collaboration, Scope]]
) -> list[CollaborationOut | OutlineOut]:
    """Return the collaborations as this actor may see them, in a fixed number of statements."""
    members = members_of(session, [row.id for row, _ in rows])
    blindings = blindings_of(session, [row for row, _ in rows], [scope for _, scope in rows])
    full = [row for row, scope in rows if may(actor, Action.READ_PROGRESS, scope)]
    whole = {one.id: _blind(one, blindings[one.id]) for one in _whole(session, full, members)}
    return [whole.get(row.id) or _outline(row, members[row.id], blindings[row.id]) for row, _ in rows]


def _blind(shown: CollaborationOut, blinding: Blinding) -> CollaborationOut:
    if not blinding:
        return shown
    return _by_label(blinding.over(shown.model_copy(update={"members": [_bare(one) for one in shown.members]})))


def _bare(member: MemberOut) -> MemberOut:
    """A site or a contribution would tell who it is."""
    return member.model_copy(update={"nuts": member.nuts[:_NUTS2], "contribution": ""})


def _by_label(shown: Shown) -> Shown:
    return shown.model_copy(update={"members": sorted(shown.members, key=lambda one: (len(one.name), one.name))})


def _outline(row: Collaboration, members: Sequence[MemberEntry], blinding: Blinding) -> OutlineOut:
    entries = [_bare(_member(entry)) for entry in members]
    regions = sorted({entry.nuts for entry in entries})
    whole = OutlineOut(id=row.id, title=row.title, members=entries, regions=regions, illustrative=row.illustrative)
    return _by_label(blinding.over(whole)) if blinding else whole


_NUTS2 = 4


def present(session: Session, rows: Sequence[Collaboration]) -> list[CollaborationOut]:
    """Return what is shown of collaborations to who may read all of them."""
    return _whole(session, rows, members_of(session, [row.id for row in rows]))


def _whole(
    session: Session, rows: Sequence[Collaboration], members: Mapping[str, Sequence[MemberEntry]]
) -> list[CollaborationOut]:
    playbooks = playbooks_of(session, rows)
    named = {row.merges_into_id for row in rows if row.merges_into_id}
    targets = {key: one.slug for key, one in collaborations_by_id(session, named).items()} if named else {}
    officers = officers_of(session, [row.id for row in rows])
    areas = working_area_numbers(session, {row.working_area_id for row in rows if row.working_area_id})
    return [
        CollaborationOut(
            **row.model_dump(include=_SHOWN),
            stage_title=playbooks[row.id].stages[row.stage].title,
            working_area=areas.get(row.working_area_id or ""),
            merges_into=targets.get(row.merges_into_id or ""),
            officer=officers[row.id].label if row.id in officers else None,
            members=[_member(entry) for entry in members[row.id]],
        )
        for row in rows
    ]


_SHOWN = set(CollaborationOut.model_fields) & set(Collaboration.model_fields)


def _member(entry: MemberEntry) -> MemberOut:
    organisation, member = entry.organisation, entry.member
    return MemberOut(
        organisation=organisation.slug,
        name=organisation.name,
        kind=organisation.kind,
        country=organisation.country,
        nuts=organisation.nuts,
        part=member.part,
        contribution=member.contribution,
    )
