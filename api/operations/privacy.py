"""Whose eyes an installation's files are for: their owner's alone."""

import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from states.settings import settings
from states.texts import Text

_OTHERS = stat.S_IRWXG | stat.S_IRWXO

_FOLDERS = ("store", "backups", "logs", "mail", "prefect")
_SECRETS = ("secret", "secret.former")


def open_paths() -> list[Path]:
    """Return the files and folders of the installation that others than their owner may read.

    What lies in a private folder is private; of `BANKABLE_HOME` itself nobody knows what else it is for.
    """
    return [path for path in _paths() if stat.S_IMODE(path.stat().st_mode) & _OTHERS]


def close_paths() -> list[Path]:
    """Take from others what they may do with the installation's files, and return what was open to them."""
    found = open_paths()
    for path in found:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OTHERS)
    return found


def look() -> tuple[bool, Text]:
    """Say which files others may read."""
    try:
        found = tuple(str(path) for path in open_paths())
    except OSError as error:
        return False, Text("finding", "files_unseen", error=str(error))
    return not found, Text("finding", "files_open" if found else "files_private", files=found)


def _paths() -> Iterator[Path]:
    url, home = make_url(settings().database), settings().home
    found = [home / name for name in (*_FOLDERS, *_SECRETS)]
    if url.get_backend_name() == "sqlite" and url.database:
        found += [Path(f"{url.database}{end}") for end in ("", "-wal", "-shm", "-journal")]
    if settings().store.startswith("file://"):
        found.append(Path(settings().store.removeprefix("file://")))
    yield from (path for path in dict.fromkeys(path.resolve() for path in found) if path.exists())
