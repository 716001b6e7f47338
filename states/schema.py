"""Every table of the house, and the migrations that make them."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlmodel import SQLModel

import states.archive.tables
import states.calendars.tables
import states.changes.tables
import states.collaborations.tables
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

METADATA = SQLModel.metadata


def _config(bind: Engine) -> Config:
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


def revise(bind: Engine, message: str) -> None:
    """Write a new migration from the difference between the tables and the database."""
    command.revision(_config(bind), message=message, autogenerate=True)


def at_head(bind: Engine) -> bool:
    """Tell whether the database has every migration."""
    script = ScriptDirectory.from_config(_config(bind))
    with bind.connect() as connection:
        return MigrationContext.configure(connection).get_current_heads() == tuple(script.get_heads())
