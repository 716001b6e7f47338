"""The doctor looks at everything and says what is wrong."""

import http.server
import threading
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from sqlmodel import update
from typer.testing import CliRunner

from api.cli import app
from api.operations.doctor import Finding, examine
from states.clock import machine_now, now
from states.mail.sending import Result
from states.outbox.service import publish
from states.outbox.tables import OutboxMessage
from states.processes.presence import as_here
from states.processes.tables import ProcessKind
from states.search.tables import SearchEntry
from states.settings import settings
from states.storage import begin, engine, table_of
from states.texts import Text
from tests.api.house import furnish
from tests.factories import a_collaboration_at
from tests.states.mail.conftest import a_post


def found() -> dict[str, Finding]:
    return {finding.what: finding for finding in examine()}


@pytest.fixture
def sound(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return installation


def test_a_sound_installation(sound: Path) -> None:
    findings = found()

    assert {what: finding.ok for what, finding in findings.items()} == dict.fromkeys(findings, True)
    assert findings["Prefect"].detail == "not configured (PREFECT_API_URL is not set)"
    assert findings["Outbox"].detail == "0 set aside, 0 waiting, 0 of them for more than 15 minutes without an answer"


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_an_index_that_lacks_something_is_mended_by_migrate(sound: Path) -> None:
    with begin() as session:
        a_collaboration_at(furnish(session)[0], "outline")
    assert found()["Search"] == Finding("Search", True, Text("finding", "search_complete"))
    with begin() as session:
        session.execute(table_of(SearchEntry).delete())
    assert found()["Search"] == Finding("Search", False, Text("finding", "search_incomplete"))

    assert CliRunner().invoke(app, ["migrate"]).output == "The database is at the newest schema.\n"

    assert found()["Search"].ok


@pytest.mark.long
@pytest.mark.parametrize(
    ("result", "minutes", "ok", "detail"),
    [
        (Result.UNCLEAR, 0, False, "1 of unknown fate, 0 failed, 0 waiting, 0 of them since more than 30 minutes"),
        (Result.REFUSED, 0, True, "0 of unknown fate, 1 failed, 0 waiting, 0 of them since more than 30 minutes"),
        (None, 29, True, "0 of unknown fate, 0 failed, 1 waiting, 0 of them since more than 30 minutes"),
        (None, 31, False, "0 of unknown fate, 0 failed, 1 waiting, 1 of them since more than 30 minutes"),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_mails_of_unknown_fate_or_that_nothing_delivers_are_wrong(
    sound: Path, result: Result | None, minutes: int, ok: bool, detail: str
) -> None:
    post = a_post()
    post.enter(not_before=now() - timedelta(minutes=minutes))
    if result is not None:
        post.hand_over(result)

    assert (found()["Mails"].ok, found()["Mails"].detail) == (ok, detail)


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_an_event_that_was_set_aside_is_wrong(sound: Path) -> None:
    with begin() as session:
        world, _ = furnish(session)
        event = publish(session, "collaboration.moved", partnership_id=world.partnership.id)
        event.dead_at = now()
        session.add(event)

    answer = CliRunner().invoke(app, ["doctor"])

    assert answer.exit_code == 1
    assert found()["Outbox"] == Finding(
        "Outbox", False, Text("finding", "outbox_counts", dead=1, waiting=0, late=0, minutes=15)
    )


def test_a_database_without_tables_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_HOME", str(tmp_path))
    monkeypatch.setenv("BANKABLE_DATABASE_URL", "")
    settings.cache_clear()

    findings = found()

    engine().dispose()
    settings.cache_clear()
    assert (findings["Database"].ok, findings["Outbox"].ok) == (False, False)
    assert findings["Database"].detail.endswith("bankable.db lacks migrations: bankable migrate")


def test_a_folder_that_cannot_be_made_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("BANKABLE_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("BANKABLE_DATABASE_URL", "")
    settings.cache_clear()

    findings, migrated = found(), CliRunner().invoke(app, ["migrate"])

    settings.cache_clear()
    assert (findings["Database"].ok, findings["Outbox"].ok) == (False, False)
    assert findings["Database"].detail.startswith("its folder cannot be made: ")
    assert (migrated.exit_code, migrated.stderr.startswith("A file or folder cannot be used: ")) == (2, True)


def test_a_database_that_does_not_answer_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    settings.cache_clear()

    finding = found()["Database"]

    engine().dispose()
    settings.cache_clear()
    assert (finding.ok, "secret" in finding.detail) == (False, False)


class _Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def healthy() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Healthy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_prefect_is_asked_for_its_health(sound: Path, healthy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    details = {}
    for path in ("/api", "/elsewhere"):
        monkeypatch.setenv("PREFECT_API_URL", f"{healthy}{path}")
        details[path] = found()["Prefect"]
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")

    assert [details[path].ok for path in details] == [True, False]
    assert found()["Prefect"].ok is False


def a_process(kind: ProcessKind, name: str, **unlike: str) -> None:
    """Let a process be seen that is set up as this one is, but for what is unlike."""
    with begin() as session:
        row = as_here(kind, name, started_at=machine_now())
        for column, value in unlike.items():
            setattr(row, column, value)
        session.add(row)


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_waits_wants_a_runner(sound: Path) -> None:
    assert found()["Runners"] == Finding("Runners", True, Text("finding", "no_runner"))
    with begin() as session:
        publish(session, "collaboration.moved", partnership_id=furnish(session)[0].partnership.id)
    assert found()["Runners"] == Finding("Runners", False, Text("finding", "runner_needed"))

    a_process(ProcessKind.RUNNER, "host:1")

    assert found()["Runners"] == Finding("Runners", True, Text("finding", "runners_work", runners=("host:1",)))


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_who_is_set_up_otherwise_is_named_with_what_is_to_be_done(sound: Path) -> None:
    a_process(ProcessKind.RUNNER, "alike:1")
    a_process(ProcessKind.WORKER, "other:2", secret="else", store="else", release="0.0.9")
    a_process(ProcessKind.WORKER, "cut-off:3", store="")

    finding = found()["Alike"]

    other = {"process": "worker other:2"}
    unlike = (
        Text("finding", "store_away", process="worker cut-off:3"),
        Text("finding", "secret_unlike", **other),
        Text("finding", "store_unlike", **other, store=settings().store),
        Text("finding", "release_unlike", **other, theirs="0.0.9", ours=version("bankable")),
    )
    assert finding == Finding("Alike", False, Text("finding", "processes_unlike", unlike=unlike))
    assert "worker other:2 has another secret" in finding.detail


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_beside_a_running_serve_its_own_prefect_server_is_looked_at(sound: Path, healthy: str) -> None:
    a_process(ProcessKind.RUNNER, "host:1", prefect_url=f"{healthy}/api")

    assert found()["Prefect"].detail == f"{healthy}/api answers 200"


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_pool_needs_the_address_of_a_server(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_HAND_OVER", "pool")
    settings.cache_clear()

    assert found()["Prefect"] == Finding("Prefect", False, Text("finding", "prefect_needed"))


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_message_that_nothing_answers_for_a_while_is_wrong(sound: Path) -> None:
    with begin() as session:
        world, _ = furnish(session)
        session.exec(update(OutboxMessage).values(done_at=now()))
        for name in ("fresh", "late", "answered"):
            message = publish(session, name, partnership_id=world.partnership.id)
            if name != "fresh":
                message.created_at = now() - timedelta(minutes=16)
            if name == "answered":
                message.leased_by, message.leased_until = "a flow run", machine_now() + timedelta(minutes=1)

    assert found()["Outbox"] == Finding(
        "Outbox", False, Text("finding", "outbox_counts", dead=0, waiting=3, late=1, minutes=15)
    )
