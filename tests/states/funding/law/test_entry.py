"""The tests before any rate: each article with each answer it can give."""

from datetime import date
from decimal import Decimal

import pytest

from states.funding.aid.options import options
from states.funding.case.case import FundingCase
from states.funding.case.instruments import Call, months_after
from states.funding.case.partners import Difficulty
from states.funding.case.vocabulary import FinanceKind, PartnerKind
from states.funding.law.entry import (
    awarded_on,
    difficulty,
    entry_tests,
    incentive,
    recovery,
    transparency,
    validity,
)
from states.funding.law.facts import Answer, CaseFacts, Finding
from states.partners.tables import SizeClass
from tests.states.funding.builders import SOLVENT, case, instrument, item, partner, rules, year

LARGE, SMALL = SizeClass.LARGE, SizeClass.SMALL
OLD, YOUNG = date(2010, 1, 1), date(2024, 1, 1)
PASS, FAIL, UNKNOWN, MANUAL = Answer.PASS, Answer.FAIL, Answer.UNKNOWN, Answer.MANUAL


def _facts(given_case: FundingCase) -> CaseFacts:
    return CaseFacts(given_case, rules())


def _difficulty(**parts: object) -> Finding:
    facts = _facts(case(partners=(partner(**parts),)))  # type: ignore[arg-type]
    return difficulty(facts, facts.case.partners[0])


def _accounts(**figures: object) -> dict[str, object]:
    return {"years": (year(2025, 300, 60_000_000, None, **figures),)}


TWO_DEEP = {
    "years": tuple(year(y, 300, 60_000_000, debt=1501, own_funds=200, ebitda=9, interest=10) for y in (2024, 2025))
}
ONE_DEEP = {"years": (year(2024, 300, 60_000_000), TWO_DEEP["years"][1])}


@pytest.mark.parametrize(
    ("parts", "answer"),
    [
        pytest.param({"size": SMALL, "founded": YOUNG}, PASS, id="Art. 2(18) young SME without accounts"),
        pytest.param({"size": SMALL, "founded": OLD}, UNKNOWN, id="Art. 2(18)(a) capital not known"),
        pytest.param(
            {"size": SMALL, "founded": OLD, **_accounts(subscribed_capital=100, own_funds=50)},
            PASS,
            id="Art. 2(18)(a) exactly half is left",
        ),
        pytest.param(
            {"founded": OLD, **_accounts(subscribed_capital=100, own_funds="49.99")},
            FAIL,
            id="Art. 2(18)(a) more than half of the capital is lost",
        ),
        pytest.param(
            {"founded": OLD, **_accounts(subscribed_capital=100, own_funds=-10)}, FAIL, id="Art. 2(18)(a) all is lost"
        ),
        pytest.param(
            {"founded": YOUNG, "years": (year(2025, 5, 1_000, own_funds=-10),)}, PASS, id="Art. 2(18) young SME spared"
        ),
        pytest.param(
            {"founded": None, "years": (year(2025, 5, 1_000, own_funds=-10),)}, UNKNOWN, id="Art. 2(18) age not known"
        ),
        pytest.param(
            {"founded": YOUNG, **_accounts(own_funds=-10)}, FAIL, id="Art. 2(18) young but large is not spared"
        ),
        pytest.param({"difficulty": Difficulty(insolvent=True, rescue_aid=False)}, FAIL, id="Art. 2(18)(c) insolvent"),
        pytest.param({"difficulty": Difficulty(insolvent=False)}, UNKNOWN, id="Art. 2(18)(d) rescue aid not answered"),
        pytest.param({"difficulty": Difficulty(insolvent=False, rescue_aid=True)}, FAIL, id="Art. 2(18)(d) rescue aid"),
        pytest.param(TWO_DEEP, FAIL, id="Art. 2(18)(e) debt and cover beyond the limits for two years"),
        pytest.param(ONE_DEEP, PASS, id="Art. 2(18)(e) one year only"),
        pytest.param({"years": TWO_DEEP["years"][1:]}, UNKNOWN, id="Art. 2(18)(e) only one year is known"),
        pytest.param(
            {"years": tuple(one.model_copy(update={"interest": None}) for one in TWO_DEEP["years"])},
            UNKNOWN,
            id="Art. 2(18)(e) interest not known",
        ),
        pytest.param(
            {"years": tuple(one.model_copy(update={"ebitda": Decimal(10)}) for one in TWO_DEEP["years"])},
            PASS,
            id="Art. 2(18)(e) interest is covered",
        ),
    ],
)
def test_art_1_4_c_undertaking_in_difficulty(parts: dict[str, object], answer: Answer) -> None:
    found = _difficulty(**{"size": None, **parts})

    assert (found.article, found.answer) == ("GBER Art. 1(4)(c), Art. 2(18)", answer)
    assert found.blocks is (answer is FAIL)
    assert bool(found.remedy) is (answer is not PASS)


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        pytest.param(False, PASS, id="Art. 1(4)(a) none"),
        pytest.param(True, FAIL, id="Art. 1(4)(a) open"),
        pytest.param(None, UNKNOWN, id="Art. 1(4)(a) not declared"),
    ],
)
def test_deggendorf(order: bool | None, answer: Answer) -> None:
    facts = _facts(case(partners=(partner(recovery_order=order),)))

    assert recovery(facts, facts.case.partners[0]).answer is answer


def test_art_107_work_outside_the_market_needs_no_entry_test() -> None:
    centre = partner(kind=PartnerKind.UNIVERSITY, difficulty=SOLVENT)
    facts = _facts(case(partners=(centre,), cost_items=(item(economic=False),)))

    assert [(one.rule, one.answer) for one in entry_tests(facts, centre)] == [("tfeu-107-1", PASS)]


@pytest.mark.parametrize(
    ("ad_hoc", "size", "closes", "found"),
    [
        pytest.param(True, LARGE, date(2026, 12, 10), ["gber-6-3"], id="Art. 6(3) ad hoc aid to a large enterprise"),
        pytest.param(True, SMALL, date(2026, 12, 10), [], id="an SME"),
        pytest.param(False, LARGE, date(2026, 12, 10), [], id="a scheme"),
    ],
)
def test_art_6_3_asks_for_more_before_ad_hoc_aid(ad_hoc: bool, size: SizeClass, closes: date, found: list[str]) -> None:
    grant = instrument("grant", call=Call(closes=closes), ad_hoc=ad_hoc)
    facts = _facts(case(partners=(partner(size=size),), instruments=(grant,)))

    (option,) = options(facts)

    assert [one.rule for one in option.findings if one.rule == "gber-6-3"] == found


@pytest.mark.parametrize(("ad_hoc", "answer"), [(False, MANUAL), (True, UNKNOWN)])
def test_art_58_has_a_tail_for_schemes_only(ad_hoc: bool, answer: Answer) -> None:
    grant = instrument("grant", call=Call(closes=date(2027, 2, 1)), ad_hoc=ad_hoc)
    facts = _facts(case(instruments=(grant,)))

    assert validity(facts, grant, facts.rules.articles["gber-25"]).answer is answer


BEFORE, ON, AFTER = date(2027, 2, 26), date(2027, 2, 27), date(2027, 2, 28)


@pytest.mark.parametrize(
    ("call", "starts", "answer"),
    [
        pytest.param(Call(closes=ON), AFTER, PASS, id="Art. 6(2) works after the deadline"),
        pytest.param(Call(closes=ON), ON, MANUAL, id="Art. 6(2) works on the day of the deadline"),
        pytest.param(Call(closes=ON), BEFORE, MANUAL, id="Art. 6(2) works before the deadline"),
        pytest.param(Call(opens=BEFORE, closes=AFTER), ON, MANUAL, id="Art. 6(2) works while the call is open"),
        pytest.param(Call(opens=ON, closes=AFTER), ON, FAIL, id="Art. 6(2) works on the day it opens"),
        pytest.param(Call(opens=AFTER, closes=AFTER), ON, FAIL, id="Art. 6(2) works before it opens"),
        pytest.param(Call(closes=AFTER), date(2026, 11, 22), FAIL, id="Art. 6(2) works today, the call is open"),
        pytest.param(Call(closes=AFTER), date(2026, 11, 23), MANUAL, id="Art. 6(2) works tomorrow, the call is open"),
        pytest.param(Call(closes=AFTER, apply_on=ON), ON, FAIL, id="Art. 6(2) applied on the day of the works"),
        pytest.param(Call(closes=AFTER, apply_on=BEFORE), ON, PASS, id="Art. 6(2) applied the day before"),
        pytest.param(Call(apply_on=date(2026, 9, 1)), date(2026, 10, 1), PASS, id="Art. 6(2) applied and begun"),
        pytest.param(Call(closes=ON, apply_on=date(2027, 1, 4)), BEFORE, PASS, id="Art. 6(2) applied earlier"),
        pytest.param(Call(), date(2026, 11, 22), FAIL, id="Art. 6(2) open call, works today"),
        pytest.param(Call(), date(2026, 11, 23), PASS, id="Art. 6(2) open call, works tomorrow"),
        pytest.param(Call(opens=ON), ON, FAIL, id="Art. 6(2) works when the call opens"),
    ],
)
@pytest.mark.parametrize("basis", ["gber-25", "eu_direct"])
def test_the_application_comes_before_the_works(call: Call, starts: date, answer: Answer, basis: str) -> None:
    grant = instrument("grant", basis, call=call)
    facts = _facts(case(instruments=(grant,), cost_items=(item(starts=starts),)))
    article = facts.rules.articles.get(basis)

    found = incentive(facts, grant, facts.case.cost_items[0], article)

    assert found is not None
    assert (found.answer, found.blocks) == (answer, answer is FAIL)
    assert found.rule == ("gber-6-2" if article else "union-no-retroactive")


@pytest.mark.parametrize(
    ("call", "starts", "remedy"),
    [
        pytest.param(Call(opens=BEFORE, closes=AFTER), ON, f"apply to grant before {ON}", id="open before"),
        pytest.param(Call(opens=ON, closes=AFTER), ON, f"start work after {ON}", id="opens too late"),
        pytest.param(Call(closes=AFTER), date(2026, 11, 1), "start work after 2026-11-22", id="begun already"),
        pytest.param(
            Call(closes=AFTER, apply_on=AFTER),
            ON,
            f"apply to grant before {ON} (apply_on of the call), or start work after {AFTER}",
            id="means to apply too late",
        ),
    ],
)
def test_art_6_2_says_what_would_keep_to_it(call: Call, starts: date, remedy: str) -> None:
    grant = instrument("grant", "gber-25", call=call)
    facts = _facts(case(instruments=(grant,), cost_items=(item(starts=starts),)))

    found = incentive(facts, grant, facts.case.cost_items[0], facts.rules.articles["gber-25"])

    assert found is not None
    assert found.remedy == remedy


NO_EFFECT = ["gber-19a", "gber-19b", "gber-20", "gber-20a", "gber-22", "gber-25a", "gber-25b", "gber-25c", "gber-25d"]


@pytest.mark.parametrize("basis", [*NO_EFFECT, "de_minimis", "market"])
def test_art_6_5_no_incentive_effect_is_asked(basis: str) -> None:
    grant = instrument("grant", basis, call=Call(closes=ON))
    facts = _facts(case(instruments=(grant,), cost_items=(item(starts=BEFORE),)))

    assert incentive(facts, grant, facts.case.cost_items[0], facts.rules.articles.get(basis)) is None


@pytest.mark.parametrize(
    ("closes", "months", "answer"),
    [
        pytest.param(date(2026, 12, 31), 0, PASS, id="Art. 58 the last day"),
        pytest.param(date(2026, 12, 31), 6, MANUAL, id="Art. 58 within the tail"),
        pytest.param(date(2027, 1, 1), 6, UNKNOWN, id="Art. 58 beyond the tail"),
        pytest.param(date(2023, 6, 30), 0, FAIL, id="Reg. 2023/1315 not yet in force"),
    ],
)
def test_validity_on_the_day_of_the_award(closes: date, months: int, answer: Answer) -> None:
    grant = instrument(call=Call(closes=closes, months_to_award=months))
    facts = _facts(case(instruments=(grant,)))

    found = validity(facts, grant, facts.rules.articles["gber-25"])

    assert (found.answer, found.blocks) == (answer, answer is FAIL)


@pytest.mark.parametrize(
    ("kind", "equivalent", "answer"),
    [
        pytest.param(FinanceKind.GRANT, "100", PASS, id="Art. 5(2)(a) grant"),
        pytest.param(FinanceKind.LOAN, "6.5", PASS, id="Art. 5(2)(b) loan with its equivalent"),
        pytest.param(FinanceKind.LOAN, "100", UNKNOWN, id="Art. 5(2)(b) loan without"),
        pytest.param(FinanceKind.GUARANTEE, "3", PASS, id="Art. 5(2)(c) guarantee with its equivalent"),
        pytest.param(FinanceKind.EQUITY, "100", MANUAL, id="Art. 5(2) equity"),
    ],
)
def test_transparency(kind: FinanceKind, equivalent: str, answer: Answer) -> None:
    money = instrument(kind=kind, grant_equivalent=equivalent)

    assert transparency(_facts(case(instruments=(money,))), money).answer is answer


def test_art_4_of_de_minimis_a_loan_is_looked_at_by_a_person() -> None:
    loan = instrument("loan", "de_minimis", kind=FinanceKind.LOAN, grant_equivalent="5")

    found = transparency(_facts(case(instruments=(loan,))), loan)

    assert (found.article, found.answer) == ("Reg. 2023/2831 Art. 4", MANUAL)


def test_months_end_where_the_month_ends() -> None:
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_after(date(2026, 12, 1), 12) == date(2027, 12, 1)


def test_the_award_comes_after_the_months_to_decide() -> None:
    grant = instrument(call=Call(closes=date(2027, 1, 31), months_to_award=1))

    assert awarded_on(_facts(case(instruments=(grant,))), grant) == date(2027, 2, 28)
