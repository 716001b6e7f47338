"""A process shows itself while it works, tells how it is set up, and is gone when it ends or is killed."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from states.archive.store import keep_bytes, read_bytes, store_name
from states.clock import machine_now
from states.processes.presence import GONE, as_here, present, process_name, working
from states.processes.tables import ProcessKind, WorkingProcess
from states.settings import settings
from states.storage import begin
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("installation")


def at_work() -> dict[str, WorkingProcess]:
    with begin(read_only=True) as session:
        return {row.name: row for row in working(session)}


def test_who_works_is_there_until_the_work_ends() -> None:
    name = process_name()
    with present(ProcessKind.RUNNER, name, prefect_url="http://prefect.example.org/api"):
        wait_until(at_work)
        row = at_work()[name]
        assert (row.kind, row.prefect_url) == (ProcessKind.RUNNER, "http://prefect.example.org/api")

    assert at_work() == {}


def test_who_was_killed_is_gone_after_a_while_and_forgotten_after_a_day() -> None:
    with begin() as session:
        for name, ago in (("killed", GONE + timedelta(seconds=1)), ("long ago", timedelta(days=2))):
            row = as_here(ProcessKind.WORKER, name, started_at=machine_now())
            row.seen_at = machine_now() - ago
            session.add(row)
    assert at_work() == {}

    with present(ProcessKind.RUNNER, "next"):
        wait_until(at_work)

    with begin(read_only=True) as session:
        assert session.exec(select(WorkingProcess.name)).all() == ["killed"]


def test_another_secret_and_another_store_have_other_names(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here() -> tuple[str, str]:
        settings.cache_clear()
        row = as_here(ProcessKind.RUNNER, "me", started_at=machine_now())
        return row.secret, row.store

    digest = keep_bytes(b"%PDF-")
    first, again = here(), here()
    monkeypatch.setenv("BANKABLE_SECRET", "another")
    monkeypatch.setenv("BANKABLE_STORE_URL", f"file://{tmp_path}/other")
    other = here()
    monkeypatch.setenv("BANKABLE_STORE_URL", f"file://{installation}/store")
    back = here()

    assert (first, back[1], read_bytes(digest)) == (again, first[1], b"%PDF-")
    assert {len({first[part], other[part]}) for part in (0, 1)} == {2}


def test_a_store_that_does_not_answer_has_no_name(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (installation / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("BANKABLE_STORE_URL", f"file://{installation}/file/store")
    settings.cache_clear()

    with pytest.raises(OSError, match="file"):
        store_name()
    assert as_here(ProcessKind.RUNNER, "me", started_at=machine_now()).store == ""
