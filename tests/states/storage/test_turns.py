"""Who writes to SQLite waits its turn, first come first served; who reads never waits, who dies holds nobody up."""

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from states.outages import is_outage
from states.partners.tables import Partnership, PartnershipKind
from states.storage import begin, engine
from states.storage.turns import Place
from tests.waiting import HANG_SECONDS, wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such locks"),
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("installation"),
]

HOLD = """
import sys, time
from states.storage import begin
with begin():
    print("written", flush=True)
    time.sleep(3600)
"""


def _add(session: Session, slug: str) -> None:
    session.add(Partnership(slug=slug, name="One", kind=PartnershipKind.TSSP, playbook="s3"))
    session.flush()


def _slugs() -> list[str]:
    with begin(read_only=True) as session:
        return [row.slug for row in session.exec(select(Partnership))]


def test_the_first_come_is_the_first_served(tmp_path: Path) -> None:
    places = [Place(str(tmp_path / "one.db")) for _ in range(6)]
    served: list[int] = []

    def write(number: int) -> None:
        assert places[number].wait(HANG_SECONDS)
        served.append(number)
        places[number].leave()

    assert places[0].wait(0)
    with ThreadPoolExecutor(len(places)) as pool:
        for number in (3, 1, 5, 2, 4):
            pool.submit(write, number)
            wait_until(lambda number=number: places[number].taken)  # type: ignore[misc]
        waiting = list(served)
        places[0].leave()

    assert (waiting, served) == ([], [3, 1, 5, 2, 4])
    for place in places:
        place.close()


def test_a_writer_waits_and_a_reader_does_not() -> None:
    asked = Event()

    def write() -> list[str]:
        asked.set()
        with begin() as session:
            _add(session, "second")
            return [row.slug for row in session.exec(select(Partnership))]

    with ThreadPoolExecutor(1) as pool:
        with begin() as session:
            _add(session, "first")
            second = pool.submit(write)
            asked.wait(HANG_SECONDS)
            read = _slugs()
        seen = second.result()

    assert (read, seen, _slugs()) == ([], ["first", "second"], ["first", "second"])


def test_a_writer_that_is_killed_holds_nobody_up(installation: Path) -> None:
    environment = os.environ | {"BANKABLE_HOME": str(installation)}
    with subprocess.Popen([sys.executable, "-c", HOLD], env=environment, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()

    with begin() as session:
        _add(session, "one")

    assert _slugs() == ["one"]


def test_who_waits_for_too_long_hears_that_the_database_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one does who begins to write within a transaction that writes: the inner one waits for the outer one."""
    monkeypatch.setattr(import_module("states.storage.engine"), "SQLITE_BUSY_SECONDS", 0.05)
    with begin() as session:
        _add(session, "outer")
        with pytest.raises(OperationalError, match="database is locked") as raised, begin() as inner:
            _add(inner, "inner")
    monkeypatch.undo()
    with begin() as session:
        _add(session, "later")

    assert (is_outage(raised.value), _slugs()) == (True, ["outer", "later"])


def test_one_who_keeps_its_connection_keeps_its_place_until_it_gives_it_back() -> None:
    with engine().connect() as connection:
        for _ in range(2):
            with connection.begin():
                connection.exec_driver_sql("UPDATE partnership SET name = 'Two'")

    with begin() as session:
        _add(session, "one")

    assert _slugs() == ["one"]


def test_without_room_for_the_queue_sqlite_alone_decides(installation: Path) -> None:
    (installation / "bankable.db-queue").mkdir()

    with begin() as session:
        _add(session, "one")

    assert _slugs() == ["one"]


def test_others_who_write_are_waited_for(installation: Path) -> None:
    """Such as the program sqlite3, which knows no queue."""
    other = sqlite3.connect(installation / "bankable.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    begun = Event()

    def write() -> None:
        begun.set()
        with begin() as session:
            _add(session, "one")

    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write)
        begun.wait(HANG_SECONDS)
        other.execute("ROLLBACK")
        written.result()

    other.close()
    assert _slugs() == ["one"]
