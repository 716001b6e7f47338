"""Where agreements meet what waits: a condition with a day has its deadline, as long as its agreement stands."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from states.clock import today
from states.collaborations.tables import Collaboration
from states.deadlines.definition import Rung
from states.deadlines.kinds import AFTER_THE_YES
from states.deadlines.queries import open_deadlines_of
from states.deadlines.service import On, Owner, close_deadlines, open_deadline, redate
from states.deadlines.states import CANCEL, FINISH
from states.errors import Fault
from states.funding.amount_faults import day_fault
from states.funding.awards import agreements
from states.funding.awards.agreements import evidence_fault
from states.funding.awards.queries import conditions_of
from states.funding.awards.service import AwardInvalid
from states.funding.awards.states import (
    AGREEMENT,
    AGREEMENT_CONDITION,
    ASK,
    ASK_AGAIN,
    CHANGE,
    CORRECT,
    MEET,
    WAIVE,
    agreement_state,
)
from states.funding.awards.tables import Agreement, AgreementCondition, AgreementConditionState
from states.machines.stepping import begin, need, step
from states.partners.tables import Organisation
from states.playbooks.definition import Playbook
from states.playbooks.editions import playbook_of
from states.rights.access import Role
from states.storage import bump_version
from states.texts import Text

CONDITION_DEADLINE = AFTER_THE_YES[0]


def add_condition(
    session: Session, collaboration: Collaboration, agreement: Agreement, *, text: str, due_on: date | None
) -> AgreementCondition:
    """Record what the funder asks for; with a day it waits for whoever receives the money, else for the office."""
    need(AGREEMENT, agreement_state(agreement), CORRECT, what=f"Agreement {agreement.number}")
    _need(text, due_on)
    bump_version(session, agreement)  # two at once would take the same number
    row = AgreementCondition(
        agreement_id=agreement.id,
        number=max((one.number for one in conditions_of(session, agreement.id)), default=0) + 1,
        text=text.strip(),
        due_on=due_on,
        state=begin(AGREEMENT_CONDITION, ASK),
    )
    session.add(row)
    session.flush()
    _wait(session, collaboration, agreement, row)
    return row


def change_condition(
    session: Session,
    collaboration: Collaboration,
    agreement: Agreement,
    row: AgreementCondition,
    *,
    text: str,
    due_on: date | None,
    expected_version: int | None = None,
) -> AgreementCondition:
    """Correct an open condition; its deadline goes with it."""
    need(AGREEMENT_CONDITION, row.state, CHANGE, what=f"Condition {row.number}")
    _need(text, due_on)
    bump_version(session, row, expected=expected_version)
    row.text = text.strip()
    moved, row.due_on = row.due_on != due_on, due_on
    session.flush()
    standing = open_deadlines_of(session, kind=CONDITION_DEADLINE, subject_id=row.id)
    if moved and due_on is not None and standing:
        redate(session, standing[0], On(due_on))
    elif moved:
        close_deadlines(session, CONDITION_DEADLINE, subject_id=row.id, move=CANCEL)
        _wait(session, collaboration, agreement, row)
    return row


def settle_condition(
    session: Session,
    collaboration: Collaboration,
    row: AgreementCondition,
    *,
    waived: bool,
    note: str,
    evidence_id: str | None = None,
    expected_version: int | None = None,
) -> AgreementCondition:
    """Record that a condition is met, with how and the file that shows it, or that the funder waives it, with why."""
    move = WAIVE if waived else MEET
    need(AGREEMENT_CONDITION, row.state, move, what=f"Condition {row.number}")
    shown = evidence_fault(session, collaboration.id, evidence_id, kind="") if evidence_id is not None else None
    faults = [] if note.strip() else [Fault("note", "missing", remedy="say_how_or_why")]
    _raise([*faults, *([shown] if shown is not None else [])])
    bump_version(session, row, expected=expected_version)
    row.state = step(AGREEMENT_CONDITION, row.state, move)
    row.note, row.evidence_id, row.settled_on = note.strip(), evidence_id, today()
    session.flush()
    close_deadlines(session, CONDITION_DEADLINE, subject_id=row.id, move=CANCEL if waived else FINISH)
    return row


def reopen_condition(
    session: Session,
    collaboration: Collaboration,
    agreement: Agreement,
    row: AgreementCondition,
    *,
    note: str,
    expected_version: int | None = None,
) -> AgreementCondition:
    """Ask again for what was met or waived by mistake, with why."""
    need(AGREEMENT_CONDITION, row.state, ASK_AGAIN, what=f"Condition {row.number}")
    _raise([] if note.strip() else [Fault("note", "missing", remedy="say_why")])
    bump_version(session, row, expected=expected_version)
    row.state = step(AGREEMENT_CONDITION, row.state, ASK_AGAIN)
    row.note, row.evidence_id, row.settled_on = note.strip(), None, None
    session.flush()
    _wait(session, collaboration, agreement, row)
    return row


def withdraw_agreement(
    session: Session, row: Agreement, *, because: str, expected_version: int | None = None
) -> Agreement:
    """Withdraw an agreement; nobody waits for its conditions any more."""
    agreements.withdraw_agreement(session, row, because=because, expected_version=expected_version)
    for one in conditions_of(session, row.id):
        close_deadlines(session, CONDITION_DEADLINE, subject_id=one.id, move=CANCEL)
    return row


def open_conditions(session: Session, row: Agreement) -> list[AgreementCondition]:
    """Return the conditions of an agreement that are neither met nor waived."""
    return [one for one in conditions_of(session, row.id) if one.state is AgreementConditionState.OPEN]


def ladder_of(playbook: Playbook) -> Sequence[Rung]:
    """Return by which ladder one is reminded of what no playbook gives another one for: the default, or its first."""
    return playbook.ladders.get("default") or next(iter(playbook.ladders.values()), [])


def _wait(session: Session, collaboration: Collaboration, agreement: Agreement, row: AgreementCondition) -> None:
    if row.due_on is None:
        return
    receiver = agreement.organisation_id
    owner = Owner(Role.PARTNER, organisation_id=receiver) if receiver is not None else Owner(Role.PROJECT_MANAGER)
    what = Text("waits", "agreement_condition", number=row.number, agreement=agreement.number).kept
    open_deadline(
        session,
        kind=CONDITION_DEADLINE,
        subject_id=row.id,
        title=f"{collaboration.title}: {what}",
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        owner=owner,
        due=On(row.due_on),
        ladder=ladder_of(playbook_of(session, collaboration)),
        nuts=session.get_one(Organisation, receiver).nuts if receiver is not None else "",
    )


def _need(text: str, due_on: date | None) -> None:
    blank = [] if text.strip() else [Fault("text", "missing", remedy="say_what_funder_asks")]
    far = None if due_on is None else day_fault("due_on", due_on)
    _raise([*blank, *([far] if far is not None else [])])


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise AwardInvalid(faults=faults)
