"""An installation comes back from its backup as it was, on either engine; what is damaged is told."""

import json
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlalchemy import Engine, text
from sqlalchemy import select as plain
from sqlmodel import col, select
from typer.testing import CliRunner

from api.cli import app
from states.archive.store import read_bytes
from states.archive.tables import IssuedDocument
from states.backups.rows import tables_of
from states.backups.service import BackupDamaged, BackupUnfit, make, restore, verify
from states.clock import machine_now
from states.outbox.service import publish
from states.partners.tables import Organisation, OrganisationKind
from states.schema import update, upgrade
from states.search.matching import Level, matches
from states.search.tables import SearchEntry
from states.search.words import read_words
from states.settings import settings
from states.storage import begin, engine, make_engine, session_on
from tests import unrecorded
from tests.releases import fixture
from tests.sealed import breaches
from tests.waiting import wait_until

RELEASE = fixture.releases()[-1]
Place = Callable[..., Engine]


@pytest.fixture(autouse=True)
def nothing_is_recorded_anew() -> Iterator[None]:
    with unrecorded.whole_database():
        yield


@pytest.fixture
def place(
    tmp_path: Path, migrated_sqlite: Path, postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    """Move into an installation of that engine without a table, or migrated; the one before stays as it is."""
    made: list[Engine] = []

    def go(kind: str, *, migrated: bool = False) -> Engine:
        home = tmp_path / f"home-{len(made)}"
        home.mkdir()
        url = fixture.empty_database(postgres_server, f"place_{len(made)}") if kind == "postgresql" else ""
        if migrated and kind == "sqlite":
            shutil.copy(migrated_sqlite, home / "bankable.db")
        monkeypatch.setenv("BANKABLE_HOME", str(home))
        monkeypatch.setenv("BANKABLE_DATABASE_URL", url)
        settings.cache_clear()
        made.append(engine())
        if migrated:
            upgrade(made[-1])
        return made[-1]

    yield go
    for one in made:
        one.dispose()
    settings.cache_clear()


def _demonstrated(place: Place, kind: str) -> Engine:
    """Move into an installation that went through the demonstration of the last release."""
    bind = place(kind)
    fixture.restore(RELEASE, settings().home, settings().database_url)
    (settings().home / "secret").write_text("signs links")  # and seals, at the upgrade
    update(bind)
    return bind


def _rows(path: Path) -> dict[str, list[str]]:
    """Return the rows of a backup by table, in an order that is the same on both engines."""
    with ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("rows/")]
        return {
            name: sorted(json.dumps(json.loads(line), sort_keys=True) for line in archive.read(name).splitlines())
            for name in names
        }


@pytest.mark.parametrize("to", fixture.ENGINES)
@pytest.mark.parametrize("kind", fixture.ENGINES)
@pytest.mark.long
def test_an_installation_comes_back_as_it_was(place: Place, tmp_path: Path, kind: str, to: str) -> None:
    bind = _demonstrated(place, kind)
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    made = make(bind, first)

    bind = place(to)
    assert restore(first, bind) == verify(first) == made
    again = make(bind, second)

    assert (again.rows, again.files, again.revision) == (made.rows, made.files, made.revision)
    assert (made.rows > 1000, made.files > 2) == (True, True)
    assert _rows(second) == _rows(first)
    assert (settings().home / "secret").read_text() == "signs links"
    assert stat.S_IMODE((settings().home / "secret").stat().st_mode) == 0o600
    if kind == to:
        assert again.parts == made.parts
    with begin() as session:
        assert breaches(session) == []
        kept = [one for one in session.exec(select(IssuedDocument)) if one.sha256 not in made.absent]
        assert [len(read_bytes(one.sha256)) for one in kept] == [one.size for one in kept]
        (entry, *_) = session.exec(select(SearchEntry).order_by(col(SearchEntry.number)))
        found = plain(matches(session, read_words(entry.title), Level.TITLE).c.number)
        assert entry.number in session.execute(found).scalars().all()
        publish(session, "collaboration.moved", partnership_id="p")  # the next row has the next number


def _organisation(name: str) -> Organisation:
    return Organisation(slug=name, name=name, kind=OrganisationKind.SME, country="PL", nuts="PL22")


@contextmanager
def _writing(bind: Engine) -> Iterator[list[int]]:
    """Let somebody write two rows in each of many transactions meanwhile; yields how many there were."""
    written, stop = [0], Event()

    def write() -> None:
        while not stop.is_set():
            with session_on(bind) as session:
                for half in ("a", "b"):
                    session.add(_organisation(f"{written[0]}{half}"))
                    session.flush()
            written[0] += 1

    writer = Thread(target=write)
    writer.start()
    try:
        yield written
    finally:
        stop.set()
        writer.join()


def _wait_for(written: list[int], count: int) -> None:
    wait_until(lambda: written[0] >= count)


@pytest.mark.long
@pytest.mark.parametrize("kind", fixture.ENGINES)
def test_what_is_written_meanwhile_is_in_it_whole_or_not_at_all(place: Place, tmp_path: Path, kind: str) -> None:
    bind = place(kind, migrated=True)
    found = []
    with _writing(bind) as written:
        for number in range(5):
            before = written[0]
            _wait_for(written, before + 3)
            path = tmp_path / f"{number}.zip"
            make(bind, path)
            found.append((before, _rows(path)["rows/organisation.jsonl"], written[0]))

    for before, rows, after in found:
        halves = [json.loads(row)[1] for row in rows]
        pairs = {name[:-1] for name in halves}
        assert sorted(halves) == sorted(f"{pair}{half}" for pair in pairs for half in "ab")
        assert before <= len(pairs) <= after + 1


@pytest.fixture
def backup(place: Place, tmp_path: Path) -> Path:
    """A backup of a small installation; the present one is empty, on SQLite."""
    bind = place("sqlite", migrated=True)
    with session_on(bind) as session:
        session.add(Organisation(slug="a", name="Łódź \u2028 A", kind=OrganisationKind.SME, country="PL", nuts="PL71"))
    made = tmp_path / "made.zip"
    make(bind, made)
    place("sqlite")
    return made


def _rewritten(backup: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with ZipFile(backup) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    written = backup.with_name("changed.zip")
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written


def _manifest(written: dict[str, bytes], **changes: object) -> None:
    written["manifest.json"] = json.dumps(json.loads(written["manifest.json"]) | changes).encode()


ORGANISATIONS = "rows/organisation.jsonl"
DAMAGES: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "a row was changed": (
        lambda parts: parts.update({ORGANISATIONS: parts[ORGANISATIONS].replace(b"PL71", b"PL72")}),
        f"{ORGANISATIONS}: was changed",
    ),
    "a table is missing": (lambda parts: parts.__delitem__(ORGANISATIONS), f"{ORGANISATIONS}: is missing"),
    "something was added": (lambda parts: parts.update({"store/ab": b"x"}), "store/ab: does not belong to it"),
    "no manifest": (lambda parts: parts.__delitem__("manifest.json"), "it has no manifest.json"),
    "a manifest that says nothing": (lambda parts: parts.update({"manifest.json": b"[]"}), "it has no manifest.json"),
    "another format": (lambda parts: _manifest(parts, format=2), "has format 2"),
    "a later schema": (lambda parts: _manifest(parts, revision="9999"), "has schema 9999"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_does_not_fit_is_named_and_nothing_is_restored(backup: Path, damage: str) -> None:
    change, said = DAMAGES[damage]
    changed = _rewritten(backup, change)

    with pytest.raises((BackupUnfit, BackupDamaged), match=said.replace(".", r"\.")):
        restore(changed, engine())

    assert tables_of(engine()) == []


def test_half_a_file_is_no_backup(backup: Path) -> None:
    half = backup.with_name("half.zip")
    half.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])

    with pytest.raises(BackupUnfit, match="only a part of one"):
        verify(half)


@pytest.mark.long
@pytest.mark.parametrize("kind", fixture.ENGINES)
def test_rows_that_do_not_go_together_leave_the_place_empty(backup: Path, place: Place, kind: str) -> None:
    def take_out(parts: dict[str, bytes]) -> None:
        known = json.loads(parts["manifest.json"])["parts"]
        name = "rows/membership.jsonl"
        columns = len(next(table for table in tables_of(made) if table.name == "membership").columns)
        row = json.dumps(["m", *["nowhere"] * (columns - 1)]).encode() + b"\n"
        parts[name] = row
        known[name] = {"sha256": sha256(row).hexdigest(), "count": 1}
        _manifest(parts, parts=known)

    made = make_engine(f"sqlite:///{backup.parent / 'home-0' / 'bankable.db'}")
    changed = _rewritten(backup, take_out)
    made.dispose()
    bind = place(kind)

    with pytest.raises(BackupUnfit, match=r"rows/membership\.jsonl in .* do not go with the others"):
        restore(changed, bind)

    assert tables_of(bind) == []
    restore(backup, bind)


def test_a_place_that_is_not_empty_keeps_what_it_has(backup: Path, place: Place) -> None:
    place("sqlite", migrated=True)

    with pytest.raises(BackupUnfit, match="not empty"):
        restore(backup, engine())


def test_a_secret_is_never_put_in_the_place_of_another(place: Place, backup: Path, tmp_path: Path) -> None:
    bind = place("sqlite")
    restore(backup, bind)
    (settings().home / "secret").write_text("one")
    make(bind, tmp_path / "with-secret.zip")
    bind = place("sqlite")
    (settings().home / "secret").write_text("another")

    with pytest.raises(BackupUnfit, match="a secret of its own"):
        restore(tmp_path / "with-secret.zip", bind)

    assert (settings().home / "secret").read_text() == "another"


def test_a_file_that_is_there_stays(backup: Path, place: Place) -> None:
    place("sqlite", migrated=True)
    before = backup.read_bytes()

    with pytest.raises(BackupUnfit, match="is there already"):
        make(engine(), backup)

    assert backup.read_bytes() == before
    with pytest.raises(BackupUnfit, match="no schema"):
        make(make_engine("sqlite://"), backup.with_name("none.zip"))
    assert sorted(path.name for path in backup.parent.glob("*.zip*")) == ["made.zip"]


@pytest.mark.long
def test_before_an_upgrade_there_is_a_backup_to_go_back_to(place: Place) -> None:
    bind = place("sqlite")
    fixture.restore(RELEASE, settings().home)
    run = CliRunner().invoke

    first, second = run(app, ["migrate"]), run(app, ["migrate"])

    (kept,) = (settings().home / "backups").iterdir()
    assert (first.exit_code, f"backed up in {kept}" in first.stdout) == (0, True)
    assert (second.exit_code, second.stdout) == (0, "The database is at the newest schema.\n")
    bind.dispose()
    bind = place("sqlite")
    assert restore(kept, bind).revision == "0001"
    assert CliRunner().invoke(app, ["migrate"]).exit_code == 0


@pytest.mark.long
def test_a_file_whose_loss_is_on_record_is_no_fault_of_a_backup(place: Place, tmp_path: Path) -> None:
    bind = _demonstrated(place, "sqlite")
    lost, *others = make(bind, tmp_path / "first.zip").absent
    with begin() as session:
        for row in session.exec(select(IssuedDocument).where(IssuedDocument.sha256 == lost)):
            row.lost_at = machine_now()

    assert make(bind, tmp_path / "second.zip").absent == others != []


def test_the_commands_make_verify_and_restore(place: Place, tmp_path: Path) -> None:
    bind = place("sqlite")
    fixture.restore(RELEASE, settings().home)
    gone = sorted((settings().home / "store").glob("*/*"))[0]
    gone.unlink()
    run = CliRunner().invoke

    made = run(app, ["backup", "make"])
    (path,) = (settings().home / "backups").iterdir()
    kept = tmp_path / "kept.zip"
    shutil.move(path, kept)
    bind.dispose()
    bind = place("sqlite")
    verified, restored = run(app, ["backup", "verify", str(kept)]), run(app, ["backup", "restore", str(kept)])
    refused = run(app, ["backup", "restore", str(kept)])

    assert (made.exit_code, f"The store does not hold {gone.name}" in made.stderr) == (1, True)
    assert (verified.exit_code, "every part fits its checksum" in verified.stdout) == (0, True)
    assert (restored.exit_code, "restored" in restored.stdout) == (0, True)
    assert (refused.exit_code, refused.stderr) == (2, "The database is not empty: restore into a new one.\n")
    with bind.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM history_line")) > 10
