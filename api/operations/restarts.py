"""What `serve` had to start again: a line for each time, beside the logs, and what the doctor says of it."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from states.clock import machine_now
from states.settings import settings
from states.texts import Text

RESTARTS = "restarts.jsonl"
_LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Restart:
    """A process that ended with this code and was started again, for the how-many-eth time, and when (UTC)."""

    process: str
    code: int
    number: int
    at: str


def begin_anew(folder: Path) -> None:
    """Forget what an earlier household in this folder had to start again."""
    (folder / RESTARTS).unlink(missing_ok=True)


def note_restart(folder: Path, process: str, *, code: int, number: int) -> None:
    """Note that a process was started again; a full disk stops nobody."""
    noted = Restart(process, code, number, machine_now().isoformat(timespec="seconds"))
    with suppress(OSError), (folder / RESTARTS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(noted)) + "\n")


def restarts_in(folder: Path) -> list[Restart]:
    """Return what was started again since the household of this folder began; half a line is none."""
    try:
        lines = (folder / RESTARTS).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [Restart(**json.loads(line)) for line in lines if line.endswith("}")]


def look() -> tuple[bool, Text]:
    """Say whether `serve` had to start something again within the last hour."""
    found = restarts_in(settings().home / "logs")
    if not found:
        return True, Text("finding", "nothing_restarted")
    last = found[-1]
    lately = machine_now() - datetime.fromisoformat(last.at) < _LATELY
    return not lately, Text(
        "finding", "restarted", times=len(found), process=last.process, code=last.code, last=last.at
    )
