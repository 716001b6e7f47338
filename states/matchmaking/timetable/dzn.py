"""Reader of the published instances of the B2B meeting scheduling problem (.dzn), in MiniZinc's syntax."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from states.errors import Fault, Invalid
from states.matchmaking.timetable.problem import Meeting, Participant, Problem, ProblemInvalid, Slot
from states.texts import Value as Parameter

_TOKEN = re.compile(
    r"(?P<gap>\s+|%[^\n]*|/\*.*?\*/)|(?P<number>-?\d+(?!\.\d))|(?P<name>[A-Za-z_]\w*)|(?P<mark>\.\.|\[\||\|\]|[][{}()|,;=:])",
    re.DOTALL | re.ASCII,
)
LARGEST = 100_000  # numbers in one range, or of anything: more is a slip, not data
_DIGITS = 12


class DataInvalid(Invalid):
    """This is not MiniZinc data."""

    code = "minizinc_data_invalid"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number, or a set or a row of numbers, and the line where it begins."""

    line: int
    numbers: tuple[int, ...]
    is_set: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """An array: of numbers, of sets or of rows, and the line where it begins."""

    line: int
    rows: tuple[Numbers, ...]


Value = Numbers | Rows


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def parse(text: str) -> dict[str, Value]:
    """Return each item's value by its name; raise `DataInvalid` with the line where the syntax ends to be one."""
    return _Parser(text).items()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = [*_tokens(text), _Token("end", "the end", text.count("\n") + 1)]
        self._at = 0

    def items(self) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while self._next.kind != "end":
            name = self._take("name")
            if name.text in found:
                raise _fault(name.line, name.text, "second_time", remedy="give_each_item_once")
            self._mark("=")
            found[name.text] = self._value(name.text)
            if self._next.kind != "end":
                self._mark(";")
        return found

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, kind: str) -> _Token:
        token = self._next
        if token.kind != kind:
            raise _fault(token.line, token.text, "kind_expected", kind=kind)
        self._at += 1
        return token

    def _mark(self, text: str) -> _Token:
        if self._next.text != text:
            raise _fault(self._next.line, self._next.text, "expected_here", text=text)
        return self._take("mark")

    def _value(self, name: str) -> Value:
        token = self._next
        if token.text == "[|":
            return Rows(token.line, tuple(self._table()))
        if token.text == "[":
            return Rows(token.line, tuple(self._list()))
        if re.fullmatch(r"array[12]d", token.text):
            return self._shaped()
        if token.kind == "number" or token.text == "{":
            return self._number_or_set()
        raise _fault(token.line, name, "no_number_set_or_array", text=token.text)

    def _shaped(self) -> Rows:
        """Read array1d(1..n, [...]) or array2d(1..n, 1..m, [...])."""
        name = self._take("name")
        self._mark("(")
        shape = []
        for _ in range(int(name.text[5])):
            shape.append(len(self._number_or_set().numbers))
            self._mark(",")
        flat = self._list()
        self._mark(")")
        if len(flat) != prod(shape):
            raise _fault(name.line, name.text, "holds_entries_not", count=len(flat), expected=prod(shape))
        width = shape[-1]
        if name.text == "array1d" or not width:
            return Rows(name.line, tuple(flat))
        rows = [flat[start : start + width] for start in range(0, len(flat), width)]
        return Rows(
            name.line, tuple(Numbers(row[0].line, tuple(n for one in row for n in one.numbers)) for row in rows)
        )

    def _table(self) -> Iterator[Numbers]:
        self._mark("[|")
        while self._next.text != "|]":
            line, row = self._next.line, list[int]()
            while self._next.text not in ("|", "|]"):
                row.append(self._number())
                if self._next.text not in ("|", "|]"):
                    self._mark(",")
            if row:
                yield Numbers(line, tuple(row))
            if self._next.text == "|":
                self._mark("|")
                # "|" and "]" apart, after the last row
                if self._next.text == "]":
                    self._mark("]")
                    return
        self._mark("|]")

    def _list(self) -> list[Numbers]:
        self._mark("[")
        found = []
        while self._next.text != "]":
            found.append(self._number_or_set())
            if self._next.text != "]":
                self._mark(",")
        self._mark("]")
        return found

    def _number_or_set(self) -> Numbers:
        """Read 3, 1..5, {1, 2}, or several of them joined by `union`."""
        found = self._one_or_set()
        while self._next.text == "union":
            self._take("name")
            found = Numbers(found.line, (*found.numbers, *self._one_or_set().numbers), is_set=True)
        return found

    def _one_or_set(self) -> Numbers:
        line = self._next.line
        if self._next.text != "{":
            return self._number_or_range()
        self._mark("{")
        found: list[int] = []
        while self._next.text != "}":
            found += self._number_or_range().numbers
            if self._next.text != "}":
                self._mark(",")
        self._mark("}")
        return Numbers(line, tuple(found), is_set=True)

    def _number_or_range(self) -> Numbers:
        line, first = self._next.line, self._number()
        if self._next.text != "..":
            return Numbers(line, (first,))
        self._mark("..")
        last = self._number()
        if last - first > LARGEST:
            raise _fault(line, f"{first}..{last}", "holds_too_many_numbers")
        return Numbers(line, tuple(range(first, last + 1)), is_set=True)

    def _number(self) -> int:
        token = self._take("number")
        if len(token.text) > _DIGITS:
            raise _fault(token.line, f"{token.text[:_DIGITS]}...", "has_too_many_digits")
        return int(token.text)


def _tokens(text: str) -> Iterator[_Token]:
    at, line = 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _fault(line, text[at], "has_no_meaning_here")
        if match.lastgroup and match.lastgroup != "gap":
            yield _Token(match.lastgroup, match.group(), line)
        line += match.group().count("\n")
        at = match.end()


def _fault(line: int, what: str, code: str, /, *, remedy: str | None = None, **parameters: Parameter) -> DataInvalid:
    return DataInvalid(faults=[Fault(f"line {line}, {what}", code, remedy=remedy, **parameters)])


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
            self._fault(
                "nMorningSlots", self._items["nMorningSlots"].line, "morning_too_long", morning=morning, span=span
            )
        if people * span > _LARGEST_GRID:
            self._faults.append(
                Fault("nBusiness, nTotalSlots", "grid_too_large", places=people * span, most=_LARGEST_GRID)
            )
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

    def _fault(self, name: str, line: int, code: str, /, **parameters: Parameter) -> None:
        self._faults.append(Fault(f"line {line}, {name}", code, remedy=None, **parameters))

    def _number(self, name: str, default: int | None = None) -> int:
        value = self._items.get(name)
        if value is None and default is not None:
            return default
        if value is None:
            self._faults.append(Fault(name, "missing"))
            return 0
        if isinstance(value, Rows) or value.is_set or value.numbers[0] < 0:
            self._fault(name, value.line, "should_be_number_0_or_more")
            return 0
        if value.numbers[0] > LARGEST:
            self._fault(name, value.line, "more_than", most=LARGEST)
            return 0
        return value.numbers[0]

    def _rows(self, name: str, count: int | None) -> Sequence[Numbers]:
        value = self._items.get(name)
        if value is None:
            if count is None:
                self._faults.append(Fault(name, "missing"))
            return ()
        if not isinstance(value, Rows):
            self._fault(name, value.line, "should_be_array")
            return ()
        if count is not None and len(value.rows) != count:
            self._fault(name, value.line, "holds_entries_not", count=len(value.rows), expected=count)
            return ()
        return value.rows

    def _within(self, name: str, entry: Numbers, highest: int) -> Iterator[int]:
        """Yield the numbers of an entry, from 0, leaving out 0, up to the first that is wrong."""
        for number in entry.numbers:
            if number < 0 or number > highest:
                self._fault(name, entry.line, "number_out_of_range", number=number, highest=highest)
                return
            if number:
                yield number - 1

    def _pair(self, row: Numbers, people: int) -> tuple[int, int, int | None]:
        one, other, session = (*row.numbers, 0, 0, _ANY)[:3] if len(row.numbers) != 2 else (*row.numbers, _ANY)
        if len(row.numbers) not in (2, 3):
            self._fault("requested", row.line, "three_numbers_expected", count=len(row.numbers))
        elif one == other:
            self._fault("requested", row.line, "participant_meets_itself", participant=one)
        for number in (one, other):
            if not 1 <= number <= people:
                self._fault("requested", row.line, "participant_out_of_range", number=number, people=people)
        if session not in (_MORNING, _AFTERNOON, _ANY):
            self._fault("requested", row.line, "session_none_1_2_3", session=session)
        return one - 1, other - 1, None if session == _ANY else session

    def _fixed(self, entry: Numbers, span: int) -> int | None:
        slots = [*self._within("fixed", entry, span)]
        if len(slots) > 1:
            self._fault("fixed", entry.line, "names_slots_for_one_meeting", count=len(slots))
        return slots[0] if slots else None

    def _order(self, entries: Sequence[Numbers], meetings: int) -> Iterator[tuple[int, int]]:
        for after, entry in enumerate(entries):
            yield from ((before, after) for before in self._within("precedences", entry, meetings))

    def _check_repeated(self, pairs: Sequence[tuple[int, int, int | None]], people: int) -> None:
        """Compare what a file says twice: the number of meetings, and the meetings of each participant."""
        if "nMeetings" in self._items and (count := self._number("nMeetings")) != len(pairs):
            self._fault(
                "nMeetings", self._items["nMeetings"].line, "meetings_miscounted", count=count, requested=len(pairs)
            )
        held = [{number for number, pair in enumerate(pairs) if one in pair[:2]} for one in range(people)]
        for one, entry in enumerate(self._rows("nMeetingsBusiness", people)):
            if entry.numbers != (len(held[one]),):
                self._fault(
                    "nMeetingsBusiness",
                    entry.line,
                    "participant_has_meetings",
                    participant=one + 1,
                    meetings=len(held[one]),
                )
        for one, entry in enumerate(self._rows("meetingsxBusiness", people)):
            # The published files number meetings from 2 here, 1 being no meeting.
            if {number - 2 for number in entry.numbers if number > 1} != held[one]:
                self._fault(
                    "meetingsxBusiness", entry.line, "differs_from_what_participant_requested", participant=one + 1
                )
