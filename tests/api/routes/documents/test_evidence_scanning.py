"""Files pass a scanner that speaks ClamAV's INSTREAM over TCP; while it is away nothing is filed."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer, ThreadingTCPServer
from threading import Thread

import pytest

from states.archive.store import Kept, open_store, verify
from states.settings import settings
from tests.api.house import House, a_house, places, problem
from tests.api.routes.documents.test_evidence import LETTER, SAID, faults, upload
from tests.factories import a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

MALWARE = b"%PDF-1.7 EVIL " + bytes(3 << 20)
TOO_LONG = 4 << 20
CLOSES = b"%PDF-1.7 hang up"


class Clamd(StreamRequestHandler):
    """One connection: a command, chunks with their length before them, an empty one, the answer."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        sent = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            sent += self.rfile.read(size)
            if sent.startswith(CLOSES):
                return
            if len(sent) > TOO_LONG:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.wfile.write(b"stream: Test.Evil-1 FOUND\0" if b"EVIL" in sent else b"stream: OK\0")


@pytest.fixture
def scanner() -> Iterator[TCPServer]:
    with ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def scanned(installation: Path, scanner: TCPServer, monkeypatch: pytest.MonkeyPatch) -> tuple[House, str]:
    """The house behind that scanner, and the path to which a collaboration's files go."""
    made = a_house(lambda world: a_collaboration(world).id)
    monkeypatch.setenv("BANKABLE_EVIDENCE_SCANNER", f"tcp://127.0.0.1:{scanner.server_address[1]}")
    settings.cache_clear()
    return made[0], f"/collaborations/{made[1]}/evidence"


def kept(content: bytes) -> tuple[Kept, list[str]]:
    """Return whether the store has these bytes, and what is left of files that came in."""
    filesystem, root = open_store()
    return verify(sha256(content).hexdigest()), [one for one in filesystem.find(root) if "incoming" in one]


def test_what_is_clean_is_filed_and_malware_is_refused_with_its_name(scanned: tuple[House, str]) -> None:
    house, path = scanned

    filed = upload(house.manager, path, ("a.pdf", LETTER), **SAID)
    refused = upload(house.manager, path, ("a.pdf", LETTER + b"2"), ("b.pdf", MALWARE), **SAID)

    assert (filed.status_code, filed.json()["items"][0]["scan"]) == (201, "clean")
    assert (refused.status_code, faults(refused), places(refused)) == (422, ["file_is_malware"], ["b.pdf"])
    assert "Test.Evil-1" in refused.json()["faults"][0]["message"]
    assert kept(MALWARE) == kept(LETTER + b"2") == (Kept.MISSING, [])
    assert verify(sha256(LETTER).hexdigest()) is Kept.INTACT


@pytest.mark.parametrize("content", [CLOSES, b"%PDF-1.7 " + bytes(TOO_LONG + 1)], ids=["hangs up", "takes no more"])
def test_a_scanner_that_gives_no_verdict_keeps_a_file_out(scanned: tuple[House, str], content: bytes) -> None:
    house, path = scanned

    away = upload(house.manager, path, ("a.pdf", LETTER), ("b.pdf", content), **SAID)

    assert problem(away) == (503, "scanner_away")
    assert kept(content) == kept(LETTER) == (Kept.MISSING, [])


def test_a_scanner_that_is_away_keeps_every_file_out(scanned: tuple[House, str], scanner: TCPServer) -> None:
    house, path = scanned
    scanner.server_close()

    away = upload(house.manager, path, ("a.pdf", LETTER), **SAID)

    assert problem(away) == (503, "scanner_away")
    assert kept(LETTER) == (Kept.MISSING, [])
    assert house.manager.get(f"/evidence?collaboration={path.split('/')[2]}").json()["total"] == 0
