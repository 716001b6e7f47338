"""The application as a server on this machine, for tests that come to it from outside."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx
import uvicorn

from states.rights.authors import acting
from states.settings import settings
from tests.api.house import application
from tests.waiting import HANG_SECONDS, wait_until


@contextmanager
def server() -> Iterator[str]:
    """Yield host and port of the worker's application, on the installation of the settings as they are now.

    It is served by a thread: a process of its own would take seven seconds to import what is imported here.
    """
    settings.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        served = uvicorn.Server(uvicorn.Config(application(), log_config=None, ws="none", timeout_graceful_shutdown=1))
        thread = Thread(target=_serve, args=(served, listening))
        thread.start()
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            served.should_exit = True
            thread.join(HANG_SECONDS)
    assert not thread.is_alive()


def _serve(served: uvicorn.Server, listening: socket.socket) -> None:
    with acting(None):  # each request names its own author
        served.run(sockets=[listening])


@contextmanager
def serving(home: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Yield host and port of the API in a process of its own, for who limits or ends it; its log lies in `home`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.app:create_app", "--port", address.split(":")[1]]
    with (home / "api.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: _answers(address), of=process)
        yield address, process
    finally:
        process.terminate()
        process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/api/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
