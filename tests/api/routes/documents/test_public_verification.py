"""Whoever holds a paper learns whether it is genuine, by its code or its file, and nothing else; who guesses waits."""

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.routes.documents.public_verification import GenuineOut
from states.archive.codes import Stamp
from states.archive.service import Rendered, record_document
from states.archive.tables import DocumentClass, DocumentKind
from states.settings import settings
from tests.api.house import House, a_house
from tests.factories import PRINTING, World

CODE = "7K3M9QXT2P"
TITLE = "A title that is nobody's business"
FIRST = b"%PDF the first <dc:identifier>" + CODE.encode() + b"</dc:identifier>"
SECOND = b"%PDF the second"
ITEM = {"code": "7K3M9-QXT2P", "kind": "proposal", "edition": 1}


def prepare(world: World) -> None:
    for content, code in ((FIRST, CODE), (SECOND, "B" * 10)):
        stamp = Stamp(code, f"https://bankable.example/verify/{code}")
        kind, level = DocumentKind.PROPOSAL, DocumentClass.CONFIDENTIAL
        made = Rendered(kind, level, TITLE, "s", content.decode(), content, PRINTING, stamp=stamp)
        record_document(world.session, made, partnership_id=world.partnership.id)


@pytest.fixture
def house(installation: object) -> House:
    """A house with a proposal in two editions."""
    return a_house(prepare)[0]


def send(house: House, content: bytes) -> dict[str, object]:
    headers = {"Content-Type": "application/pdf"}
    answer = house.client.post("/api/v1/verification", content=content, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_a_code_tells_kind_edition_dates_and_the_newer_one(house: House) -> None:
    old = house.client.get("/api/v1/verification/7k3m9-qxt2p").json()
    new = house.client.get(f"/api/v1/verification/{'B' * 10}").json()

    assert {name: old[name] for name in ITEM} == ITEM
    assert (old["newer"]["edition"], new["edition"], new["newer"]) == (2, 2, None)
    assert set(old) == {"code", "kind", "language", "edition", "issued_at", "newer"} == set(GenuineOut.model_fields)


def test_a_file_is_told_from_an_altered_one_and_from_a_strangers(house: House) -> None:
    altered = b"%PDF altered <dc:identifier>" + CODE.encode() + b"</dc:identifier>"

    found = {content: send(house, content) for content in (FIRST, SECOND, FIRST + b"\n", altered, b"%PDF")}

    assert [one["verdict"] for one in found.values()] == ["unaltered", "unaltered", "extended", "altered", "unknown"]
    assert found[b"%PDF"]["document"] is None
    assert TITLE not in str(found)


def test_an_unknown_code_is_not_found_and_who_guesses_waits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_GUESSES_PER_MINUTE", "3")
    settings.cache_clear()

    client = TestClient(create_app())  # nobody else has guessed there
    said = [client.get(f"/api/v1/verification/{number:010}").status_code for number in range(5)]
    page = client.get(f"/verify/{CODE}").status_code

    assert (said, page) == ([404, 404, 404, 429, 429], 429)


def test_the_page_tells_the_same_in_words(house: House) -> None:
    page = house.client.get(f"/verify/{CODE}")

    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Proposal" in page.text
    assert "Edition 2 of" in page.text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert TITLE not in page.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (FIRST, "Genuine</h2>"),
        (FIRST + b" more", "Genuine, and something was added"),
        (b"<dc:identifier>" + CODE.encode() + b"</dc:identifier>", "Altered</h2>"),
        (b"%PDF", "Not one of ours"),
    ],
)
def test_the_page_takes_a_file(house: House, content: bytes, said: str) -> None:
    answer = house.client.post("/verify", files={"file": ("paper.pdf", content, "application/pdf")})

    assert (answer.status_code, said in answer.text) == (200, True)


@pytest.mark.parametrize("code", ["ZZZZZZZZZZ", "<b>x", "%00"])
def test_the_page_of_an_unknown_code_says_so_and_repeats_no_markup(house: House, code: str) -> None:
    answer = house.client.get(f"/verify/{code}")

    assert (answer.status_code, "No document has the code" in answer.text) == (404, True)
    assert "<b>x" not in answer.text


def test_the_page_without_a_code_asks_for_a_file(house: House) -> None:
    assert "Compare a file, byte by byte" in house.client.get("/verify").text
