"""What the reviews ask of a person: of a reviewer for each seat, of an office for each round, in its phase."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

import states.crossings.rights.providers  # noqa: F401 - they answer for collaborations
from states.clock import today
from states.collaborations.officers import charges_of, is_for_another
from states.collaborations.queries import collaborations_by_id
from states.collaborations.tables import Collaboration
from states.crossings.review.rounds import panel_in
from states.partners.absences import away
from states.partners.queries import holders, region_slugs
from states.playbooks.editions import every_playbook, playbooks_of
from states.review.access import evaluations_in, last_declarations
from states.review.conflicts.service import agreed, clearance_of
from states.review.conflicts.tables import Declaration, Ruling
from states.review.definition import Panel, PanelKind, Phase
from states.review.queries import (
    answered_by,
    conditions_of_rounds,
    consensus_of_rounds,
    decisions_of_rounds,
    declarations_of_rounds,
    discussions_of_rounds,
    drafts_by,
    open_seats_of,
    positions_of_rounds,
    rounds_at_work,
    seated_in_rounds,
    sitting_in_rounds,
)
from states.review.scoring import wide_apart
from states.review.seats import ANSWER_DEADLINE, DECLARATION_DEADLINE
from states.review.tables import (
    Condition,
    ConditionState,
    Decision,
    Evaluation,
    ReviewRound,
    RoundState,
    Seat,
)
from states.rights.access import Action, Actor, Role, Scope, may, who_may
from states.rights.conditions import permitted_where
from states.rights.scopes import scopes_of
from states.tasks.deadline_dates import DeadlineDates
from states.tasks.task import Task, TaskKind, TaskState
from states.texts import Text


def of_seats(session: Session, actor: Actor) -> Iterator[Task]:
    """Yield what a reviewer's active seats in open rounds ask: to agree, to declare, to answer."""
    if actor.person_id is None or not may(actor, Action.DECLARE, Scope(actor.partnership_id)):
        return
    held = open_seats_of(session, actor.person_id, actor.partnership_id)
    if not held:
        return
    own = collaborations_by_id(session, {row.collaboration_id for _, row in held})
    dates = DeadlineDates(session, actor, [row.id for _, row in held])
    agrees = agreed(session, partnership_id=actor.partnership_id, person_id=actor.person_id)
    if not agrees:
        asked = [due for _, row in held if (due := dates.own(DECLARATION_DEADLINE, row.id))]
        title = Text("waits", "agree", year=today().year).kept
        yield Task(title, TaskKind.AGREE, "/me/agreement", due_on=min(asked, default=None))
    desk = _Desk.of(session, actor.person_id, held, agreed=agrees)
    playbooks = playbooks_of(session, own.values())
    for seat, row in held:
        collaboration = own[row.collaboration_id]
        panel = panel_in(playbooks[collaboration.id].panels, row.panel)
        if panel.members is actor.role:
            yield from _of_seat(desk, dates, seat, row, collaboration, panel)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a reviewer has done in the rounds of the own seats, which are active: what was submitted there counts."""

    agreed: bool
    declared: Mapping[str, Declaration]
    evaluated: Collection[str]
    drafted: Collection[str]
    stated: Mapping[str, Collection[str]]
    regions: Mapping[str, str]

    @classmethod
    def of(cls, session: Session, person_id: str, held: Sequence[tuple[Seat, ReviewRound]], *, agreed: bool) -> "_Desk":
        keys = [row.id for _, row in held]
        regions = {seat.region_id for seat, _ in held if seat.region_id is not None}
        positions = positions_of_rounds(session, keys) if regions else {}
        return cls(
            agreed=agreed,
            declared=last_declarations(session, keys, person_id=person_id),
            evaluated=answered_by(session, person_id, keys),
            drafted=drafts_by(session, person_id, keys),
            stated={key: {one.region_id for one in found} for key, found in positions.items()},
            regions=region_slugs(session, regions) if regions else {},
        )


def _of_seat(
    desk: _Desk, dates: DeadlineDates, seat: Seat, row: ReviewRound, collaboration: Collaboration, panel: Panel
) -> Iterator[Task]:
    title, last = collaboration.title, desk.declared.get(row.id)
    waits = last is not None and last.ruling is Ruling.PENDING
    if last is None or waits:
        declare = Text("waits", "declare").kept
        yield Task(
            f"{title}: {declare}",
            TaskKind.DECLARE,
            f"/rounds/{row.id}/declaration",
            collaboration.id,
            row.id,
            dates.own(DECLARATION_DEADLINE, row.id),
            TaskState.WAITING if waits else TaskState.OPEN,
        )
    open_to = clearance_of(row.id, seat, last, agreed=desk.agreed).open
    state = TaskState.OPEN if open_to else TaskState.WAITING
    due = dates.own(ANSWER_DEADLINE[panel.kind], row.id)
    if panel.kind is PanelKind.SCORES:
        if row.id in desk.evaluated:
            return
        if open_to and row.id in desk.drafted:
            state = TaskState.DRAFTED
        path = f"/rounds/{row.id}/evaluations"
        what = f"{title}: {Text('waits', 'evaluate').kept}"
        yield Task(what, TaskKind.EVALUATE, path, collaboration.id, row.id, due, state)
    elif seat.region_id not in desk.stated[row.id]:
        path = f"/rounds/{row.id}/positions/{desk.regions[seat.region_id or '']}"
        what = f"{title}: {Text('waits', 'state_position').kept}"
        yield Task(what, TaskKind.STATE_POSITION, path, collaboration.id, row.id, due, state)


def of_office(session: Session, actor: Actor) -> Iterator[Task]:
    """Yield what an office does next in each round that it may read: rulings, and the steps of a closed round."""
    if actor.role not in _TAKE_STEPS:
        return
    readable = permitted_where(session, actor, Collaboration, Action.READ_REVIEW)
    panels = {(key, name): panel for key, of in every_playbook(session).items() for name, panel in of.panels.items()}
    seats = {key: panel.seats for key, panel in panels.items() if panel.kind is PanelKind.SCORES}
    found = rounds_at_work(session, actor.partnership_id, readable, seats=seats)
    if not found:
        return
    rows = {collaboration.id: collaboration for _, collaboration in found}
    scopes = dict(zip(rows, scopes_of(session, actor, list(rows.values())), strict=True))
    files = _Files.of(session, [row for row, _ in found], list(rows.values()))
    conditions = [one.id for row, _ in found for one in files.conditions[row.id]]
    dates = DeadlineDates(session, actor, [*rows, *(row.id for row, _ in found), *conditions])
    charges, absent = charges_of(session, rows), away(session, actor.partnership_id, on=today())
    for row, collaboration in found:
        if is_for_another(charges[collaboration.id], actor, absent):
            continue
        for task, action in _steps(files, dates, row, collaboration, actor):
            if may(actor, action, scopes[collaboration.id]):
                yield task


@dataclass(frozen=True, slots=True)
class _Files:
    """What is on record of some rounds."""

    panels: Mapping[str, Panel]
    declarations: Mapping[str, Sequence[Declaration]]
    evaluations: Mapping[str, Sequence[Evaluation]]
    discussed: Mapping[str, Collection[str]]
    agreed: Collection[str]
    decisions: Mapping[str, Decision]
    conditions: Mapping[str, Sequence[Condition]]
    seated: Mapping[str, Collection[str]]
    sitting: Mapping[str, Collection[str | None]]
    secretary: bool
    """Whether the partnership has a secretary: then the chairs leave the preparing to that office."""

    @classmethod
    def of(cls, session: Session, rounds: Sequence[ReviewRound], rows: Sequence[Collaboration]) -> "_Files":
        keys, playbooks = [row.id for row in rounds], playbooks_of(session, rows)
        given = evaluations_in(session, keys)
        return cls(
            panels={row.id: panel_in(playbooks[row.collaboration_id].panels, row.panel) for row in rounds},
            declarations=declarations_of_rounds(session, keys),
            evaluations={key: given.counted(key) for key in keys},
            discussed=discussions_of_rounds(session, keys),
            agreed=consensus_of_rounds(session, keys),
            decisions=decisions_of_rounds(session, keys),
            conditions=conditions_of_rounds(session, keys),
            seated=seated_in_rounds(session, keys),
            sitting=sitting_in_rounds(session, keys),
            secretary=bool(rows and holders(session, rows[0].partnership_id, Role.IAG_SECRETARY)),
        )


def _steps(
    files: _Files, dates: DeadlineDates, row: ReviewRound, collaboration: Collaboration, actor: Actor
) -> Iterator[tuple[Task, Action]]:
    path, title = f"/rounds/{row.id}", collaboration.title
    for last in {one.person_id: one for one in files.declarations[row.id]}.values():
        if last.ruling is Ruling.PENDING and last.person_id != actor.person_id:
            link = f"{path}/declarations/{last.person_id}/ruling"
            what = f"{title}: {Text('waits', 'rule_on_conflict').kept}"
            kind, action = TaskKind.RULE_ON_CONFLICT, Action.RULE_ON_CONFLICT
            yield Task(what, kind, link, collaboration.id, row.id, row.due_on), action
    if row.state is RoundState.OPEN and _fills_seats(files, row, actor):
        what = f"{title}: {Text('waits', 'fill_seats').kept}"
        yield Task(what, TaskKind.FILL_SEATS, f"{path}/seats", collaboration.id, row.id, row.due_on), Action.RUN_REVIEW
    if row.state is RoundState.CLOSED:
        own = {f"{path}/conditions/{one.number}/closing": dates.condition(one) for one in files.conditions[row.id]}
        closed = dates.closed_round(row, collaboration)
        for kind, step, link, action in _closed_steps(files, row, actor):
            yield Task(f"{title}: {step.kept}", kind, link, collaboration.id, row.id, own.get(link) or closed), action


def _fills_seats(files: _Files, row: ReviewRound, actor: Actor) -> bool:
    """Tell whether a seat is open, and its filling this actor's: the secretary's, or without one the managers'."""
    if actor.role is not (Role.IAG_SECRETARY if files.secretary else Role.PROJECT_MANAGER):
        return False
    panel, sitting = files.panels[row.id], files.sitting[row.id]
    if panel.kind is PanelKind.SCORES:
        return len(sitting) < panel.seats
    return not set(row.asked_regions) <= set(sitting)


_Step = tuple[TaskKind, Text, str, Action]
_ASKED = (
    Action.RULE_ON_CONFLICT,
    Action.RUN_REVIEW,
    Action.RECORD_CONSENSUS,
    Action.PREPARE_DECISION,
    Action.CONFIRM_DECISION,
    Action.RELEASE_DECISION,
    Action.CLOSE_CONDITION,
)
_TAKE_STEPS = frozenset({Role.CLOCK, *(role for action in _ASKED for role in who_may(action))})
"""Who may take any of the steps: of nobody else is a round read."""


def _closed_steps(files: _Files, row: ReviewRound, actor: Actor) -> Iterator[_Step]:
    path, decision = f"/rounds/{row.id}", files.decisions.get(row.id)
    match row.phase:
        case Phase.CONSENSUS:
            yield from _consensus_steps(files, row)
        case Phase.PANEL:
            yield TaskKind.RECORD_MINUTE, Text("waits", "record_minute"), f"{path}/minute", Action.RECORD_CONSENSUS
        case Phase.DECISION:
            if actor.person_id in files.seated[row.id]:
                return  # who sat does not decide
            if decision is None and (actor.role is Role.IAG_SECRETARY or not files.secretary):
                yield TaskKind.PREPARE, Text("waits", "prepare_decision"), f"{path}/decision", Action.PREPARE_DECISION
            elif decision is not None and decision.prepared_by != actor.person_id:
                link = f"{path}/decision/confirmation"
                yield TaskKind.CONFIRM, Text("waits", "confirm_decision"), link, Action.CONFIRM_DECISION
        case _:
            if decision is not None and decision.released_at is None:
                yield (
                    TaskKind.RELEASE,
                    Text("waits", "release_decision"),
                    f"{path}/decision/release",
                    Action.RELEASE_DECISION,
                )
            for one in files.conditions[row.id]:
                if one.state is ConditionState.OPEN:
                    link = f"{path}/conditions/{one.number}/closing"
                    yield (
                        TaskKind.CLOSE_CONDITION,
                        Text("waits", "close_condition", number=one.number),
                        link,
                        Action.CLOSE_CONDITION,
                    )


def _consensus_steps(files: _Files, row: ReviewRound) -> Iterator[_Step]:
    apart = wide_apart([one.scores for one in files.evaluations[row.id]], panel=files.panels[row.id])
    waiting = [one.criterion.title for one in apart if one.criterion.key not in files.discussed[row.id]]
    for title in waiting:
        link = f"/rounds/{row.id}/discussions"
        yield TaskKind.DISCUSS, Text("waits", "discuss", criterion=title), link, Action.RECORD_CONSENSUS
    if not waiting and row.id not in files.agreed:
        link = f"/rounds/{row.id}/consensus"
        yield TaskKind.RECORD_CONSENSUS, Text("waits", "record_consensus"), link, Action.RECORD_CONSENSUS
