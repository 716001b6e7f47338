"""Parts of a query, each after the key of the last row before: what is written in between repeats and skips nothing."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, UnaryExpression, and_, bindparam, false, func, or_
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.operators import desc_op
from sqlmodel import Session
from sqlmodel.sql.expression import Select, SelectOfScalar

from states.errors import Invalid

T = TypeVar("T")

Key = tuple[object, ...]
Order = ColumnElement[Any] | UnaryExpression[Any] | Mapped[Any]


class CursorInvalid(Invalid):
    """The place in a list cannot be read, or is of another list."""

    code = "cursor_invalid"


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Some rows of a list in its order, how many it has in all, and the key of the last one here if more follow."""

    items: Sequence[T]
    total: int
    last: Key | None


def read_part(
    session: Session,
    query: SelectOfScalar[T] | Select[*tuple[Any, ...]],
    order: Sequence[Order],
    *,
    limit: int,
    after: Key | None = None,
) -> Part[T]:
    """Return up to `limit` rows after the key, in two statements.

    The columns of `order` (`desc()` where it runs down) are never NULL and tell any two rows apart; the query has
    neither DISTINCT nor GROUP BY. Raises `CursorInvalid` for a key of another length.
    """
    if after is not None and len(after) != len(order):
        raise CursorInvalid("place_in_another_list", field="after", remedy="leave_after_out")
    counted, cut = _statements(query, tuple(order), limit, further=after is not None)
    total = session.execute(counted).scalar_one()
    rows = session.execute(cut, {_place(number): value for number, value in enumerate(after or ())}).all()
    width = len(order)
    here = [row[:-width] for row in rows[:limit]]
    items: list[Any] = [row[0] if len(row) == 1 else row for row in here]
    return Part(items, total, tuple(rows[limit - 1][-width:]) if len(rows) > limit else None)


def sorted_by(orders: Mapping[str, Order], sort: str, *ties: Order) -> list[Order]:
    """Return the order of that name, with a minus before it the other way round; `ties` tell equal rows apart."""
    columns = [_column(one) for one in (orders[sort.removeprefix("-")], *ties)]
    return [_down(column) if sort.startswith("-") else column for column in columns]


@lru_cache(maxsize=64)  # the same object each time, by which `read_part` knows a statement again
def _down(column: ColumnElement[Any]) -> Order:
    return column.desc()


def cut_part(entries: Sequence[T], keys: Sequence[Key], *, limit: int, after: Key | None = None) -> Part[T]:
    """Return up to `limit` of entries that were computed, after the one with this key; each has its own key.

    Raises `CursorInvalid` where that entry is gone: the list is another one now.
    """
    begin = 0
    if after is not None:
        if after not in keys:
            raise CursorInvalid("list_has_changed_since", field="after", remedy="leave_after_out")
        begin = keys.index(after) + 1
    end = begin + limit
    return Part(entries[begin:end], len(entries), keys[end - 1] if end < len(entries) else None)


def write_cursor(key: Key, *, of: str) -> str:
    """Return a key as text for an address; `of` names the list with its filters and its order."""
    text = json.dumps([of, *(_tagged(value) for value in key)], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, *, of: str) -> Key:
    """Return the key that `write_cursor` wrote, or raise `CursorInvalid`."""
    try:
        raw = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        where, *values = raw
        key = tuple(_untagged(value) for value in values)
    except (NotBase64, ValueError, TypeError, KeyError, ArithmeticError):
        raise CursorInvalid("no_place_in_list", field="after", remedy="take_next_answer") from None
    if where != of:
        raise CursorInvalid("place_in_other_order", field="after", remedy="leave_after_out_or_take_next")
    return key


def _column(ordered: Order) -> ColumnElement[Any]:
    return ordered.element if isinstance(ordered, UnaryExpression) else cast(ColumnElement[Any], ordered)


_Statements = tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]
_MADE: WeakKeyDictionary[Select[*tuple[Any, ...]], dict[Hashable, _Statements]] = WeakKeyDictionary()
"""The statements of queries that are asked again, as long as somebody keeps the query."""


def _statements(query: Any, order: tuple[Order, ...], limit: int, *, further: bool) -> _Statements:
    """Return what counts all rows, and what reads a part of them: the first, or one `further` on, after a key."""
    made = _MADE.setdefault(query, {})
    asked = (order, limit, further)
    if asked not in made:
        counted = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
        cut = query.where(_beyond(order)) if further else query
        columns = [_column(one) for one in order]
        made[asked] = counted, cut.add_columns(*columns).order_by(None).order_by(*order).limit(limit + 1)
    return made[asked]


def _beyond(order: Sequence[Order]) -> ColumnElement[bool]:
    columns = [_column(ordered) for ordered in order]
    places = [bindparam(_place(number), type_=column.type) for number, column in enumerate(columns)]
    found: ColumnElement[bool] = false()
    for number, ordered in enumerate(order):
        column, place = columns[number], places[number]
        down = isinstance(ordered, UnaryExpression) and ordered.modifier is desc_op
        before = [columns[earlier] == places[earlier] for earlier in range(number)]
        found = or_(found, and_(*before, column < place if down else column > place))
    return found


def _place(number: int) -> str:
    return f"after{number}"


def _tagged(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case datetime():
            return {"at": value.isoformat()}
        case date():
            return {"on": value.isoformat()}
        case Decimal():
            return {"of": str(value)}
        case _:
            return value


def _untagged(value: object) -> object:
    match value:
        case {"at": str(text)}:
            return datetime.fromisoformat(text)
        case {"on": str(text)}:
            return date.fromisoformat(text)
        case {"of": str(text)}:
            return Decimal(text)
        case str() | int() | float():
            return value
        case _:
            raise ValueError(value)
