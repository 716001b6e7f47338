"""Describe changes of what was agreed on, ask for them, and keep who agreed and who refused."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from states.clock import now
from states.errors import Fault, Invalid, Refusal
from states.implementation.definition import Approver, ChangeTerms
from states.implementation.queries import approvals_of, change_requests_of
from states.implementation.states import (
    AGREE,
    APPROVE,
    ASK,
    ASK_APPROVER,
    BEGIN,
    CARRY_OUT,
    CHANGE_APPROVAL,
    CHANGE_REQUEST,
    DECLINE,
    DESCRIBE,
    REFUSE,
    REVISE,
    WITHDRAW,
    ChangeRefused,
)
from states.implementation.tables import ApprovalState, ChangeApproval, ChangeRequest, ChangeState, KindOfChange
from states.machines.stepping import begin, need, step
from states.storage import bump_version, fits_cents, new_id

ALWAYS = "always"
_MOST = Decimal("9999999999.99")


class ChangeInvalid(Invalid):
    """The change request cannot be kept so."""

    code = "change_invalid"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is to be another: what, how it was agreed on, and how it is to be."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What is to change, why, and each difference; `shifted` are EUR that go elsewhere in the budget."""

    kind: KindOfChange
    title: str
    because: str
    differences: tuple[Difference, ...]
    shifted: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody who must agree: the office, or (by its id) the funder of an agreement; and by which rule."""

    agreement_id: str | None
    why: str


def change_plan_of(row: ChangeRequest) -> ChangePlan:
    """Return what a request says, to change some of it with `dataclasses.replace`."""
    differences = tuple(Difference(one["what"], one["before"], one["after"]) for one in row.differences)
    return ChangePlan(row.kind, row.title, row.because, differences, row.shifted)


def describe_change(
    session: Session,
    plan: ChangePlan,
    *,
    partnership_id: str,
    collaboration_id: str,
    person_id: str | None,
) -> ChangeRequest:
    """Keep a change as a draft, or raise `ChangeInvalid` with every fault."""
    _need(plan)
    row = ChangeRequest(
        id=new_id(),
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        number=max((one.number for one in change_requests_of(session, collaboration_id)), default=0) + 1,
        state=begin(CHANGE_REQUEST, BEGIN),
        requested_by=person_id,
        recorded_at=now(),
        **_columns(plan),
    )
    session.add(row)
    session.flush()
    return row


def change_description(
    session: Session, row: ChangeRequest, plan: ChangePlan, *, expected_version: int | None = None
) -> ChangeRequest:
    """Put another description in the place of a draft's."""
    need(CHANGE_REQUEST, row.state, DESCRIBE, what=_name(row))
    _need(plan)
    bump_version(session, row, expected=expected_version)
    for name, value in _columns(plan).items():
        setattr(row, name, value)
    session.flush()
    return row


def approvers(
    terms: ChangeTerms, *, kind: KindOfChange, shifted: Decimal | None, budget: Decimal, agreement_ids: Sequence[str]
) -> list[Wanted]:
    """Return who must agree by the rules, the office first; where no rule asks anybody it is the office.

    A rule with a share counts only above it, in percent of the budget; a budget of nothing is exceeded by any shift.
    """
    found: dict[str | None, str] = {}
    share = Decimal(100) if not budget else (shifted or Decimal(0)) * 100 / budget
    for rule in terms.rules:
        if rule.kind is not kind or (rule.above and share <= rule.above):
            continue
        why = f"above {rule.above:f} %" if rule.above else ALWAYS
        for key in [None] if rule.by is Approver.OFFICE else agreement_ids:
            found.setdefault(key, why)
    ordered = sorted(found.items(), key=lambda one: one[0] is not None) or [(None, ALWAYS)]
    return [Wanted(key, why) for key, why in ordered]


def ask_for_change(
    session: Session,
    row: ChangeRequest,
    wanted: Sequence[Wanted],
    *,
    budget: Decimal,
    from_version_id: str | None,
    draft_sha256: str | None,
    expected_version: int | None = None,
) -> list[ChangeApproval]:
    """Ask these for the change of the protocol as it stands now; return what each is asked."""
    need(CHANGE_REQUEST, row.state, ASK, what=_name(row))
    bump_version(session, row, expected=expected_version)
    row.state = step(CHANGE_REQUEST, row.state, ASK)
    row.asked_at, row.budget = now(), budget
    row.from_version_id, row.draft_sha256 = from_version_id, draft_sha256
    first = max((one.number for one in approvals_of(session, [row.id])[row.id]), default=0) + 1
    asked = [
        ChangeApproval(
            id=new_id(),
            change_request_id=row.id,
            number=number,
            agreement_id=one.agreement_id,
            why=one.why,
            state=begin(CHANGE_APPROVAL, ASK_APPROVER),
        )
        for number, one in enumerate(wanted, start=first)
    ]
    session.add_all(asked)
    session.flush()
    return asked


def answer_change(
    session: Session,
    row: ChangeRequest,
    approval: ChangeApproval,
    *,
    agrees: bool,
    reason: str,
    person_id: str | None,
    expected_version: int | None = None,
) -> ChangeRequest:
    """Keep an answer: one refusal refuses the change, the last approval approves it. A refusal has a reason.

    Nobody answers for the office what that person asked for.
    """
    move = AGREE if agrees else DECLINE
    need(CHANGE_APPROVAL, approval.state, move, what=_name(row))
    if row.state is not ChangeState.ASKED or not _asked_now(session, row, approval):
        raise ChangeRefused(
            [Refusal("not_asked_now", number=row.number, mend_by=("partner",), where="change-requests")]
        )
    if not agrees and not reason.strip():
        raise ChangeInvalid("missing", field="reason", remedy="say_why")
    if approval.agreement_id is None and person_id is not None and person_id == row.requested_by:
        mend = ("project_manager",)
        raise ChangeRefused([Refusal("asked_for_by_oneself", number=row.number, mend_by=mend, where="change-requests")])
    bump_version(session, approval, expected=expected_version)
    approval.state = step(CHANGE_APPROVAL, approval.state, move)
    approval.reason, approval.person_id, approval.decided_at = reason.strip(), person_id, now()
    session.flush()
    bump_version(session, row)
    if not agrees:
        row.state = step(CHANGE_REQUEST, row.state, REFUSE)
        row.closed_because, row.closed_at = reason.strip(), now()
    elif all(one.state is ApprovalState.APPROVED for one in current_approvals(session, row)):
        row.state = step(CHANGE_REQUEST, row.state, APPROVE)
    session.flush()
    return row


def current_approvals(session: Session, row: ChangeRequest) -> list[ChangeApproval]:
    """Return who was asked when the request was asked for last; answers to a former description count no more."""
    every = approvals_of(session, [row.id])[row.id]
    return [one for one in every if one.number > row.answered_before]


def carry_out(
    session: Session, row: ChangeRequest, *, to_version_id: str | None, expected_version: int | None = None
) -> ChangeRequest:
    """Note that an approved change is carried out, by which version of the protocol."""
    need(CHANGE_REQUEST, row.state, CARRY_OUT, what=_name(row))
    bump_version(session, row, expected=expected_version)
    row.state = step(CHANGE_REQUEST, row.state, CARRY_OUT)
    row.to_version_id, row.closed_at = to_version_id, now()
    session.flush()
    return row


def withdraw_change(
    session: Session, row: ChangeRequest, *, because: str, expected_version: int | None = None
) -> ChangeRequest:
    """Withdraw a change that nobody wants any more, with why."""
    need(CHANGE_REQUEST, row.state, WITHDRAW, what=_name(row))
    if not because.strip():
        raise ChangeInvalid("missing", field="because", remedy="say_why")
    bump_version(session, row, expected=expected_version)
    row.state = step(CHANGE_REQUEST, row.state, WITHDRAW)
    row.closed_because, row.closed_at = because.strip(), now()
    session.flush()
    return row


def revise_change(session: Session, row: ChangeRequest, *, expected_version: int | None = None) -> ChangeRequest:
    """Take a change back into a draft; who was asked is asked anew."""
    need(CHANGE_REQUEST, row.state, REVISE, what=_name(row))
    bump_version(session, row, expected=expected_version)
    row.state = step(CHANGE_REQUEST, row.state, REVISE)
    row.answered_before = max((one.number for one in approvals_of(session, [row.id])[row.id]), default=0)
    row.asked_at = row.closed_at = row.from_version_id = row.draft_sha256 = None
    row.closed_because = ""
    session.flush()
    return row


def _asked_now(session: Session, row: ChangeRequest, approval: ChangeApproval) -> bool:
    return any(one.id == approval.id for one in current_approvals(session, row))


def _name(row: ChangeRequest) -> str:
    return f"Change request {row.number}"


def _columns(plan: ChangePlan) -> dict[str, Any]:
    values: dict[str, Any] = {**asdict(plan), "title": plan.title.strip(), "because": plan.because.strip()}
    return {**values, "differences": [asdict(one) for one in plan.differences]}


def _need(plan: ChangePlan) -> None:
    if faults := list(_faults(plan)):
        raise ChangeInvalid(faults=faults)


def _faults(plan: ChangePlan) -> Iterator[Fault]:
    if not plan.title.strip():
        yield Fault("title", "missing", remedy="say_what_changes_in_short")
    if not plan.because.strip():
        yield Fault("because", "missing", remedy="say_why")
    if not plan.differences:
        yield Fault("differences", "missing", remedy="say_before_and_after")
    for place, one in enumerate(plan.differences, start=1):
        if not one.what.strip():
            yield Fault(f"differences.{place}.what", "missing", remedy="say_before_and_after")
        if one.before.strip() == one.after.strip():
            yield Fault(f"differences.{place}.after", "changes_nothing", remedy="say_before_and_after")
    shift = plan.kind is KindOfChange.BUDGET_SHIFT
    if shift and plan.shifted is None:
        yield Fault("shifted", "missing", remedy="say_how_much_is_shifted")
    if not shift and plan.shifted is not None:
        yield Fault("shifted", "no_budget_shift", remedy="leave_it_out")
    if plan.shifted is not None and not (fits_cents(plan.shifted) and 0 < plan.shifted <= _MOST):
        yield Fault("shifted", "amount_out_of_range", remedy="amounts_over_zero", amount=plan.shifted)
