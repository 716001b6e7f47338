"""What a person does next: in the reviews, and whatever else waits; a task each, with its link, deadline and state."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session

from api.http.schemas import Output
from api.reach import scopes
from states.clock import today
from states.collaborations.queries import collaborations_of
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.sync import STAGE_DEADLINE
from states.crossings.review.rounds import panel_of
from states.deadlines.kinds import Waiting
from states.deadlines.queries import open_deadlines, waits_for
from states.deadlines.tables import Deadline
from states.funding.queries import broken_choices
from states.partners.tables import Region
from states.reporting.queries import report_by_id
from states.review.conflicts.service import agreed, clearance, last_declaration
from states.review.conflicts.tables import Ruling
from states.review.definition import Panel, PanelKind, Phase
from states.review.queries import (
    conditions_of,
    consensus_of,
    decision_of,
    declarations_of,
    discussions_of,
    draft_of,
    evaluations_of,
    positions_of,
    rounds_of,
    seats_held_by,
    seats_of,
)
from states.review.scoring import wide_apart
from states.review.seats import ANSWER_DEADLINE, DECLARATION_DEADLINE
from states.review.tables import Condition, ConditionState, ReviewRound, RoundState, Seat, SeatState
from states.rights.access import Action, Actor, Scope, may

PREFIX = "/api/v1"


class TaskKind(StrEnum):
    AGREE = "agree"
    DECLARE = "declare"
    EVALUATE = "evaluate"
    STATE_POSITION = "state_position"
    RULE_ON_CONFLICT = "rule_on_conflict"
    DISCUSS = "discuss"
    RECORD_CONSENSUS = "record_consensus"
    RECORD_MINUTE = "record_minute"
    PREPARE = "prepare"
    CONFIRM = "confirm"
    RELEASE = "release"
    CLOSE_CONDITION = "close_condition"
    MEET_CONDITION = "meet_condition"
    SIGN_OFF = "sign_off"
    REVIEW_RISKS = "review_risks"
    SUBMIT_TO_CALL = "submit_to_call"
    ISSUE_REPORT = "issue_report"
    RENEW_SCENARIO = "renew_scenario"


class TaskState(StrEnum):
    """`waiting`: somebody else has to act first."""

    OPEN = "open"
    DRAFTED = "drafted"
    WAITING = "waiting"


class TaskOut(Output):
    title: str
    kind: TaskKind
    link: str
    round_id: str | None
    due_on: date | None
    overdue: bool
    state: TaskState


@dataclass(frozen=True, slots=True)
class _View:
    """What tasks are told from: who asks, and every open deadline of the partnership."""

    session: Session
    actor: Actor
    deadlines: tuple[Deadline, ...]

    def due(self, kind: str, subject_id: str) -> date | None:
        """Return when this person's deadline of a kind falls due."""
        own = (one for one in self.deadlines if one.owner_person_id == self.actor.person_id)
        return next((one.due_on for one in own if (one.kind, one.subject_id) == (kind, subject_id)), None)

    def stage_due(self, collaboration: Collaboration) -> date | None:
        """Return when the stage falls due: an office has no seat with a deadline of its own."""
        return self._due_of(STAGE_DEADLINE, collaboration.id)

    def condition_due(self, condition: Condition) -> date | None:
        """Return when a condition is to be met."""
        return self._due_of(Waiting.CONDITION.value, condition.id)

    def closed_due(self, row: ReviewRound, collaboration: Collaboration) -> date | None:
        """Return when a closed round is to be gone on with: by its consensus, else by its stage."""
        return self._due_of(Waiting.CONSENSUS.value, row.id) or self.stage_due(collaboration)

    def _due_of(self, kind: str, subject_id: str) -> date | None:
        found = (one for one in self.deadlines if (one.kind, one.subject_id) == (kind, subject_id))
        return next((one.due_on for one in found), None)


def tasks_of(session: Session, actor: Actor) -> list[TaskOut]:
    """Return what the actor does next, the most urgent first; what has no deadline comes last."""
    view = _View(session, actor, tuple(open_deadlines(session, actor.partnership_id)))
    found = [*_of_seats(view), *_of_office(view), *_of_deadlines(view), *_of_funding(view)]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.title, one.kind))


def _task(
    what: str,
    kind: TaskKind,
    path: str,
    *,
    row: ReviewRound | None = None,
    due_on: date | None = None,
    state: TaskState = TaskState.OPEN,
) -> TaskOut:
    return TaskOut(
        title=what,
        kind=kind,
        link=f"{PREFIX}{path}",
        round_id=row.id if row else None,
        due_on=due_on,
        overdue=due_on is not None and due_on < today(),
        state=state,
    )


def _of_seats(view: _View) -> Iterator[TaskOut]:
    actor = view.actor
    if actor.person_id is None or not may(actor, Action.DECLARE, Scope(actor.partnership_id)):
        return
    rows = [
        (seat, row, collaboration)
        for seat, row in seats_held_by(view.session, actor.person_id)
        if seat.state is SeatState.ACTIVE and row.state is RoundState.OPEN
        for collaboration in [view.session.get_one(Collaboration, row.collaboration_id)]
        if collaboration.partnership_id == actor.partnership_id
    ]
    if rows and not agreed(view.session, partnership_id=actor.partnership_id, person_id=actor.person_id):
        dates = [due for _, row, _ in rows if (due := view.due(DECLARATION_DEADLINE, row.id))]
        what = f"Agree to the rules of the review for {today().year}"
        yield _task(what, TaskKind.AGREE, "/me/agreement", due_on=min(dates, default=None))
    for seat, row, collaboration in rows:
        panel = panel_of(view.session, row)
        if panel.members is actor.role:
            yield from _of_seat(view, seat, row, collaboration, panel)


def _of_seat(
    view: _View, seat: Seat, row: ReviewRound, collaboration: Collaboration, panel: Panel
) -> Iterator[TaskOut]:
    session, person_id, title = view.session, seat.person_id, collaboration.title
    last = last_declaration(session, row.id, person_id)
    waits = last is not None and last.ruling is Ruling.PENDING
    if last is None or waits:
        yield _task(
            f"{title}: declare whether you have a conflict of interest",
            TaskKind.DECLARE,
            f"/rounds/{row.id}/declaration",
            row=row,
            due_on=view.due(DECLARATION_DEADLINE, row.id),
            state=TaskState.WAITING if waits else TaskState.OPEN,
        )
    open_to = clearance(session, row, person_id=person_id, partnership_id=collaboration.partnership_id).open
    state = TaskState.OPEN if open_to else TaskState.WAITING
    due = view.due(ANSWER_DEADLINE[panel.kind], row.id)
    if panel.kind is PanelKind.SCORES:
        if any(one.person_id == person_id for one in evaluations_of(session, row.id)):
            return
        if open_to and draft_of(session, row.id, person_id) is not None:
            state = TaskState.DRAFTED
        path = f"/rounds/{row.id}/evaluations"
        yield _task(f"{title}: evaluate", TaskKind.EVALUATE, path, row=row, due_on=due, state=state)
        return
    if all(region.id != seat.region_id for _, region in positions_of(session, row.id)):
        slug = session.get_one(Region, seat.region_id).slug
        path = f"/rounds/{row.id}/positions/{slug}"
        yield _task(
            f"{title}: state your region's position", TaskKind.STATE_POSITION, path, row=row, due_on=due, state=state
        )


def _of_deadlines(view: _View) -> Iterator[TaskOut]:
    """Yield what waits for the actor beside the reviews: by name, as the deputy, by role or organisation."""
    for one in view.deadlines:
        if one.kind in _ASKED and waits_for(one, view.actor):
            kind, path = _ASKED[one.kind]
            yield _task(one.title, kind, path(view.session, one), due_on=one.due_on)


def _of_funding(view: _View) -> Iterator[TaskOut]:
    if may(view.actor, Action.EDIT_FUNDING, Scope(view.actor.partnership_id)):
        for row, title in broken_choices(view.session, view.actor.partnership_id):
            yield _task(
                f"{title}: scenario {row.name} no longer holds", TaskKind.RENEW_SCENARIO, f"/scenarios/{row.id}"
            )


def _conditions_path(session: Session, one: Deadline) -> str:
    return f"/rounds/{session.get_one(Condition, one.subject_id).round_id}/conditions"


def _report_path(session: Session, one: Deadline) -> str:
    return f"/reports/{report_by_id(session, one.subject_id).period}"


_ASKED: dict[str, tuple[TaskKind, Callable[[Session, Deadline], str]]] = {
    Waiting.SIGN_OFF: (TaskKind.SIGN_OFF, lambda _, one: f"/sign-offs/{one.subject_id}"),
    Waiting.CONDITION: (TaskKind.MEET_CONDITION, _conditions_path),
    Waiting.RISK_REVIEW: (TaskKind.REVIEW_RISKS, lambda _, one: f"/collaborations/{one.collaboration_id}/risk-reviews"),
    Waiting.CALL_CLOSING: (TaskKind.SUBMIT_TO_CALL, lambda _, one: f"/collaborations/{one.collaboration_id}/moves"),
    Waiting.REPORT: (TaskKind.ISSUE_REPORT, _report_path),
}


def _of_office(view: _View) -> Iterator[TaskOut]:
    session, actor = view.session, view.actor
    rows = collaborations_of(session, actor.partnership_id)
    allowed = scopes(session, actor, [row.id for row in rows])
    for collaboration in rows:
        if not may(actor, Action.READ_REVIEW, allowed[collaboration.id]):
            continue
        for row in rounds_of(session, [collaboration.id]):
            for task, action in _steps(view, row, collaboration):
                if may(actor, action, allowed[collaboration.id]):
                    yield task


def _steps(view: _View, row: ReviewRound, collaboration: Collaboration) -> Iterator[tuple[TaskOut, Action]]:
    session, path, due = view.session, f"/rounds/{row.id}", view.closed_due(row, collaboration)
    for last in {one.person_id: one for one in declarations_of(session, row.id)}.values():
        if last.ruling is Ruling.PENDING and last.person_id != view.actor.person_id:
            what = f"{collaboration.title}: rule on a potential conflict"
            link = f"{path}/declarations/{last.person_id}/ruling"
            task = _task(what, TaskKind.RULE_ON_CONFLICT, link, row=row, due_on=row.due_on)
            yield task, Action.RULE_ON_CONFLICT
    if row.state is RoundState.CLOSED:
        own = {
            f"{path}/conditions/{one.number}/closing": view.condition_due(one) for one in conditions_of(session, row.id)
        }
        for kind, what, link, action in _closed_steps(view, row):
            yield _task(f"{collaboration.title}: {what}", kind, link, row=row, due_on=own.get(link) or due), action


def _closed_steps(view: _View, row: ReviewRound) -> Iterator[tuple[TaskKind, str, str, Action]]:
    session, path = view.session, f"/rounds/{row.id}"
    panel = panel_of(session, row)
    match row.phase:
        case Phase.CONSENSUS:
            yield from _consensus_steps(session, row, panel)
        case Phase.PANEL:
            yield TaskKind.RECORD_MINUTE, "record the panel's minute", f"{path}/minute", Action.RECORD_CONSENSUS
        case Phase.DECISION:
            decision = decision_of(session, row.id)
            if view.actor.person_id in {seat.person_id for seat, _ in seats_of(session, row.id, every=True)}:
                return  # who sat does not decide
            if decision is None:
                yield TaskKind.PREPARE, "prepare the decision", f"{path}/decision", Action.PREPARE_DECISION
            elif decision.prepared_by != view.actor.person_id:
                link = f"{path}/decision/confirmation"
                yield TaskKind.CONFIRM, "confirm the decision", link, Action.CONFIRM_DECISION
        case _:
            decision = decision_of(session, row.id)
            if decision is not None and decision.released_at is None:
                yield TaskKind.RELEASE, "release the decision", f"{path}/decision/release", Action.RELEASE_DECISION
            for one in conditions_of(session, row.id):
                if one.state is ConditionState.OPEN:
                    link = f"{path}/conditions/{one.number}/closing"
                    yield TaskKind.CLOSE_CONDITION, f"close condition {one.number}", link, Action.CLOSE_CONDITION


def _consensus_steps(session: Session, row: ReviewRound, panel: Panel) -> Iterator[tuple[TaskKind, str, str, Action]]:
    discussed = {one.criterion for one in discussions_of(session, row.id)}
    apart = wide_apart([one.scores for one in evaluations_of(session, row.id)], panel=panel)
    waiting = [one.criterion.title for one in apart if one.criterion.key not in discussed]
    for title in waiting:
        link = f"/rounds/{row.id}/discussions"
        yield TaskKind.DISCUSS, f"record the discussion of {title}", link, Action.RECORD_CONSENSUS
    if not waiting and consensus_of(session, row.id) is None:
        link = f"/rounds/{row.id}/consensus"
        yield TaskKind.RECORD_CONSENSUS, "record the consensus", link, Action.RECORD_CONSENSUS
