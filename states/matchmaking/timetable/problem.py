"""What a timetable is made from, and the timetable itself: slots, participants, meetings, and a place for each."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property

from states.errors import Fault, Invalid


class ProblemInvalid(Invalid):
    """The event to be scheduled contradicts itself."""

    code = "timetable_problem_invalid"


@dataclass(frozen=True, slots=True)
class Slot:
    """A span of time in which each participant has one meeting at most; `tables` are the numbers of those set up."""

    session: int
    tables: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Participant:
    """Who meets: where not, how much at most, and at which table of one's own (a booth), if any.

    A booth is its owner's alone and there in every slot, whether or not the slot's tables name it.
    """

    forbidden: frozenset[int] = frozenset()
    most: int | None = None
    most_per_session: int | None = None
    booth: int | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two participants or more, by number, who have agreed to meet; an online meeting needs no table.

    `slot` is where a fixed or locked meeting stays; any other is in slot `earliest` or later. The first participant
    with a booth receives the others there.
    """

    participants: tuple[int, ...]
    session: int | None = None
    slot: int | None = None
    online: bool = False
    earliest: int = 0


@dataclass(frozen=True)
class Problem:
    """An event to be scheduled; slots, participants and meetings are numbered from 0 by their position.

    A precedence (a, b) wants meeting a in an earlier slot than meeting b. `fairness` bounds the difference between
    the most and the fewest breaks that any two participants have, a break being a maximal run of idle slots between
    two meetings of one participant, whatever makes them idle.
    """

    slots: tuple[Slot, ...]
    participants: tuple[Participant, ...]
    meetings: tuple[Meeting, ...]
    precedences: tuple[tuple[int, int], ...] = ()
    fairness: int | None = None

    @cached_property
    def domains(self) -> tuple[tuple[int, ...], ...]:
        """Return for each meeting the slots that session, participants and fixing allow (precedences aside)."""
        return tuple(tuple(self._allowed(meeting)) for meeting in self.meetings)

    @cached_property
    def meetings_of(self) -> tuple[tuple[int, ...], ...]:
        """Return the meetings of each participant."""
        held: list[list[int]] = [[] for _ in self.participants]
        for number, meeting in enumerate(self.meetings):
            for one in meeting.participants:
                held[one].append(number)
        return tuple(map(tuple, held))

    @cached_property
    def booths(self) -> tuple[int | None, ...]:
        """Return for each meeting the booth where it takes place, if it takes place at one."""
        return tuple(self._booth(meeting) for meeting in self.meetings)

    @cached_property
    def shared(self) -> tuple[tuple[int, ...], ...]:
        """Return for each slot the tables that are nobody's booth."""
        own = {one.booth for one in self.participants}
        return tuple(tuple(table for table in slot.tables if table not in own) for slot in self.slots)

    @cached_property
    def seated(self) -> tuple[int, ...]:
        """Return the meetings that need a shared table."""
        return tuple(
            number for number, meeting in enumerate(self.meetings) if not meeting.online and self.booths[number] is None
        )

    @cached_property
    def shared_booths(self) -> tuple[int, ...]:
        """Return the booths of two owners or more, where one meeting at a time may be held."""
        owners = Counter(one.booth for one in self.participants if one.booth is not None)
        return tuple(sorted(booth for booth, count in owners.items() if count > 1))

    def dumps(self) -> str:
        """Write it as one line of JSON, for another process."""
        return json.dumps(asdict(self), default=sorted)

    @classmethod
    def loads(cls, text: str) -> "Problem":
        """Read what `dumps` wrote."""
        read = json.loads(text)
        return cls(
            tuple(Slot(one["session"], tuple(one["tables"])) for one in read["slots"]),
            tuple(Participant(**one | {"forbidden": frozenset(one["forbidden"])}) for one in read["participants"]),
            tuple(Meeting(**one | {"participants": tuple(one["participants"])}) for one in read["meetings"]),
            tuple((before, after) for before, after in read["precedences"]),
            read["fairness"],
        )

    def _allowed(self, meeting: Meeting) -> Iterator[int]:
        closed = frozenset[int]().union(*(self.participants[one].forbidden for one in meeting.participants))
        for number, slot in enumerate(self.slots):
            open_to_it = number >= meeting.earliest if meeting.slot is None else number == meeting.slot
            if open_to_it and number not in closed and meeting.session in (None, slot.session):
                yield number

    def _booth(self, meeting: Meeting) -> int | None:
        if meeting.online:
            return None
        own = (self.participants[one].booth for one in meeting.participants)
        return next((booth for booth in own if booth is not None), None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a meeting takes place: slot, and table (none if it is online)."""

    slot: int
    table: int | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The place of each meeting, by its number; none if it has none."""

    places: tuple[Place | None, ...]

    @property
    def unplaced(self) -> tuple[int, ...]:
        return tuple(number for number, place in enumerate(self.places) if place is None)

    @property
    def slots(self) -> tuple[int | None, ...]:
        return tuple(place.slot if place else None for place in self.places)


def validate(problem: Problem) -> None:
    """Raise `ProblemInvalid` with every number that points nowhere or makes no sense; an unsolvable one is valid."""
    faults = [*_participant_faults(problem), *_meeting_faults(problem), *_order_faults(problem)]
    if problem.fairness is not None and problem.fairness < 0:
        faults.append(Fault("fairness", "number_unfit", remedy="give_0_or_more_or_none", number=problem.fairness))
    for number, slot in enumerate(problem.slots):
        faults += [
            Fault(f"slots.{number}", "table_repeated", remedy="name_once", table=table, count=count)
            for table, count in Counter(slot.tables).items()
            if count > 1
        ]
    if faults:
        raise ProblemInvalid(faults=faults)


def _participant_faults(problem: Problem) -> Iterator[Fault]:
    for number, one in enumerate(problem.participants):
        for slot in sorted(one.forbidden - set(range(len(problem.slots)))):
            yield Fault(
                f"participants.{number}.forbidden",
                "no_slot",
                slot=slot,
                remedy="numbered_from_zero",
                last=len(problem.slots) - 1,
            )
        for name, most in (("most", one.most), ("most_per_session", one.most_per_session)):
            if most is not None and most < 0:
                yield Fault(
                    f"participants.{number}.{name}", "number_unfit", remedy="give_0_or_more_or_none", number=most
                )


def _meeting_faults(problem: Problem) -> Iterator[Fault]:
    for number, meeting in enumerate(problem.meetings):
        place = f"meetings.{number}"
        if len(set(meeting.participants)) < 2:
            yield Fault(f"{place}.participants", "fewer_than_two", remedy="name_two_or_more")
        for one, times in Counter(meeting.participants).items():
            if not 0 <= one < len(problem.participants):
                yield Fault(
                    f"{place}.participants",
                    "no_participant",
                    participant=one,
                    remedy="numbered_from_zero",
                    last=len(problem.participants) - 1,
                )
            if times > 1:
                yield Fault(
                    f"{place}.participants",
                    "participant_repeated",
                    remedy="name_each_once",
                    participant=one,
                    times=times,
                )
        if meeting.slot is not None and not 0 <= meeting.slot < len(problem.slots):
            yield Fault(
                f"{place}.slot", "no_slot", slot=meeting.slot, remedy="numbered_from_zero", last=len(problem.slots) - 1
            )


def _order_faults(problem: Problem) -> Iterator[Fault]:
    for number, pair in enumerate(problem.precedences):
        for one in pair:
            if not 0 <= one < len(problem.meetings):
                yield Fault(
                    f"precedences.{number}",
                    "no_meeting",
                    meeting=one,
                    remedy="numbered_from_zero",
                    last=len(problem.meetings) - 1,
                )
