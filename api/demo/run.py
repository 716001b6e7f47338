"""Run the demonstration: start everything, tell the story, write the files, stop everything."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from datetime import time as clock_time
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from api.demo.results import print_summary, write_results
from api.demo.story import HERO, Story
from api.demo.voices import PATIENCE_SECONDS, POLL_SECONDS, StoryFailed, voices
from api.operations import supervisor
from documents.seal_keys import make_key
from states import clock
from states.mail.sending import deliverable
from states.outbox.queries import dead_messages, last_errors, open_messages
from states.schema import upgrade
from states.seeds.registry import load_registry
from states.seeds.situation import load_situation
from states.settings import settings
from states.storage import begin, engine

_FIRST_DAY = datetime(2019, 10, 1, 9, tzinfo=UTC)
_SEALER = "Bankable demonstration"
ROUNDS_A_DAY = ("remind", "digest", "close-review-round", "progress-report")


def run(home: Path, *, database_url: str = "") -> None:
    """Tell the whole story in an empty folder; what the last run left there is removed first.

    `database_url` names an empty PostgreSQL database; without it an SQLite file in the folder is the database.
    """
    began = time.monotonic()
    console = Console()
    _empty(home)
    api_port, prefect_port = supervisor.free_port(), supervisor.free_port()
    _settle_in(home, api_port, database_url)
    environment = supervisor.prefect_environment(home / "prefect", port=prefect_port, pages=False)
    address = f"http://127.0.0.1:{api_port}"
    prefect = httpx.Client(base_url=environment["PREFECT_API_URL"], timeout=PATIENCE_SECONDS)
    with prefect, supervisor.household(home / "logs", environment) as house, _progress(console) as say:
        say("Prefect's server, the API and the runner start")
        house.start(supervisor.prefect_server(prefect_port))
        upgrade(engine())
        with begin() as session:
            partnership = load_registry(session)
            load_situation(session, partnership, but=[HERO])
            voice = voices(session, partnership, address)
        house.start(supervisor.api_server(api_port))
        house.wait_ready()
        house.start(supervisor.runner())
        story = Story(voice)
        watch = Watch(house, prefect)
        for day in story.days():
            say(f"{day.on}  {day.title}")
            clock.set_simulated(datetime.combine(day.on, clock_time(9), tzinfo=UTC))
            watch.daily_round()
            day.act()
            watch.quiet()
        say("The files are written")
        results = write_results(story, home)
    print_summary(console, results, seconds=time.monotonic() - began)


def _empty(home: Path) -> None:
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True)


def _settle_in(home: Path, api_port: int, database_url: str) -> None:
    """Point this process, and with it every child, to the demonstration's own database, store, clock and seal."""
    key = home.resolve() / "seal.p12"
    os.environ.update(
        BANKABLE_HOME=str(home.resolve()),
        BANKABLE_CLOCK_FILE=str((home / "clock").resolve()),
        BANKABLE_PUBLIC_URL=f"http://127.0.0.1:{api_port}",
        BANKABLE_DATABASE_URL=database_url,
        BANKABLE_STORE_URL="",
        BANKABLE_SEAL_KEY=str(key),
        BANKABLE_SEAL_PASSPHRASE="",
        BANKABLE_SEAL_TIMESTAMP_URL="",
        BANKABLE_SEAL_ROOTS=str(make_key(key, _SEALER, since=_FIRST_DAY)),
    )
    settings.cache_clear()
    clock.set_simulated(_FIRST_DAY)


@contextmanager
def _progress(console: Console) -> Iterator["Say"]:
    columns = (SpinnerColumn(finished_text="✓"), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console) as progress:
        yield Say(progress)


class Say:
    """Show what happens now, with the time that it takes."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def __call__(self, text: str) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=1)
        self._task = self._progress.add_task(text, total=1)


class Watch:
    """Wait until the flows have done what is to be done."""

    def __init__(self, house: supervisor.Household, prefect: httpx.Client) -> None:
        self._house, self._prefect = house, prefect

    def quiet(self) -> None:
        """Return when every event and mail is handed over; raise `StoryFailed` if an event had to be set aside."""
        for _ in self._patiently("the events and mails"):
            with begin(read_only=True) as session:
                if dead_messages(session):
                    raise StoryFailed("message_set_aside", errors=tuple(last_errors(session)))
                if not open_messages(session) and not deliverable(session):
                    return

    def daily_round(self) -> None:
        """Return when the scheduled flows have run on the day that the clock shows now."""
        rounds = [f"{flow}/{clock.today().isoformat()}" for flow in ROUNDS_A_DAY]
        for _ in self._patiently("the daily round"):
            if all(map(self._completed, rounds)):
                return

    def _completed(self, run: str) -> bool:
        """Tell it by the run's name, not by when it began: the runner may see a new day before this process goes on."""
        wanted = {"name": {"any_": [run]}, "state": {"type": {"any_": ["COMPLETED"]}}}
        answer = self._prefect.post("/flow_runs/count", json={"flow_runs": wanted})
        answer.raise_for_status()
        return bool(answer.json())

    def _patiently(self, what: str) -> Iterator[None]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self._house.check()
            yield
            time.sleep(POLL_SECONDS)
        raise StoryFailed(
            "not_done_in_time", seconds=round(PATIENCE_SECONDS), what=what, folder=str(self._house.folder)
        )
