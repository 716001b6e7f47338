"""Evidence in a browser: filed by a form, superseded, withdrawn, downloaded, asked for; read by nobody else."""

import re
from pathlib import Path

import pytest

from tests.api.house import OBSERVER, PARTNER
from tests.factories import World, a_collaboration, a_piece_of_evidence
from tests.pages.house import Reader, a_page_house, said_on
from tests.pages.test_protocol import MARKUP, MARSEILLE, a_case

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

PDF = b"%PDF-1.7 a letter of many words"


def filed(world: World) -> tuple[str, str]:
    row = a_collaboration(world)
    return row.id, a_piece_of_evidence(world, row).id


def file_one(reader: Reader, case: str, **fields: str) -> str:
    said = {"kind": "letter_of_support", "dated_on": "2026-11-20", "about": "collaboration:", **fields}
    answer = reader.send(f"/cases/{case}/evidence", said, files=[("file", ("letter.pdf", PDF))], follow=True)
    return said_on(answer.text)


def test_files_are_filed_several_at_once_and_downloaded(installation: Path) -> None:
    house, case = a_page_house(a_case)
    said = {"kind": "offer", "dated_on": "2026-11-20", "about": "section:market", "organisation": "medtech-gliwice"}
    files = [("file", (name, PDF + name.encode())) for name in ("one.pdf", "two.pdf")]
    page = house.manager.send(f"/cases/{case}/evidence", said, files=files, follow=True).text

    told = said_on(page)
    assert "Filed." in told
    assert "one.pdf" in told
    assert "two.pdf" in told
    link = re.search(r'href="(/evidence/[0-9a-f]+)"', page)
    assert link is not None
    answer = house.manager.get(f"{link[1]}/content")
    assert answer.content.startswith(PDF)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "1 time somebody had this file." in said_on(house.manager.read(f"{link[1]}/downloads"))


def test_what_is_wrong_stands_at_its_field_and_the_rest_stays(installation: Path) -> None:
    house, case = a_page_house(a_case)
    said = {"kind": "offer", "dated_on": "someday", "about": "section:market", "title": "Offer of a chamber"}
    answer = house.manager.send(f"/cases/{case}/evidence", said, files=[("file", ("a.pdf", PDF))])

    assert answer.status_code == 422
    assert 'href="#f-dated_on"' in answer.text
    assert 'value="Offer of a chamber"' in answer.text
    assert '<option value="section:market" selected>' in answer.text
    assert "Please choose the files again" in answer.text
    empty = house.manager.send(f"/cases/{case}/evidence", said | {"dated_on": "2026-11-20"}, files=[("x", ("", b""))])
    assert 'href="#f-file"' in empty.text


def test_a_partner_files_for_itself_alone(installation: Path) -> None:
    house, case = a_page_house(a_case)
    marseille = house.by(MARSEILLE)
    page = marseille.read(f"/cases/{case}/evidence")
    assert 'value="medtech-gliwice"' not in page.partition('name="organisation"')[2].partition("</select>")[0]

    assert "Filed." in file_one(marseille, case, organisation="medtech-marseille")
    said = {"kind": "offer", "dated_on": "2026-11-20", "about": "collaboration:", "organisation": "medtech-gliwice"}
    answer = marseille.send(f"/cases/{case}/evidence", said, files=[("file", ("a.pdf", PDF))])
    assert answer.status_code == 403


def test_who_may_not_file_sends_nothing_that_is_read(installation: Path) -> None:
    house, case = a_page_house(a_case)

    assert house.by(OBSERVER).client.post(f"/cases/{case}/evidence", files={"file": PDF}).status_code == 403
    answer = Reader().client.post(f"/cases/{case}/evidence", files={"file": PDF})
    assert answer.headers["Location"].startswith("/sign-in?")


def test_a_newer_file_takes_the_place_of_one(installation: Path) -> None:
    house, (case, one) = a_page_house(filed)
    page = f"/cases/{case}/evidence?instead={one}"
    said = {"kind": "letter_of_support", "dated_on": "2026-11-21", "supersedes": one}
    answer = house.manager.send(f"/cases/{case}/evidence", said, page=page, files=[("file", ("new.pdf", PDF))])

    assert answer.status_code == 303
    assert "A newer file took its place." in said_on(house.manager.read(f"/evidence/{one}"))


def test_a_file_is_corrected_and_withdrawn_with_a_reason(installation: Path) -> None:
    house, (_, one) = a_page_house(filed)
    manager, page = house.manager, f"/evidence/{one}"
    assert "Corrected." in said_on(manager.send(page, {"title": "A better word"}, follow=True).text)
    assert "A better word" in manager.read(page)

    assert manager.send(f"{page}/withdrawal", {}, page=page).status_code == 422
    done = manager.send(f"{page}/withdrawal", {"reason": "It was the wrong one."}, page=page, follow=True)
    assert "Withdrawn: It was the wrong one." in said_on(done.text)
    assert manager.get(f"{page}/content").status_code in (404, 409, 410)


def test_a_link_that_asks_for_one_kind_is_shown_once(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/evidence-requests"
    asked = re.search(r'value="([0-9a-f]+:medtech-marseille)"', house.manager.read(page))
    assert asked is not None
    answer = house.manager.send(page, {"kind": "offer", "asked": asked[1], "days": "10"})

    assert answer.status_code == 200
    assert "/links/evidence/" in answer.text
    assert "/links/evidence/" not in house.manager.read(page)
    assert house.by(PARTNER).get(page).status_code == 403


def test_a_request_is_taken_back_and_its_link_opens_nothing_more(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/evidence-requests"
    asked = re.search(r'value="([0-9a-f]+:medtech-marseille)"', house.manager.read(page))
    assert asked is not None
    made = house.manager.send(page, {"kind": "offer", "asked": asked[1], "days": "10"}).text
    link = re.search(r"(/links/evidence/[^\"]+)", made)
    assert link is not None
    assert house.by(OBSERVER).get(link[1]).status_code == 200
    door = re.search(rf'action="({page}/[0-9a-f]+/withdrawal)"', house.manager.read(page))
    assert door is not None

    assert house.by(PARTNER).send(door[1], {}, page="/account").status_code == 403
    told = said_on(house.manager.send(door[1], {}, page=page, follow=True).text)
    assert "the link opens nothing any more" in told
    assert "Asked for, by a link that is still good" not in told
    assert house.by(OBSERVER).get(link[1]).status_code == 410


def test_markup_in_what_is_said_of_a_file_is_shown_as_it_was_typed(installation: Path) -> None:
    house, case = a_page_house(a_case)
    file_one(house.manager, case, title=MARKUP, description=MARKUP)
    page = house.manager.read(f"/cases/{case}/evidence")
    link = re.search(r'href="(/evidence/[0-9a-f]+)"', page)
    assert link is not None
    for read in (page, house.manager.read(link[1])):
        assert "<script>alert" not in read
        assert "&lt;script&gt;" in read
