"""The one transaction block: all of it or nothing, and what the engines promise."""

from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import select as core_select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from states.partners.tables import Partnership, PartnershipKind, Region
from states.settings import settings
from states.storage import begin, engine, make_engine, table_of

pytestmark = pytest.mark.usefixtures("installation")


def _partnership(slug: str = "one") -> Partnership:
    return Partnership(slug=slug, name="One", kind=PartnershipKind.TSSP, playbook="s3")


def _slugs(session: Session) -> list[str]:
    return [row.slug for row in session.exec(select(Partnership))]


def test_the_end_of_the_block_commits() -> None:
    with begin() as session:
        session.add(_partnership())
    with begin() as session:
        assert _slugs(session) == ["one"]


@pytest.mark.parametrize("ask", ["exec", "execute"])
def test_what_is_new_is_written_before_the_tables_are_asked(ask: str) -> None:
    with begin() as session:
        session.add(_partnership())

        found = getattr(session, ask)(core_select(table_of(Partnership).c.slug)).all()
    assert [tuple(row) for row in found] == [("one",)]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_nothing_behind(error: type[BaseException]) -> None:
    def fail() -> None:
        with begin() as session:
            session.add(_partnership())
            session.flush()
            raise error

    with pytest.raises(error):
        fail()
    with begin(read_only=True) as session:
        assert _slugs(session) == []


def test_rows_can_be_read_after_the_commit() -> None:
    with begin() as session:
        row = _partnership()
        session.add(row)
    assert row.name == "One"


def test_a_foreign_key_must_point_somewhere() -> None:
    with pytest.raises(IntegrityError), begin() as session:
        session.add(Region(partnership_id="nowhere", slug="a", name="A", country="PL", codes=["PL22"]))


def test_a_savepoint_takes_back_its_own_part_only() -> None:
    with begin() as session:
        session.add(_partnership())
        session.flush()
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(_partnership())
    with begin() as session:
        assert _slugs(session) == ["one"]


def test_a_process_has_one_engine_for_a_database() -> None:
    assert engine() is engine()


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    made = make_engine(f"sqlite:///{tmp_path / 'new' / 'folder' / 'one.db'}")
    with made.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    made.dispose()
    assert ((tmp_path / "new" / "folder").is_dir(), mode) == (True, "wal")


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_a_connection_that_rested_is_asked_before_it_is_used(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends every connection, as when it is restarted; the next transaction has a new one."""
    monkeypatch.setattr(import_module("states.storage.engine"), "REST_SECONDS", 0)
    with begin() as session:
        session.connection().exec_driver_sql("SELECT 1")
    other = make_engine(settings().database)
    with other.connect() as connection:
        others = "FROM pg_stat_activity WHERE datname = 'migrated' AND pid <> pg_backend_pid()"
        ended = connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {others}").scalars().all()
    other.dispose()

    with begin() as session:
        answer = session.connection().exec_driver_sql("SELECT 1").scalar()

    assert (ended, answer) == ([True], 1)
