"""Every table of the house, and the migrations that make them."""

from functools import cache
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, inspect
from sqlmodel import Session, SQLModel

import states.archive.evidence.tables
import states.archive.shares.tables
import states.archive.tables
import states.calendars.tables
import states.changes.tables
import states.checklists.tables
import states.collaborations.saved_views
import states.collaborations.tables
import states.computations.tables
import states.credentials.idempotency_records
import states.credentials.links
import states.credentials.passkeys
import states.credentials.passwords
import states.credentials.sessions
import states.deadlines.tables
import states.funding.awards.tables
import states.funding.inputs.tables
import states.funding.money.tables
import states.funding.rules.tables
import states.funding.tables
import states.implementation.tables
import states.mail.tables
import states.matchmaking.consents.tables
import states.matchmaking.event_day.tables
import states.matchmaking.profiles.tables
import states.matchmaking.tables
import states.outbox.tables
import states.partners.tables
import states.playbooks.tables
import states.processes.tables
import states.protocol.assignments.tables
import states.protocol.tables
import states.questions.tables
import states.reporting.tables
import states.review.conflicts.tables
import states.review.tables
import states.seals.tables
import states.search.tables
import states.sweeps.tables  # noqa: F401 - importing registers the tables
from states.errors import BankableError
from states.seals.resealing import seal_at_upgrade, seal_records_at_upgrade
from states.search import is_complete, rebuild
from states.storage import make_engine, session_on

METADATA = SQLModel.metadata
_SHOWN = 5


class SchemaUnfit(BankableError):
    """The schema of the database is not that of this version."""

    code = "schema_unfit"


def _config(bind: Engine | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "states.storage:migrations")
    config.attributes["engine"] = bind
    config.attributes["metadata"] = METADATA
    config.attributes["include_object"] = is_declared
    config.attributes["at_head"] = _seal_at_head
    return config


def _seal_at_head(connection: Connection) -> None:
    seal_at_upgrade(connection)
    seal_records_at_upgrade(connection)


def is_declared(_: object, name: str | None, kind: str, __: bool, ___: object) -> bool:
    """Tell Alembic what it compares: all but the full-text index, which each engine keeps in a way of its own."""
    of_sqlite = kind == "table" and (name or "").startswith("search_index")
    return not (of_sqlite or (name or "").endswith(("plain_words", "blind_words")))


def upgrade(bind: Engine, *, to: str = "head") -> None:
    """Bring the database to a revision, by default the newest."""
    command.upgrade(_config(bind), to)


def downgrade(bind: Engine, *, to: str = "base") -> None:
    """Take the database back to a revision, by default to nothing."""
    command.downgrade(_config(bind), to)


def update(bind: Engine) -> list[str]:
    """Bring the database of an installation to the newest schema; return each migration that was made, in a line.

    The index for search is made anew where anything was, or where it does not hold all that it should. Raise
    `SchemaUnfit`, and change nothing, where a later version made the database, or one before the first release, or
    where SQLite was built without its module for full-text search.
    """
    made = pending(bind)
    _need_full_text(bind)
    upgrade(bind)
    with session_on(bind) as session:
        if made or not is_complete(session):
            rebuild(session)
    return made


def _need_full_text(bind: Engine) -> None:
    if bind.dialect.name != "sqlite":
        return
    with bind.connect() as connection:
        if not connection.exec_driver_sql("SELECT sqlite_compileoption_used('ENABLE_FTS5')").scalar_one():
            raise SchemaUnfit("sqlite_without_full_text")


def pending(bind: Engine) -> list[str]:
    """Return each migration that the database lacks, in a line, the next one first; raise `SchemaUnfit`."""
    script = ScriptDirectory.from_config(_config())
    with bind.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current is not None:
        _check_fit(bind, script, current)
    lacked = list(script.iterate_revisions("head", current or "base"))
    return [f"{revision.revision}: {revision.doc}" for revision in reversed(lacked)]


def is_known(revision: str) -> bool:
    """Tell whether this version has a revision."""
    return any(one.revision == revision for one in ScriptDirectory.from_config(_config()).walk_revisions())


def need_newest(session: Session) -> None:
    """Raise `SchemaUnfit` unless the database has exactly the migrations of this version."""
    current = MigrationContext.configure(session.connection()).get_current_revision()
    if current != _newest():
        raise SchemaUnfit(
            "schema_not_newest" if current else "schema_none", current=current or "", newest=_newest() or ""
        )


@cache
def _newest() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _check_fit(bind: Engine, script: ScriptDirectory, current: str) -> None:
    try:
        script.get_revision(current)
    except CommandError as error:
        raise SchemaUnfit("schema_later", current=current, newest=script.get_current_head() or "") from error
    if current == script.get_current_head():
        if unlike := differences(bind):
            more = len(unlike) - _SHOWN
            said = "schema_unlike_more" if more > 0 else "schema_unlike"
            raise SchemaUnfit(said, current=current, unlike=tuple(unlike[:_SHOWN]), more=more)
    elif absent := _absent(bind, current):
        more = len(absent) - _SHOWN
        code = "schema_lacks_more" if more > 0 else "schema_lacks"
        raise SchemaUnfit(code, current=current, lacking=tuple(absent[:_SHOWN]), more=more)


def differences(bind: Engine) -> list[str]:
    """Return what a database with the newest schema lacks of it, or has otherwise, by table and column.

    What it has beside, an index of the house's own for example, does no harm and is not told.
    """
    with bind.connect() as connection:
        options = {"include_object": is_declared, "compare_type": True}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)
    # Alembic gives what differs of one column as a list of its own.
    steps = [step for one in found for step in (one if isinstance(one, list) else [one])]
    gone = tuple(f"{step[1].name} (" for step in steps if step[0] == "add_table")
    told = {said for step in steps if (said := _told(step))}
    return sorted(said for said in told if not said.startswith(gone))  # a table's indexes go with it


def _told(step: tuple[Any, ...]) -> str:
    """Say what a step of Alembic's would put right; nothing of one that would only take something away."""
    match step:
        case ("add_table", table):
            return str(table.name)
        case ("add_column", _, table, column):
            return f"{table}.{column.name}"
        case ("modify_type", _, table, column, _, is_type, should_be):
            return f"{table}.{column} ({is_type} instead of {getattr(should_be, 'impl', should_be)})"
        case ("modify_nullable", _, table, column, _, is_nullable, _):
            return f"{table}.{column} ({'may' if is_nullable else 'must not'} be NULL)"
        case ("add_index" | "add_constraint" | "add_fk", item):
            columns = ", ".join(str(getattr(column, "name", column)) for column in item.columns)
            return f"{item.table.name} ({step[0].removeprefix('add_')} over {columns})"
        case _:
            return ""


def _absent(bind: Engine, current: str) -> list[str]:
    """Return what the database lacks of the tables and columns that its revision makes."""
    there = _columns(bind)
    return sorted(
        f"{table}.{column}" if table in there else table
        for table, columns in _promised(current).items()
        for column in (columns - there[table] if table in there else {""})
    )


@cache
def _promised(revision: str) -> dict[str, set[str]]:
    """Return the columns of the tables that both engines have at a revision."""
    made = make_engine("sqlite://")
    upgrade(made, to=revision)
    with made.connect() as connection:  # SQLite alone has virtual tables, for full-text search
        kinds = {row.name: row.type for row in connection.exec_driver_sql("PRAGMA table_list")}
    columns = _columns(made)
    made.dispose()
    return {table: found for table, found in columns.items() if kinds[table] == "table"}


def _columns(bind: Engine) -> dict[str, set[str]]:
    found = inspect(bind).get_multi_columns()
    return {table: {column["name"] for column in columns} for (_, table), columns in found.items()}
