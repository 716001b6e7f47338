"""Every table of the house, and the migrations that make them."""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine, inspect
from sqlmodel import Session, SQLModel

import states.archive.tables
import states.calendars.tables
import states.changes.tables
import states.collaborations.tables
import states.computations.tables
import states.credentials.idempotency_records
import states.credentials.links
import states.deadlines.tables
import states.funding.inputs.tables
import states.funding.tables
import states.mail.tables
import states.matchmaking.consents.tables
import states.matchmaking.event_day.tables
import states.matchmaking.profiles.tables
import states.matchmaking.tables
import states.outbox.tables
import states.partners.tables
import states.playbooks.tables
import states.protocol.tables
import states.reporting.tables
import states.review.conflicts.tables
import states.review.tables  # noqa: F401 - importing registers the tables
from states.errors import BankableError
from states.storage import make_engine

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
    return config


def upgrade(bind: Engine, *, to: str = "head") -> None:
    """Bring the database to a revision, by default the newest."""
    command.upgrade(_config(bind), to)


def downgrade(bind: Engine, *, to: str = "base") -> None:
    """Take the database back to a revision, by default to nothing."""
    command.downgrade(_config(bind), to)


def update(bind: Engine) -> list[str]:
    """Bring the database of an installation to the newest schema; return each migration that was made, in a line.

    Raise `SchemaUnfit`, and change nothing, where a later version made the database, or one before the first release.
    """
    made = pending(bind)
    upgrade(bind)
    return made


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
            f"The database has schema {current or 'none'}; this version of Bankable works on schema {_newest()} only. "
            "Stop whatever works on the database, and run `bankable migrate`."
        )


@cache
def _newest() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _check_fit(bind: Engine, script: ScriptDirectory, current: str) -> None:
    try:
        script.get_revision(current)
    except CommandError as error:
        raise SchemaUnfit(
            f"A later version of Bankable made this database (schema {current}); this one knows up to "
            f"{script.get_current_head()}. Install the later version, or restore the copy from before its upgrade."
        ) from error
    if absent := _absent(bind, current):
        shown = ", ".join(absent[:_SHOWN]) + (f" and {len(absent) - _SHOWN} more" if len(absent) > _SHOWN else "")
        raise SchemaUnfit(
            f"The database calls its schema {current} but lacks {shown}: a version before release 0.1.0 made it, and "
            "no upgrade leads on from there. Begin with an empty database; a workbook that the old version exports can "
            "be imported."
        )


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
