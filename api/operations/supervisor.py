"""Run what an installation needs on one machine: Prefect's server, the runner, the API; stop all of it, always.

Every process is a child that the kernel kills with its parent (Linux), so that not even a killed
supervisor leaves one behind.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlmodel import select

from api.operations.restarts import begin_anew, note_restart
from states.credentials.links import LinkPurpose, lasting_link
from states.errors import BankableError
from states.partners.tables import Partnership
from states.settings import settings
from states.storage import begin

LOOPBACK = "127.0.0.1"

_PR_SET_PDEATHSIG = 1
_START_SECONDS = 900.0  # a busy machine takes minutes; a process that has ended is noticed at once
_STOP_SECONDS = 15.0
_LOG_LINES = 15
_STEADY_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 60.0


class ProcessFailed(BankableError):
    """A process ended or did not get ready."""

    code = "process_failed"


@dataclass(frozen=True, slots=True)
class Spec:
    """A process to run; it is ready when `health` answers 200, or at once where there is none."""

    name: str
    command: Sequence[str]
    health: str = ""


@dataclass(slots=True)
class _Member:
    """A process as it runs now: since when (monotonic seconds), how often it was started again, not before when."""

    spec: Spec
    process: "subprocess.Popen[bytes]"
    since: float
    restarts: int = 0
    in_a_row: int = 0
    again_at: float | None = None


class Household:
    """The processes of one installation, with their logs in `folder`."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self.environment = folder, dict(environment)
        self._members: list[_Member] = []
        folder.mkdir(parents=True, exist_ok=True)
        begin_anew(folder)

    def start(self, spec: Spec) -> None:
        """Start a process; its output goes to its log."""
        self._members.append(_Member(spec, self._launch(spec), time.monotonic()))

    def _launch(self, spec: Spec) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{spec.name}.log").open("ab") as log:
            return subprocess.Popen(
                spec.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops them in order
                preexec_fn=die_with_parent if sys.platform == "linux" else None,
            )

    def wait_ready(self) -> None:
        """Return when every process answers, or raise `ProcessFailed` with the end of its log."""
        deadline = time.monotonic() + _START_SECONDS
        for spec in [member.spec for member in self._members]:
            while spec.health and not _answers(spec.health):
                self.check()
                if time.monotonic() > deadline:
                    raise ProcessFailed(
                        "process_not_ready", process=spec.name, seconds=round(_START_SECONDS), log=self._log(spec)
                    )
                time.sleep(0.2)

    def check(self) -> None:
        """Raise `ProcessFailed` if a process has ended."""
        for member in self._members:
            if member.process.poll() is not None:
                name, code = member.spec.name, member.process.returncode
                raise ProcessFailed("process_ended", process=name, code=code, log=self._log(member.spec))

    def revive(self) -> list[str]:
        """Start again what has ended, later each time in a row; return a line for each that was started now.

        After a minute without its end a process counts as one that runs.
        """
        return [line for member in self._members for line in self._revive(member)]

    def _revive(self, member: _Member) -> Iterator[str]:
        at = time.monotonic()
        if member.process.poll() is None:
            if member.in_a_row and at - member.since >= _STEADY_SECONDS:
                member.in_a_row = 0
            return
        if member.again_at is None:
            member.again_at = at + min(2**member.in_a_row, _LONGEST_PAUSE_SECONDS)
        if at < member.again_at:
            return
        code, member.process, member.since = member.process.returncode, self._launch(member.spec), at
        member.again_at, member.restarts, member.in_a_row = None, member.restarts + 1, member.in_a_row + 1
        note_restart(self.folder, member.spec.name, code=code, number=member.restarts)
        yield f"{member.spec.name} ended with code {code} and was started again ({member.restarts}); see its log"

    def stop(self) -> None:
        """Ask every process to end, the last one first, and kill what does not."""
        processes = [member.process for member in reversed(self._members)]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for process in processes:
            try:
                process.wait(max(deadline - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._members.clear()

    def _log(self, spec: Spec) -> str:
        text = (self.folder / f"{spec.name}.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-_LOG_LINES:])


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends, however it ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def household(folder: Path, environment: Mapping[str, str]) -> Iterator[Household]:
    """Yield a household and stop all of it at the end of the block; SIGTERM and SIGINT end the block."""
    made = Household(folder, environment)
    # SIGINT by name too: a shell starts what it puts into the background with SIGINT ignored.
    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield made
    finally:
        for number in before:
            signal.signal(number, signal.SIG_IGN)  # nothing interrupts the stopping
        made.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, _: object) -> None:
    raise KeyboardInterrupt(f"signal {number}")


def free_port() -> int:
    """Return a port on the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Of each task the server hears three times, and by its defaults writes each time in a transaction of its own: a burst
# of a thousand messages kept its SQLite from everybody for two minutes. Whole seconds: the server cuts off what is
# behind the point, and with 0.5 it never rests.
RECORDING = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "500",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
}


def prefect_environment(home: Path, *, port: int, pages: bool, host: str = LOOPBACK) -> dict[str, str]:
    """Return the environment of a Prefect server of our own and of its clients: own home, no telemetry."""
    return {
        "PREFECT_HOME": str(home.resolve()),
        "PREFECT_API_URL": f"http://{_reached(host)}:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_ENABLED": str(pages).lower(),
        "PREFECT_UI_ENABLED": str(pages).lower(),
        "PREFECT_CLIENT_METRICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        **RECORDING,
    }


KEEP_ALIVE_SECONDS = 60


def prefect_server(port: int, *, host: str = LOOPBACK) -> Spec:
    """Return the process of a Prefect server; `host` is the address of this machine that it listens on."""
    factory = "flows.prefect_app:create_app"
    # Prefect's clients use a connection again for 25 s; where the server has closed it (uvicorn does after 5 s) they
    # wait two seconds before they try again.
    command = [*_uvicorn(factory, host, port), "--timeout-keep-alive", str(KEEP_ALIVE_SECONDS)]
    return Spec("prefect", command, f"http://{_reached(host)}:{port}/api/health")


def api_server(port: int, *, host: str = LOOPBACK) -> Spec:
    """Return the process of our API; `host` is the address of this machine that it listens on."""
    return Spec("api", _uvicorn("api.app:create_app", host, port), f"http://{_reached(host)}:{port}/api/health")


def runner() -> Spec:
    """Return the process that relays events and runs flows."""
    return Spec("runner", [sys.executable, "-m", "flows", "run"])


def _uvicorn(factory: str, host: str, port: int) -> list[str]:
    address = ["--host", host, "--port", str(port)]
    # h11 bounds the head of a request (64 KiB); whom to believe where a request came from is a setting.
    safe = ["--http", "h11", "--no-server-header", "--forwarded-allow-ips", ",".join(settings().trusted_proxies)]
    return [sys.executable, "-m", "uvicorn", "--factory", factory, *address, *safe, "--log-level", "warning"]


def _reached(host: str) -> str:
    """Return by which address this machine reaches itself; one that listens on all of them has none of its own."""
    return LOOPBACK if host in ("0.0.0.0", "::") else host


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def public_address(*, port: int, host: str) -> str:
    """Return where links in mails lead: to what the settings say, or else to the API that is started here."""
    said = settings()
    return said.public_url if "public_url" in said.model_fields_set else f"http://{_reached(host)}:{port}"


def set_up_key() -> str | None:
    """Return what opens the first page of an installation without a partnership; None where it has one."""
    with begin(read_only=True) as session:
        founded = session.exec(select(Partnership.id).limit(1)).first()
    return None if founded else lasting_link("installation", purpose=LinkPurpose.SET_UP)


def serve(*, port: int, prefect_port: int, host: str = LOOPBACK) -> None:
    """Run API, Prefect's server and the runner until Ctrl-C; say where they are, and start again what ends unasked.

    `host` is the address of this machine that both servers listen on: the loopback's, or one that others reach.
    """
    home = settings().home
    reached = public_address(port=port, host=host)
    environment = prefect_environment(home / "prefect", port=prefect_port, pages=True, host=host)
    with household(home / "logs", {**environment, "BANKABLE_PUBLIC_URL": reached}) as house:
        for spec in (prefect_server(prefect_port, host=host), api_server(port, host=host)):
            house.start(spec)
        house.wait_ready()
        house.start(runner())
        print(f"Pages    {reached}/")
        if (key := set_up_key()) is not None:
            print(f"Set up   {reached}/set-up/{key}   as long as there is no partnership")
        print(f"API      http://{host}:{port}/api/docs")
        print(f"Prefect  http://{host}:{prefect_port}")
        print(f"Links    {reached}   in mails; BANKABLE_PUBLIC_URL says otherwise")
        if not settings().smtp_url:
            print(f"Mails    {home / 'mail'}   as .eml files, as no server is named that sends them: BANKABLE_SMTP_URL")
        print(f"Data     {home}   logs in {home / 'logs'}   Ctrl-C stops everything", flush=True)
        while True:
            time.sleep(1)
            for line in house.revive():
                print(line, flush=True)
