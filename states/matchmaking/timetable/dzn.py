"""Reader of the published instances of the B2B meeting scheduling problem (.dzn)."""

from collections.abc import Iterator, Mapping, Sequence

from states.errors import Fault
from states.matchmaking.timetable.minizinc import LARGEST, Numbers, Rows, Value, parse
from states.matchmaking.timetable.problem import Meeting, Participant, Problem, ProblemInvalid, Slot

PUBLISHED_FAIRNESS = 2
_MORNING, _AFTERNOON, _ANY = 1, 2, 3
_LARGEST_GRID = 1_000_000  # participants times slots; thirty times the largest event heard of


def read(text: str, *, fairness: int | None = PUBLISHED_FAIRNESS) -> Problem:
    """Return the problem that a file states; slots, participants and meetings are numbered from 0, tables from 1.

    Wanted are nBusiness, nTables, nTotalSlots and requested (participant, participant, session: 1 morning,
    2 afternoon, 3 any); nMorningSlots is all where it is missing, forbidden, fixed and precedences (per meeting those
    that come before it) nothing. A 0 in a set says nothing. What else is there repeats this and is checked if known.
    Raises `DataInvalid` or `ProblemInvalid`, with line and item.
    """
    return _Reader(parse(text)).problem(fairness)


class _Reader:
    """The items of a file, and what is wrong with them."""

    def __init__(self, items: Mapping[str, Value]) -> None:
        self._items, self._faults = items, list[Fault]()

    def problem(self, fairness: int | None) -> Problem:
        people, span = self._number("nBusiness"), self._number("nTotalSlots")
        tables = tuple(range(1, self._number("nTables") + 1))
        morning = self._number("nMorningSlots", span)
        if morning > span:
            self._fault("nMorningSlots", self._items["nMorningSlots"].line, f"is {morning} of {span} slots")
        if people * span > _LARGEST_GRID:
            self._faults.append(Fault("nBusiness, nTotalSlots", f"are {people * span} places, over {_LARGEST_GRID}"))
        requested = self._rows("requested", None)
        slots = tuple(Slot(_MORNING if slot < morning else _AFTERNOON, tables) for slot in range(span))
        forbidden = self._rows("forbidden", people)
        closed = [frozenset(self._within("forbidden", one, span)) for one in forbidden] or [frozenset[int]()] * people
        pairs = [self._pair(row, people) for row in requested]
        fixed = [self._fixed(one, span) for one in self._rows("fixed", len(pairs))] or [None] * len(pairs)
        order = tuple(self._order(self._rows("precedences", len(pairs)), len(pairs)))
        self._check_repeated(pairs, people)
        if self._faults:
            raise ProblemInvalid(faults=self._faults)
        return Problem(
            slots,
            tuple(map(Participant, closed)),
            tuple(
                Meeting((one, other), session, slot) for (one, other, session), slot in zip(pairs, fixed, strict=True)
            ),
            order,
            fairness,
        )

    def _fault(self, name: str, line: int, message: str) -> None:
        self._faults.append(Fault(f"line {line}, {name}", message))

    def _number(self, name: str, default: int | None = None) -> int:
        value = self._items.get(name)
        if value is None and default is not None:
            return default
        if value is None:
            self._faults.append(Fault(name, "is missing"))
            return 0
        if isinstance(value, Rows) or value.is_set or value.numbers[0] < 0:
            self._fault(name, value.line, "should be a number, 0 or more")
            return 0
        if value.numbers[0] > LARGEST:
            self._fault(name, value.line, f"is more than {LARGEST}")
            return 0
        return value.numbers[0]

    def _rows(self, name: str, count: int | None) -> Sequence[Numbers]:
        value = self._items.get(name)
        if value is None:
            if count is None:
                self._faults.append(Fault(name, "is missing"))
            return ()
        if not isinstance(value, Rows):
            self._fault(name, value.line, "should be an array")
            return ()
        if count is not None and len(value.rows) != count:
            self._fault(name, value.line, f"holds {len(value.rows)} entries, not {count}")
            return ()
        return value.rows

    def _within(self, name: str, entry: Numbers, highest: int) -> Iterator[int]:
        """Yield the numbers of an entry, from 0, leaving out 0, up to the first that is wrong."""
        for number in entry.numbers:
            if number < 0 or number > highest:
                self._fault(name, entry.line, f"{number} is not between 1 and {highest}")
                return
            if number:
                yield number - 1

    def _pair(self, row: Numbers, people: int) -> tuple[int, int, int | None]:
        one, other, session = (*row.numbers, 0, 0, _ANY)[:3] if len(row.numbers) != 2 else (*row.numbers, _ANY)
        if len(row.numbers) not in (2, 3):
            self._fault("requested", row.line, f"holds {len(row.numbers)} numbers: participant, participant, session")
        elif one == other:
            self._fault("requested", row.line, f"participant {one} meets itself")
        for number in (one, other):
            if not 1 <= number <= people:
                self._fault("requested", row.line, f"participant {number} is not between 1 and {people}")
        if session not in (_MORNING, _AFTERNOON, _ANY):
            self._fault("requested", row.line, f"session {session} is none of 1, 2, 3")
        return one - 1, other - 1, None if session == _ANY else session

    def _fixed(self, entry: Numbers, span: int) -> int | None:
        slots = [*self._within("fixed", entry, span)]
        if len(slots) > 1:
            self._fault("fixed", entry.line, f"names {len(slots)} slots for one meeting")
        return slots[0] if slots else None

    def _order(self, entries: Sequence[Numbers], meetings: int) -> Iterator[tuple[int, int]]:
        for after, entry in enumerate(entries):
            yield from ((before, after) for before in self._within("precedences", entry, meetings))

    def _check_repeated(self, pairs: Sequence[tuple[int, int, int | None]], people: int) -> None:
        """Compare what a file says twice: the number of meetings, and the meetings of each participant."""
        if "nMeetings" in self._items and (said := self._number("nMeetings")) != len(pairs):
            self._fault("nMeetings", self._items["nMeetings"].line, f"is {said}; {len(pairs)} are requested")
        held = [{number for number, pair in enumerate(pairs) if one in pair[:2]} for one in range(people)]
        for one, entry in enumerate(self._rows("nMeetingsBusiness", people)):
            if entry.numbers != (len(held[one]),):
                self._fault("nMeetingsBusiness", entry.line, f"participant {one + 1} has {len(held[one])} meetings")
        for one, entry in enumerate(self._rows("meetingsxBusiness", people)):
            # The published files number meetings from 2 here, 1 being no meeting.
            if {number - 2 for number in entry.numbers if number > 1} != held[one]:
                self._fault("meetingsxBusiness", entry.line, f"differs from what participant {one + 1} requested")
