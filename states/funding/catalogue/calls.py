"""Calls of an instrument: published, changed; its next closing is the date that deadlines hang on."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, time
from decimal import Decimal
from itertools import count
from zoneinfo import available_timezones

from sqlmodel import Session

from states.clock import today
from states.deadlines.anchors import set_anchor
from states.errors import Fault, Invalid
from states.funding.amount_faults import amount_fault, day_fault
from states.funding.case.gathering import LONGEST_KEY, case_key
from states.funding.inputs.tables import Call
from states.funding.queries import closing_call, coming, windows_of
from states.funding.scenario_triggers import ask_for_reviews
from states.funding.tables import Instrument
from states.partners.registry_faults import slug_fault
from states.storage import bump_version

CALL_ANCHOR = "call"
_MOST_MONTHS = 60


@dataclass(frozen=True, slots=True)
class Closing:
    """When a call closes: at a local time where one is given, else at the end of the day."""

    day: date | None
    at_time: time | None = None
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A call as it is published: `budget` in EUR, months from the application to the decision and to the money.

    `apply_on` is the day within it on which one means to apply; without it nobody counts on one before the last.
    """

    slug: str
    opens_on: date | None = None
    closes_on: date | None = None
    closes_at: time | None = None
    time_zone: str = ""
    apply_on: date | None = None
    budget: Decimal | None = None
    months_to_award: int = 0
    months_to_money: int = 0
    source: str = ""
    illustrative: bool = False


def plan_of(row: Call) -> CallPlan:
    """Return a call as it stands, to change some of it with `dataclasses.replace`."""
    return CallPlan(**row.model_dump(exclude={"id", "instrument_id", "version"}))


def plan_faults(plan: CallPlan) -> list[Fault]:
    return [fault for fault in _plan_faults(plan) if fault is not None]


def _plan_faults(plan: CallPlan) -> Iterator[Fault | None]:
    yield slug_fault(plan.slug, taken=False)
    yield from closing_faults(Closing(plan.closes_on, plan.closes_at, plan.time_zone))
    if plan.opens_on is not None:
        yield day_fault("opens_on", plan.opens_on)
    if plan.opens_on and plan.closes_on and plan.closes_on < plan.opens_on:
        yield Fault(
            "closes_on",
            "closes_before_it_opens",
            remedy="give_dates_in_order",
            closes=plan.closes_on,
            opens=plan.opens_on,
        )
    if plan.apply_on is not None:
        yield day_fault("apply_on", plan.apply_on)
        if not (plan.opens_on or plan.apply_on) <= plan.apply_on <= (plan.closes_on or plan.apply_on):
            yield Fault("apply_on", "applied_outside_window", remedy="give_day_of_window", day=plan.apply_on)
    if plan.budget is not None:
        yield amount_fault("budget", plan.budget)
    for place in ("months_to_award", "months_to_money"):
        months = getattr(plan, place)
        if not 0 <= months <= _MOST_MONTHS:
            yield Fault(
                place, "months_out_of_range", remedy="months_from_application", months=months, most=_MOST_MONTHS
            )


def closing_faults(closing: Closing) -> Iterator[Fault]:
    """Yield what is wrong with the closing of a call."""
    if closing.day is None and (closing.at_time is not None or closing.time_zone):
        yield Fault("closes_on", "closing_time_without_day", remedy="give_or_leave_time_and_zone_out")
    if closing.day is not None and (fault := day_fault("closes_on", closing.day)):
        yield fault
    if closing.time_zone and closing.time_zone not in available_timezones():
        yield Fault("time_zone", "time_zone_unknown", remedy="iana_name_europe_brussels", zone=closing.time_zone)
    if (closing.at_time is None) != (not closing.time_zone):
        yield Fault("closes_at", "time_without_zone", remedy="give_both_or_neither")


def add_call(session: Session, instrument: Instrument, plan: CallPlan) -> Call:
    """Publish a call of an instrument; raise `Invalid` with every fault."""
    bump_version(session, instrument)
    return _add(session, instrument, plan)


def change_call(
    session: Session, instrument: Instrument, row: Call, plan: CallPlan, *, expected_version: int | None = None
) -> Call:
    """Put another plan in the place of a call's: with its closing every deadline moves that hangs on it.

    A date that was given is moved and not taken away: people have been told of it. Raise `Invalid`, or `Stale`.
    """
    bump_version(session, row, expected=expected_version)
    bump_version(session, instrument)
    return _change(session, instrument, row, plan)


def _change(session: Session, instrument: Instrument, row: Call, plan: CallPlan) -> Call:
    _refuse(session, instrument, plan, row=row)
    for name, value in asdict(plan).items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    _tell(session, instrument)
    return row


def set_closing(
    session: Session, instrument: Instrument, closing: Closing, *, expected_version: int | None = None
) -> Instrument:
    """Record when the coming call of an instrument closes, or its new date; without any call this is its first."""
    bump_version(session, instrument, expected=expected_version)
    if closing.day is None:
        missing = Fault("closes_on", "missing", remedy="give_day_on_which_call_closes")
        raise Invalid(faults=[missing, *closing_faults(closing)])
    known = windows_of(session, [instrument.id])[instrument.id]
    row = next(coming(known, on=today()), None)
    if row is None:
        _add(session, instrument, _closing_so(CallPlan(_free(known, closing.day)), closing))
    else:
        bump_version(session, row)
        _change(session, instrument, row, _closing_so(plan_of(row), closing))
    return instrument


def settle_closing(session: Session, instrument: Instrument) -> None:
    """Let deadlines hang on the closing by which the instrument goes today."""
    call = closing_call(windows_of(session, [instrument.id])[instrument.id], on=today())
    if call is not None and call.closes_on is not None:
        set_anchor(
            session,
            kind=CALL_ANCHOR,
            subject_id=instrument.id,
            partnership_id=instrument.partnership_id,
            title=f"Closing of {instrument.name}",
            day=call.closes_on,
            at_time=call.closes_at,
            time_zone=call.time_zone,
        )


def _closing_so(plan: CallPlan, closing: Closing) -> CallPlan:
    return replace(plan, closes_on=closing.day, closes_at=closing.at_time, time_zone=closing.time_zone)


def _free(calls: Iterable[Call], day: date) -> str:
    # its year, with a number where the year has several
    taken = {call.slug for call in calls}
    names = (str(day.year) if number == 1 else f"{day.year}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)


def _add(session: Session, instrument: Instrument, plan: CallPlan) -> Call:
    _refuse(session, instrument, plan)
    row = Call(instrument_id=instrument.id, **asdict(plan))
    session.add(row)
    session.flush()
    _tell(session, instrument)
    return row


def _refuse(session: Session, instrument: Instrument, plan: CallPlan, *, row: Call | None = None) -> None:
    faults = plan_faults(plan)
    others = [call for call in windows_of(session, [instrument.id])[instrument.id] if call is not row]
    if any(call.slug == plan.slug for call in others):
        faults.append(Fault("slug", "taken", remedy="choose_another", name=plan.slug))
    if len(case_key(instrument.slug, plan.slug)) > LONGEST_KEY:
        most = LONGEST_KEY - len(case_key(instrument.slug, ""))
        faults.append(
            Fault(
                "slug",
                "too_long_together",
                remedy="at_most_letters",
                instrument=instrument.slug,
                call=plan.slug,
                most=most,
            )
        )
    if row is not None and row.closes_on is not None and plan.closes_on is None:
        faults.append(Fault("closes_on", "missing", remedy="move_date_not_taken_away_people_were"))
    if faults:
        raise Invalid(faults=faults)


def _tell(session: Session, instrument: Instrument) -> None:
    settle_closing(session, instrument)
    ask_for_reviews(session, instrument)
