"""Solving processes are listened to, and none outlives the block that it works in, whatever becomes of whom."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from states.computations import host
from states.computations.host import Processes
from tests.states.computations.programs import WORKER
from tests.waiting import wait_until

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes by /proc")


def test_what_several_find_comes_as_it_is_found_and_what_libraries_print_goes_nowhere() -> None:
    with Processes(WORKER, ["say one;print noise;say two", "say three"], seconds=60) as found:
        said = [line for line in found if line is not None]

    assert sorted(said) == ["one", "three", "two"]
    assert [line for line in said if line != "three"] == ["one", "two"]
    assert found.failures == []


def test_a_task_may_be_larger_than_a_pipe_and_hold_any_letter() -> None:
    word = "ąβ" * 500_000

    with Processes(WORKER, [f"say {word}"], seconds=60) as found:
        assert [line for line in found if line is not None] == [word]


def test_in_silence_one_can_look_about() -> None:
    with Processes(WORKER, ["sleep"], seconds=60) as found:
        assert next(iter(found)) is None


def test_what_takes_far_more_of_the_processor_than_its_work_is_ended_as_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(host, "_START", 1.0)

    with Processes(WORKER, ["say on;work", "say on"], seconds=0.0) as found:
        said = [line for line in found if line is not None]

    assert said == ["on", "on"]
    assert found.failures == [
        f"The solving process ended before its work was done (signal {signal.SIGXCPU:d}); the log has more."
    ]


@needs_proc
def test_what_hangs_without_working_is_ended_as_a_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(host, "_HANGING", 0.0)

    with Processes(WORKER, ["sleep", "sleep"], seconds=60) as found:
        pids = [process.pid for process, _, _ in found._running]
        assert list(found) == []
        assert [_alive(pid) for pid in pids] == [False, False]

    assert found.failures == ["The solving process ended before its work was done (signal 9); the log has more."] * 2
    assert caplog.text.count("solving process hangs") == 2


@needs_proc
def test_the_end_of_the_block_ends_what_a_process_has_started_too() -> None:
    with Processes(WORKER, ["start"], seconds=60) as found:
        started = int(next(line for line in found if line is not None))
        assert _alive(started)

    wait_until(lambda: not _alive(started))


@needs_proc
def test_an_error_in_the_block_ends_them_too() -> None:
    pids: list[int] = []

    def break_off() -> None:
        with Processes(WORKER, ["start"], seconds=60) as found:
            pids.append(int(next(line for line in found if line is not None)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()

    wait_until(lambda: not _alive(pids[0]))


def test_one_that_fails_leaves_the_others_at_work_and_says_how_it_ended(caplog: pytest.LogCaptureFixture) -> None:
    with Processes(WORKER, ["fail", "say one"], seconds=60) as found:
        said = [line for line in found if line is not None]

    assert said == ["one"]
    assert found.failures == ["The solving process ended before its work was done (code 1); the log has more."]
    assert "ValueError: for a test" in caplog.text


def test_one_that_is_killed_is_known_by_the_signal() -> None:
    with Processes(WORKER, ["say on;sleep"], seconds=60) as found:
        for line in found:
            if line == "on":
                os.kill(found._running[0][0].pid, signal.SIGKILL)

    assert found.failures == ["The solving process ended before its work was done (signal 9); the log has more."]


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not hold this limit")
def test_one_that_wants_all_the_memory_gets_none_of_it(caplog: pytest.LogCaptureFixture) -> None:
    with Processes(WORKER, ["grow"], seconds=60) as found:
        assert [line for line in found if line is not None] == []

    assert len(found.failures) == 1
    assert "MemoryError" in caplog.text


@needs_proc
@pytest.mark.parametrize("task", ["sleep", "work"])
def test_none_outlives_who_started_it(task: str) -> None:
    asking = (
        "from states.computations.host import Processes\n"
        "from tests.states.computations.programs import WORKER\n"
        f"with Processes(WORKER, ['say on;{task}'], seconds=60) as found:\n"
        "    for line in found:\n"
        "        if line: print(found._running[0][0].pid, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", asking], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert _alive(worker)
        parent.kill()

    wait_until(lambda: not _alive(worker))


def _alive(pid: int) -> bool:
    """Tell whether a process is there and no zombie; one of another parent stays one for a while."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
