"""Revisions are made whole or not at all, and may replace tables to which others point."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from states.schema import METADATA, is_declared, pending
from states.storage import begin, engine
from tests.factories import a_collaboration, a_world

RENAMES = """
    with op.batch_alter_table("partnership") as table:
        table.alter_column("name", new_column_name="title")
"""
TAKES_BACK = """
    with op.batch_alter_table("partnership") as table:
        table.alter_column("title", new_column_name="name")
"""
BREAKS_OFF = """
    op.execute("DELETE FROM history_line")
    op.execute("UPDATE nowhere SET nothing = 1")
"""
LEAVES_ORPHANS = """
    op.execute("DELETE FROM partnership")
"""


@pytest.fixture
def config(installation: Path, tmp_path: Path) -> Iterator[Config]:
    """Alembic's configuration, with a folder for revisions that no release has; they are taken back in the end."""
    with begin() as session:
        a_collaboration(a_world(session))
    made = Config()
    made.set_main_option("script_location", "states.storage:migrations")
    made.set_main_option("path_separator", "newline")
    made.set_main_option("version_locations", f"states.storage:migrations/versions\n{tmp_path}")
    made.attributes.update(engine=engine(), metadata=METADATA, include_object=is_declared)
    newest = ScriptDirectory.from_config(made).get_current_head()
    yield made
    command.downgrade(made, str(newest))


def _revise(config: Config, folder: Path, upgrade: str, downgrade: str = "    pass") -> None:
    """Write one more revision."""
    newest = ScriptDirectory.from_config(config).get_current_head()
    name = f"later_{len(list(folder.glob('*.py')))}"
    head = f'from alembic import op\n\nrevision = "{name}"\ndown_revision = "{newest}"\n'
    said = f"{head}\ndef upgrade():\n{upgrade}\n\ndef downgrade():\n{downgrade}\n"
    (folder / f"{name}.py").write_text(said, encoding="utf-8")


def _collaborations() -> int:
    with engine().connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM collaboration")).scalar_one())


def _columns() -> set[str]:
    return {column["name"] for column in inspect(engine()).get_columns("partnership")}


def test_a_table_to_which_rows_point_can_be_changed(config: Config, tmp_path: Path) -> None:
    _revise(config, tmp_path, RENAMES, TAKES_BACK)

    command.upgrade(config, "head")

    assert (_collaborations(), _columns() & {"name", "title"}) == (1, {"title"})


def test_foreign_keys_hold_after_a_revision(config: Config, tmp_path: Path) -> None:
    _revise(config, tmp_path, RENAMES, TAKES_BACK)
    command.upgrade(config, "head")

    with pytest.raises(IntegrityError), engine().begin() as connection:
        connection.execute(text("DELETE FROM partnership"))


def test_a_revision_that_leaves_orphans_is_refused(config: Config, tmp_path: Path) -> None:
    _revise(config, tmp_path, LEAVES_ORPHANS)

    with pytest.raises((IntegrityError, RuntimeError)):
        command.upgrade(config, "head")

    assert (_collaborations(), pending(engine())) == (1, [])


def test_of_several_revisions_all_are_made_or_none(config: Config, tmp_path: Path) -> None:
    _revise(config, tmp_path, RENAMES, TAKES_BACK)
    _revise(config, tmp_path, BREAKS_OFF)

    with pytest.raises((OperationalError, ProgrammingError)):
        command.upgrade(config, "head")

    assert (_columns() & {"name", "title"}, pending(engine())) == ({"name"}, [])
