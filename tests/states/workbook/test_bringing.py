"""A long file is brought in while others write: nothing slow happens where they would have to wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, func, select

from states.clock import at
from states.partners.tables import Organisation, Partnership
from states.storage import begin, engine, make_engine
from states.workbook import bringing, importing
from states.workbook.bringing import bring_in
from states.workbook.files import read_file
from states.workbook.importing import MOST_AT_ONCE, ImportInvalid, Workbook, read_workbook
from states.workbook.line import Line
from states.workbook.registry import Member, Organisations
from states.workbook.world import World
from tests.states.workbook.sheets_in import FULL, a_partnership, a_workbook, counts

sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def key(installation: Path) -> str:
    with begin() as session:
        return a_partnership(session).id


def _organisations(count: int, *, bad: int = -1) -> Workbook:
    lines = [f"firm-{number},Firm {number},{'party' if number == bad else 'sme'},PL22" for number in range(count)]
    return read_workbook(read_file("\n".join(["slug,name,kind,nuts", *lines]).encode(), name="organisations.csv"))


class Finder:
    """Finds the partnership in each transaction, and counts them."""

    def __init__(self, key: str) -> None:
        self._key, self.asked = key, 0

    def __call__(self, session: Session) -> Partnership:
        self.asked += 1
        return session.get_one(Partnership, self._key)


def _count() -> int:
    with begin(read_only=True) as session:
        return session.exec(select(func.count()).where(col(Organisation.slug).startswith("firm-"))).one()


@contextmanager
def _another() -> Iterator[Session]:
    """Yield a session of another process, which waits for nobody: it fails at once where a writer is at work."""
    made = make_engine(str(engine().url))
    event.listen(made, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=0"))
    try:
        with pytest.MonkeyPatch.context() as patch, Session(made) as session:
            patch.setattr(import_module("states.storage.engine"), "SQLITE_BUSY_SECONDS", 0)
            yield session
    finally:
        made.dispose()


@sqlite
@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("count", "at_once"), [(1_200, 500), pytest.param(19_000, MOST_AT_ONCE, marks=pytest.mark.long)]
)
def test_another_writes_while_lines_are_judged(
    key: str, monkeypatch: pytest.MonkeyPatch, count: int, at_once: int, dry_run: bool
) -> None:
    monkeypatch.setattr(importing, "MOST_AT_ONCE", at_once)
    judged = [0, 0]  # aside, and in the database itself
    written: list[int] = []
    judge = Organisations.check

    def check(self: Organisations, world: World, line: Line, row: Member | None) -> None:
        judge(self, world, line, row)
        itself = str(world.session.connection().engine.url) == str(engine().url)
        judged[itself] += 1
        if itself or judged[0] % 400:
            return
        with _another() as other:
            other.execute(text("UPDATE partnership SET version = version"))
            other.commit()
        written.append(judged[0])

    monkeypatch.setattr(Organisations, "check", check)
    into = Finder(key)

    reports = bring_in(_organisations(count), into=into, dry_run=dry_run)

    assert counts(reports) == {"organisations": (count, 0, 0)}
    assert written == list(range(400, count + 1, 400))  # each of them while the file was looked at
    assert judged == ([count, 0] if dry_run else [count, count])
    assert _count() == (0 if dry_run else count)
    assert into.asked == (1 if dry_run else 1 + -(-count // at_once))


@sqlite
def test_the_other_would_have_failed_within_the_transaction(key: str) -> None:
    with begin() as session, _another() as other:
        session.get_one(Partnership, key)
        with pytest.raises(OperationalError, match="locked"):
            other.execute(text("UPDATE partnership SET version = version"))


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_fault_far_below_keeps_everything_out(key: str, monkeypatch: pytest.MonkeyPatch, dry_run: bool) -> None:
    monkeypatch.setattr(importing, "MOST_AT_ONCE", 500)
    book = _organisations(1_000, bad=999)

    with pytest.raises(ImportInvalid) as caught:
        bring_in(book, into=Finder(key), dry_run=dry_run)

    assert [str(one)[:40] for one in caught.value.faults] == ["organisations, row 1001, kind (C1001): '"]
    assert _count() == 0


def test_what_another_changes_meanwhile_is_said_with_what_is_in(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(session: Session, partnership: Partnership, book: Workbook, **options: object) -> object:
        done = bring(session, partnership, book, **options)  # type: ignore[arg-type]
        begun.append(book)
        if len(begun) == 3:  # aside, the first part, the second part
            raise ImportInvalid("refused", field="organisations, row 501", remedy="see_rules_of_step", reason="x")
        return done

    bring, begun = importing.import_workbook, list[Workbook]()
    monkeypatch.setattr(importing, "MOST_AT_ONCE", 500)
    with monkeypatch.context() as others:
        others.setattr(bringing, "import_workbook", interrupted)
        with pytest.raises(ImportInvalid) as caught:
            bring_in(_organisations(1_500), into=Finder(key))

    said = "is in as far as its first 500 lines: somebody else has changed something meanwhile"
    assert (caught.value.faults[0].message, _count()) == (said, 500)
    again = bring_in(_organisations(1_500), into=Finder(key))
    assert counts(again) == {"organisations": (1_000, 0, 500)}


def test_every_sheet_is_brought_in_by_parts_as_it_is_at_once(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MOST_AT_ONCE", 1)
    into = Finder(key)
    with at(datetime(2026, 4, 2, tzinfo=UTC)):
        first, again = (bring_in(_everything(), into=into) for _ in range(2))

    lines = {name: len(rows) - 1 for name, rows in FULL.items()}
    changed = {"members": (0, lines["members"], 0)}  # the sheet of collaborations has named them
    assert counts(first) == {name: (count, 0, 0) for name, count in lines.items()} | changed
    assert counts(again) == {name: (0, 0, count) for name, count in lines.items()}
    assert into.asked == 2 * (1 + 1 + sum(lines.values()) - lines["keywords"])  # aside; each line; the keywords at once


def _everything() -> Workbook:
    return read_workbook(read_file(a_workbook(FULL), name="file.xlsx"))
