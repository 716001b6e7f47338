"""Values of columns as JSON and back, in one form only, the same on both engines."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, Numeric, Time

from states.storage import Cents, Instant, Json

Row = dict[str, Any]
NUMBER = r"-?[0-9]+(\.[0-9]+)?"
_NUMBER = re.compile(NUMBER)


def canonical(value: object) -> bytes:
    """Return JSON as it always looks: keys sorted, one value a line, UTF-8."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def plain(value: object, column: Column[Any]) -> object:
    """Return what a column holds as JSON: money and numbers as text with their decimals, instants in UTC."""
    match value:
        case Enum():
            return value.value
        case Decimal():
            scale = column.type.scale if isinstance(column.type, Numeric) else None
            return f"{value:.{scale}f}" if scale is not None else f"{value:.2f}"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return value


def typed(value: object, column: Column[Any]) -> object:
    """Return a value as the column holds it; raise `ValueError` for what is none of its kind."""
    if value is None:
        if not column.nullable:
            raise ValueError("null")
        return None
    kind = column.type
    if isinstance(kind, Json):
        return value
    readers: list[tuple[type | tuple[type, ...], type, Callable[[Any], object]]] = [
        (Instant, str, _instant),
        ((Cents, Numeric), str, _decimal),
        (Date, str, date.fromisoformat),
        (Time, str, time.fromisoformat),
        (Boolean, bool, bool),
        (Integer, int, int),
    ]
    for known, given, read in readers:
        if isinstance(kind, known):
            if not isinstance(value, given) or (given is int and isinstance(value, bool)):
                raise ValueError(type(value).__name__)
            return read(value)
    if not isinstance(value, str):
        raise ValueError(type(value).__name__)
    words = getattr(kind, "words", None)
    return words(value) if words is not None else value


def shape_of(column: Column[Any]) -> Mapping[str, object]:
    """Return the JSON schema of what a column holds."""
    kind = column.type
    shapes: list[tuple[type | tuple[type, ...], dict[str, Any]]] = [
        (Json, {}),
        (Instant, {"type": "string", "format": "date-time"}),
        ((Cents, Numeric), {"type": "string", "pattern": f"^{NUMBER}$"}),
        (Date, {"type": "string", "format": "date"}),
        (Time, {"type": "string", "format": "time"}),
        (Boolean, {"type": "boolean"}),
        (Integer, {"type": "integer"}),
    ]
    shape: dict[str, Any] = next((one for known, one in shapes if isinstance(kind, known)), {"type": "string"})
    if (words := getattr(kind, "words", None)) is not None:
        shape = {"enum": [one.value for one in words]}
    if not column.nullable or not shape:
        return shape
    return {"enum": [*shape["enum"], None]} if "enum" in shape else shape | {"type": [shape["type"], "null"]}


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value with ids replaced, wherever in it they stand as a whole."""
    match value:
        case str():
            return names.get(value, value)
        case dict():
            return {key: renamed(one, names) for key, one in value.items()}
        case list():
            return [renamed(one, names) for one in value]
        case _:
            return value


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _decimal(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)
