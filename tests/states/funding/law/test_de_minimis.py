"""Regulation (EU) 2023/2831: the worked example, the single undertaking, Member States, and the rolling window."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.funding.case.case import FundingCase
from states.funding.case.partners import AidReceived, Enterprise, Link
from states.funding.law.dates import years_before
from states.funding.law.de_minimis import Award, headroom, headroom_of
from states.funding.law.facts import CaseFacts
from tests.states.funding.builders import case, rules

FIRST, SECOND = date(2024, 2, 1), date(2025, 6, 15)
SISTER = Enterprise(id="sister", name="A linked company")


def _received(who: str, on: date, amount: int, state: str = "DE", basis: str = "de_minimis") -> AidReceived:
    return AidReceived(recipient=who, granted_on=on, amount=Decimal(amount), member_state=state, basis=basis)


def _example(*links: Link) -> FundingCase:
    awards = (_received("a", FIRST, 120_000), _received("sister", SECOND, 100_000))
    return case(enterprises=(SISTER,), links=links, aid_received=awards)


CONTROLLED = Link(holder="sister", held="a", percent=Decimal(80))


@pytest.mark.parametrize(
    ("on", "used", "left"),
    [
        pytest.param(date(2026, 11, 22), 220_000, 80_000, id="Art. 3(2) both awards in the window"),
        pytest.param(date(2027, 1, 31), 220_000, 80_000, id="Art. 3(2) the last day of the first award"),
        pytest.param(date(2027, 2, 1), 100_000, 200_000, id="Art. 3(2) three years later to the day"),
        pytest.param(date(2027, 2, 2), 100_000, 200_000, id="Art. 3(2) the first award has left"),
        pytest.param(date(2028, 6, 15), 0, 300_000, id="Art. 3(2) both have left"),
        pytest.param(date(2024, 2, 1), 120_000, 180_000, id="Art. 3(3) counts from the day it is granted"),
        pytest.param(date(2024, 1, 31), 0, 300_000, id="Art. 3(3) not before"),
    ],
)
def test_headroom_on_a_date(on: date, used: int, left: int) -> None:
    room = headroom_of(CaseFacts(_example(CONTROLLED), rules()), "a", "DE", on)

    assert (room.used, room.left) == (Decimal(used), Decimal(left))


def test_art_2_2_an_unlinked_company_has_its_own_ceiling() -> None:
    facts = CaseFacts(_example(), rules())

    assert headroom_of(facts, "a", "DE", date(2026, 11, 22)).left == 180_000


def test_art_2_2_links_go_through_chains() -> None:
    mother = Enterprise(id="mother", name="Mother of both")
    chain = tuple(Link(holder="mother", held=held, percent=Decimal(60)) for held in ("a", "sister"))
    linked = _example().changed(enterprises=(SISTER, mother), links=chain)

    assert headroom_of(CaseFacts(linked, rules()), "a", "DE", date(2026, 11, 22)).left == 80_000


def test_art_3_2_each_member_state_has_its_own_ceiling() -> None:
    facts = CaseFacts(_example(CONTROLLED), rules())

    assert headroom_of(facts, "a", "FR", date(2026, 11, 22)).left == 300_000


def test_other_aid_does_not_count() -> None:
    regional = case(aid_received=(_received("a", SECOND, 250_000, basis="gber-14"),))

    assert headroom_of(CaseFacts(regional, rules()), "a", "DE", date(2026, 11, 22)).left == 300_000


def test_three_years_before_the_leap_day() -> None:
    assert years_before(date(2028, 2, 29), 3) == date(2025, 2, 28)


AWARDS = st.lists(
    st.tuples(
        st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        st.decimals(min_value=0, max_value=400_000, places=2),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(awards=AWARDS, on=st.dates(date(2023, 1, 1), date(2031, 1, 1)))
def test_headroom_is_never_negative_and_used_is_what_lies_in_the_window(awards: list[Award], on: date) -> None:
    room = headroom(awards, on=on, ceiling=Decimal(300_000), years=3)

    in_window = [amount for day, amount in awards if day <= on < day.replace(year=day.year + 3, day=min(day.day, 28))]
    assert room.left >= 0
    if all(day.day <= 28 for day, _ in awards):
        assert room.used == sum(in_window, Decimal(0))


@settings(deadline=None)
@given(awards=AWARDS, on=st.dates(date(2023, 1, 1), date(2031, 1, 1)))
def test_without_a_new_award_the_headroom_only_grows(awards: list[Award], on: date) -> None:
    past = [award for award in awards if award[0] <= on]

    today, tomorrow = (
        headroom(past, on=day, ceiling=Decimal(300_000), years=3).left for day in (on, on + timedelta(days=1))
    )

    assert tomorrow >= today
