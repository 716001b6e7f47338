"""The same for many rows in one UPDATE: which rows a move leaves, and the state in which it puts them."""

from typing import Any

from sqlalchemy import ColumnElement, case, literal

from states.machines.definition import Move, S


def leaves(column: Any, move: Move[S]) -> ColumnElement[bool]:
    """Return the condition that a row is in a state that the move leaves; the column is that of its state."""
    condition: ColumnElement[bool] = column.in_(move.starts)
    return condition


def stepped(column: Any, move: Move[S]) -> ColumnElement[S]:
    """Return the value after a move with one end: where the move does not leave the state, the state stays."""
    (end,) = move.ends
    return case((leaves(column, move), literal(end, column.type)), else_=column)
