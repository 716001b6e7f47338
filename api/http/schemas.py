"""What every schema of the API is made of: strict inputs, plain outputs, and money as text."""

import re
from collections.abc import Collection, Mapping
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from api.http.stand_ins import note_address, note_text
from states.characters import code_point, meaningless, texts_in, tidied
from states.clock import FIRST_DAY, LAST_DAY, is_in_reach
from states.errors import Fault, Invalid
from states.partners.registry_faults import site_code
from states.rights import blinding
from states.shapes import Unfit, shape_fault
from states.storage.amounts import NumberUnreadable, read_number

T = TypeVar("T")

_MONEY = r"^-?\d{1,13}(\.\d{1,2})?$"
_RATE = r"^-?\d{1,3}(\.\d{1,2})?$"
_EXACT = r"^\d{1,15}(\.\d{1,10})?$"
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


Sent = TypeVar("Sent", bound=Input)


def kept(sent: Sent, standing: object | None, **values: object) -> Sent:
    """Return what was sent with what it leaves out as it stands: in a row, or in `values` where the row says it else.

    What is null was not left out: it takes away.
    """
    shape = type(sent)
    standing_values = {name: getattr(standing, name) for name in shape.model_fields if hasattr(standing, name)}
    said = {name: getattr(sent, name) for name in sent.model_fields_set}
    try:
        return shape.model_validate(standing_values | values | said)
    except ValidationError as error:  # a release that took more wrote it
        raise Invalid(faults=[shape_fault(one) for one in error.errors()]) from error


def changes_in(
    sent: Input, *, cleared: Mapping[str, object] = MappingProxyType({}), apart: Collection[str] = ()
) -> dict[str, Any]:
    """Return what a change says, by field: what is left out stays as it is, and null takes away.

    `cleared` are the fields that can be taken away, with what stands there then; null in another one is its fault.
    `apart` are read elsewhere.
    """
    said = {name: getattr(sent, name) for name in sent.model_fields_set if name not in apart}
    nulls = sorted(name for name, value in said.items() if value is None)
    faults = [Fault(name, "not_taken_away", remedy="leave_out_to_keep") for name in nulls if name not in cleared]
    if faults:
        raise Invalid(faults=faults)
    return said | {name: cleared[name] for name in nulls}


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


_UNFIT = {_MONEY: "money_not_a_text", _RATE: "rate_not_a_text", _EXACT: "number_not_a_text"}


AS_TYPED: dict[str, bool] = {"typed": True}
"""The context of what came from a form: numbers stand in it as people write them, "1 250 000" or "3,5"."""


def _decimal(pattern: str) -> BeforeValidator:
    def read(raw: object, info: ValidationInfo) -> object:
        if isinstance(raw, Decimal):
            return raw  # a default, or code
        if info.context == AS_TYPED and isinstance(raw, str):
            raw = _plain(raw)
        if not isinstance(raw, str) or not re.fullmatch(pattern, raw, re.ASCII):
            raise Unfit(_UNFIT[pattern])
        return Decimal(raw)

    return BeforeValidator(read)


def _plain(typed: str) -> str:
    """Return a number as requests have it; raise `Unfit` with what `read_number` says against it."""
    try:
        return f"{read_number(typed):f}"
    except NumberUnreadable as error:
        advice = error.fault.advice
        raise Unfit(error.fault.code, remedy=advice.code if advice else None) from None


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
    PlainSerializer(_fixed, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _MONEY, "examples": ["1250000.00"], "description": "EUR"}),
]
Rate = Annotated[
    Decimal,
    _decimal(_RATE),
    PlainSerializer(_fixed, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _RATE, "examples": ["62.50"], "description": "percent"}),
]
Exactly = Annotated[
    Decimal,
    _decimal(_EXACT),
    PlainSerializer(lambda number: f"{number:f}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _EXACT, "examples": ["4.2583"]}),
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
# Written as a code of NUTS 2024 or by a name that can be no other; what is neither stays as it is, for its own fault.
Site = Annotated[str, Field(max_length=300), AfterValidator(site_code)]
