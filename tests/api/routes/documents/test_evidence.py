"""Evidence over HTTP: filed by who may, told by content, read by class, superseded, withdrawn and redacted."""

import io
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import httpx
import pytest

from states.archive.store import Kept, open_store, verify
from states.settings import settings
from tests.api.house import MANAGER, OBSERVER, PARTNER, SECRETARY, Caller, House, a_house, codes, places, problem
from tests.factories import World, a_collaboration_at, a_piece_of_evidence, fill_protocol, freeze

LETTER = b"%PDF-1.7 a letter of support"
SAID = {"kind": "letter_of_support", "dated_on": "2026-01-20", "title": "Letter"}


def upload(caller: Caller, path: str, *files: tuple[str, bytes], key: str = "", **said: str) -> httpx.Response:
    parts = [("file", (name, content, "application/octet-stream")) for name, content in files]
    sent = caller.headers | ({"Idempotency-Key": key} if key else {})
    answer: httpx.Response = caller.client.post(f"/api/v1{path}", data=said, files=parts, headers=sent)
    return answer


def faults(answer: httpx.Response) -> list[str]:
    return [one["code"] for one in answer.json()["faults"]]


def _prepared(world: World) -> dict[str, str]:
    row = a_collaboration_at(world, "investment_protocol")
    own = a_piece_of_evidence(world, row, owner=world.organisations["katowice"], content=LETTER + b" of Katowice")
    return {"key": row.id, "others": own.id}


@pytest.fixture
def furnished(installation: Path) -> tuple[House, dict[str, str]]:
    return a_house(_prepared)


def package(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


DOCX_TYPES = (
    b'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    b"</Types>"
)


def docx(**parts: bytes) -> bytes:
    return package(**{"[Content_Types].xml": DOCX_TYPES, "word/document.xml": b"<document/>", **parts})


def test_a_file_is_filed_and_read_as_it_came(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished

    filed = upload(
        house.manager, f"/collaborations/{keys['key']}/evidence", ("../../Brief\u202e 1.exe", LETTER), **SAID
    )
    [row] = filed.json()["items"]
    read = house.manager.get(f"/evidence/{row['id']}/content")
    again = house.manager.get(f"/evidence/{row['id']}")

    assert filed.status_code == 201
    assert (row["file_name"], row["media_type"], row["scan"]) == ("Brief 1.exe.pdf", "application/pdf", "not_scanned")
    assert (row["sha256"], row["size"], row["state"]) == (sha256(LETTER).hexdigest(), len(LETTER), "filed")
    assert (read.content, read.headers["ETag"]) == (LETTER, f'"{row["sha256"]}"')
    assert read.headers["Content-Disposition"].startswith('attachment; filename="Brief 1.exe.pdf"')
    assert (read.headers["X-Content-Type-Options"], again.json()["downloads"]) == ("nosniff", 1)
    [had] = house.manager.get(f"/evidence/{row['id']}/downloads").json()["items"]
    assert had["role"] == MANAGER


def test_several_files_are_filed_together_or_not_at_all(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished
    path = f"/collaborations/{keys['key']}/evidence"

    refused = upload(house.manager, path, ("a.pdf", LETTER), ("b.pdf", b"MZ\x90\0\3"), **SAID)
    filed = upload(house.manager, path, ("a.txt", "Żółć".encode()), ("b.csv", b"a;b\n1;2\n"), **SAID | {"title": ""})

    assert (faults(refused), places(refused)) == (["file_type_not_taken"], ["b.pdf"])
    assert [(one["title"], one["media_type"]) for one in filed.json()["items"]] == [
        ("a.txt", "text/plain"),
        ("b.csv", "text/csv"),
    ]
    assert verify(sha256(LETTER).hexdigest()) is Kept.MISSING
    filesystem, root = open_store()
    assert [one for one in filesystem.find(root) if "incoming" in one] == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\0\3\0\0\0", "file_type_not_taken"),
        (b"\x7fELF\2\1\1\0", "file_type_not_taken"),
        (b"#!/bin/sh\nrm -rf /\n", "file_type_not_taken"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "file_type_not_taken"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_type_not_taken"),
        (b"{\\rtf1 \\object}", "file_type_not_taken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old word", "file_of_old_office"),
        (package(**{"letter.pdf": LETTER}), "file_is_archive"),
        (docx(**{"word/vbaProject.bin": b"macro"}), "file_has_macros"),
        (docx(**{"xl/macrosheets/sheet1.xml": b"<x/>"}), "file_has_macros"),
        (docx(**{"[Content_Types].xml": DOCX_TYPES.replace(b"main", b"macroEnabled.main")}), "file_has_macros"),
        (docx(**{"word/embeddings/oleObject1.bin": b"x"}), "file_embeds_programs"),
        (docx()[:-30], "file_damaged"),
        (docx(**{"word/media/1.png": bytes(8 << 20)}), "packed_too_small"),
        (b"Rar!\x1a\x07\x01\0", "file_type_not_taken"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "file_type_not_taken"),
    ],
)
def test_what_is_no_evidence_is_refused_with_the_reason(
    furnished: tuple[House, dict[str, str]], content: bytes, code: str
) -> None:
    house, keys = furnished

    refused = upload(house.manager, f"/collaborations/{keys['key']}/evidence", ("letter.pdf", content), **SAID)

    assert (refused.status_code, faults(refused), places(refused)) == (422, [code], ["letter.pdf"])
    assert all(fault["remedy"] for fault in refused.json()["faults"])


def test_a_partner_files_for_its_own_organisation_alone(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished
    path, partner = f"/collaborations/{keys['key']}/evidence", house.by(PARTNER)

    own = upload(partner, path, ("a.pdf", LETTER), organisation="medtech-gliwice", **SAID)
    every = {who: upload(house.by(who), path, ("a.pdf", LETTER), **SAID).status_code for who in (SECRETARY, OBSERVER)}

    assert own.status_code == 201
    assert every == {SECRETARY: 403, OBSERVER: 403}


def test_names_that_nobody_knows_come_back_all_at_once(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished
    wrong = {
        "kind": "poem",
        "organisation": "nobody",
        "region": "atlantis",
        "subject": "cost_line",
        "subject_name": "x",
    }

    refused = upload(house.manager, f"/collaborations/{keys['key']}/evidence", ("a.pdf", LETTER), **SAID | wrong)
    missing = upload(house.manager, f"/collaborations/{keys['key']}/evidence", ("a.pdf", LETTER), title="Letter")

    assert places(refused) == ["kind", "organisation", "region", "subject_name"]
    assert places(missing) == ["kind", "dated_on"]


def test_a_newer_file_supersedes_and_the_older_one_stays(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished
    path = f"/collaborations/{keys['key']}/evidence"
    [old] = upload(house.manager, path, ("a.pdf", LETTER), **SAID).json()["items"]

    [new] = upload(house.manager, path, ("b.pdf", LETTER + b"2"), **SAID, supersedes=old["id"]).json()["items"]
    again = upload(house.manager, path, ("c.pdf", LETTER + b"3"), **SAID, supersedes=old["id"])

    assert house.manager.get(f"/evidence/{old['id']}").json()["superseded_by"] == new["id"]
    assert problem(again) == (409, "evidence_closed")
    assert verify(sha256(LETTER + b"3").hexdigest()) is Kept.MISSING
    assert house.manager.get(f"/evidence/{old['id']}/content").content == LETTER
    listed = house.manager.get(f"/evidence?collaboration={keys['key']}&state=superseded").json()
    assert [one["id"] for one in listed["items"]] == [old["id"]]


def test_bytes_go_with_the_last_row_that_needs_them(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished
    path = f"/collaborations/{keys['key']}/evidence"
    first, second = upload(house.manager, path, ("a.pdf", LETTER), ("b.pdf", LETTER), **SAID).json()["items"]
    digest = sha256(LETTER).hexdigest()

    withdrawn = house.manager.post(f"/evidence/{first['id']}/withdrawal", {"reason": "twice"}, version=1)
    kept = verify(digest)
    redacted = house.manager.post(f"/evidence/{second['id']}/redaction", {"reason": "names"}, version=1)

    assert (withdrawn.json()["state"], kept) == ("withdrawn", Kept.INTACT)
    assert (redacted.json()["state"], redacted.json()["reason"]) == ("redacted", "names")
    assert (redacted.json()["sha256"], verify(digest)) == (digest, Kept.MISSING)
    assert problem(house.manager.get(f"/evidence/{second['id']}/content")) == (409, "evidence_closed")


def test_what_a_frozen_version_holds_is_withdrawn_no_more(installation: Path) -> None:
    def prepare(world: World) -> str:
        row = a_collaboration_at(world, "investment_protocol")
        fill_protocol(world, row)
        filed = a_piece_of_evidence(world, row)
        freeze(world, row)
        return filed.id

    house, key = a_house(prepare)

    refused = house.manager.post(f"/evidence/{key}/withdrawal", {"reason": "a mistake"}, version=1)
    redacted = house.manager.post(f"/evidence/{key}/redaction", {"reason": "it names people"}, version=1)

    assert (problem(refused), codes(refused)) == ((409, "evidence_closed"), ["evidence_relied_on"])
    assert redacted.status_code == 200


def test_a_form_that_comes_twice_under_a_key_is_filed_once(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished
    path = f"/collaborations/{keys['key']}/evidence"

    first, second = (upload(house.manager, path, ("a.pdf", LETTER), key="one", **SAID) for _ in range(2))

    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert house.manager.get(f"/evidence?collaboration={keys['key']}").json()["total"] == 2


def test_a_store_that_is_not_where_it_was_takes_nothing_in_place_of_the_first(
    furnished: tuple[House, dict[str, str]],
) -> None:
    house, keys = furnished
    store = settings().home / "store"
    store.rename(store.with_name("elsewhere"))

    answers = [
        upload(house.manager, f"/collaborations/{keys['key']}/evidence", ("a.pdf", LETTER), **SAID),
        house.manager.get(f"/evidence/{keys['others']}/content"),
    ]

    assert [problem(one) for one in answers] == [(503, "store_away")] * 2
    assert not (store / sha256(LETTER).hexdigest()[:2]).exists()
