"""A worker's keeper: one process that has everything loaded, and makes a copy of itself for each flow run (`begin.py`).

It has one thread, so that its copies are whole, and asks nothing of Prefect's server or the database. It lives as long
as its worker, and then until the last copy has ended.
"""

import ctypes
import gc
import json
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from flows.begin import BEGUN, CODE_BYTES, KEEPER
from flows.catalogue import FLOWS
from states.settings import settings

_ALWAYS = ("prefect.flow_engine", "prefect._internal.metrics", "documents.sealing")
_MOST_BYTES = 1 << 20  # of a request, which holds an environment
_MOST_WAITING = 128
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(frozen=True, slots=True)
class Request:
    """Where and with which environment a run begins, and the streams that it has."""

    folder: str
    environment: dict[str, str]
    streams: list[int]


Answer = Callable[[], Request | None]


@contextmanager
def kept() -> Iterator[None]:
    """Have a keeper for the runs that begin within the block. It needs Linux: elsewhere each run loads alone."""
    if not sys.platform.startswith("linux"):
        yield
        return
    os.environ[KEEPER] = str(Path(mkdtemp(prefix="bankable-"), "keeper"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(os.environ[KEEPER])
        door.listen(_MOST_WAITING)  # who asks while it loads waits no longer than by loading alone
        command = [sys.executable, "-m", "flows.keeper", str(door.fileno())]
        # In a session of its own: Ctrl-C comes to runs from those who asked for them.
        keeper = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[door.fileno()], start_new_session=True)
    try:
        yield
    finally:
        os.environ.pop(KEEPER, None)
        keeper.communicate()


def main(descriptor: int) -> None:
    """Make copies until the standard input ends; in each of them, be the run that was asked for."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a service that is stopped has it sent to all; its worker ends this
    with socket.socket(fileno=descriptor) as door:
        folder = Path(door.getsockname()).parent
        for name in (*_ALWAYS, *{one.module for one in FLOWS}):
            import_module(name)
        gc.collect()
        gc.freeze()  # else each copy walks through all of it once more, and copies it by that
        request = _Keeper(door).until_a_copy()
    if request is None:
        rmtree(folder)
    else:
        _run(request)


class _Keeper:
    def __init__(self, door: socket.socket) -> None:
        self._door, self._is_open = door, True
        self._copies: dict[socket.socket, int] = {}
        self._heard = DefaultSelector()
        self._hear(door, self._greet)
        self._hear(0, self._close)

    def until_a_copy(self) -> Request | None:
        """Return, in each copy, what it is to run; and None in the keeper when its worker and all copies have ended."""
        while self._is_open or self._copies:
            for key, _ in self._heard.select():
                answer: Answer = key.data
                if (request := answer()) is not None:
                    return request
        return None

    def _hear(self, source: Any, answer: Answer) -> None:
        self._heard.register(source, EVENT_READ, answer)

    def _close(self) -> None:
        if not os.read(0, 1):
            self._heard.unregister(0)
            self._heard.unregister(self._door)
            self._is_open = False

    def _greet(self) -> None:
        way, _ = self._door.accept()
        self._hear(way, lambda: self._copy(way))

    def _copy(self, way: socket.socket) -> Request | None:
        """Fork for a request; return it in the copy."""
        said, copy, streams = b"", None, list[int]()
        self._heard.unregister(way)
        with suppress(OSError):  # whoever asked is gone, or there is no room for a copy
            said, streams, *_ = socket.recv_fds(way, _MOST_BYTES, 3)
            copy = os.fork() if said else None
        if copy == 0:
            self._forget(way)
            return Request(**json.loads(said), streams=streams)
        for stream in streams:
            os.close(stream)
        if copy is None:
            way.close()  # it goes on alone
            return None
        self._copies[way] = copy
        end = os.pidfd_open(copy)
        self._hear(way, lambda: self._signal(way))
        self._hear(end, lambda: self._end(way, end))
        with suppress(OSError):
            way.send(BEGUN)
        return None

    def _signal(self, way: socket.socket) -> None:
        """Hand a signal on; a copy whose command was killed is killed, too."""
        if way not in self._copies:  # it has just ended
            return
        said = b""
        with suppress(OSError):
            said = way.recv(1)
        if not said:
            self._heard.unregister(way)
        os.kill(self._copies[way], said[0] if said else signal.SIGKILL)

    def _end(self, way: socket.socket, end: int) -> None:
        _, status = os.waitpid(self._copies.pop(way), 0)
        with suppress(OSError):
            way.send(os.waitstatus_to_exitcode(status).to_bytes(CODE_BYTES, "little", signed=True))
        with suppress(KeyError):
            self._heard.unregister(way)
        self._heard.unregister(end)
        os.close(end)
        way.close()

    def _forget(self, own: socket.socket) -> None:
        """Close in a copy what is the keeper's."""
        for way in (own, *self._copies):
            way.close()
        self._heard.close()


def _run(request: Request) -> None:
    """Be a flow run, as if this process had begun with it."""
    from prefect.context import refresh_global_settings_context

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    for number, stream in enumerate(request.streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    random.seed()
    settings.cache_clear()
    refresh_global_settings_context()
    engine = find_spec("prefect.engine")
    assert engine is not None
    assert engine.origin is not None
    sys.argv = [engine.origin]
    runpy.run_path(engine.origin, run_name="__main__")


if __name__ == "__main__":
    main(int(sys.argv[1]))
