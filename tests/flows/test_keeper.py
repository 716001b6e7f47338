"""A flow run that begins as a copy of its worker's keeper ends, and is ended, as one that begins alone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import pytest

from flows.begin import KEEPER
from flows.keeper import kept
from tests.waiting import HANG_SECONDS, wait_until

Run = subprocess.Popen[str]


@pytest.fixture(scope="module")
def keeper() -> Iterator[str]:
    """A keeper's address."""
    with kept():
        yield os.environ[KEEPER]


@contextmanager
def begun(keeper: str, run: str, server: str = "") -> Iterator[Run]:
    """Begin a flow run as a worker does."""
    told = {KEEPER: keeper, "PREFECT__FLOW_RUN_ID": run, "PREFECT_API_URL": server}
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.begin"], env=os.environ | told, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def children(pid: int) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()))


def keepers() -> list[int]:
    return [pid for pid in children(os.getpid()) if b"flows.keeper" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@contextmanager
def asking(keeper: str) -> Iterator[tuple[Run, int]]:
    """Have a run that waits for an answer of Prefect's server; with it comes the process that runs it."""
    with socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/api"
        with begun(keeper, "00000000-0000-4000-8000-000000000000", address) as run:
            asked, _ = server.accept()
            with asked:
                (copy,) = set().union(*map(children, keepers())) if keeper else {run.pid}
                yield run, copy


@pytest.mark.long
@pytest.mark.parametrize("is_alone", [False, True])
def test_a_run_has_its_own_streams_and_exit_code(keeper: str, *, is_alone: bool) -> None:
    with begun("" if is_alone else keeper, "none") as run:
        _, said = run.communicate()

    assert (run.returncode, "Invalid flow run id" in said) == (1, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("is_alone", [False, True])
def test_a_run_that_is_ended_by_a_signal_is_no_more(keeper: str, number: signal.Signals, *, is_alone: bool) -> None:
    with asking("" if is_alone else keeper) as (run, copy):
        run.send_signal(number)
        run.wait(HANG_SECONDS)

        assert run.returncode == -number
        wait_until(lambda: not Path(f"/proc/{copy}").exists())


def test_a_copy_that_is_killed_kills_its_command(keeper: str) -> None:
    with asking(keeper) as (run, copy):
        os.kill(copy, signal.SIGKILL)

        assert run.wait(HANG_SECONDS) == -signal.SIGKILL


@pytest.mark.long
def test_copies_end_with_a_keeper_that_is_killed_and_runs_go_on_alone() -> None:
    with kept():
        address = os.environ[KEEPER]
        with asking(address) as (run, copy):
            keeper = Path(f"/proc/{copy}/stat").read_text("ascii").rpartition(")")[2].split()[1]
            os.kill(int(keeper), signal.SIGKILL)

            assert run.wait(HANG_SECONDS) == -signal.SIGKILL
            wait_until(lambda: not Path(f"/proc/{copy}").exists())
        with begun(address, "none") as run:
            assert "Invalid flow run id" in run.communicate()[1]


@pytest.mark.long
def test_a_keeper_leaves_nothing_behind() -> None:
    with kept():
        folder = Path(os.environ[KEEPER]).parent
        with begun(os.environ[KEEPER], "none") as run:
            run.communicate()

    assert (folder.exists(), KEEPER in os.environ) == (False, False)
