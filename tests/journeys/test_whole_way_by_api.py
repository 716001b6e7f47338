"""The commands of docs/how-to/whole-way-by-api.md, executed one block after the other beside `bankable serve`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from states import clock
from states.settings import settings
from tests.flows.conftest import free_port
from tests.guides import Shell, steps
from tests.waiting import HANG_SECONDS, wait_until

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="the guide needs curl and jq"),
]

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "whole-way-by-api.md"
BANKABLE = str(Path(sys.executable).parent / "bankable")
MORNING = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder, on a morning of work: at night nobody is written to."""
    for name in [name for name in os.environ if name.startswith(("BANKABLE_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BANKABLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BANKABLE_CLOCK_FILE", str(tmp_path / "clock"))
    settings.cache_clear()
    clock.set_simulated(MORNING)
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("nothing")
def test_the_guide_is_true(tmp_path: Path) -> None:
    found, ports = steps(GUIDE), (str(free_port()), str(free_port()))
    shell = Shell(tmp_path, f"127.0.0.1:{ports[0]}")
    shell.follow(found[0])
    with ExitStack() as stack:
        stack.callback(shell.close)
        log = stack.enter_context((tmp_path / "serve.log").open("wb"))
        command = [BANKABLE, "serve", "--port", ports[0], "--prefect-port", ports[1]]
        serve = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
        stack.callback(serve.wait, HANG_SECONDS)
        stack.callback(serve.terminate)
        wait_until(lambda: b"Ctrl-C" in (tmp_path / "serve.log").read_bytes(), of=serve)
        for step in found[1:]:
            shell.follow(step)
