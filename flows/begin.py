"""The command of a flow run on a work pool: it asks its worker for a process that has everything loaded already.

Alone a run loads Prefect, our flows and the typesetting for four seconds of processor. So a worker has a keeper
(`keeper.py`), which makes a copy of itself for each run. Prefect starts, signals and ends the process of this command:
it lends the copy its own streams, hands signals on, and ends as the copy ends. Where no keeper answers it becomes the
run itself. Nothing slow is imported here.
"""

import json
import os
import signal
import socket
import sys

KEEPER = "BANKABLE_KEEPER"  # in the environment of each run: the address of its worker's keeper
BEGUN = b"begun"
CODE_BYTES = 4


def main() -> None:
    """Begin the flow run of the environment, and end as it ends."""
    copy = _copy()
    if copy is None:
        os.execv(sys.executable, [sys.executable, "-m", "prefect.engine"])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: copy.send(bytes([number])))
    said = copy.recv(CODE_BYTES)
    code = int.from_bytes(said, "little", signed=True) if said else -signal.SIGKILL
    if code < 0:
        os.kill(os.getpid(), _deadly(signal.Signals(-code)))
    sys.exit(code)


def _copy() -> socket.socket | None:
    """Return the way to a copy that has begun with the run, or None where there is no keeper."""
    if KEEPER not in os.environ:
        return None
    request = json.dumps({"folder": os.getcwd(), "environment": dict(os.environ)}).encode()
    way = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        way.connect(os.environ[KEEPER])
        socket.send_fds(way, [request], [0, 1, 2])
        return way if way.recv(len(BEGUN)) == BEGUN else None
    except OSError:
        return None


def _deadly(number: signal.Signals) -> signal.Signals:
    """Let a signal end this process again."""
    if number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    return number


if __name__ == "__main__":
    main()
