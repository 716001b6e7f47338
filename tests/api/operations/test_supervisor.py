"""What the supervisor starts ends with it, however it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
START = """
import os, sys, time
from pathlib import Path
from api.operations.supervisor import Household, Spec
sleep = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
Household(Path(sys.argv[1]), {}).start(Spec("sleeper", [sys.executable, "-c", sleep]))
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's end")
def test_what_it_started_ends_with_a_killed_supervisor(tmp_path: Path) -> None:
    log = tmp_path / "sleeper.log"
    supervisor = subprocess.Popen([sys.executable, "-c", START, str(tmp_path)], cwd=ROOT)
    wait_until(lambda: log.exists() and log.read_text().endswith("\n"), of=supervisor)
    status = Path(f"/proc/{log.read_text().strip()}/status")
    assert "sleeping" in status.read_text()

    supervisor.kill()
    supervisor.wait()

    wait_until(lambda: not status.exists() or "zombie" in status.read_text())
