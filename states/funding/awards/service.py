"""Record, correct and withdraw submissions; each names what it is about, with every fault at once."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from states.clock import now, today
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Refusal, Refused
from states.funding.amount_faults import amount_fault
from states.funding.awards.queries import agreements_of, submissions_of
from states.funding.awards.tables import Submission
from states.funding.queries import instruments_of, windows_of
from states.storage import bump_version


class AwardInvalid(Invalid):
    """The submission or agreement cannot be kept so."""

    code = "award_invalid"


class AwardRefused(Refused):
    """The submission or agreement cannot be planned or withdrawn."""

    code = "award_refused"


@dataclass(frozen=True, slots=True)
class SubmissionPlan:
    """To which call of an instrument, or to which lender, for how many EUR, on which day."""

    amount: Decimal
    submitted_on: date
    instrument_id: str | None = None
    call: str = ""
    lender: str = ""
    reference: str = ""


def submission_plan_of(row: Submission) -> SubmissionPlan:
    """Return a submission as it stands, to change some of it with `dataclasses.replace`."""
    return SubmissionPlan(**row.model_dump(include=set(SubmissionPlan.__slots__)))


def record_submission(
    session: Session, collaboration: Collaboration, plan: SubmissionPlan, *, protocol_version_id: str
) -> Submission:
    """Record that a proposal goes out; the move `submit` asks for it."""
    bump_version(session, collaboration)  # two at once would take the same number
    _need_submission(session, collaboration, plan)
    row = Submission(
        collaboration_id=collaboration.id,
        number=_next(submissions_of(session, collaboration.id)),
        protocol_version_id=protocol_version_id,
        recorded_at=now(),
        **asdict(plan),
    )
    session.add(row)
    session.flush()
    return row


def correct_submission(
    session: Session,
    collaboration: Collaboration,
    row: Submission,
    plan: SubmissionPlan,
    *,
    expected_version: int | None = None,
) -> Submission:
    """Put what is right in the place of what was recorded; what it was stays in the record of changes."""
    _need_submission(session, collaboration, plan)
    bump_version(session, row, expected=expected_version)
    for name, value in asdict(plan).items():
        setattr(row, name, value)
    session.flush()
    return row


def withdraw_submission(session: Session, row: Submission, *, expected_version: int | None = None) -> None:
    """Take a submission out that was recorded by mistake; refused while an agreement rests on it."""
    bump_version(session, row, expected=expected_version)
    if any(one.submission_id == row.id for one in agreements_of(session, row.collaboration_id)):
        mend = ("project_manager",)
        raise AwardRefused([Refusal("agreement_rests_on_it", number=row.number, mend_by=mend, where="agreements")])
    session.delete(row)
    session.flush()


def _next(rows: Sequence[Submission]) -> int:
    return max((row.number for row in rows), default=0) + 1


def _need_submission(session: Session, collaboration: Collaboration, plan: SubmissionPlan) -> None:
    if faults := [one for one in _submission_faults(session, collaboration, plan) if one is not None]:
        raise AwardInvalid(faults=faults)


def _submission_faults(session: Session, collaboration: Collaboration, plan: SubmissionPlan) -> Iterator[Fault | None]:
    known = {row.id for row in instruments_of(session, collaboration.partnership_id)}
    if bool(plan.instrument_id) == bool(plan.lender.strip()):
        yield Fault("lender", "neither_or_both", remedy="call_or_lender")
    elif plan.instrument_id is not None and plan.instrument_id not in known:
        yield Fault("instrument", "not_in_catalogue", remedy="name_one_that_is_there")
    elif plan.instrument_id is not None:
        calls = tuple(call.slug for call in windows_of(session, [plan.instrument_id])[plan.instrument_id])
        if plan.call not in calls:
            remedy = "one_of" if calls else "put_call_into_catalogue"
            yield Fault("call", "no_such_call", remedy=remedy, call=plan.call, known=calls)
    elif plan.call:
        yield Fault("call", "call_without_instrument", remedy="name_the_instrument")
    yield amount_fault("amount", plan.amount)
    yield _day("submitted_on", plan.submitted_on)


def _day(place: str, day: date) -> Fault | None:
    return Fault(place, "day_to_come", remedy="today_or_before", day=day) if day > today() else None
