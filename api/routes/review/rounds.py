"""Routes of review rounds: who is to sit, opening, what is shown of a round, closing."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel import Session

from api.http.access import COLLABORATION, ROUND, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx, bearer
from api.http.headers import carry
from api.http.idempotency import Idempotent, keep_in
from api.http.paging import Page
from api.http.schemas import Listing
from api.routes.collaborations.deadlines import ExtensionIn
from api.routes.review.conflict_schemas import ExclusionOut, ProposedSeatOut, SeatingOut, ShortfallOut
from api.routes.review.review_schemas import RoundDetailOut, RoundIn, RoundOut, RoundOutlineOut
from api.routes.review.review_views import present_outline, present_round
from states.collaborations.tables import Collaboration
from states.credentials.tokens import actor_of
from states.crossings.review.reviewer_assignment import (
    SeatingPlan,
    choose_seats,
    places_of,
    plan_seats,
    record_assignment,
)
from states.crossings.review.rounds import close_answered_round, open_requested_round, panel_in
from states.playbooks.editions import playbook_of
from states.review.access import RoundAccess
from states.review.assignment.assign import Assignment, reasons
from states.review.definition import PanelKind
from states.review.extension import extend_round
from states.review.queries import rounds_of
from states.review.tables import ReviewRound
from states.rights.access import Action, Actor, may
from states.rights.scopes import permitted
from states.storage import begin

router = APIRouter(tags=["review"], route_class=Idempotent)

ReadAll = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_REVIEW))]
See = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.READ_ROUND))]
Run = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.RUN_REVIEW))]


class Planned:
    """The plan of a panel's seats, read in a transaction that ends before anybody is chosen: that takes a while."""

    action = Action.RUN_REVIEW

    def __init__(self, who: Callable[[Session], Actor], collaboration_id: str) -> None:
        self._who, self.collaboration_id = who, collaboration_id
        self.person_id: str | None = None

    def check(self, session: Session) -> Collaboration:
        """Return the collaboration, or raise `Missing` or `Denied`: asked again in the transaction that writes."""
        actor = self._who(session)
        self.person_id = actor.person_id
        return Allowed(COLLABORATION, self.action)(session, actor, collaboration_id=self.collaboration_id)

    def plan(self, panel_key: str) -> SeatingPlan | None:
        """Return the plan of seats; None for a panel whose regions' members all sit."""
        with begin(read_only=True) as session:
            row = self.check(session)
            panel = panel_in(playbook_of(session, row).panels, panel_key)
            if panel.kind is PanelKind.POSITIONS:
                return None
            return plan_seats(session, row.id, panel_key)

    def open(self, session: Session, panel_key: str, chosen: Assignment | None) -> ReviewRound:
        """Open the round with those who were chosen, as far as that may still be done."""
        row = self.check(session)
        opened = open_requested_round(session, row.id, panel_key, places=places_of(chosen) if chosen else [])
        if chosen:
            record_assignment(session, opened, chosen, person_id=self.person_id)
        return opened


class OfPlan:
    """Who may have seats planned on a collaboration; it holds no transaction."""

    action = Action.RUN_REVIEW

    def __call__(self, collaboration_id: str, token: Annotated[str, Depends(bearer)]) -> Planned:
        """Return what plans, or raise `Missing` or `Denied`."""
        planned = Planned(lambda session: actor_of(session, token), collaboration_id)
        with begin(read_only=True) as session:
            planned.check(session)
        return planned


Plan = Annotated[Planned, Depends(OfPlan())]


@router.get("/collaborations/{collaboration_id}/rounds")
def list_rounds(row: ReadAll, session: Tx, actor: CurrentActor, page: Page) -> Listing[RoundOut]:
    """List the review rounds of a collaboration, oldest first; a reviewer, those that are open to that reviewer."""
    rows = permitted(session, actor, page.each(session, lambda: rounds_of(session, [row.id])), Action.READ_REVIEW)
    return page.cut(rows, lambda one: one.id, show=lambda part: [RoundOut.model_validate(one) for one in part])


@router.post(
    "/collaborations/{collaboration_id}/rounds",
    status_code=201,
    response_model=RoundOut,
    responses={201: carry("ETag", "Location")},
)
def post_round(planned: Plan, sent: RoundIn, request: Request) -> Response:
    """Open a panel's round on the latest frozen version; one that is open on it already is returned as it is.

    The reviewers are chosen before, outside any transaction.
    """
    plan = planned.plan(sent.panel)
    chosen = None if plan is None else choose_seats(plan)
    with begin() as session:
        planned.check(session)
        keep = keep_in(session)
        opened = planned.open(session, sent.panel, chosen)
        made = Response(
            RoundOut.model_validate(opened).model_dump_json(),
            201,
            {
                "Location": str(request.app.url_path_for("get_round", round_id=opened.id)),
                "ETag": f'"{opened.version}"',
            },
            media_type="application/json",
        )
        keep(made)
    return made


@router.post("/collaborations/{collaboration_id}/rounds/seating")
def propose_seating(planned: Plan, panel: Annotated[str, Query(max_length=40)]) -> SeatingOut:
    """Propose who should sit in a round, with why, who is excluded and why others were not chosen. Keeps nothing."""
    plan = planned.plan(panel)
    if plan is None:
        return SeatingOut(seats=[], shortfalls=[], exclusions=[], why_not={}, proven=True)
    return _seating(plan, choose_seats(plan))


def _seating(plan: SeatingPlan, found: Assignment) -> SeatingOut:
    people = {one.person_id: one.label for one in plan.candidates}
    return SeatingOut(
        seats=[
            ProposedSeatOut(
                person_id=one.person_id, person=people[one.person_id], affinity=one.affinity, why=list(one.why)
            )
            for one in found.seats
        ],
        shortfalls=[ShortfallOut(message=one.message, remedy=one.remedy) for one in found.shortfalls],
        exclusions=[
            ExclusionOut(person=people[one.person_id], code=one.code, message=one.message) for one in found.exclusions
        ],
        why_not={people[key]: why for key, why in reasons(found, plan.dossier.id).items()},
        proven=found.proven,
    )


@router.get("/rounds/{round_id}")
def get_round(found: See, session: Tx, actor: CurrentActor) -> RoundDetailOut | RoundOutlineOut:
    """Read a round: its panel, its seats, who is awaited, and once it is closed the result.

    A reviewer who has not agreed and declared gets title, partners, regions, and what is missing.
    """
    if not may(actor, Action.READ_REVIEW, found.scope):
        return present_outline(session, found.row, actor, found.collaboration)
    return present_round(session, found.row, actor, found.collaboration)


@router.post("/rounds/{round_id}/closing")
def close_round(found: Run, session: Tx, actor: CurrentActor) -> RoundDetailOut:
    """Close a round now; what is missing is named in it. A closed one stays as it is."""
    close_answered_round(session, found.row.id)
    return present_round(session, found.row, actor, found.collaboration)


@router.post("/rounds/{round_id}/extension")
def post_round_extension(
    found: Run, version: IfMatch, sent: ExtensionIn, session: Tx, actor: CurrentActor, answer: Answered
) -> RoundOut:
    """Give an open round another last day, with a reason: every answer that is awaited is due then."""
    extend_round(session, found.row, due_on=sent.due_on, reason=sent.reason, actor=actor, expected_version=version)
    answer.tag(found.row.version)
    return RoundOut.model_validate(found.row)
