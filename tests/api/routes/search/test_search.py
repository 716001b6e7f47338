"""Search over HTTP: hits with their address, page by page, and the same words on the lists."""

from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from states.archive.tables import DocumentClass
from states.collaborations.service import edit_collaboration
from states.storage import begin
from tests.api.house import MANAGER, OBSERVER, PARTNER, House, a_house, places, problem
from tests.factories import World, a_collaboration, a_collaboration_at, a_piece_of_evidence
from tests.states.crossings.test_search import a_document

LISTS = ("/collaborations", "/documents", "/partnerships/medtech/organisations", "/evidence")
NONSENSE = "zzzzqqqq"


def _furnish(world: World) -> dict[str, str]:
    row = a_collaboration_at(world, "outline")
    paper = a_document(world, row, "Centre for Biocompatibility")
    edit_collaboration(world.session, row, summary="A laboratory in Gliwice.")
    letter = a_piece_of_evidence(world, row, evidence_class=DocumentClass.PUBLIC)
    return {
        "collaboration": row.id,
        "document": paper.id,
        "organisation": world.organisations["gliwice"].id,
        "evidence": letter.id,
    }


@pytest.fixture
def furnished(installation: Path) -> tuple[House, dict[str, str]]:
    return a_house(_furnish)


def _hits(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(hit["kind"], hit["title"]) for hit in answer.json()["items"]]


def test_a_hit_says_what_it_is_and_where(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished
    answer = house.manager.get("/search?q=gliwice").json()

    assert answer == {
        "items": [
            {
                "kind": "organisation",
                "id": keys["organisation"],
                "title": "gliwice",
                "document": None,
                "edition": None,
                "replaced": None,
                "evidence": None,
                "link": "/api/v1/partnerships/medtech/organisations/medtech-gliwice",
            },
            {
                "kind": "collaboration",
                "id": keys["collaboration"],
                "title": "Centre for Biocompatibility",
                "document": None,
                "edition": None,
                "replaced": None,
                "evidence": None,
                "link": f"/api/v1/collaborations/{keys['collaboration']}",
            },
        ],
        "total": 2,
        "next": None,
    }
    [paper] = house.manager.get("/search?q=biocomp&kind=document").json()["items"]
    assert paper["document"] == house.manager.get("/documents").json()["items"][0]["kind"]
    assert (paper["edition"], paper["replaced"]) == (1, False)
    assert (paper["id"], paper["link"]) == (keys["document"], f"/api/v1/documents/{keys['document']}")
    [letter] = house.manager.get("/search?q=letter&kind=evidence").json()["items"]
    assert (letter["id"], letter["evidence"], letter["replaced"]) == (keys["evidence"], "letter_of_support", False)
    for hit in [*answer["items"], paper, letter]:
        assert house.manager.get(hit["link"].removeprefix("/api/v1")).json()["id"] == hit["id"]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("", "query.q"),
        ("?q=", "query.q"),
        ("?q=a", "query.q"),
        ("?q=%00", "query.q"),
        ("?q=-centre", "query.q"),
        (f"?q={'x' * 201}", "query.q"),
        ("?q=centre&kind=contact", "query.kind"),
        ("?q=centre&stage=outline", "query.stage"),
    ],
)
def test_what_asks_for_nothing_is_refused_by_its_name(
    furnished: tuple[House, dict[str, str]], query: str, place: str
) -> None:
    answer = furnished[0].manager.get(f"/search{query}")

    assert (problem(answer)[0], places(answer)) == (422, [place])


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_narrowed_by_words(furnished: tuple[House, dict[str, str]], path: str) -> None:
    house, keys = furnished
    words = {
        "/collaborations": "laboratory -nothing",
        "/documents": '"centre for"',
        "/evidence": "letter of support",
    }.get(path, "GLIWICE medt*")
    kind = path[1:].removesuffix("s") if path != LISTS[2] else "organisation"

    for who in (MANAGER, PARTNER, OBSERVER):
        found = house.by(who).get(f"{path}?q={quote(words)}").json()
        assert [item["id"] for item in found["items"]] == [keys[kind]]
        assert house.by(who).get(f"{path}?q={NONSENSE}").json() == {"items": [], "total": 0, "next": None}
    refused = house.manager.get(f"{path}?q=%22")
    assert (problem(refused)[0], places(refused)) == (422, ["query.q"])


@pytest.mark.parametrize("text", ['"', "a\"b'c", "NEAR(a b)", "\\", "%", "é", "🤖 centre", "<->", "' OR 1=1 --"])
def test_no_text_is_a_fault_of_ours(furnished: tuple[House, dict[str, str]], text: str) -> None:
    for path in ("/search", *LISTS):
        assert furnished[0].manager.get(f"{path}?q={quote(text)}").status_code in (200, 422)
    assert furnished[0].manager.client.get(
        "/api/v1/search?q=centre%ED%A0%80%FF", headers=furnished[0].manager.headers
    ).status_code in (200, 422)


def test_pages_go_on_where_the_last_one_ended_whatever_is_written(furnished: tuple[House, dict[str, str]]) -> None:
    """What is found by its title comes before the rest, the newest first; nothing is told twice or left out."""
    house, _ = furnished

    def add(world_of: House, number: int) -> None:
        with begin() as session:
            from tests.states.lifecycle.stages import world_of as world_in

            row = a_collaboration(world_in(session), slug=f"more-{number}")
            edit_collaboration(session, row, title=f"More {number}" if number % 2 else "Else", summary=f"more {number}")

    for number in range(1, 8):
        add(house, number)
    whole = _hits(house.manager.get("/search?q=more"))
    assert [title for _, title in whole] == ["More 7", "More 5", "More 3", "More 1", "Else", "Else", "Else"]

    seen, address, number = [], "/search?q=more&limit=2", 8
    while address:
        answer = house.manager.get(address)
        seen += _hits(answer)
        address = (answer.json()["next"] or "").removeprefix("/api/v1")
        add(house, number)
        number += 2
    assert seen[: len(whole)] == whole[: len(seen)]
