"""Routes of checklists: how each stands, answers, a second person's confirmation, signing off, reopening, rounds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import UNWRITTEN, Answered, IfMatch, MaybeMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import ID, example
from api.http.idempotency import Idempotent
from api.http.schemas import Input, Output, Prose
from states.checklists.definition import AnswerKind, Check, ItemSpec
from states.checklists.facts import ItemState
from states.checklists.queries import answers_in, rounds_of
from states.checklists.service import Given
from states.checklists.tables import Checklist, ChecklistState
from states.collaborations.tables import Collaboration
from states.crossings.checklists import (
    Shown,
    answer,
    begin_anew,
    checklist_for,
    checklists_for,
    confirm,
    reopen_list,
    sign,
)
from states.partners.queries import person_labels
from states.rights.access import Action, Role
from states.texts.titles import Said

router = APIRouter(tags=["lifecycle"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_SHARED_CHECKLISTS))]
Fill = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.FILL_CHECKLIST))]


class ItemAnswerIn(Input):
    model_config = example(item="regions", value="yes", comment="Gliwice and Marseille.", evidence=[ID])

    item: str = Field(max_length=40, description="key of an item of the list")
    value: Annotated[str, Field(max_length=5_000)] = Field(
        description="`yes`, `no`, `not_applicable`; a text; a whole number; empty: taken back"
    )
    comment: Prose = ""
    evidence: list[Annotated[str, Field(max_length=40)]] = Field(
        default=[], max_length=50, description="ids of filed evidence on which it rests"
    )


class AnswersIn(Input):
    model_config = example(answers=[{"item": "regions", "value": "yes"}])

    answers: list[ItemAnswerIn] = Field(min_length=1, max_length=200)


class ConfirmationIn(Input):
    model_config = example(items=["regions"])

    items: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=200)


class ChecklistReasonIn(Input):
    model_config = example(reason="A partner has changed.")

    reason: Prose


class ItemOut(Output):
    key: str
    text: Said
    answer: AnswerKind
    required: bool
    passes: list[Check] = Field(description="answers that pass, of a check")
    least: int
    most: int
    passes_from: int = Field(description="the first score that passes")
    evidence_kind: str | None = Field(description="kind of evidence on which a passing answer rests")
    source: str
    verified: bool | None
    by: list[Role] = Field(description="who answers it")
    second_person: bool
    state: ItemState
    value: str | None = Field(description="null: not answered")
    comment: str
    evidence: list[str]
    answered_by: str | None = Field(description="who, by role")
    answered_at: datetime | None
    seconded_by: str | None
    seconded_at: datetime | None


class ChecklistOut(Output):
    key: str
    title: Said
    stages: list[str] = Field(description="in which it is filled")
    in_stage: bool
    by: list[Role]
    signed_by: list[Role]
    shared: bool
    number: int = Field(description="of the round")
    state: ChecklistState | None = Field(description="null: nobody has begun")
    items: int
    answered: int
    passing: int
    missing: list[str] = Field(description="keys of items that keep it from being complete")
    failing: list[str]
    passed: bool = Field(description="signed off, and every answer that is needed passes")
    signed_off_by: str | None
    signed_off_at: datetime | None
    reason: str = Field(description="why it was reopened, or this round begun")
    version: int = Field(description="send it as If-Match with a change; 0: nothing is written yet")


class WholeChecklistOut(ChecklistOut):
    """A checklist with each of its items."""

    entries: list[ItemOut]


class ChecklistsOut(Output):
    checklists: list[ChecklistOut]


class ChecklistRoundOut(Output):
    number: int
    state: ChecklistState
    playbook: str
    began_at: datetime
    signed_off_at: datetime | None
    reason: str
    answers: dict[str, str] = Field(description="value by item")


class ChecklistRoundsOut(Output):
    rounds: list[ChecklistRoundOut]


@router.get("/collaborations/{collaboration_id}/checklists")
def get_checklists(row: Read, session: Tx, actor: CurrentActor) -> ChecklistsOut:
    """Read how each checklist of a case stands. Partners read those that the playbook shares with them."""
    found = checklists_for(session, row, actor)
    return ChecklistsOut(checklists=[_list(one, _labels(session, found)) for one in found])


@router.get("/collaborations/{collaboration_id}/checklists/{checklist}")
def get_checklist(row: Read, checklist: str, session: Tx, actor: CurrentActor, answer: Answered) -> WholeChecklistOut:
    """Read one checklist with its items and answers; its ETag is what a change sends back as If-Match."""
    return _whole(session, checklist_for(session, row, checklist, actor), answer)


@router.get("/collaborations/{collaboration_id}/checklists/{checklist}/rounds")
def get_checklist_rounds(row: Read, checklist: str, session: Tx, actor: CurrentActor) -> ChecklistRoundsOut:
    """Read what was answered in each round of a checklist, the first one first."""
    checklist_for(session, row, checklist, actor)
    rounds = rounds_of(session, row.id, checklist)
    given = answers_in(session, [one.id for one in rounds])
    return ChecklistRoundsOut(
        rounds=[
            ChecklistRoundOut(
                **one.model_dump(include=_OF_ROUND),
                answers={key: answer.value for key, answer in sorted(given[one.id].items())},
            )
            for one in rounds
        ]
    )


@router.patch("/collaborations/{collaboration_id}/checklists/{checklist}")
def patch_checklist(
    row: Fill,
    version: MaybeMatch,
    checklist: str,
    sent: AnswersIn,
    session: Tx,
    actor: CurrentActor,
    answered: Answered,
) -> WholeChecklistOut:
    """Answer items of a checklist; what is left out stays. The list is complete by itself once nothing is missing.

    An answer that somebody else gave after the version in If-Match is not written over (412); answers to other items
    are no conflict. The first time nothing is sent, or "0".
    """
    given = [Given(one.item, one.value, one.comment, one.evidence) for one in sent.answers]
    answer(session, row, checklist, given, actor=actor, read_version=version or UNWRITTEN)
    return _whole(session, checklist_for(session, row, checklist, actor), answered)


@router.post("/collaborations/{collaboration_id}/checklists/{checklist}/confirmations")
def post_checklist_confirmation(
    row: Fill, checklist: str, sent: ConfirmationIn, session: Tx, actor: CurrentActor, answered: Answered
) -> WholeChecklistOut:
    """Confirm answers as the second person; an answer given anew is to be confirmed anew."""
    confirm(session, row, checklist, sent.items, actor=actor)
    return _whole(session, checklist_for(session, row, checklist, actor), answered)


@router.post("/collaborations/{collaboration_id}/checklists/{checklist}/sign-off")
def post_checklist_sign_off(
    row: Fill, version: IfMatch, checklist: str, session: Tx, actor: CurrentActor, answered: Answered
) -> WholeChecklistOut:
    """Sign a complete checklist off, whether its answers pass or not; then nothing waits for it."""
    sign(session, row, checklist, actor=actor, expected_version=version)
    return _whole(session, checklist_for(session, row, checklist, actor), answered)


@router.post("/collaborations/{collaboration_id}/checklists/{checklist}/reopening")
def post_checklist_reopening(
    row: Fill,
    version: IfMatch,
    checklist: str,
    sent: ChecklistReasonIn,
    session: Tx,
    actor: CurrentActor,
    answered: Answered,
) -> WholeChecklistOut:
    """Open a signed checklist again, with a reason; its answers stay, and it is signed anew."""
    reopen_list(session, row, checklist, reason=sent.reason, actor=actor, expected_version=version)
    return _whole(session, checklist_for(session, row, checklist, actor), answered)


@router.post("/collaborations/{collaboration_id}/checklists/{checklist}/rounds", status_code=201)
def post_checklist_round(
    row: Fill, checklist: str, sent: ChecklistReasonIn, session: Tx, actor: CurrentActor, answered: Answered
) -> WholeChecklistOut:
    """Begin another round of a checklist, with a reason; the former one stays as it was."""
    begin_anew(session, row, checklist, reason=sent.reason, actor=actor)
    answered.created("get_checklist", collaboration_id=row.id, checklist=checklist)
    return _whole(session, checklist_for(session, row, checklist, actor), answered)


def _labels(session: Session, found: Sequence[Shown]) -> dict[str, str]:
    rows = [one.row for one in found if one.row is not None]
    answers = [answer for one in found for answer in one.answers.values()]
    keys = {row.signed_off_by for row in rows} | {key for one in answers for key in (one.answered_by, one.seconded_by)}
    return person_labels(session, {key for key in keys if key is not None})


def _whole(session: Session, found: Shown, answer: Answered) -> WholeChecklistOut:
    labels = _labels(session, [found])
    entries = [
        _item(item, found.standing.spec.fillers(item), found.standing.items[item.key], found, labels)
        for item in found.standing.spec.items
    ]
    told = WholeChecklistOut(**_list(found, labels).model_dump(), entries=entries)
    answer.tag(told.version)
    return told


def _list(found: Shown, labels: dict[str, str]) -> ChecklistOut:
    standing, row = found.standing, found.row
    spec = standing.spec
    signed = row.signed_off_by if row is not None else None
    return ChecklistOut(
        key=spec.key,
        title=spec.title,
        stages=list(spec.stage),
        in_stage=found.in_stage,
        by=list(spec.by),
        signed_by=list(spec.signers),
        shared=spec.shared,
        number=standing.number,
        state=row.state if row is not None else None,
        items=len(spec.items),
        answered=sum(1 for one in found.answers.values() if one.value),
        passing=len(standing.those(ItemState.PASSES)),
        missing=[item.key for item in standing.unfinished],
        failing=[item.key for item in standing.those(ItemState.FAILING)],
        passed=standing.passed,
        signed_off_by=labels.get(signed or ""),
        signed_off_at=row.signed_off_at if row is not None else None,
        reason=row.reason if row is not None else "",
        version=row.version if row is not None else UNWRITTEN,
    )


def _item(item: ItemSpec, fillers: Sequence[Role], state: ItemState, found: Shown, labels: dict[str, str]) -> ItemOut:
    answer = found.answers.get(item.key)
    given = answer if answer is not None and answer.value else None
    return ItemOut(
        **item.model_dump(include=_OF_ITEM),
        evidence_kind=item.evidence,
        by=list(fillers),
        state=state,
        value=given.value if given else None,
        comment=given.comment if given else "",
        evidence=list(given.evidence_ids) if given else [],
        answered_by=labels.get(given.answered_by or "") if given else None,
        answered_at=given.answered_at if given else None,
        seconded_by=labels.get(given.seconded_by or "") if given else None,
        seconded_at=given.seconded_at if given else None,
    )


_OF_ITEM = (set(ItemOut.model_fields) & set(ItemSpec.model_fields)) - {"evidence", "by"}
_OF_ROUND = set(ChecklistRoundOut.model_fields) & set(Checklist.model_fields)
