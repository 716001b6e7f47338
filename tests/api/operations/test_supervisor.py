"""What the supervisor starts ends with it, however it ends."""

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from api.operations.restarts import look, note_restart, restarts_in
from api.operations.supervisor import RECORDING, Household, Spec
from states.texts import Text
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


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_ends_is_started_again_after_a_pause_and_said(installation: Path) -> None:
    folder = installation / "logs"
    house = Household(folder, {})
    house.start(Spec("brief", [sys.executable, "-c", "print('over', flush=True); raise SystemExit(3)"]))
    house.start(Spec("steady", [sys.executable, "-c", "import time; time.sleep(600)"]))
    said: list[str] = []
    try:
        assert look() == (True, Text("finding", "nothing_restarted"))

        def revived() -> bool:
            said.extend(house.revive())
            return len(said) >= 2

        wait_until(revived)

        assert said == [f"brief ended with code 3 and was started again ({number}); see its log" for number in (1, 2)]
        noted = restarts_in(folder)
        assert [(one.process, one.code, one.number) for one in noted] == [("brief", 3, 1), ("brief", 3, 2)]
        first, second = (datetime.fromisoformat(one.at) for one in noted)
        assert second - first >= timedelta(seconds=1)  # the second pause is twice the first
        fits, finding = look()
        assert (fits, finding.parameters["times"], finding.parameters["process"]) == (False, 2, "brief")
    finally:
        house.stop()


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_household_that_begins_anew_forgets_what_an_earlier_one_did(installation: Path) -> None:
    note_restart(installation, "runner", code=1, number=1)
    assert len(restarts_in(installation)) == 1

    Household(installation, {})

    assert restarts_in(installation) == []


def test_a_prefect_server_rests_between_what_it_writes() -> None:
    """It cuts off what is behind the point of these seconds: with less than one it used a core for nothing."""
    seconds = {name: value for name, value in RECORDING.items() if name.endswith("_FLUSH_INTERVAL")}
    assert len(seconds) == 2
    assert [name for name, value in seconds.items() if int(value) < 1] == []
