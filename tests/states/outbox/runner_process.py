"""A runner in a process of its own: `runner_process NAME FOLDER` relays until no event is open, then prints its count.

While the file `hold` is in the folder, it stays in the middle of a hand-over.
"""

import sys
import time
from collections import Counter
from pathlib import Path

from states.outbox.leases import LeasedMessage
from states.outbox.queries import open_messages
from states.outbox.service import consume, publish
from states.storage import begin
from tests.states.outbox.outbox import relay


def main(name: str, folder: Path) -> None:
    """Relay; the effect of each event is one more event, `flour.made`."""

    def grind(event: LeasedMessage) -> None:
        (folder / f"{name}.{event.id}").touch()
        while (folder / "hold").exists():
            time.sleep(0.01)
        with begin() as session:
            if consume(session, event.id, consumer="mill", flow_run_id=name):
                publish(session, "flour.made", partnership_id="p", n=event.payload["n"])

    told: Counter[str] = Counter()
    while True:
        with begin(read_only=True) as session:
            if not open_messages(session):
                break
        relayed = relay(grind, runner=name)
        told.update(failed=len(relayed.failed), lost=len(relayed.lost))
        time.sleep(0.01)
    print(told["failed"], told["lost"])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
