"""Editions over HTTP: what replaced what and why, asking for new ones, and whether a file is genuine."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from documents.printing import printing
from states.archive.editions import Printing
from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.outbox.tables import OutboxMessage
from states.storage import begin
from tests.api.house import MANAGER, OBSERVER, PARTNER, SECRETARY, House, a_house, codes, problem
from tests.factories import PRINTING, World, a_collaboration_at

PROPOSAL, REPORT = DocumentKind.PROPOSAL, DocumentKind.MONITORING_REPORT_CONFIDENTIAL
OLD, NEW = b"%PDF as it was", b"%PDF as it is"
TODAY = printing(PROPOSAL)


def issue(
    world: World, content: bytes, by: Printing, *, kind: DocumentKind = PROPOSAL, collaboration_id: str | None = None
) -> str:
    keep_bytes(content)
    rendered = Rendered(kind, DocumentClass.CONFIDENTIAL, "Centre", "subject", "{}", content, by)
    key = world.partnership.id
    return record_document(world.session, rendered, partnership_id=key, collaboration_id=collaboration_id).id


@pytest.fixture
def house(installation: object) -> tuple[House, dict[str, str]]:
    """A house with a proposal in two editions, the second by today's template, and a report that is outdated."""

    def prepare(world: World) -> dict[str, str]:
        row = a_collaboration_at(world, "iag_review")
        older = replace(TODAY, template="0" * 64)
        return {
            "collaboration": row.id,
            "old": issue(world, OLD, older, collaboration_id=row.id),
            "new": issue(world, NEW, TODAY, collaboration_id=row.id),
            "report": issue(world, b"%PDF report", PRINTING, kind=REPORT),
        }

    return a_house(prepare)


def requests() -> list[dict[str, Any]]:
    with begin(read_only=True) as session:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.name == "document.requested"))
        return [dict(row.payload) for row in rows if "document_id" in row.payload]


def test_a_replaced_edition_says_by_which_and_why(house: tuple[House, dict[str, str]]) -> None:
    manager, keys = house[0].manager, house[1]

    old, new = (manager.get(f"/documents/{keys[name]}").json() for name in ("old", "new"))

    named = {
        name: {key: one[key] for key in ("id", "edition", "issued_at", "because")}
        for name, one in (("old", old), ("new", new))
    }
    assert (old["edition"], old["replaces"], old["replaced_by"]) == (1, None, named["new"])
    assert (new["edition"], new["replaces"], new["replaced_by"]) == (2, named["old"], None)
    assert (old["because"], new["because"]) == ([], ["template"])
    assert new["printing"] == {"template": TODAY.template, "fonts": TODAY.fonts, "renderer": TODAY.renderer}


def test_while_the_store_is_away_bytes_are_asked_for_again_later(
    house: tuple[House, dict[str, str]], installation: Path
) -> None:
    manager, path = house[0].manager, f"/documents/{house[1]['new']}/content"
    store = installation / "store"
    away = store.rename(installation / "away")
    answer = manager.get(path)
    away.rename(store)

    assert (answer.status_code, problem(answer)) == (503, (503, "store_away"))
    assert answer.headers["Retry-After"] == "5"
    assert manager.get(path).content == NEW


def test_bytes_of_a_replaced_edition_come_with_the_way_to_the_next(house: tuple[House, dict[str, str]]) -> None:
    manager, keys = house[0].manager, house[1]
    beside = {
        "old": f'</api/v1/documents/{keys["new"]}>; rel="successor-version"',
        "new": f'</api/v1/documents/{keys["old"]}>; rel="predecessor-version"',
    }

    for name, content in (("old", OLD), ("new", NEW)):
        answer = manager.get(f"/documents/{keys[name]}/content")
        assert (answer.content, answer.headers["Link"]) == (content, beside[name])
        assert manager.get(f"/documents/{keys[name]}").headers["Link"] == beside[name]
    assert "Link" not in manager.get(f"/documents/{keys['report']}").headers


def test_a_record_has_another_tag_once_it_is_replaced(house: tuple[House, dict[str, str]]) -> None:
    manager, keys = house[0].manager, house[1]
    path = f"/documents/{keys['new']}"
    tag = manager.get(path).headers["ETag"]
    assert manager.get(path, If_None_Match=tag).status_code == 304

    with begin() as session:
        row = session.get_one(IssuedDocument, keys["new"])
        rendered = Rendered(PROPOSAL, row.document_class, row.title, "subject", "{}", b"%PDF third", PRINTING)
        record_document(session, rendered, partnership_id=row.partnership_id, collaboration_id=row.collaboration_id)

    assert manager.get(path, If_None_Match=tag).status_code == 200


@pytest.mark.parametrize("name", ["old", "new"])
def test_editions_are_listed_from_any_of_them(house: tuple[House, dict[str, str]], name: str) -> None:
    listed = house[0].manager.get(f"/documents/{house[1][name]}/editions").json()

    assert [(one["id"], one["edition"]) for one in listed["items"]] == [(house[1]["old"], 1), (house[1]["new"], 2)]


@pytest.mark.parametrize(
    ("asked", "names"),
    [("", ["old", "new", "report"]), ("?replaced=true", ["old"]), ("?replaced=false", ["new", "report"])],
)
def test_lists_of_what_was_replaced(house: tuple[House, dict[str, str]], asked: str, names: list[str]) -> None:
    listed = house[0].manager.get(f"/documents{asked}").json()["items"]

    assert [one["id"] for one in listed] == [house[1][name] for name in names]


def test_asking_for_a_new_edition_names_the_document(house: tuple[House, dict[str, str]]) -> None:
    manager, keys = house[0].manager, house[1]

    asked = manager.post(f"/documents/{keys['report']}/editions")

    assert (asked.status_code, asked.json()["kind"]) == (202, REPORT)
    assert requests() == [{"kind": REPORT, "subject_id": "subject", "document_id": keys["report"]}]


def test_what_was_replaced_or_is_of_today_is_not_printed_again(
    house: tuple[House, dict[str, str]], installation: Any
) -> None:
    manager, keys = house[0].manager, house[1]

    replaced, current = (manager.post(f"/documents/{keys[name]}/editions") for name in ("old", "new"))

    assert (problem(replaced), codes(replaced)) == ((409, "document_edition_refused"), ["edition_replaced"])
    assert replaced.json()["reasons"][0]["where"] == f"documents/{keys['new']}"
    assert (problem(current), codes(current)) == ((409, "document_edition_refused"), ["edition_current"])
    digest = manager.get(f"/documents/{keys['new']}").json()["sha256"]
    (installation / "store" / digest[:2] / digest).unlink()
    assert manager.post(f"/documents/{keys['new']}/editions").status_code == 202  # its file is made good


@pytest.mark.parametrize("of", ["report", "proposal"])
def test_all_of_a_kind_are_asked_for_at_once_after_a_dry_run(house: tuple[House, dict[str, str]], of: str) -> None:
    manager, keys = house[0].manager, house[1]
    kind = REPORT if of == "report" else PROPOSAL
    due = [keys["report"]] if of == "report" else []

    tried = manager.post("/documents/editions?dry_run=true", {"kind": kind}).json()
    assert (tried["dry_run"], [one["id"] for one in tried["asked"]], tried["left"], requests()) == (True, due, 0, [])
    asked = manager.post("/documents/editions", {"kind": kind})
    assert (asked.status_code, asked.json()["asked"]) == (202, tried["asked"])
    assert [one["document_id"] for one in requests()] == due
    assert manager.post("/documents/editions", {"kind": kind}).json()["asked"] == []  # they are on their way


def test_editions_are_asked_for_in_parts_and_by_collaboration(house: tuple[House, dict[str, str]]) -> None:
    manager, keys = house[0].manager, house[1]
    with begin() as session:
        session.get_one(IssuedDocument, keys["new"]).fonts = "0" * 64
        of_none = session.get_one(IssuedDocument, keys["report"])
        of_none.kind, of_none.subject_id = PROPOSAL, "another"

    part = manager.post("/documents/editions?dry_run=true&limit=1", {"kind": PROPOSAL}).json()
    assert ([(one["id"], one["because"]) for one in part["asked"]], part["left"]) == ([(keys["new"], ["fonts"])], 1)
    body = {"kind": PROPOSAL, "collaboration_id": keys["collaboration"]}
    narrowed = manager.post("/documents/editions?dry_run=true", body).json()
    assert ([one["id"] for one in narrowed["asked"]], narrowed["left"]) == ([keys["new"]], 0)
    unknown = manager.post("/documents/editions", {"kind": PROPOSAL, "collaboration_id": "none"})
    assert problem(unknown) == (422, "unknown_name")


def test_each_asks_for_what_it_may_read(house: tuple[House, dict[str, str]]) -> None:
    with begin() as session:
        session.get_one(IssuedDocument, house[1]["new"]).fonts = "0" * 64

    def due(who: str, kind: DocumentKind) -> Any:
        answer = house[0].by(who).post("/documents/editions?dry_run=true", {"kind": kind})
        return [one["id"] for one in answer.json()["asked"]] if answer.status_code == 202 else answer.status_code

    assert {
        (who, kind.value): due(who, kind) for who in (MANAGER, SECRETARY, PARTNER) for kind in (PROPOSAL, REPORT)
    } == {
        (MANAGER, "proposal"): [house[1]["new"]],
        (MANAGER, REPORT.value): [house[1]["report"]],
        (SECRETARY, "proposal"): [house[1]["new"]],
        (SECRETARY, REPORT.value): [],
        (PARTNER, "proposal"): 403,
        (PARTNER, REPORT.value): 403,
    }


def verification(house: House, who: str, content: bytes) -> dict[str, Any]:
    caller = house.by(who)
    headers = {**caller.headers, "Content-Type": "application/pdf"}
    answer = house.client.post("/api/v1/documents/verification", content=content, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_file_says_which_edition_it_is_to_those_who_may_read_it(house: tuple[House, dict[str, str]]) -> None:
    doors, keys = house
    altered = b"%PDF /ID [<" + b"44136fa355b3678a1146ad16f7e8649e" + b"> <00>]"  # the digest of "{}"

    for who in (MANAGER, SECRETARY, PARTNER):
        old = verification(doors, who, OLD)
        assert (old["verdict"], old["document"]["id"]) == ("unaltered", keys["old"])
        assert old["document"]["replaced_by"]["id"] == keys["new"]
        assert verification(doors, who, altered)["verdict"] == "altered"
        assert verification(doors, who, b"%PDF of another house") == {"verdict": "unknown", "document": None}
    for content in (OLD, altered):
        assert verification(doors, OBSERVER, content) == {"verdict": "unknown", "document": None}
