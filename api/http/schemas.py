"""What every schema of the API is made of: strict inputs, plain outputs, and money as text."""

import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from api.http.stand_ins import note_address, note_text
from states.characters import code_point, meaningless, texts_in, tidied
from states.clock import FIRST_DAY, LAST_DAY, is_in_reach
from states.rights import blinding
from states.shapes import Unfit

T = TypeVar("T")

_MONEY = r"^-?\d{1,13}(\.\d{1,2})?$"
_RATE = r"^-?\d{1,3}(\.\d{1,2})?$"
_TIME = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"


# Addresses and domains have readers of their own: what is taken out of one may make it another.
_AS_WRITTEN = frozenset({"email", "domains", "person", "deputy"})


class Input(BaseModel):
    """What a client sends: a key that is not known is a fault, and so is a character that no database keeps.

    Texts are tidy (`states.characters`); what is of private use in some program is a fault of its field.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _no_null_character(cls, raw: object) -> object:
        if _holds_null(raw):
            raise Unfit("null_character")
        return raw

    @field_validator("*", mode="before")
    @classmethod
    def _tidy(cls, raw: object, info: ValidationInfo) -> object:
        if info.field_name == "email" and isinstance(raw, str):
            note_address("email", raw)
        if info.field_name in _AS_WRITTEN or not isinstance(raw, str | list | dict):
            return raw
        for text in texts_in(raw):
            if (odd := meaningless(text)) is not None:
                raise Unfit("meaningless_character", remedy="write_it_anew", character=code_point(odd))
            note_text(str(info.field_name), text)
        return tidied(raw)

    @field_validator("*")
    @classmethod
    def _in_reach(cls, read: object) -> object:
        if isinstance(read, date) and not is_in_reach(read):
            first, last = FIRST_DAY.year, LAST_DAY.year
            raise Unfit("year_too_far", remedy="years_or_left_out", year=read.year, first=first, last=last)
        return read


class Output(BaseModel):
    """What a client gets, read from a row or a read model while its session is open."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class UnreadableOut(Output):
    """A row that should stand in a list, or behind an entry of it, and cannot be read."""

    noun: str = Field(description="its table")
    id: str


class Listing(Output, Generic[T]):
    """One page of a list, how many entries all pages hold together, and the address of the next page, if any.

    What cannot be read is left out of the items, named, and a fault (`GET /operations/faults`).
    """

    items: list[T]
    total: int
    next: str | None = None
    unreadable: list[UnreadableOut] = Field(default=[], exclude_if=lambda rows: not rows)


def _holds_null(raw: object) -> bool:
    waiting = [raw]  # no recursion: a body may be nested as deep as the parser goes
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            if "\0" in part:
                return True
        elif isinstance(part, Mapping):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            waiting += part
    return False


_UNFIT = {_MONEY: "money_not_a_text", _RATE: "rate_not_a_text"}


def _decimal(pattern: str) -> BeforeValidator:
    def read(raw: object) -> object:
        if isinstance(raw, Decimal):
            return raw  # a default, or code
        if not isinstance(raw, str) or not re.fullmatch(pattern, raw, re.ASCII):
            raise Unfit(_UNFIT[pattern])
        return Decimal(raw)

    return BeforeValidator(read)


def _read_time(raw: object) -> object:
    if isinstance(raw, time):
        return raw  # a default, or code
    if not isinstance(raw, str) or not re.fullmatch(_TIME, raw, re.ASCII):
        raise Unfit("not_a_time")
    return time.fromisoformat(raw)


def _fixed(amount: Decimal) -> str:
    return f"{amount:.2f}"


Money = Annotated[
    Decimal,
    _decimal(_MONEY),
    PlainSerializer(_fixed, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _MONEY, "examples": ["1250000.00"], "description": "EUR"}),
]
Rate = Annotated[
    Decimal,
    _decimal(_RATE),
    PlainSerializer(_fixed, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _RATE, "examples": ["62.50"], "description": "percent"}),
]
# JSON Schema's `time` has an offset; a time of day at a place has none.
TimeOfDay = Annotated[
    time, BeforeValidator(_read_time), WithJsonSchema({"type": "string", "pattern": _TIME, "examples": ["17:00:00"]})
]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Prose = Annotated[str, Field(max_length=20_000)]
# What is shown: a text in which somebody may be named, and a name or short name as a whole (states.rights.blinding).
Text = Annotated[str, blinding.Prose]
Named = Annotated[str, blinding.Name]
Slug = Annotated[str, Field(max_length=80)]
