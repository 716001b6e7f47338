"""Data in MiniZinc's syntax: numbers, sets, ranges, and arrays of one or two dimensions, each with its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from states.errors import Fault, Invalid

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
                raise _fault(name.line, name.text, "is there a second time", "give each item once")
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
            raise _fault(token.line, token.text, f"a {kind} is expected here")
        self._at += 1
        return token

    def _mark(self, text: str) -> _Token:
        if self._next.text != text:
            raise _fault(self._next.line, self._next.text, f"{text!r} is expected here")
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
        raise _fault(token.line, name, f"{token.text!r} is no number, set or array")

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
            raise _fault(name.line, name.text, f"holds {len(flat)} entries, not {prod(shape)}")
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
            raise _fault(line, f"{first}..{last}", "holds too many numbers")
        return Numbers(line, tuple(range(first, last + 1)), is_set=True)

    def _number(self) -> int:
        token = self._take("number")
        if len(token.text) > _DIGITS:
            raise _fault(token.line, f"{token.text[:_DIGITS]}...", "has too many digits")
        return int(token.text)


def _tokens(text: str) -> Iterator[_Token]:
    at, line = 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _fault(line, text[at], "has no meaning here")
        if match.lastgroup and match.lastgroup != "gap":
            yield _Token(match.lastgroup, match.group(), line)
        line += match.group().count("\n")
        at = match.end()


def _fault(line: int, what: str, message: str, remedy: str = "") -> DataInvalid:
    return DataInvalid(faults=[Fault(f"line {line}", f"{what}: {message}", remedy)])
