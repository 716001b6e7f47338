"""Whoever is killed while a file is filed leaves nothing that stays: no row without bytes, no bytes without a row."""

import os
import subprocess
import sys
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import col, select

from states.archive.evidence.file_types import PDF
from states.archive.evidence.removal import sweep_unfiled
from states.archive.evidence.service import Filing, Upload, file_upload
from states.archive.evidence.tables import Evidence, Scan
from states.archive.inspection import inspect_store
from states.archive.store import (
    ABANDONED,
    NAME,
    Kept,
    left_in_filing,
    open_store,
    receive,
    store_name,
    sweep_partial_files,
    verify,
)
from states.archive.tables import DocumentClass
from states.clock import machine_now, today
from states.collaborations.tables import Collaboration
from states.storage import begin
from tests.factories import a_collaboration, a_piece_of_evidence, a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

CONTENT = b"%PDF-1.7 an offer" + bytes(3 << 20)
DIGEST = sha256(CONTENT).hexdigest()

# Files the content, says when it has come so far, and waits there for its end.
FILING = """
import io, sys
from pathlib import Path
from datetime import date
from states.archive.evidence.arriving import arrived
from states.archive.evidence.service import Filing, file_upload
from states.archive.tables import DocumentClass
from states.collaborations.tables import Collaboration
from states.rights.authors import acting, by_command
from states.storage import begin
where, key, store = sys.argv[1:]

def reached(place):
    if where == place:
        print("here", flush=True)
        sys.stdin.read()

class File(io.BytesIO):
    def read(self, size=-1):
        if any(path.stat().st_size for path in Path(store).glob("incoming.*")):
            reached("receiving")
        return super().read(size)

said = Filing("offer", "An offer", date(2019, 1, 2), DocumentClass.CONFIDENTIAL)
with acting(by_command("test")), arrived([(File(b"%PDF-1.7 an offer" + bytes(3 << 20)), "offer.pdf")]) as uploads:
    reached("received")
    with begin() as session:
        file_upload(session, session.get_one(Collaboration, key), said, uploads[0], person_id=None)
        reached("named")
    reached("committed")
"""


@pytest.fixture
def key(installation: Path) -> str:
    with begin() as session:
        return a_collaboration(a_world(session)).id


def kill_at(where: str, key: str, home: Path) -> None:
    """Let a process file the content, and kill it once it has come so far."""
    command = [sys.executable, "-c", FILING, where, key, str(home / "store")]
    environment = os.environ | {"BANKABLE_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        process.kill()


def grow_old(home: Path) -> None:
    before = (machine_now() - ABANDONED - timedelta(minutes=1)).timestamp()
    for path in (home / "store").iterdir():
        os.utime(path, (before, before))


def in_the_store() -> set[str]:
    filesystem, root = open_store()
    return {path.removeprefix(f"{root}/") for path in filesystem.find(root)}


def filed() -> list[str]:
    with begin(read_only=True) as session:
        return list(session.exec(select(Evidence.sha256).order_by(col(Evidence.filed_at))))


def unnamed() -> int:
    with begin(read_only=True) as session:
        return inspect_store(session).unnamed_count


OBJECT = f"{DIGEST[:2]}/{DIGEST}"


@pytest.mark.parametrize(
    ("where", "rows", "found", "swept"),
    [
        ("receiving", 0, (Kept.MISSING, 0), (0, 1)),
        ("received", 0, (Kept.MISSING, 0), (1, 0)),
        ("named", 0, (Kept.INTACT, 1), (1, 0)),
        ("committed", 1, (Kept.INTACT, 0), (1, 0)),
    ],
)
def test_what_the_killed_leave_is_swept_once_it_is_old(
    installation: Path, key: str, where: str, rows: int, found: tuple[Kept, int], swept: tuple[int, int]
) -> None:
    store_name()
    kill_at(where, key, installation)

    assert filed() == [DIGEST] * rows
    assert (verify(DIGEST), unnamed()) == found
    assert (sweep_unfiled(), sweep_partial_files()) == (0, 0)  # it may be under way
    grow_old(installation)
    assert (sweep_unfiled(), sweep_partial_files()) == swept
    assert (sweep_unfiled(), sweep_partial_files()) == (0, 0)
    assert in_the_store() == {NAME, *[OBJECT] * rows}


def test_bytes_that_somebody_else_filed_stay(installation: Path, key: str) -> None:
    kill_at("named", key, installation)
    upload = Upload("offer.pdf", PDF, Scan.NOT_SCANNED, receive([CONTENT]))
    with begin() as session:
        said = Filing("offer", "An offer", today(), DocumentClass.CONFIDENTIAL)
        file_upload(session, session.get_one(Collaboration, key), said, upload, person_id=None)
    grow_old(installation)

    assert sweep_unfiled() == 2
    assert (filed(), verify(DIGEST), unnamed()) == ([DIGEST], Kept.INTACT, 0)


def test_the_files_of_rows_that_this_database_does_not_know_stay(installation: Path) -> None:
    """A backup that is brought back is older than the store: nothing that was filed since is swept."""
    with begin() as session:
        world = a_world(session)
        a_piece_of_evidence(world, a_collaboration(world), content=CONTENT)
        session.rollback()
    for received in left_in_filing(older_than=timedelta(0)):
        open_store()[0].rm_file(received.note)  # it was filed, in the database that is gone
    grow_old(installation)

    assert (sweep_unfiled(), filed(), verify(DIGEST)) == (0, [], Kept.INTACT)
