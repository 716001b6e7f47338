"""Many rows of one that was made as users make it: each copy with all that belongs to it, under ids of its own."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Table, UniqueConstraint
from sqlmodel import Session, SQLModel

from states.schema import METADATA
from states.seals import Mark, SealTip, resealing, sealing
from states.seals.declared import scope_name
from states.seals.seal import weight_of
from states.storage import new_id, table_of

# What happened and what was sent is not said twice; what is found of a copy is made by `rebuild`.
_NEVER = frozenset(
    {
        *("change_record", "outbox_message", "consumed_message", "mail", "kept_answer"),
        *("search_entry", "signed_link", "access_token"),
    }
)
_Row = dict[str, Any]


def copy_row(
    session: Session, row: SQLModel, times: int, *, alone: bool = False, **by_copy: Sequence[Any]
) -> list[str]:
    """Copy a row `times` over and return the ids of the copies; what must be unique is varied.

    What belongs to it is copied too, unless it is to stand `alone`. `by_copy` holds a column's values, one for each
    copy. The seals are those of the first: `seal_copies` makes their own.
    """
    session.flush()
    table = METADATA.tables[str(row.__tablename__)]
    root: _Row = {column.name: getattr(row, column.key) for column in table.columns}
    tree = [(table, root)] if alone else _tree(session, table, root)
    made: list[str] = []
    rows: dict[Table, list[_Row]] = {of: [] for of, _ in tree}
    for number in range(1, times + 1):
        ids = {str(line["id"]): new_id() for _, line in tree if isinstance(line.get("id"), str)}
        for of, line in tree:
            copied = {name: _replaced(value, ids) for name, value in line.items()}
            if of is table:
                copied |= {name: values[number - 1] for name, values in by_copy.items()}
            _vary(of, line, copied, number)
            rows[of].append(copied)
        made.append(ids[str(root["id"])])
    for of, copies in rows.items():
        session.execute(of.insert(), copies)
    session.expire_all()
    return made


def seal_copies(session: Session, keys: Sequence[str]) -> None:
    """Seal copies of collaborations as the services would have done, each with its tip."""
    connection = session.connection()
    tips: dict[str, Any] = {}
    for scope, rows in resealing._rows(connection, [scope_name(key, None) for key in keys]).items():
        parent = sealing._parent_of(session, scope)
        kinds = resealing._sealed_rows(connection, rows, lambda *_: Mark.MADE)
        tips[scope] = {"scope": scope, "parent": parent, "kinds": kinds, "doubts": [], "notes": []}
    connection.execute(table_of(SealTip).insert(), [sealing.sealed_tip(tip) for tip in tips.values()])
    for parent in {tip["parent"] for tip in tips.values()}:
        below = [weight_of(scope) for scope, tip in tips.items() if tip["parent"] == parent]
        sealing._advance(session, parent, {sealing.SCOPES: (len(below), sum(below))}, [])
    session.expire_all()


def _tree(session: Session, table: Table, root: _Row) -> list[tuple[Table, _Row]]:
    """Return a row and all that belongs to it, parents first."""
    found, ids = [(table, root)], {root["id"]}
    for below in METADATA.sorted_tables:
        if below is table or below.name in _NEVER:
            continue
        for line in session.execute(below.select()).mappings():
            if any(isinstance(value, str) and value in ids for value in line.values()):
                found.append((below, dict(line)))
                ids |= {line["id"]} if isinstance(line.get("id"), str) else set()
    return found


def _replaced(value: Any, ids: Mapping[str, str]) -> Any:
    return ids.get(value, value) if isinstance(value, str) else deepcopy(value)


def _vary(table: Table, line: _Row, copied: _Row, number: int) -> None:
    """Make what must be unique so, by the last of its columns that may be changed."""
    own = table.primary_key.columns.keys()
    unique = [one.columns.keys() for one in table.constraints if isinstance(one, UniqueConstraint)]
    unique += [[column.name] for column in table.columns if column.unique]
    for names in [*unique, *([own] if own != ["id"] else [])]:
        if all(copied[name] == line[name] for name in names) and all(line[name] is not None for name in names):
            free = [name for name in names if not table.columns[name].foreign_keys]
            copied[free[-1]] = _other(line[free[-1]], number)
    if own == ["id"] and not isinstance(line["id"], str):
        del copied["id"]


def _other(value: Any, number: int) -> Any:
    match value:
        case int():
            return value + number
        case date():
            return value + timedelta(days=number)
        case _:
            return f"{value}-{number}"
