"""Write, hand in, return, accept and correct what a partner did and spent in a period."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlmodel import Session

from states.clock import now
from states.errors import Fault, Invalid, Refusal
from states.implementation.periods import ProgressPeriod
from states.implementation.queries import revisions_of
from states.implementation.states import (
    ACCEPT,
    CORRECT,
    HAND_IN,
    OPEN,
    PROGRESS,
    REPLACE,
    RETURN,
    TAKE_BACK,
    WRITE,
    ProgressRefused,
)
from states.implementation.tables import PartnerProgress, ProgressState
from states.machines.stepping import begin, need, step
from states.storage import bump_version, fits_cents, new_id

_MOST = Decimal("9999999999.99")
_LEVELS = range(1, 10)
_MOST_JOBS = Decimal("9999999.99")


class ProgressInvalid(Invalid):
    """The progress cannot be kept so."""

    code = "progress_invalid"


@dataclass(frozen=True, slots=True)
class Spending:
    """EUR spent in the period: on a cost line by its short name, or on a category where the partner has none."""

    on: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Receipt:
    """EUR received on a day of the period under an agreement, by its number."""

    agreement: int
    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Reached:
    """What is reached of an indicator by now, in words or as a number."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ProgressContent:
    """What a partner says of a period; `readiness` is the technology readiness level now, `jobs` full-time."""

    done: str = ""
    readiness: int | None = None
    jobs: Decimal | None = None
    spent: tuple[Spending, ...] = ()
    received: tuple[Receipt, ...] = ()
    indicators: tuple[Reached, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a partner may name: its cost lines by short name (none: any category), and its agreements by number."""

    lines: frozenset[str]
    agreements: frozenset[int]


def content_of(row: PartnerProgress) -> ProgressContent:
    """Return what was said, to change some of it with `dataclasses.replace`."""
    return ProgressContent(
        done=row.done,
        readiness=row.readiness,
        jobs=row.jobs,
        spent=tuple(Spending(one["on"], Decimal(one["amount"])) for one in row.spent),
        received=tuple(
            Receipt(int(one["agreement"]), date.fromisoformat(one["on"]), Decimal(one["amount"]))
            for one in row.received
        ),
        indicators=tuple(Reached(one["name"], one["value"]) for one in row.indicators),
    )


def open_progress(
    session: Session, *, partnership_id: str, collaboration_id: str, organisation_id: str, period: ProgressPeriod
) -> PartnerProgress:
    """Open what a partner is to say of a period."""
    row = PartnerProgress(
        id=new_id(),
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        organisation_id=organisation_id,
        period=period.number,
        revision=1,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        state=begin(PROGRESS, OPEN),
        opened_at=now(),
    )
    session.add(row)
    session.flush()
    return row


def write_progress(
    session: Session,
    row: PartnerProgress,
    content: ProgressContent,
    *,
    known: Known,
    expected_version: int | None = None,
) -> PartnerProgress:
    """Keep what a partner says; raise `ProgressInvalid` with every fault and its place. A draft may be incomplete."""
    need(PROGRESS, row.state, WRITE)
    if faults := list(_faults(row, content, known)):
        raise ProgressInvalid(faults=faults)
    bump_version(session, row, expected=expected_version)
    row.done, row.readiness, row.jobs = content.done.strip(), content.readiness, content.jobs
    row.spent = [{"on": one.on.strip(), "amount": f"{one.amount:.2f}"} for one in content.spent]
    row.received = [
        {"agreement": str(one.agreement), "on": one.on.isoformat(), "amount": f"{one.amount:.2f}"}
        for one in content.received
    ]
    row.indicators = [{"name": one.name.strip(), "value": one.value.strip()} for one in content.indicators]
    session.flush()
    return row


def need_open(row: PartnerProgress) -> None:
    """Raise `ProgressRefused` where nothing more is written."""
    need(PROGRESS, row.state, WRITE)


def hand_in(
    session: Session, row: PartnerProgress, *, person_id: str | None, expected_version: int | None = None
) -> PartnerProgress:
    """Hand it in once it says what was done, what was spent (or 0.00) and how ready the technology is now."""
    need(PROGRESS, row.state, HAND_IN)
    faults = [Fault(name, "missing", remedy="say_it_before_handing_in") for name in _missing(row)]
    if faults:
        raise ProgressInvalid(faults=faults)
    bump_version(session, row, expected=expected_version)
    row.state = step(PROGRESS, row.state, HAND_IN)
    row.handed_in_at, row.handed_in_by = now(), person_id
    session.flush()
    return row


def take_back(session: Session, row: PartnerProgress, *, expected_version: int | None = None) -> PartnerProgress:
    """Take back what was handed in before anybody decided on it."""
    need(PROGRESS, row.state, TAKE_BACK)
    bump_version(session, row, expected=expected_version)
    row.state = step(PROGRESS, row.state, TAKE_BACK)
    row.handed_in_at = row.handed_in_by = None
    session.flush()
    return row


def return_progress(
    session: Session, row: PartnerProgress, *, question: str, person_id: str | None, expected_version: int | None = None
) -> PartnerProgress:
    """Return it to the partner with a question."""
    need(PROGRESS, row.state, RETURN)
    if not question.strip():
        raise ProgressInvalid("missing", field="question", remedy="say_what_is_asked")
    bump_version(session, row, expected=expected_version)
    row.state, row.question = step(PROGRESS, row.state, RETURN), question.strip()
    row.decided_at, row.decided_by = now(), person_id
    session.flush()
    return row


def accept_progress(
    session: Session, row: PartnerProgress, *, person_id: str | None, expected_version: int | None = None
) -> PartnerProgress:
    """Accept it; the version that it corrects holds no longer."""
    need(PROGRESS, row.state, ACCEPT)
    if person_id is not None and person_id == row.handed_in_by:
        mend = ("project_manager",)
        raise ProgressRefused([Refusal("handed_in_by_oneself", mend_by=mend, where="progress")])
    bump_version(session, row, expected=expected_version)
    row.state = step(PROGRESS, row.state, ACCEPT)
    row.decided_at, row.decided_by = now(), person_id
    for former in revisions_of(session, row):
        if former.id != row.id and former.state is ProgressState.ACCEPTED:
            bump_version(session, former)
            former.state = step(PROGRESS, former.state, REPLACE)
    session.flush()
    return row


def correct_progress(
    session: Session, row: PartnerProgress, *, because: str, expected_version: int | None = None
) -> PartnerProgress:
    """Open a new version of what was accepted, with the same content; until it is accepted the former one holds."""
    need(PROGRESS, row.state, CORRECT)
    if not because.strip():
        raise ProgressInvalid("missing", field="because", remedy="say_why")
    bump_version(session, row, expected=expected_version)  # two at once would both begin a correction
    known = revisions_of(session, row)
    if any(one.revision > row.revision for one in known):
        mend = ("partner", "project_manager")
        raise ProgressRefused([Refusal("correction_under_way", mend_by=mend, where="progress")])
    kept = row.model_dump(
        include={
            *("partnership_id", "collaboration_id", "organisation_id", "period", "starts_on", "ends_on"),
            *("done", "readiness", "jobs", "spent", "received", "indicators"),
        }
    )
    made = PartnerProgress(
        **kept,
        id=new_id(),
        revision=row.revision + 1,
        state=begin(PROGRESS, OPEN),
        because=because.strip(),
        opened_at=now(),
    )
    session.add(made)
    session.flush()
    return made


def total(lines: Sequence[Mapping[str, str]]) -> Decimal:
    """Return EUR of all lines together."""
    return sum((Decimal(one["amount"]) for one in lines), Decimal("0.00"))


def _missing(row: PartnerProgress) -> Iterator[str]:
    if not row.done:
        yield "done"
    if not row.spent:
        yield "spent"
    if row.readiness is None:
        yield "readiness"


def _faults(row: PartnerProgress, content: ProgressContent, known: Known) -> Iterator[Fault]:
    if content.readiness is not None and content.readiness not in _LEVELS:
        yield Fault("readiness", "no_readiness_level", remedy="level_1_to_9", trl=content.readiness)
    if content.jobs is not None and not _fits(content.jobs, _MOST_JOBS):
        yield Fault("jobs", "jobs_out_of_range", remedy="jobs_from_zero", jobs=content.jobs)
    yield from _spending_faults(content.spent, known)
    yield from _receipt_faults(row, content.received, known)
    names: set[str] = set()
    for place, said in enumerate(content.indicators, start=1):
        if not said.name.strip() or not said.value.strip():
            yield Fault(f"indicators.{place}", "missing", remedy="name_and_value")
        elif said.name.strip() in names:
            yield Fault(f"indicators.{place}.name", "named_twice", remedy="name_once", name=said.name.strip())
        names.add(said.name.strip())


def _receipt_faults(row: PartnerProgress, received: Sequence[Receipt], known: Known) -> Iterator[Fault]:
    numbered = tuple(str(number) for number in sorted(known.agreements))
    for place, one in enumerate(received, start=1):
        where = f"received.{place}"
        if one.agreement not in known.agreements:
            remedy = "one_of" if numbered else "record_agreement_first"
            yield Fault(
                f"{where}.agreement", "no_agreement_of_partner", remedy=remedy, number=one.agreement, known=numbered
            )
        if not row.starts_on <= one.on <= row.ends_on:
            bounds = {"day": one.on, "first": row.starts_on, "last": row.ends_on}
            yield Fault(f"{where}.on", "day_outside_period", remedy="from_to", **bounds)
        if not _fits(one.amount, _MOST):
            yield Fault(f"{where}.amount", "amount_out_of_range", remedy="amounts_zero_or_more", amount=one.amount)


def _spending_faults(spent: Sequence[Spending], known: Known) -> Iterator[Fault]:
    names: set[str] = set()
    for place, one in enumerate(spent, start=1):
        name = one.on.strip()
        if not name:
            yield Fault(f"spent.{place}.on", "missing", remedy="name_line_or_category")
        elif known.lines and name not in known.lines:
            yield Fault(
                f"spent.{place}.on",
                "no_cost_line_of_partner",
                remedy="one_of",
                name=name,
                known=tuple(sorted(known.lines)),
            )
        elif name in names:
            yield Fault(f"spent.{place}.on", "named_twice", remedy="add_them_up", name=name)
        names.add(name)
        if not _fits(one.amount, _MOST):
            yield Fault(
                f"spent.{place}.amount", "amount_out_of_range", remedy="amounts_zero_or_more", amount=one.amount
            )


def _fits(amount: Decimal, most: Decimal) -> bool:
    try:
        return fits_cents(amount) and 0 <= amount <= most
    except InvalidOperation:  # more digits than Python's context holds
        return False
