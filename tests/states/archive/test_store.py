"""The store: bytes under their digest, once; nothing half-written, what was damaged is noticed and written anew."""

import os
import subprocess
import sys
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import fsspec
import pytest

from states.archive.store import Kept, keep_bytes, read_bytes, sweep_partial_files, verify
from states.clock import machine_now
from states.errors import Missing
from states.settings import settings
from states.storage import new_id
from tests.expect import race

CONTENT = b"%PDF-1.7 a proposal"
DIGEST = sha256(CONTENT).hexdigest()
LARGE = 300_000

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

# A disk with room for so many bytes only: the write stops in the midst of it, as on a full one.
KEEP_ON_A_SMALL_DISK = """
import resource, signal
from states.archive.store import keep_bytes
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
keep_bytes(b"%PDF" * 75_000)
"""


def _stored(home: Path) -> list[Path]:
    return sorted(path for path in (home / "store").rglob("*") if path.is_file())


def test_the_same_bytes_are_kept_once(installation: Path) -> None:
    digest = keep_bytes(CONTENT)
    first = _stored(installation)[0].stat().st_mtime_ns
    assert keep_bytes(CONTENT) == digest == DIGEST
    assert [(path.name, path.stat().st_mtime_ns) for path in _stored(installation)] == [(digest, first)]
    assert (read_bytes(digest), verify(digest)) == (CONTENT, Kept.INTACT)


def test_many_may_keep_the_same_bytes_at_once(installation: Path) -> None:
    large = CONTENT * 200_000
    digests = race(*[lambda: keep_bytes(large)] * 4)
    assert set(digests) == {sha256(large).hexdigest()}
    assert [path.read_bytes() == large for path in _stored(installation)] == [True]


@pytest.mark.parametrize("damage", [CONTENT + b".", CONTENT[:-1], b""])
def test_what_was_damaged_counts_as_missing_until_it_is_kept_anew(installation: Path, damage: bytes) -> None:
    keep_bytes(CONTENT)
    _stored(installation)[0].write_bytes(damage)
    with pytest.raises(Missing, match="intact stored file"):
        read_bytes(DIGEST)
    assert verify(DIGEST) is Kept.DAMAGED

    keep_bytes(CONTENT)

    assert (read_bytes(DIGEST), [path.name for path in _stored(installation)]) == (CONTENT, [DIGEST])


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("digest", ["0" * 64, "../bankable.db"])
def test_what_was_never_kept_is_missing(digest: str) -> None:
    with pytest.raises(Missing):
        read_bytes(digest)
    assert verify(digest) is Kept.MISSING


def test_a_write_that_fails_leaves_nothing(installation: Path) -> None:
    keep_bytes(CONTENT)
    done = subprocess.run(
        [sys.executable, "-c", KEEP_ON_A_SMALL_DISK],
        env=os.environ | {"BANKABLE_HOME": str(installation)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "OSError: [Errno 27] File too large")
    assert [path.name for path in _stored(installation)] == [DIGEST]
    assert len(read_bytes(keep_bytes(b"%PDF" * 75_000))) == LARGE  # once there is room


def test_a_store_that_is_away_is_no_missing_object(installation: Path) -> None:
    (installation / "store").write_text("a file where the folder was")

    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        keep_bytes(CONTENT)
    with pytest.raises(NotADirectoryError):
        verify(DIGEST)


def test_what_a_killed_writer_left_is_swept_once_it_is_old(installation: Path) -> None:
    keep_bytes(CONTENT)
    folder = _stored(installation)[0].parent
    old, young, others = folder / f"{DIGEST}.{new_id()}", folder / f"{DIGEST}.{new_id()}", folder / "notes.txt"
    for path in (old, young, others):
        path.write_bytes(CONTENT[:5])
    before = (machine_now() - timedelta(days=1)).timestamp()
    for path in (old, others, folder / DIGEST):
        os.utime(path, (before, before))

    assert (sweep_partial_files(), sweep_partial_files()) == (1, 0)
    assert set(_stored(installation)) == {young, others, folder / DIGEST}


def test_a_file_system_of_another_kind(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_STORE_URL", "memory://bankable-test")
    settings.cache_clear()
    memory = fsspec.filesystem("memory")

    keep_bytes(CONTENT)
    (path,) = memory.find("/bankable-test")
    memory.pipe_file(path, b"damaged")
    memory.pipe_file(f"{path}.{new_id()}", b"partial")
    assert verify(DIGEST) is Kept.DAMAGED
    keep_bytes(CONTENT)

    assert (read_bytes(DIGEST), sweep_partial_files(older_than=timedelta(0))) == (CONTENT, 1)
    assert memory.find("/bankable-test") == [path]
    assert _stored(installation) == []
    memory.rm("/bankable-test", recursive=True)
    settings.cache_clear()
