"""Search and the page of an organisation: what each role finds, and what a blind reviewer does not."""

from importlib import resources
from pathlib import Path

import pytest

from states.collaborations.service import edit_collaboration
from states.settings import settings
from tests.api.house import MANAGER, PARTNER
from tests.factories import World, a_collaboration_at, a_piece_of_evidence, clear, open_iag
from tests.pages.house import a_page_house, said_on
from tests.statements import counted

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

REVIEWER = "iag_member 1"


def a_case_with_a_letter(world: World) -> str:
    row = a_collaboration_at(world, "investment_protocol")
    a_piece_of_evidence(world, row)
    return row.id


def test_everything_is_found_in_groups_each_with_its_page(installation: Path) -> None:
    house, case = a_page_house(a_case_with_a_letter)
    manager = house.manager
    page = manager.read("/search?q=biocompat")
    assert f'href="/cases/{case}"' in page
    assert "1 thing found" in said_on(page)
    letter = manager.read("/search?q=letter")
    evidence = letter.partition('href="/evidence/')[2].partition('"')[0]
    assert manager.get(f"/evidence/{evidence}").status_code == 200
    found = manager.read("/search?q=gliwice&kind=organisation")

    assert 'href="/organisations/medtech-gliwice"' in found
    assert "Of every kind" in said_on(found)


def test_words_that_ask_for_nothing_are_told_so_beside_their_field(installation: Path) -> None:
    house, _ = a_page_house(a_case_with_a_letter)
    page = house.manager.read("/search?q=-only")

    assert 'aria-invalid="true"' in page
    assert 'value="-only"' in page
    assert "All words must be there" in said_on(house.manager.read("/search"))


def test_markup_in_the_words_stays_text(installation: Path) -> None:
    house, _ = a_page_house()

    assert "<script>alert" not in house.manager.read("/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E")


def test_an_organisation_shows_its_cases_but_to_whom_scores(installation: Path) -> None:
    house, case = a_page_house(a_case_with_a_letter)

    for who in (MANAGER, PARTNER):
        assert f'href="/cases/{case}"' in house.by(who).read("/organisations/medtech-gliwice")
    hidden = house.by(REVIEWER).read("/organisations/medtech-gliwice")
    assert "Cases" not in said_on(hidden)
    assert case not in hidden
    assert house.manager.get("/organisations/nobody").status_code == 404


def test_statements_of_a_search_do_not_grow_with_what_is_found(installation: Path) -> None:
    def several(world: World) -> None:
        row = a_collaboration_at(world, "investment_protocol")
        for number in range(4):
            a_piece_of_evidence(world, row, content=b"%PDF-1.7 letter " + str(number).encode())

    house, _ = a_page_house(several)
    counts = []
    for limit in (1, 1, 50):
        with counted() as sent:
            house.manager.read(f"/search?q=letter&kind=evidence&limit={limit}")
        counts.append(len(sent))

    assert counts[1] == counts[2]


PAGES_OF_A_CASE = ("", "/moves", "/deadlines", "/documents", "/questions")


@pytest.fixture
def blind(installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the Advisory Group judge blind."""
    text = resources.files("states.playbooks").joinpath("s3.yaml").read_text(encoding="utf-8")
    (tmp_path / "s3.yaml").write_text(text.replace("    comment: 20\n", "    comment: 20\n    blind: true\n"))
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(tmp_path))
    settings.cache_clear()


def a_blind_case(world: World) -> str:
    row = a_collaboration_at(world, "iag_review")
    edit_collaboration(world.session, row, title="gliwice with marseille", summary="What gliwice needs.")
    clear(world, row, open_iag(world, row), REVIEWER)
    return row.id


def test_a_blind_reviewer_reads_no_partners_name_anywhere(blind: None) -> None:
    house, case = a_page_house(a_blind_case)
    reviewer = house.by(REVIEWER)
    addresses = ["/", "/cases", "/cases?view=table&stage=iag_review", "/search?q=with"]
    addresses += [f"/cases/{case}{page}" for page in PAGES_OF_A_CASE]
    read = [(address, answer.status_code, answer.text) for address in addresses for answer in [reviewer.get(address)]]

    assert [(address, status) for address, status, _text in read if status not in (200, 403)] == []
    assert [address for address, _status, text in read if "gliwice" in text or "marseille" in text] == []
    assert "Partner A" in said_on(reviewer.read(f"/cases/{case}"))
    assert "gliwice" in house.manager.read(f"/cases/{case}")
