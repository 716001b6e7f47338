"""When each rung of a ladder is due for whom, and what is to be done about those that are: pure, no database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from states.deadlines.definition import Recipient, Rung
from states.deadlines.tables import Why
from states.mail.tables import MailPreference
from states.partners.tables import Person, RoleGrant
from states.places.working_days import shift
from states.rights.access import Role

CATCH_UP = timedelta(days=30)
"""How long after its day a rung is still sent, where it is the newest of its ladder."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A holder of a role as somebody to write to: where that person works, and when it wants to be written to."""

    person: Person
    grant: RoleGrant
    nuts: str
    preference: MailPreference
    absences: Sequence[tuple[date, date]] = ()

    def is_away(self, day: date) -> bool:
        """Tell whether the reader is away on a day."""
        return any(first <= day <= last for first, last in self.absences)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.person.time_zone)


class Waiting(Protocol):
    """A deadline as far as its ladder depends on it."""

    @property
    def due_on(self) -> date: ...
    @property
    def nuts(self) -> str: ...
    @property
    def ladder(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def owner_role(self) -> Role: ...
    @property
    def owner_organisation_id(self) -> str | None: ...
    @property
    def owner_person_id(self) -> str | None: ...
    @property
    def deputy_person_id(self) -> str | None: ...
    @property
    def chair_role(self) -> Role | None: ...
    @property
    def personal(self) -> bool: ...
    @property
    def owner_revision(self) -> int: ...


StepKey = tuple[int, str, int]
"""For which owner in turn, who is told, and which rung."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung for one reader: due on a day, which begins and ends where the reader is."""

    reader: Reader
    person_id: str  # the reader's, of whom there are few beside the steps
    rung: int
    day: date
    starts_at: datetime
    ends_at: datetime
    escalation: bool
    owner_revision: int

    @property
    def key(self) -> StepKey:
        return (self.owner_revision, self.person_id, self.rung)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done about a step that has come: tell it, or record why not."""

    step: Step
    why: Why = Why.NONE


def steps_of(deadline: Waiting, readers: Sequence[Reader], *, due_on: date | None = None) -> list[Step]:
    """Return every rung for everybody that it reaches, on the deadline's date or on another, earliest rung first."""
    last = due_on or deadline.due_on
    rungs = sorted((Rung.model_validate(raw) for raw in deadline.ladder), key=lambda rung: rung.days)
    days = [(rung, shift(last, rung.days, nuts=deadline.nuts)) for rung in rungs]
    return [
        _step(reader, rung, day, 0 if escalation else deadline.owner_revision, escalation)
        for rung, day in days
        for reader, escalation in _reached(deadline, rung, day, readers)
    ]


def verdicts(steps: Sequence[Step], told: Set[StepKey], *, since: datetime, at: datetime) -> list[Verdict]:
    """Judge what has come and is not in the ledger: of each reader's ladder the newest rung is told, older ones not.

    A rung whose day was over before the deadline had its date (`since`), or over for longer than `CATCH_UP`, is past.
    """
    newest = {step.person_id: step.rung for step in steps if step.starts_at <= at}
    found = []
    for step in steps:
        if step.starts_at > at or step.key in told:
            continue
        if step.ends_at <= since or step.ends_at + CATCH_UP <= at:
            found.append(Verdict(step, Why.PAST))
        elif newest[step.person_id] != step.rung:
            found.append(Verdict(step, Why.SUPERSEDED))
        else:
            found.append(Verdict(step))
    return found


def next_look(steps: Sequence[Step], *, after: datetime) -> datetime | None:
    """Return when the next step begins; none where the ladder is at its end."""
    return min((step.starts_at for step in steps if step.starts_at > after), default=None)


def _step(reader: Reader, rung: Rung, day: date, owner_revision: int, escalation: bool) -> Step:
    return Step(
        reader,
        reader.person.id,
        rung.days,
        day,
        starts_at=_midnight(day, reader.person.time_zone),
        ends_at=_midnight(day + timedelta(days=1), reader.person.time_zone),
        escalation=escalation,
        owner_revision=owner_revision,
    )


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _reached(deadline: Waiting, rung: Rung, day: date, readers: Sequence[Reader]) -> Iterator[tuple[Reader, bool]]:
    """Yield each person once; as owner or deputy where it is that too. Where nobody is, the managers stand in.

    Where the one for whom it waits is away that day, the deputy stands there instead.
    """
    own = {reader.person.id: reader for reader in readers if _is_own(deadline, rung, reader)}
    wanted = set(rung.to)
    if Recipient.OWNER in wanted and (absent := _absent(deadline, own.values(), day)):
        own = {key: reader for key, reader in own.items() if key not in absent}
        stand_ins = (one for one in readers if one.person.id == deadline.deputy_person_id and not one.is_away(day))
        own |= {one.person.id: one for one in stand_ins}
        missed = not own
    else:
        missed = not any(_is_owner(deadline, reader) for reader in own.values())
    if Recipient.OWNER in wanted and missed:
        wanted.add(Recipient.PROJECT_MANAGER)
    others = {
        reader.person.id: reader
        for reader in readers
        if reader.person.id not in own and _is_other(deadline, wanted, reader)
    }
    yield from ((reader, False) for reader in own.values())
    yield from ((reader, True) for reader in others.values())


def _absent(deadline: Waiting, own: Iterable[Reader], day: date) -> set[str]:
    """Return whom it waits for by name and who is away that day; nobody answers in place of a reviewer."""
    if deadline.personal:
        return set()
    return {one.person.id for one in own if one.person.id == deadline.owner_person_id and one.is_away(day)}


def _is_own(deadline: Waiting, rung: Rung, reader: Reader) -> bool:
    owner = Recipient.OWNER in rung.to and _is_owner(deadline, reader)
    deputy = Recipient.DEPUTY in rung.to and reader.person.id == deadline.deputy_person_id
    return owner or deputy


def _is_owner(deadline: Waiting, reader: Reader) -> bool:
    if deadline.owner_person_id is not None:
        return reader.person.id == deadline.owner_person_id
    own_organisation = deadline.owner_organisation_id in (None, reader.grant.organisation_id)
    return reader.grant.role is deadline.owner_role and own_organisation


def _is_other(deadline: Waiting, wanted: Set[Recipient], reader: Reader) -> bool:
    manager = Recipient.PROJECT_MANAGER in wanted and reader.grant.role is Role.PROJECT_MANAGER
    return manager or (Recipient.CHAIR in wanted and reader.grant.role is deadline.chair_role)
