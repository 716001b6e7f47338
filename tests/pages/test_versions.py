"""What becomes of a protocol in a browser: frozen, compared, signed, given to people, restored, as files."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from api.pages import formats
from states.protocol.definition import ColumnKind
from tests.api.house import PARTNER
from tests.factories import World, a_collaboration, a_collaboration_at, fill_protocol
from tests.pages.house import a_page_house, said_on
from tests.pages.test_protocol import MARSEILLE, a_case, speak_for_marseille

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def filled(world: World) -> str:
    speak_for_marseille(world)
    row = a_collaboration_at(world, "investment_protocol")
    fill_protocol(world, row)
    return row.id


def test_a_version_is_frozen_after_a_look_and_signed_or_refused(installation: Path) -> None:
    house, case = a_page_house(filled)
    manager = house.manager
    assert "Freeze version 1?" in said_on(manager.read(f"/cases/{case}/freeze"))
    frozen = manager.send(f"/cases/{case}/freeze", follow=True)
    assert "Frozen as version 1." in said_on(frozen.text)
    assert manager.send(f"/cases/{case}/freeze").status_code == 409

    page = f"/cases/{case}/sign-offs"
    [link] = re.findall(r'href="(/sign-offs/[0-9a-f]+)"', house.by(MARSEILLE).read(page))
    marseille = house.by(MARSEILLE)
    assert "Sign the part of marseille" in said_on(marseille.read(link))
    assert marseille.send(link, {"answer": "refuse", "refused_because": ""}).status_code == 422
    refused = marseille.send(link, {"answer": "refuse", "refused_because": "The sum is wrong."}, follow=True)
    assert "The sum is wrong." in said_on(refused.text)
    assert "Signed." in said_on(marseille.send(link, {"answer": "sign"}, follow=True).text)
    other = re.findall(r'href="(/sign-offs/[0-9a-f]+)"', house.by(PARTNER).read(page))
    assert other
    assert marseille.get(other[0]).status_code == 403
    again = re.findall(r'action="(/sign-offs/[0-9a-f]+/requests)"', manager.read(page))
    assert "Asked once more" in said_on(manager.send(again[0], page=page, follow=True).text)


def test_a_version_writes_amounts_and_days_as_its_reader_does(installation: Path) -> None:
    house, case = a_page_house(filled)
    manager = house.manager
    manager.send(f"/cases/{case}/freeze")
    manager.send("/account/language", {"language": "de"}, page="/account")
    read = manager.read(f"/cases/{case}/versions/1")

    assert [text for text in ("1.000,10", "30 Juni 2020") if text not in read] == []
    assert [text for text in ("1000.10", "2020-06-30") if text in read] == []


def test_a_year_stays_whole_and_a_count_has_its_thousands_apart(installation: Path) -> None:
    written = [formats.cell(text, ColumnKind.INTEGER) for text in ("2027", "12000", "", "many")]

    assert written == ["2027", "12,000", "", "many"]


def test_the_redline_tells_what_came_and_went(installation: Path) -> None:
    house, case = a_page_house(filled)
    manager = house.manager
    assert "No version is frozen yet" in said_on(manager.read(f"/cases/{case}/redline"))
    manager.send(f"/cases/{case}/freeze")
    page = f"/cases/{case}/protocol/market"
    manager.send(page, {"market.users": "Market and demand: Clinics"})
    read = manager.read(f"/cases/{case}/redline")

    assert "<del>Users and clients</del><ins>Clinics</ins>" in read
    assert "1 field differs." in said_on(read)
    assert "Both say the same." in said_on(manager.read(f"/cases/{case}/redline?from=1&to=1"))
    assert manager.get(f"/cases/{case}/redline?from=9").status_code == 422


def test_a_section_is_given_handed_in_returned_and_taken_back(installation: Path) -> None:
    house, case = a_page_house(filled)
    page = f"/cases/{case}/sections-given"
    manager, marseille = house.manager, house.by(MARSEILLE)
    [person] = re.findall(r'value="([0-9a-f]+:medtech-marseille)"', manager.read(page))
    assert manager.send(page, {"person": person}).status_code == 422
    given = manager.send(page, {"sections": "market", "person": person, "note": "Who pays for it?"}, follow=True)
    [link] = re.findall(r'href="(/section-assignments/[0-9a-f]+)"', given.text)

    section = f"/cases/{case}/protocol/market"
    assert "Given to you until" in said_on(marseille.read(section))
    assert marseille.send(section, {"market.users": "Clinics of Provence."}).status_code == 303
    assert "Handed in." in said_on(marseille.send(f"{link}/handing-in", page=link, follow=True).text)
    assert 'name="market.users"' not in marseille.read(section)
    empty = manager.send(f"{link}/return", {"question": ""}, page=link)
    assert empty.status_code == 422
    manager.send(f"{link}/return", {"question": "How many are there?"}, page=link)
    assert "How many are there?" in said_on(marseille.read(section))
    manager.send(f"{link}/taking-back", {"reason": "The lead writes it."}, page=link)
    assert "Taken back" in said_on(manager.read(link))


def test_a_write_is_taken_back_and_an_older_one_restored(installation: Path) -> None:
    house, case = a_page_house(a_case)
    manager, page = house.manager, f"/cases/{case}/protocol/market"
    for text in ("One.", "Two.", "Three."):
        manager.send(page, {"market.users": text})
    read = manager.read(f"{page}/history")
    undo = re.findall(r'action="([^"]+/undoing)"', read)
    restore = re.findall(r'action="([^"]+/restoring)"', read)

    manager.send(undo[0], page=f"{page}/history")
    assert "Two." in manager.read(page)
    manager.send(restore[-1], page=f"{page}/history")
    assert "One." in manager.read(page)


def test_a_file_goes_out_and_comes_in_after_a_look(installation: Path) -> None:
    house, case = a_page_house(filled)
    manager, page = house.manager, f"/cases/{case}/protocol-files"
    file = manager.get(f"/cases/{case}/protocol-file?format=xlsx").content
    section = f"/cases/{case}/protocol/market"
    manager.send(section, {"market.users": "Clinics."})
    looked = manager.send(page, files={"file": ("protocol.xlsx", file)})
    assert "it changes nothing" in said_on(looked.text)

    name = manager.get(f"/cases/{case}/protocol-file?format=docx").content
    assert name.startswith(b"PK")
    broken = manager.send(page, files={"file": ("protocol.xlsx", b"PK no workbook")})
    assert broken.status_code == 422
    assert "There is a problem" in said_on(broken.text)


def test_what_a_file_changes_is_taken_once_it_was_seen(installation: Path) -> None:
    house, case = a_page_house(filled)
    manager, page = house.manager, f"/cases/{case}/protocol-files"
    section = f"/cases/{case}/protocol/market"
    manager.send(section, {"market.users": "Clinics of the first day."})
    manager.send(f"/cases/{case}/freeze")
    old = manager.get(f"/cases/{case}/versions/1/file?format=xlsx").content
    edited = _edited(old, "Clinics of the first day.", "Clinics of the last day.")
    looked = manager.send(page, files={"file": ("protocol.xlsx", edited)})
    assert "Take this file in?" in said_on(looked.text)
    assert "Clinics of the first day." in manager.read(section)

    data = looked.text.partition('name="data" value="')[2].partition('"')[0]
    version = re.search(r'name="version" value="([0-9]+)"', looked.text)
    assert version is not None
    taken = manager.send(page, {"data": data, "version": version[1]}, follow=True)
    assert "The file is taken in." in said_on(taken.text)
    assert "Clinics of the last day." in manager.read(section)


def _edited(workbook: bytes, before: str, after: str) -> bytes:
    book = load_workbook(BytesIO(workbook))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == before:
                    cell.value = after
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def two_cases(world: World) -> tuple[str, str]:
    return filled(world), a_collaboration(world, slug="second").id


def test_sections_of_another_case_are_copied_after_a_look(installation: Path) -> None:
    house, (full, empty) = a_page_house(two_cases)
    manager, page = house.manager, f"/cases/{empty}/protocol-copies"
    asked = {"source": full, "sections": "market"}
    looked = manager.send(page, asked)
    assert "Copy this?" in said_on(looked.text)
    version = re.search(r'name="version" value="([0-9]+)"', looked.text)
    assert version is not None
    manager.send(page, {**asked, "version": version[1]})

    assert "Market and demand: Users and clients" in manager.read(f"/cases/{empty}/protocol/market")
    assert "Market and demand" not in manager.read(f"/cases/{empty}/protocol/identity").partition("<form")[2][:2000]


def test_the_risks_are_looked_through_on_record(installation: Path) -> None:
    house, case = a_page_house(filled)
    manager, page = house.manager, f"/cases/{case}/risk-reviews"
    manager.send(f"/cases/{case}/freeze")
    assert manager.send(page, {"note": ""}).status_code == 422
    assert "The supplier is late." in said_on(manager.send(page, {"note": "The supplier is late."}, follow=True).text)
