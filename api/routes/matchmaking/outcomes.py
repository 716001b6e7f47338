"""Routes of what comes after a meeting: what both sides say, the collaboration, and the funnel of all."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.http.access import MEETING, Allowed, MeetingAccess
from api.http.conditional import Answered
from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Listing
from api.routes.collaborations.collaborations import CollaborationOut, present
from api.routes.matchmaking.meeting_schemas import (
    FromMeetingIn,
    FunnelOut,
    MeetingOut,
    MeetingReasonIn,
    OutcomeIn,
    OutcomeOut,
)
from api.routes.matchmaking.meeting_views import need_part, present_meetings, speaker, tag_of
from states.crossings.matchmaking.funnel import FunnelBy, funnel
from states.lifecycle.opening import open_from_meeting
from states.matchmaking.event_day.queries import coming, outcomes_of, parties_of
from states.matchmaking.event_day.tables import MeetingOutcome
from states.matchmaking.meetings.outcomes import close_follow_up, record_outcome
from states.partners.tables import Partnership
from states.rights.access import Action, Actor, confined_to

router = APIRouter(tags=["brokerage"], route_class=Idempotent)

Read = Annotated[MeetingAccess, Depends(Allowed(MEETING, Action.READ_MEETING))]
Take = Annotated[MeetingAccess, Depends(Allowed(MEETING, Action.TAKE_PART))]
Open = Annotated[MeetingAccess, Depends(Allowed(MEETING, Action.OPEN_COLLABORATION))]
FunnelReader = Annotated[Actor, Depends(InPartnership(Action.READ_FUNNEL))]


@router.get("/meetings/{meeting_id}/outcomes")
def list_outcomes(found: Read, session: Tx, actor: CurrentActor, page: Page) -> Listing[OutcomeOut]:
    """List what was said of a meeting, oldest first; a partner reads its own side's words only."""
    own = confined_to(actor)
    key = found.row.id
    parties = page.each(session, lambda: parties_of(session, [key])[key])
    sides = {entry.party.id: entry.organisation for entry in parties}
    lines = page.each(session, lambda: outcomes_of(session, [key])[key])

    def show(part: Sequence[MeetingOutcome]) -> list[OutcomeOut]:
        return [
            OutcomeOut.model_validate(line.model_dump() | {"organisation": sides[line.party_id].slug}) for line in part
        ]

    return page.cut(
        [line for line in lines if own is None or (line.party_id in sides and sides[line.party_id].id == own)],
        lambda one: one.id,
        show=show,
    )


@router.post("/meetings/{meeting_id}/outcomes", status_code=201)
def post_outcome(found: Take, sent: OutcomeIn, session: Tx, actor: CurrentActor, answer: Answered) -> OutcomeOut:
    """Say how a meeting went and what comes next; said again, the newest word counts."""
    entries = coming(parties_of(session, [found.row.id])[found.row.id])
    who = speaker(actor, [entry.participant for entry in entries], sent.participant, place="participant")
    entry = next(one for one in entries if one.participant is who)
    line = record_outcome(
        session,
        found.row,
        entry.party,
        rating=sent.rating,
        next_step=sent.next_step,
        note=sent.note,
        person_id=actor.person_id,
    )
    answer.created("list_outcomes", meeting_id=found.row.id)
    return OutcomeOut.model_validate(line.model_dump() | {"organisation": entry.organisation.slug})


@router.post("/meetings/{meeting_id}/closing")
def post_meeting_closing(
    found: Take, sent: MeetingReasonIn, session: Tx, actor: CurrentActor, answer: Answered
) -> MeetingOut:
    """Say why nothing more will come of a meeting that was held; nobody is asked again."""
    need_part(session, actor, found.row)
    close_follow_up(session, found.row, reason=sent.reason)
    answer.tag(tag_of(actor, found.event, found.row))
    return present_meetings(session, actor, found.event, [found.row])[0]


@router.post("/meetings/{meeting_id}/collaboration", status_code=201)
def post_collaboration_from_meeting(
    found: Open, sent: FromMeetingIn, session: Tx, answer: Answered
) -> CollaborationOut:
    """Open a collaboration of all who were at a meeting that was held, in one step; who asked for it leads."""
    partnership = session.get_one(Partnership, found.row.partnership_id)
    row = open_from_meeting(session, partnership, found.row, slug=sent.slug, title=sent.title, summary=sent.summary)
    answer.created("get_collaboration", collaboration_id=row.id)
    answer.tag(row.version)
    return present(session, [row])[0]


@router.get("/funnel")
def get_funnel(
    session: Tx,
    actor: FunnelReader,
    by: FunnelBy = FunnelBy.EVENT,
    event: Annotated[str | None, Query(max_length=40, description="the id of an event")] = None,
) -> FunnelOut:
    """Count what came of meetings: requested, accepted, held, followed up, and the collaborations, protocols and
    money after; by event, cluster or region."""
    found = funnel(session, actor.partnership_id, by=by, event_id=event)
    return FunnelOut.model_validate({"by": by, "lines": found.lines, "total": found.total}, from_attributes=True)
