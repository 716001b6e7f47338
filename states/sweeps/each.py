"""A read of many rows, each on its own: where one cannot be read, the others are, and that one is named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import FromClause, FrozenResult, Join, Result, Select, Table, event, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session

from states.errors import BankableError
from states.storage.columns import StoredValueUnknown
from states.sweeps.apart import Failed, apart, attempt, leave_out

Read = TypeVar("Read")


def read_each(session: Session, read: Callable[[], Read]) -> Read:
    """Return what `read` reads in the session; rows that cannot be read are left out, and noted where one listens.

    A refusal is raised as it is, and so is what goes wrong for another reason than a row. Not for what a decision rests
    on: there a row that is left out would speak for it, or against.
    """
    whole = attempt(read)
    if not isinstance(whole, Failed):
        return whole
    if isinstance(whole.error, BankableError) and not isinstance(whole.error, StoredValueUnknown):
        raise whole.error
    with _apart(session):
        return read()


@contextmanager
def _apart(session: Session) -> Iterator[None]:
    event.listen(session, "do_orm_execute", _without_unreadable)
    try:
        yield
    finally:
        event.remove(session, "do_orm_execute", _without_unreadable)


def _without_unreadable(state: ORMExecuteState) -> Result[Any] | None:
    """Return what a select reads but for the rows that cannot be read; None for what is no select of rows."""
    statement = state.statement
    if not isinstance(statement, Select):
        return None
    whole = attempt(partial(_frozen, state, statement))
    if not isinstance(whole, Failed):
        return whole()
    if isinstance(whole.error, SQLAlchemyError):  # the statement is at fault, and no row
        raise whole.error
    tables = [table for one in statement.get_final_froms() for table in _tables(one)]
    if not tables or statement._group_by_clauses:
        raise whole.error
    key = tuple_(*tables[0].primary_key)
    while True:
        bad = _unreadable(state, statement, tables)
        if not bad:
            raise whole.error
        statement = statement.where(key.not_in(bad))
        again = attempt(partial(_frozen, state, statement))
        if not isinstance(again, Failed):
            return again()  # a limit let others come in, which can be read too


def _tables(source: FromClause) -> Iterator[Table]:
    """Yield the tables of a join, the one first of which there is always a row."""
    if isinstance(source, Join):
        yield from _tables(source.left)
        yield from _tables(source.right)
    elif isinstance(source, Table):
        yield source


def _frozen(state: ORMExecuteState, statement: Select[Any]) -> FrozenResult[Any]:
    return state.invoke_statement(statement=statement).freeze()


def _unreadable(state: ORMExecuteState, statement: Select[Any], tables: list[Table]) -> list[tuple[Any, ...]]:
    """Return the keys, in the first table, of what cannot be read; each row that is to blame is noted."""
    key = tuple_(*tables[0].primary_key)
    connection = state.session.connection()

    def keys(table: Table, *where: Any) -> list[tuple[Any, ...]]:
        columns = [column.label(None) for column in table.primary_key]
        asked = statement.with_only_columns(*columns, maintain_column_froms=True).where(*where)
        return list(dict.fromkeys(map(tuple, connection.execute(asked, state.parameters or {}))))

    def read(some: Any) -> object:
        return state.invoke_statement(statement=statement.where(key.in_(some)).offset(None)).all()

    bad = [(one.key, one.error) for one in apart(keys(tables[0]), read) if isinstance(one, Failed)]
    for of, error in bad:
        blamed = [
            (table, one)
            for table in dict.fromkeys(tables)
            for one in keys(table, key.in_([of]))
            if isinstance(attempt(partial(_row, state.session, table, one)), Failed)
        ]
        for table, one in blamed or [(tables[0], of)]:
            leave_out(table.name, "/".join(map(str, one)), error)
    return [of for of, _ in bad]


def _row(session: Any, table: Table, key: tuple[Any, ...]) -> object:
    return session.connection().execute(select(table).where(tuple_(*table.primary_key).in_([key]))).all()
