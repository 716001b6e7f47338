"""Parts of a query, each after the key of the last row before: what is written in between repeats and skips nothing."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, UnaryExpression, and_, false, func, or_
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
    columns = [_column(one) for one in order]
    counted = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = session.execute(counted).scalar_one()
    cut = query if after is None else query.where(_beyond(order, after))
    rows = session.execute(cut.add_columns(*columns).order_by(None).order_by(*order).limit(limit + 1)).all()
    width = len(columns)
    here = [row[:-width] for row in rows[:limit]]
    items: list[Any] = [row[0] if len(row) == 1 else row for row in here]
    return Part(items, total, tuple(rows[limit - 1][-width:]) if len(rows) > limit else None)


def sorted_by(orders: Mapping[str, Order], sort: str, *ties: Order) -> list[Order]:
    """Return the order of that name, with a minus before it the other way round; `ties` tell equal rows apart."""
    columns = [_column(one) for one in (orders[sort.removeprefix("-")], *ties)]
    return [column.desc() if sort.startswith("-") else column for column in columns]


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


def _beyond(order: Sequence[Order], after: Key) -> ColumnElement[bool]:
    if len(after) != len(order):
        raise CursorInvalid("place_in_another_list", field="after", remedy="leave_after_out")
    found: ColumnElement[bool] = false()
    for number, ordered in enumerate(order):
        column, value = _column(ordered), after[number]
        down = isinstance(ordered, UnaryExpression) and ordered.modifier is desc_op
        before = [_column(order[earlier]) == after[earlier] for earlier in range(number)]
        found = or_(found, and_(*before, column < value if down else column > value))
    return found


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
