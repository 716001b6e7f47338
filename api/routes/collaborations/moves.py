"""Routes of the lifecycle: what may be done and why not, the one door, the history, the journey, the pipeline."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlmodel import Session, col

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import Answered, IfMatch, MaybeMatch, must_match
from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import OfOfficer, cases_where, need_open_sort, need_stage
from api.http.paging import Page
from api.http.problems import ReasonOut, refusals
from api.http.schemas import Input, Listing, Named, Output, Prose, Text
from api.routes.collaborations.collaborations import Sort
from states.collaborations.queries import ORDERS, history_of, listed_collaborations
from states.collaborations.tables import Collaboration
from states.crossings.merging import handing_over
from states.crossings.rights.collaborations import blinding_of, blindings_behind
from states.errors import Missing, Refusal
from states.lifecycle.available_moves import AvailableMove, lifecycle_view
from states.lifecycle.journey import Consequence, journey
from states.lifecycle.move import dry_run as try_move
from states.lifecycle.move import move, undo
from states.lifecycle.pipeline import pipeline
from states.lifecycle.undoing import undoing_of
from states.playbooks.definition import Direction
from states.playbooks.editions import playbook_of
from states.rights.access import Action, Actor, Role
from states.rights.conditions import permitted_where
from states.seals import Mark
from states.storage.paging import sorted_by
from states.texts.titles import Said

router = APIRouter(tags=["lifecycle"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROGRESS))]
Knock = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.MOVE_COLLABORATION))]
Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]


class MoveIn(Input):
    model_config = example(move="drop", reason="The partners go separate ways.")

    move: str = Field(max_length=40)
    reason: Prose = Field(default="", description="every move but one forward needs one")


class HandingOverOut(Output):
    """What of a collaboration that merges goes where."""

    target: Named
    contacts: int = Field(description="that stand behind the target then")
    joining: list[Named] = Field(description="members that join the target")
    there_already: list[Named]
    following: list[Named] = Field(
        description="collaborations that were to merge into this one, and then into the target"
    )
    deadlines: int = Field(description="open ones, which end")
    staying: dict[str, int] = Field(description="what stays with the collaboration, and how many of each")


class MoveOut(Output):
    name: str
    title: Said
    to: str
    direction: Direction
    needs_reason: bool
    open: bool
    refusals: list[ReasonOut]
    hands_over: HandingOverOut | None = Field(default=None, description="of a merge, in the answer to a dry run")


class UndoIn(Input):
    model_config = example(reason="The wrong collaboration was moved.")

    reason: Prose = Field(description="why the move was a mistake")


class UndoingOut(Output):
    number: int = Field(description="of the history line that would be taken back")
    move: str
    title: Said
    from_stage: str
    until: date = Field(description="the last day on which it may be taken back")
    open: bool
    refusals: list[ReasonOut]


class LifecycleOut(Output):
    collaboration_id: str
    stage: str
    version: int = Field(description="send it as If-Match with a move")
    moves: list[MoveOut]


class HistoryLineOut(Output):
    number: int
    at: datetime
    move: str
    from_stage: str
    to_stage: str
    actor_role: Role
    reason: Text
    seal: str
    occasion: Mark | None = Field(
        description="of its seal; made: with the line; upgrade: when a later release began to seal; unfit: then, and "
        "the line did not fit its checksum; anew: somebody took it as it was; null: the seal is none of ours"
    )


class ConsumerRunOut(Output):
    consumer: str
    flow_run_id: str
    consumed_at: datetime


class ConsequenceOut(Output):
    message_id: str
    name: str
    created_at: datetime
    done_at: datetime | None
    runs: list[ConsumerRunOut]


class StepOut(HistoryLineOut):
    messages: list[ConsequenceOut]


class JourneyOut(Output):
    steps: list[StepOut]
    others: list[ConsequenceOut] = Field(description="messages that came of facts rather than of moves")


class PipelineEntryOut(Output):
    collaboration_id: str
    slug: Named
    title: Text
    stage: str
    stage_title: Said
    days_in_stage: int
    moves: list[MoveOut]


@router.get("/collaborations/{collaboration_id}/moves")
def get_moves(row: Read, session: Tx, actor: CurrentActor) -> LifecycleOut:
    """Tell what may be done now, and of every other move all that speaks against it."""
    moves = lifecycle_view(session, row, actor=actor).moves
    shown = LifecycleOut(
        collaboration_id=row.id, stage=row.stage, version=row.version, moves=[_move(one) for one in moves]
    )
    return blinding_of(session, actor, row).over(shown)


@router.post(
    "/collaborations/{collaboration_id}/moves",
    status_code=201,
    response_model=HistoryLineOut,
    responses={200: {"model": MoveOut, "description": "the answer to a dry run"}},
)
def post_move(
    row: Knock,
    version: MaybeMatch,
    sent: MoveIn,
    session: Tx,
    actor: CurrentActor,
    answer: Answered,
    dry_run: Annotated[bool, Query(description="check, change nothing; If-Match may then be left out")] = False,
) -> HistoryLineOut | JSONResponse:
    """Make a move of a collaboration. The ETag is the collaboration's new version, Location the history line."""
    if dry_run:
        found = try_move(session, row, sent.move, actor=actor, reason=sent.reason, expected_version=version)
        shown = _move(found)
        if found.move.hands_over:
            goes = HandingOverOut.model_validate(handing_over(session, row))
            shown = shown.model_copy(update={"hands_over": goes})
        return JSONResponse(blinding_of(session, actor, row).over(shown).model_dump(mode="json"))
    line = move(session, row.id, sent.move, actor=actor, reason=sent.reason, expected_version=must_match(version))
    answer.created("get_history_line", collaboration_id=row.id, number=line.number)
    answer.tag(row.version)
    return HistoryLineOut.model_validate(line)


@router.get("/collaborations/{collaboration_id}/moves/undoing", responses=refusals(409))
def get_undoing(row: Read, session: Tx, actor: CurrentActor) -> UndoingOut:
    """Tell whether the last move may be taken back, until when, and all that speaks against it."""
    found = undoing_of(session, row, playbook_of(session, row), actor=actor)
    shown = UndoingOut(
        number=found.line.number,
        move=found.line.move,
        title=found.title,
        from_stage=found.line.from_stage,
        until=found.until,
        open=found.open,
        refusals=[ReasonOut.of(one) for one in found.refusals],
    )
    return blinding_of(session, actor, row).over(shown)


@router.post("/collaborations/{collaboration_id}/moves/undoing", status_code=201)
def post_undoing(
    row: Knock, version: IfMatch, sent: UndoIn, session: Tx, actor: CurrentActor, answer: Answered
) -> HistoryLineOut:
    """Take the last move back, while nobody has built on it; the history keeps both lines.

    It takes who may make that move. The ETag is the collaboration's new version, Location the history line.
    """
    line = undo(session, row.id, actor=actor, reason=sent.reason, expected_version=version)
    answer.created("get_history_line", collaboration_id=row.id, number=line.number)
    answer.tag(row.version)
    return HistoryLineOut.model_validate(line)


@router.get("/collaborations/{collaboration_id}/history")
def list_history(row: Read, session: Tx, actor: CurrentActor, page: Page) -> Listing[HistoryLineOut]:
    """List every move that was made, oldest first; each line seals the one before."""
    lines = page.each(session, lambda: history_of(session, [row.id])[row.id])
    blinding = blinding_of(session, actor, row)
    return page.cut(
        lines,
        lambda one: one.number,
        show=lambda part: [blinding.over(HistoryLineOut.model_validate(line)) for line in part],
    )


@router.get("/collaborations/{collaboration_id}/history/{number}")
def get_history_line(row: Read, number: int, session: Tx, actor: CurrentActor) -> HistoryLineOut:
    """Read one line of the history."""
    found = next((line for line in history_of(session, [row.id])[row.id] if line.number == number), None)
    if found is None:
        raise Missing("history_line", number)
    return blinding_of(session, actor, row).over(HistoryLineOut.model_validate(found))


@router.get("/collaborations/{collaboration_id}/journey")
def get_journey(row: Read, session: Tx, actor: CurrentActor) -> JourneyOut:
    """Read a collaboration's journey: each move with the messages that it caused and the flow runs that followed."""
    found = journey(session, row.id)
    shown = JourneyOut(
        steps=[
            StepOut(
                **HistoryLineOut.model_validate(step.line).model_dump(),
                messages=[_consequence(one) for one in step.consequences],
            )
            for step in found.steps
        ],
        others=[_consequence(one) for one in found.others],
    )
    return blinding_of(session, actor, row).over(shown)


@router.get("/pipeline")
def get_pipeline(
    session: Tx,
    actor: Insider,
    page: Page,
    stage: Annotated[str | None, Query(max_length=40, description="a stage of the partnership's playbook")] = None,
    officer: OfOfficer = None,
    sort: Sort = "opened",
) -> Listing[PipelineEntryOut]:
    """List where every readable collaboration stands, for how long, and what stands in the way of its moves."""
    if stage is not None:
        need_stage(session, actor.partnership_id, stage)
    need_open_sort(actor, sort, hidden="title")
    readable = permitted_where(session, actor, Collaboration, Action.READ_PROGRESS)
    of_officer = cases_where(session, actor, col(Collaboration.id), officer)
    return page.read(
        session,
        listed_collaborations(actor.partnership_id, readable, *of_officer, stage=stage),
        *sorted_by(ORDERS, sort, col(Collaboration.id)),
        show=lambda rows: present_pipeline(session, actor, rows),
    )


def present_pipeline(session: Session, actor: Actor, rows: Sequence[Collaboration]) -> list[PipelineEntryOut]:
    """Return where these collaborations stand, as the actor may read it and move them."""
    blindings = blindings_behind(session, actor, [row.id for row in rows], known=rows)
    same = _SameMoves()
    return [
        blindings[one.collaboration.id].over(
            PipelineEntryOut(
                collaboration_id=one.collaboration.id,
                slug=one.collaboration.slug,
                title=one.collaboration.title,
                stage=one.collaboration.stage,
                stage_title=one.stage_title,
                days_in_stage=one.days_in_stage,
                moves=[same.shown(move) for move in one.moves],
            )
        )
        for one in pipeline(session, rows, actor=actor)
    ]


class _SameMoves:
    """Moves of one page: most collaborations of a stage have the same ones, with the same against them."""

    def __init__(self) -> None:
        self._shown: dict[tuple[int, str, tuple[Refusal, ...]], MoveOut] = {}

    def shown(self, found: AvailableMove) -> MoveOut:
        """Return what is shown of a move; what is equal is made once."""
        key = (id(found.move), found.to, found.refusals)  # the moves of an edition live as long as the process
        shown = self._shown.get(key)  # once: to hash refusals takes a while
        if shown is None:
            shown = self._shown[key] = _move(found)
        return shown


def _move(found: AvailableMove) -> MoveOut:
    return MoveOut(
        name=found.move.name,
        title=found.move.title,
        to=found.to,
        direction=found.move.direction,
        needs_reason=found.move.needs_reason,
        open=found.open,
        refusals=[ReasonOut.of(one) for one in found.refusals],
    )


def _consequence(one: Consequence) -> ConsequenceOut:
    message = one.message
    return ConsequenceOut(
        message_id=message.id,
        name=message.name,
        created_at=message.created_at,
        done_at=message.done_at,
        runs=[ConsumerRunOut.model_validate(run) for run in one.runs],
    )
