"""Turns of those who write to SQLite: all of one machine queue up, first come first served.

SQLite lets one write at a time and lets the others ask again, ever more seldom: of eight that write all the time some
wait for seconds, while others write a hundred times. A place in the queue is a lock on one byte of a file beside the
database, at the time at which it was taken; it is somebody's turn when there is none before. A process that dies loses
its place. The queue is a courtesy: SQLite alone decides who writes, also where there is none (other systems than Linux,
a full disk) or where two have a place at once.
"""

import fcntl
import os
import struct
import sys
from contextlib import suppress
from time import monotonic, monotonic_ns, sleep

_FLOCK = "hhqqi4x"  # struct flock of Linux on 64 bits: type, whence, start, length, process
_KNOWN = sys.platform == "linux" and sys.maxsize > 1 << 32
_SHORTEST_SECONDS, _LONGEST_SECONDS = 0.0005, 0.005


class Place:
    """The place of one connection to a database; threads and processes have connections of their own."""

    def __init__(self, database: str) -> None:
        self._file = os.open(f"{database}-queue", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600) if _KNOWN else None
        self.taken: int | None = None

    def wait(self, patience: float) -> bool:
        """Take a place, unless it is taken, and return when it is its turn; False after so many seconds."""
        if self._file is None or self.taken is not None:
            return True
        began = monotonic()
        self.taken = monotonic_ns()
        try:
            self._lock(fcntl.F_OFD_SETLK, fcntl.F_WRLCK, self.taken, 1)
            while self._lock(fcntl.F_OFD_GETLK, fcntl.F_WRLCK, 0, self.taken) != fcntl.F_UNLCK:
                waited = monotonic() - began
                if waited > patience:
                    return False
                sleep(min(max(waited / 100, _SHORTEST_SECONDS), _LONGEST_SECONDS))
        except OSError:
            pass
        return True

    def leave(self) -> None:
        if self._file is not None and self.taken is not None:
            with suppress(OSError):
                self._lock(fcntl.F_OFD_SETLK, fcntl.F_UNLCK, self.taken, 1)
            self.taken = None

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _lock(self, command: int, kind: int, start: int, length: int) -> int:
        assert self._file is not None
        asked = struct.pack(_FLOCK, kind, os.SEEK_SET, start, length, 0)
        answered: int = struct.unpack(_FLOCK, fcntl.fcntl(self._file, command, asked))[0]
        return answered
