"""Risk finance (GBER Art. 21): what private investors must bear, by the stage of the SME and its place."""

from datetime import date
from decimal import Decimal

import pytest

from states.funding.aid.ceilings import Ceiling, ceilings
from states.funding.aid.options import options
from states.funding.case.case import FundingCase
from states.funding.case.partners import ProjectFacts
from states.funding.case.vocabulary import Activity, AidArea, FinanceKind
from states.funding.checks.checker import check
from states.funding.law.facts import Answer, CaseFacts
from states.funding.solver.solve import solve
from states.partners.tables import SizeClass
from tests.states.funding.builders import case, instrument, item, partner, rules, scenario

GIVEN = {"risk_stage": "young", "risk_finance_terms": True}


def _case(
    project: dict[str, object],
    *,
    area: AidArea | None = AidArea.NONE,
    size: SizeClass = SizeClass.SMALL,
    amount: str = "1000000.00",
    **parts: object,
) -> FundingCase:
    return case(
        partners=(partner(area=area, size=size),),
        cost_items=(item(activity=Activity.RISK_FINANCE, amount=amount),),
        project=ProjectFacts.model_validate(project),
        **parts,
    )


def _under(given: FundingCase) -> Ceiling:
    return next(one for one in ceilings(given, rules())["work"] if one.article.id == "gber-21")


@pytest.mark.parametrize(
    ("project", "area", "percent", "rule"),
    [
        pytest.param({"risk_stage": "no_market"}, AidArea.NONE, 90, "gber-21-12-a", id="no market: 10 are private"),
        pytest.param({"risk_stage": "no_market"}, AidArea.A, 90, "gber-21-12-a", id="no market, wherever it is"),
        pytest.param({}, AidArea.NONE, 60, "gber-21-12-b", id="young: 40 are private"),
        pytest.param({}, AidArea.C, 60, "gber-21-12-b", id='young in a "c" area: 40'),
        pytest.param({}, AidArea.A, 80, "gber-21-12-b-assisted", id='young in an "a" area: 20'),
        pytest.param({}, None, 60, "gber-21-12-b", id="area not known: the safe side"),
        pytest.param({"shared_management": True}, AidArea.NONE, 80, "gber-21-12-b-assisted", id="with ERDF: 20"),
        pytest.param({"risk_stage": "new_activity"}, AidArea.NONE, 40, "gber-21-12-c", id="a new activity: 60"),
        pytest.param({"risk_stage": "follow_on"}, AidArea.NONE, 40, "gber-21-12-c", id="a follow-on: 60"),
        pytest.param({"risk_stage": "follow_on"}, AidArea.A, 70, "gber-21-12-c-assisted", id='follow-on in "a": 30'),
        pytest.param(
            {"risk_stage": "new_activity", "shared_management": True},
            AidArea.NONE,
            70,
            "gber-21-12-c-assisted",
            id="a new activity with ERDF: 30",
        ),
    ],
)
def test_private_investors_bear_what_the_stage_asks(
    project: dict[str, object], area: AidArea | None, percent: int, rule: str
) -> None:
    found = _under(_case(GIVEN | project, area=area))

    assert found.base is not None
    assert (found.percent, found.amount, found.base.rule.id) == (Decimal(percent), Decimal(percent * 10_000), rule)


@pytest.mark.parametrize(
    ("project", "parts", "answer", "would"),
    [
        ({"risk_stage": None}, {}, Answer.UNKNOWN, "say it (project.risk_stage)"),
        ({"risk_finance_terms": None}, {}, Answer.UNKNOWN, "(project.risk_finance_terms)"),
        ({"risk_finance_terms": False}, {}, Answer.FAIL, "an intermediary chosen openly"),
        ({}, {"size": SizeClass.LARGE}, Answer.FAIL, "small"),
        ({}, {"amount": "16500000.01"}, Answer.FAIL, "at most 16500000.00 EUR of risk finance"),
    ],
)
def test_what_is_missing_or_too_much_is_named(
    project: dict[str, object], parts: dict[str, str], answer: Answer, would: str
) -> None:
    found = _under(_case(GIVEN | project, **parts))  # type: ignore[arg-type]

    assert (found.answer, found.amount) == (answer, Decimal(0))
    assert would in found.would


def test_all_of_an_undertaking_counts_towards_the_amount() -> None:
    items = tuple(item(key, Activity.RISK_FINANCE, amount="8250000.00") for key in ("first", "second"))
    whole = _case(GIVEN).changed(cost_items=items)
    more = whole.changed(cost_items=(*items, item("third", Activity.RISK_FINANCE, amount="0.01")))

    assert [one.answer for key in ("first", "second") for one in ceilings(whole, rules())[key]] == [Answer.PASS] * 2
    assert {one.answer for found in ceilings(more, rules()).values() for one in found} == {Answer.FAIL}


@pytest.mark.parametrize("kind", [FinanceKind.EQUITY, FinanceKind.LOAN])
def test_a_fund_may_pay_the_public_part_whatever_its_grant_equivalent(kind: FinanceKind) -> None:
    fund = instrument("fund", "gber-21", kind=kind, grant_equivalent="10", call={"closes": date(2026, 12, 10)})
    given = _case(GIVEN, instruments=(fund,))
    lawful = scenario({("work", "fund"): "600000.00"}, own={"work": "400000.00"})
    too_much = scenario({("work", "fund"): "600000.01"}, own={"work": "399999.99"})

    (option,) = options(CaseFacts(given, rules()))

    assert (option.open, option.aid_share, option.most) == (True, Decimal(100), Decimal("600000.00"))
    assert [one.answer for one in option.findings if one.rule == "gber-5"] == [Answer.PASS]
    assert [one.rule for one in option.findings if one.rule == "gber-6-2"] == []
    assert check(given, lawful, rules=rules()) == []
    assert {one.rule for one in check(given, too_much, rules=rules())} == {"gber-21"}


def test_equity_without_the_article_is_asked_about_and_the_remedy_leads_to_it() -> None:
    fund = instrument("fund", "gber-17", kind=FinanceKind.EQUITY)
    given = _case(GIVEN, instruments=(fund,)).changed(cost_items=(item(activity=Activity.INVESTMENT),))

    (option,) = options(CaseFacts(given, rules()))

    assert [one.remedy for one in option.findings if one.rule == "gber-5"] == [
        "use an article on risk finance (gber-21), or market terms"
    ]


def test_the_solver_leaves_private_investors_their_part() -> None:
    fund = instrument("fund", "gber-21", kind=FinanceKind.EQUITY, call={"closes": date(2026, 12, 10)})
    given = _case(GIVEN, instruments=(fund,), scenarios=("best",))

    (best,) = solve(given, rules=rules()).scenarios

    assert best.scenario is not None
    assert best.scenario.own == {"work": Decimal("400000.00")}
