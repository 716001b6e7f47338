"""The API as a server of its own on this machine, for tests that come to it from outside."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.waiting import wait_until


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Yield host and port of the API on the installation of the settings; its log lies in `home`."""
    with serving(home) as (address, _):
        yield address


@contextmanager
def serving(home: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Yield the same with the process, for who limits or ends it."""
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
