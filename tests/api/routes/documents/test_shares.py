"""One paper for a bank by a link: it ends, it is counted, it can be ended, and it shows nothing else."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from states.archive.queries import document_by_id
from states.archive.service import Rendered, record_document
from states.archive.shares.service import facts_of, share_document
from states.archive.shares.tables import DocumentShare
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.changes.tables import ChangeRecord
from states.credentials.links import sign
from states.storage import begin
from tests.api.house import MANAGER, OBSERVER, PARTNER, SECRETARY, House, a_house
from tests.factories import PRINTING, World, a_collaboration_at

PAPER, NEWER = b"%PDF the paper", b"%PDF the newer one"


def issue(world: World, content: bytes, kind: DocumentKind, collaboration_id: str) -> str:
    keep_bytes(content)
    rendered = Rendered(kind, DocumentClass.CONFIDENTIAL, "Centre", "s", content.decode(), content, PRINTING)
    key = world.partnership.id
    return record_document(world.session, rendered, partnership_id=key, collaboration_id=collaboration_id).id


@pytest.fixture
def house(installation: Path) -> tuple[House, dict[str, str]]:
    """A house with a proposal and minutes of a panel."""

    def prepare(world: World) -> dict[str, str]:
        row = a_collaboration_at(world, "iag_review")
        return {
            "collaboration": row.id,
            "paper": issue(world, PAPER, DocumentKind.PROPOSAL, row.id),
            "minutes": issue(world, b"%PDF minutes", DocumentKind.PANEL_MINUTES, row.id),
        }

    return a_house(prepare)


def share(house: tuple[House, dict[str, str]], **more: Any) -> dict[str, Any]:
    sent = {"recipient": "Banca Alpina", "days": 30} | more
    answer = house[0].manager.post(f"/documents/{house[1]['paper']}/shares", sent)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read(house: tuple[House, dict[str, str]], made: dict[str, Any], what: str = "") -> Any:
    token = made["link"].rpartition("/")[2]
    return house[0].client.get(f"/api/v1/links/share/{token}{what}")


def test_a_link_shows_one_paper_and_counts_who_opens_it(house: tuple[House, dict[str, str]]) -> None:
    doors, keys = house
    made = share(house)

    shown, file = read(house, made).json(), read(house, made, "/content")

    assert (shown["title"], shown["recipient"], shown["is_sealed"]) == ("Centre", "Banca Alpina", False)
    assert (shown["document"]["kind"], shown["document"]["edition"], shown["size"]) == ("proposal", 1, len(PAPER))
    assert (file.status_code, file.content, file.headers["Content-Type"]) == (200, PAPER, "application/pdf")
    [listed] = doors.manager.get(f"/documents/{keys['paper']}/shares").json()["items"]
    assert (listed["openings"], listed["recipient"], "link" in listed) == (2, "Banca Alpina", False)
    openings = doors.manager.get(f"/documents/{keys['paper']}/shares/{made['id']}/openings").json()["items"]
    assert [one["opened"] for one in openings] == ["looked", "had_file"]


def test_it_is_that_edition_and_a_newer_one_is_told(house: tuple[House, dict[str, str]]) -> None:
    made = share(house)
    with begin() as session:
        row = session.exec(select(DocumentShare)).one()
        rendered = Rendered(DocumentKind.PROPOSAL, DocumentClass.CONFIDENTIAL, "Centre", "s", "{}", NEWER, PRINTING)
        record_document(session, rendered, partnership_id=row.partnership_id, collaboration_id=row.collaboration_id)

    assert read(house, made).json()["document"]["newer"]["edition"] == 2
    assert read(house, made, "/content").content == PAPER


def test_who_ended_it_ends_it_at_once(house: tuple[House, dict[str, str]]) -> None:
    doors, keys = house
    made = share(house)

    ended = doors.manager.send("DELETE", f"/documents/{keys['paper']}/shares/{made['id']}").status_code

    assert (ended, read(house, made).status_code, read(house, made, "/content").status_code) == (204, 410, 410)
    [listed] = doors.manager.get(f"/documents/{keys['paper']}/shares").json()["items"]
    assert (listed["ended_at"] is not None, listed["openings"]) == (True, 0)


def test_it_ends_by_itself(house: tuple[House, dict[str, str]]) -> None:
    with begin() as session:
        row = document_by_id(session, house[1]["paper"])
        late, text = share_document(session, row, recipient="Banca Alpina", days=1)
        late.expires_at -= timedelta(days=1)
        text = f"{late.id}.{sign(*facts_of(late))}"

    answer = read(house, {"link": f"/links/share/{text}"})

    assert (answer.status_code, "expired" in answer.text) == (410, True)


def test_its_day_is_under_the_signature(house: tuple[House, dict[str, str]]) -> None:
    made = share(house)
    with begin() as session:
        session.exec(select(DocumentShare)).one().expires_at += timedelta(days=31)

    assert read(house, made).status_code == 403


@pytest.mark.parametrize("change", ["x", "", "0" * 32])
def test_another_text_opens_nothing(house: tuple[House, dict[str, str]], change: str) -> None:
    made = share(house)
    token = made["link"].rpartition("/")[2]

    assert house[0].client.get(f"/api/v1/links/share/{token[:-1]}{change}").status_code == 403


def test_papers_of_a_review_are_for_nobody_outside(house: tuple[House, dict[str, str]]) -> None:
    doors, keys = house

    answer = doors.manager.post(f"/documents/{keys['minutes']}/shares", {"recipient": "Banca Alpina"})

    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (409, "document_not_shareable")


def test_the_office_alone_shares(house: tuple[House, dict[str, str]]) -> None:
    path = f"/documents/{house[1]['paper']}/shares"

    found = {who: house[0].by(who).post(path, {"recipient": "x"}).status_code for who in (SECRETARY, PARTNER, OBSERVER)}

    assert set(found.values()) <= {403, 404}
    assert house[0].by(MANAGER).get(path).json()["items"] == []


def test_sharing_and_ending_leave_records_of_change(house: tuple[House, dict[str, str]]) -> None:
    made = share(house)
    house[0].manager.send("DELETE", f"/documents/{house[1]['paper']}/shares/{made['id']}")

    with begin(read_only=True) as session:
        rows = session.exec(select(ChangeRecord).where(ChangeRecord.noun == "document_share")).all()
    assert len(rows) >= 2
    assert {row.subject_id for row in rows} == {made["id"]}
