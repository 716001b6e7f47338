"""To which partnership a row of any table belongs: by the columns of its table, and of those that it leads to."""

from sqlalchemy import Integer, Table, select
from sqlmodel import Session, SQLModel


def partnership_of(session: Session, noun: str, key: str) -> str | None:
    """Return the partnership of a row; None where it has none, or more than one, or the row is gone."""
    tables = SQLModel.metadata.tables
    table = tables.get(noun)
    if table is None:
        return None
    if noun == "partnership":
        return key
    if "partnership_id" in table.c:
        return _value(session, table, "partnership_id", key)
    if noun == "person":
        grants = tables["role_grant"]
        found = session.execute(select(grants.c.partnership_id).where(grants.c.person_id == key).distinct()).scalars()
        places = list(found)
        return places[0] if len(places) == 1 else None
    for column in table.c:
        for reference in column.foreign_keys:
            if reference.column.table.name in ("collaboration", "brokerage_event", "review_round"):
                parent = _value(session, table, column.name, key)
                return partnership_of(session, reference.column.table.name, parent) if parent else None
    return None


def _value(session: Session, table: Table, column: str, key: str) -> str | None:
    [own, *_] = table.primary_key
    of_row = own == (int(key) if isinstance(own.type, Integer) else key)
    return session.execute(select(table.c[column]).where(of_row)).scalars().first()
