"""The figures of an organisation in a browser: accounts, holders, aid; what follows from them; each partner's own."""

from pathlib import Path

import pytest

from tests.api.house import OBSERVER, PARTNER
from tests.pages.house import a_page_house, said_on
from tests.pages.test_protocol import MARKUP, speak_for_marseille

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

GLIWICE = "/partnerships/medtech/organisations/medtech-gliwice"
FIGURES = f"{GLIWICE}/figures"
SMALL = {"headcount": "42", "turnover": "6,500,000.00", "balance_sheet": "5100000"}


def test_accounts_decide_the_size_and_are_corrected(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    assert f'href="{FIGURES}"' in manager.read("/organisations/medtech-gliwice")
    for year in (2024, 2025):
        manager.send(f"{GLIWICE}/accounts/{year}", SMALL, page=f"{GLIWICE}/accounts?year={year}", follow=True)
    assert "By year, jointly 2024: Small; 2025: Small" in said_on(manager.read(FIGURES))

    form = f"{GLIWICE}/accounts?year=2025"
    assert 'name="turnover" type="text" value="6500000.00"' in manager.read(form)
    late = manager.send(f"{GLIWICE}/accounts/2025", {**SMALL, "version": "7"}, page=form)
    assert (late.status_code, 'value="42"' in late.text) == (412, True)
    manager.send(f"{GLIWICE}/accounts/2025", {**SMALL, "headcount": "300", "interest": ""}, page=form, follow=True)
    assert "2025: Large" in said_on(manager.read(FIGURES))


def test_accounts_that_say_nothing_are_not_kept(installation: Path) -> None:
    house, _ = a_page_house()
    answer = house.manager.send(f"{GLIWICE}/accounts/2025", {"headcount": ""}, page=f"{GLIWICE}/accounts?year=2025")

    assert answer.status_code == 422
    assert "Nobody has entered any." in said_on(house.manager.read(FIGURES))


def test_who_holds_a_part_joins_the_undertaking_until_it_ends(installation: Path) -> None:
    house, _ = a_page_house()
    manager, form = house.manager, f"{GLIWICE}/holders"
    held = {"holder": "medtech-katowice", "percent": "60", "control": ["majority_of_votes", "appoints_board"]}
    told = said_on(manager.send(form, held, follow=True).text)
    assert "60 Majority of votes, Appoints board" in told or "60 Appoints board, Majority of votes" in told
    undertaking = told.partition("Single undertaking")[2].partition("Room under de minimis")[0]
    assert "katowice" in undertaking.lower()
    assert 'value="medtech-katowice"' not in manager.read(form)

    one = f"{form}?holder=medtech-katowice"
    changed = manager.send(form, {"holder": "medtech-katowice", "percent": "20"}, page=one, follow=True)
    assert "Nobody in the partnership" not in said_on(changed.text)
    ended = manager.send(form, {"holder": "medtech-katowice", "then": "end"}, page=one, follow=True)
    assert "Nobody in the partnership, as far as is known." in said_on(ended.text)


def test_a_partner_records_its_own_aid_and_sees_what_is_left(installation: Path) -> None:
    house, _ = a_page_house(speak_for_marseille)
    partner, form = house.by(PARTNER), f"{GLIWICE}/aid-received"
    aid = {"basis": "de_minimis", "member_state": "PL", "granted_on": "2026-03-01", "amount": "100,000.00"}
    assert partner.send(form, {**aid, "amount": "400.000"}).status_code == 422
    told = partner.send(form, {**aid, "source": MARKUP}, follow=True)
    assert "<script>alert" not in told.text
    assert "PL EUR 300,000.00 EUR 100,000.00 EUR 200,000.00" in said_on(told.text).replace("\N{NO-BREAK SPACE}", " ")
    [removal] = [part.partition('"')[0] for part in told.text.split('action="')[1:] if "/removal" in part]
    assert "None is recorded." in said_on(partner.send(removal, page=FIGURES, follow=True).text)

    other = FIGURES.replace("gliwice", "marseille")
    assert partner.get(other).status_code == 403
    assert f'href="{other}"' not in partner.read("/organisations/medtech-marseille")
    assert house.by(OBSERVER).get(FIGURES).status_code == 403
