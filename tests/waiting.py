"""How tests wait for what other processes and threads do: as long as it takes.

A busy machine makes a test slower, never red: who waits fails when the other has ended without it, and otherwise after
twenty minutes, which is a hang on any machine. The Makefile soon ends one that hangs elsewhere, and shows where.
"""

import subprocess
import time
from collections.abc import Callable

HANG_SECONDS = 1200


def wait_until(
    reached: Callable[[], object], *, of: "subprocess.Popen[bytes] | subprocess.Popen[str] | None" = None
) -> None:
    """Return when it is reached; fail where the process that should bring it about has ended before."""
    hang = time.monotonic() + HANG_SECONDS
    while not reached():
        assert of is None or of.poll() is None or reached(), "the process ended before"
        assert time.monotonic() < hang, "it did not happen"
        time.sleep(0.02)
