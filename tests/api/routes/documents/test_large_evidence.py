"""Large files and many of them: the memory of the server and the statements of a list do not grow with either."""

import resource
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import httpx
import pytest

from states.archive.evidence.tables import Evidence
from states.collaborations.tables import Collaboration
from states.settings import settings
from states.storage import begin, new_id
from tests.api.house import a_house
from tests.api.routes.documents.test_evidence import LETTER, SAID
from tests.api.routes.documents.test_evidence_outages import sparse
from tests.factories import World, a_collaboration_at, a_piece_of_evidence
from tests.limited import MEBIBYTE, linux
from tests.serving import serving
from tests.statements import counted

pytestmark = [pytest.mark.long, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]

ROOM = 64 * MEBIBYTE
MANY, PAGE = 10_000, 200


def held(pid: int) -> int:
    """Return how many bytes of data a process holds (`VmData`)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmData")).split()[1]) * 1024


@linux
def test_200_mb_go_in_and_out_within_64_mb_of_memory(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, key = a_house(lambda world: a_collaboration_at(world, "investment_protocol").id)
    monkeypatch.setenv("MALLOC_ARENA_MAX", "1")  # an arena of glibc's takes 64 MiB of addresses for each thread
    large = sparse(tmp_path / "large.pdf", settings().evidence_most_bytes)
    path = f"/api/v1/collaborations/{key}/evidence"

    def send(client: httpx.Client, file: BinaryIO) -> httpx.Response:
        return client.post(path, data=SAID, files={"file": ("a.pdf", file, "application/pdf")})

    with (
        serving(installation) as (address, process),
        httpx.Client(base_url=f"http://{address}", headers=house.manager.headers, timeout=None) as client,
    ):
        with sparse(tmp_path / "small.pdf", MEBIBYTE).open("rb") as small:
            [warm] = send(client, small).json()["items"]  # threads and modules are there from now on
        client.get(f"/api/v1/evidence/{warm['id']}/content")
        limit = held(process.pid) + ROOM
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (limit, limit))
        with large.open("rb") as file:
            sent = send(client, file)
        assert sent.status_code == 201, sent.text
        [row] = sent.json()["items"]
        digest, size = sha256(), 0
        with client.stream("GET", f"/api/v1/evidence/{row['id']}/content") as answer:
            for chunk in answer.iter_bytes(MEBIBYTE):
                digest.update(chunk)
                size += len(chunk)

    assert (size, digest.hexdigest()) == (settings().evidence_most_bytes, row["sha256"])


def _many(world: World) -> str:
    row: Collaboration = a_collaboration_at(world, "investment_protocol")
    first = a_piece_of_evidence(world, row, content=LETTER)
    said = first.model_dump(exclude={"id", "seal"})
    world.session.add_all(Evidence(**said, id=new_id()) for _ in range(MANY - 1))
    world.session.flush()
    return row.id


def test_10_000_files_are_listed_page_by_page_each_once(installation: Path) -> None:
    house, key = a_house(_many)
    path: str | None = f"/evidence?collaboration={key}&limit={PAGE}&sort=-dated"
    seen, statements = list[str](), set[int]()

    while path is not None:
        with counted() as made:
            page = house.manager.get(path.removeprefix("/api/v1")).json()
        assert page["total"] == MANY
        seen += [one["id"] for one in page["items"]]
        statements.add(len(made))
        path = page["next"]

    with begin(read_only=True) as session:
        assert session.get(Evidence, seen[0]) is not None
    assert (len(seen), len(set(seen))) == (MANY, MANY)
    assert max(statements) - min(statements) <= 1  # the last page need not ask for a next one
