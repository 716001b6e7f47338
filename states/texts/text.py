"""A sentence that is not said yet: its code and what it speaks of."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import TypeAlias, Union

SOURCE = "en"

# Lists say the same of many rows: a third of a page of the pipeline is saying it.
_MOST_SAID = 10_000
_said: dict[tuple[str, str, str, str], str] = {}

_spoken: ContextVar[str] = ContextVar("spoken", default=SOURCE)

Value: TypeAlias = Union[str, int, Decimal, date, time, "Text", tuple["Value", ...]]


@dataclass(frozen=True, slots=True, init=False)
class Text:
    """A sentence or a word of the catalogue, by kind and code; its parameters are named and in no language."""

    kind: str
    code: str
    _values: tuple[tuple[str, Value], ...]

    def __init__(self, kind: str, code: str, /, **parameters: Value) -> None:
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "_values", tuple(sorted(parameters.items())))

    @property
    def parameters(self) -> dict[str, Value]:
        """Return what it speaks of."""
        return dict(self._values)

    @property
    def kept(self) -> str:
        """Say it as it is kept, whoever reads it: in English."""
        return self.in_language(SOURCE)

    def in_language(self, language: str) -> str:
        """Say it; in English where nobody has translated it."""
        key = (self.kind, self.code, repr(self._values), language)  # not the values: 1 is True, and 1.0 is 1.00
        said = _said.get(key)
        if said is None:
            from states.texts.catalogue import say  # Babel takes 50 ms, and most commands say nothing

            if len(_said) >= _MOST_SAID:
                _said.clear()
            said = _said[key] = say(self.kind, self.code, self.parameters, language)
        return said

    def __str__(self) -> str:
        return self.in_language(_spoken.get())


def spoken_language() -> str:
    """Return the language in which sentences are said where nobody names one."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let sentences be said in this language where nobody names one: for who reads a page, never for what is kept."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def as_json(parameters: Mapping[str, Value]) -> dict[str, object]:
    """Return parameters for a machine: amounts and dates as text, sentences and words by kind, code and parameters."""
    return {name: _plain(value) for name, value in parameters.items()}


def _plain(value: Value) -> object:
    match value:
        case Text():
            return {"kind": value.kind, "code": value.code, "parameters": as_json(value.parameters)}
        case tuple():
            return [_plain(part) for part in value]
        case Enum():
            return value.value
        case Decimal():
            return format(value, "f")
        case date() | time():
            return value.isoformat()
        case _:
            return value
