"""Recommendation 2003/361/EC: classes, partner and linked enterprises, public bodies, two years, small mid-caps."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.funding.case.case import FundingCase
from states.funding.case.partners import Enterprise, Link
from states.funding.case.vocabulary import Control
from states.funding.law.enterprises import Sizing
from states.funding.law.facts import CaseFacts
from states.partners.tables import SizeClass
from tests.states.funding.builders import case, partner, rules, year

MICRO, SMALL, MEDIUM, LARGE = SizeClass.MICRO, SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.LARGE
ORDER = [MICRO, SMALL, MEDIUM, LARGE]
MILLION = 1_000_000


def _sizing(given_case: FundingCase) -> Sizing:
    return CaseFacts(given_case, rules()).sizes["a"]


def _alone(people: int, turnover: int, balance: int) -> Sizing:
    return _sizing(case(partners=(partner(size=None, years=(year(2025, people, turnover, balance),)),)))


@pytest.mark.parametrize(
    ("people", "turnover", "balance", "size"),
    [
        pytest.param(9, 2 * MILLION, 5 * MILLION, MICRO, id="Art. 2(3) micro by turnover"),
        pytest.param(9, 5 * MILLION, 2 * MILLION, MICRO, id="Art. 2(3) micro by balance sheet"),
        pytest.param(10, 2 * MILLION, 2 * MILLION, SMALL, id="Art. 2(2) ten people are no micro enterprise"),
        pytest.param(49, 10 * MILLION, 99 * MILLION, SMALL, id="Art. 2(2) small"),
        pytest.param(50, 10 * MILLION, 10 * MILLION, MEDIUM, id="Art. 2(1) fifty people"),
        pytest.param(49, 10 * MILLION + 1, 10 * MILLION + 1, MEDIUM, id="Art. 2(2) both amounts passed"),
        pytest.param(249, 50 * MILLION, 99 * MILLION, MEDIUM, id="Art. 2(1) medium by turnover"),
        pytest.param(249, 99 * MILLION, 43 * MILLION, MEDIUM, id="Art. 2(1) medium by balance sheet"),
        pytest.param(250, 1, 1, LARGE, id="Art. 2(1) the headcount binds"),
        pytest.param(249, 50 * MILLION + 1, 43 * MILLION + 1, LARGE, id="Art. 2(1) both amounts passed, large"),
    ],
)
def test_the_classes(people: int, turnover: int, balance: int, size: SizeClass) -> None:
    assert _alone(people, turnover, balance).size is size


@pytest.mark.parametrize(
    ("people", "turnover", "balance", "is_one"),
    [
        pytest.param(749, 150 * MILLION, 999 * MILLION, True, id="Rec. 2025/1099 within"),
        pytest.param(750, 150 * MILLION, 129 * MILLION, False, id="Rec. 2025/1099 too many people"),
        pytest.param(749, 150 * MILLION + 1, 129 * MILLION + 1, False, id="Rec. 2025/1099 too much money"),
        pytest.param(100, MILLION, MILLION, False, id="Rec. 2025/1099 an SME is none"),
    ],
)
def test_small_mid_caps(people: int, turnover: int, balance: int, is_one: bool) -> None:
    assert _alone(people, turnover, balance).small_mid_cap is is_one


def test_before_the_recommendation_nobody_is_a_small_mid_cap() -> None:
    earlier = case(date=date(2025, 5, 20), partners=(partner(size=None, years=(year(2024, 700, MILLION),)),))

    assert _sizing(earlier).small_mid_cap is None


def _with_other(percent: int, **other: object) -> FundingCase:
    holder = Enterprise.model_validate({"id": "b", "name": "B", "years": (year(2025, 300, 60 * MILLION),), **other})
    own = partner(size=None, years=(year(2025, 40, 8 * MILLION),))
    return case(partners=(own,), enterprises=(holder,), links=(Link(holder="b", held="a", percent=Decimal(percent)),))


@pytest.mark.parametrize(
    ("percent", "people", "turnover", "size"),
    [
        pytest.param(24, 40, 8 * MILLION, SMALL, id="Art. 3(1) autonomous below 25 percent"),
        pytest.param(25, 115, 23 * MILLION, MEDIUM, id="Art. 3(2) partner from 25 percent"),
        pytest.param(30, 130, 26 * MILLION, MEDIUM, id="Art. 6(2) partner counted by its share"),
        pytest.param(50, 190, 38 * MILLION, MEDIUM, id="Art. 3(2) half is not yet linked"),
        pytest.param(60, 340, 68 * MILLION, LARGE, id="Art. 6(2) linked counted in full"),
    ],
)
def test_partner_and_linked_enterprises(percent: int, people: int, turnover: int, size: SizeClass) -> None:
    found = _sizing(_with_other(percent))

    assert found.size is size
    assert found.figures is not None
    assert found.figures["headcount"].high == people
    assert found.figures["turnover"].high == turnover


@pytest.mark.parametrize("control", list(Control), ids=lambda control: f"Art. 3(3) {control}")
def test_control_links_whatever_the_share(control: Control) -> None:
    controlled = _with_other(0).changed(links=(Link(holder="b", held="a", control=(control,)),))

    assert _sizing(controlled).size is LARGE


def test_art_6_3_what_is_linked_to_a_partner_enterprise_counts_by_the_same_share() -> None:
    mother = Enterprise(id="m", name="M", years=(year(2025, 1000, MILLION),))
    owned = _with_other(30)
    chain = owned.changed(
        enterprises=(*owned.enterprises, mother), links=(*owned.links, Link(holder="m", held="b", percent=Decimal(90)))
    )

    found = _sizing(chain)

    assert found.figures is not None
    assert found.figures["headcount"].high == 40 + Decimal("0.3") * 1300


def test_art_6_2_partners_of_a_partner_enterprise_do_not_count() -> None:
    far = Enterprise(id="far", name="Far", years=(year(2025, 1000, MILLION),))
    owned = _with_other(30)
    chain = owned.changed(
        enterprises=(*owned.enterprises, far), links=(*owned.links, Link(holder="far", held="b", percent=Decimal(40)))
    )

    assert _sizing(chain).size is MEDIUM


def test_what_is_missing_of_a_linked_enterprise_leaves_the_size_as_declared_or_unknown() -> None:
    assert _sizing(_with_other(60, years=())).size is SizeClass.UNKNOWN
    assert _sizing(_with_other(60, years=(), size="large")).size is LARGE


@pytest.mark.parametrize(
    ("share", "excepted", "size"),
    [
        pytest.param("25", False, LARGE, id="Art. 3(4) a quarter held by public bodies"),
        pytest.param("24.99", False, SMALL, id="Art. 3(4) less than a quarter"),
        pytest.param("40", True, SMALL, id="Art. 3(2) held by a university"),
    ],
)
def test_public_bodies(share: str, excepted: bool, size: SizeClass) -> None:
    held = partner(public_share=share, public_share_excepted=excepted)

    assert _sizing(case(partners=(held,))).size is size


@pytest.mark.parametrize(
    ("heads", "size"),
    [
        pytest.param([40], SMALL, id="Art. 4(1) one year"),
        pytest.param([40, 60], SMALL, id="Art. 4(2) one year above is not enough"),
        pytest.param([40, 60, 70], MEDIUM, id="Art. 4(2) two years above"),
        pytest.param([40, 60, 45, 60], SMALL, id="Art. 4(2) never two in a row"),
        pytest.param([40, 60, 400], MEDIUM, id="Art. 4(2) two years above small, one above medium"),
        pytest.param([400, 60, 70], MEDIUM, id="Art. 4(2) two years below"),
        pytest.param([400, 60, 300], LARGE, id="Art. 4(2) one year below is not enough"),
    ],
)
def test_two_consecutive_years(heads: list[int], size: SizeClass) -> None:
    years = tuple(year(2020 + n, people, MILLION) for n, people in enumerate(heads))

    assert _sizing(case(partners=(partner(size=None, years=years),))).size is size


def test_a_declaration_that_the_figures_contradict_is_told() -> None:
    found = _sizing(case(partners=(partner(size=SMALL, years=(year(2025, 100, MILLION),)),)))

    assert (found.size, found.declared_wrong) == (MEDIUM, True)


@settings(deadline=None)
@given(
    figures=st.tuples(st.integers(0, 400), st.integers(0, 80 * MILLION), st.integers(0, 80 * MILLION)),
    more=st.tuples(st.integers(0, 400), st.integers(0, 80 * MILLION), st.integers(0, 80 * MILLION)),
    percent=st.integers(0, 100),
)
def test_more_people_or_money_never_make_a_smaller_class(
    figures: tuple[int, int, int], more: tuple[int, int, int], percent: int
) -> None:
    alone = _alone(*figures)
    grown = _alone(figures[0] + more[0], figures[1] + more[1], figures[2] + more[2])
    owner = Enterprise(id="b", name="B", years=(year(2025, *more),))
    owned = case(
        partners=(partner(size=None, years=(year(2025, *figures),)),),
        enterprises=(owner,),
        links=(Link(holder="b", held="a", percent=Decimal(percent)),),
    )

    assert ORDER.index(alone.size) <= ORDER.index(_sizing(owned).size) <= ORDER.index(grown.size)
