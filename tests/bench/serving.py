"""An application served by uvicorn in a process of its own, for as long as a block lasts."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep

import httpx

ROOT = Path(__file__).parents[2]
OURS, BARE = "api.app:create_app", "tests.bench.bare_app:create_app"
_START_SECONDS = 60


@contextmanager
def served(factory: str) -> Iterator[str]:
    """Serve what a factory returns; yield its address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", port, "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ))
    try:
        address = f"http://127.0.0.1:{port}"
        until = perf_counter() + _START_SECONDS
        while not _answers(address):
            assert process.poll() is None
            assert perf_counter() < until, f"{factory} did not get ready"
            sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/api/health", timeout=2).is_success
    except httpx.TransportError:
        return False
