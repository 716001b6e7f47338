"""The page of the meter: points by section, each that is missing with who mends it and where."""

from pathlib import Path

import pytest

from states.bankability.criteria import SECTIONS
from tests.api.house import OBSERVER, PARTNER
from tests.factories import World, a_collaboration_at
from tests.pages.house import a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def a_case(world: World) -> str:
    return a_collaboration_at(world, "funding_scenario").id


def test_the_meter_says_what_is_missing_who_mends_it_and_where(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = house.manager.read(f"/cases/{case}/bankability")
    text = said_on(page)

    assert "of 100 points of what a bank looks for." in text
    assert text.count("met in full.") == len(SECTIONS)
    assert f'href="/cases/{case}/evidence"' in page
    assert f'href="/cases/{case}/funding"' in page
    score = text.split(" of 100 points")[0].split()[-1]
    assert f"{score} of 100 points" in said_on(house.manager.read(f"/cases/{case}"))


def test_only_who_may_read_the_money_reads_the_meter(installation: Path) -> None:
    house, case = a_page_house(a_case)

    answers = {who: house.by(who).get(f"/cases/{case}/bankability").status_code for who in (PARTNER, OBSERVER)}

    assert answers == {PARTNER: 200, OBSERVER: 403}
    assert "/bankability" not in house.by(OBSERVER).read(f"/cases/{case}")
