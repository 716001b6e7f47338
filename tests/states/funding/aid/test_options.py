"""What the solver builds on: options with their most, limits over items, stacks on one item; and rule sets compared."""

from datetime import date
from decimal import Decimal

import pytest

from states.funding.aid.comparison import Change, compare, compare_answers
from states.funding.aid.limits import Level, amount_limits, stacks
from states.funding.aid.options import Option, options
from states.funding.case.case import FundingCase
from states.funding.case.instruments import Call, Rate, Whom
from states.funding.case.partners import AidReceived, Link, ProjectFacts, Site
from states.funding.case.vocabulary import Activity, AidArea, Cohesion, FinanceKind, PartnerKind
from states.funding.law.facts import CaseFacts
from states.funding.rules.library import rule_set
from states.partners.tables import SizeClass
from tests.states.funding.builders import case, instrument, item, partner, rules


def _option(given_case: FundingCase) -> Option:
    (found,) = options(CaseFacts(given_case, rules()))
    return found


LOAN = {"kind": FinanceKind.LOAN}


@pytest.mark.parametrize(
    ("basis", "terms", "most", "share"),
    [
        pytest.param("gber-25", {}, "700000.00", 100, id="ceiling of Art. 25"),
        pytest.param("gber-25", {"percent": "50"}, "500000.00", 100, id="rate of the instrument"),
        pytest.param("gber-25", {**LOAN, "grant_equivalent": "7"}, "1000000.00", 7, id="loan: its aid is small"),
        pytest.param("gber-25", {**LOAN, "grant_equivalent": "80"}, "875000.00", 80, id="loan: its aid binds"),
        pytest.param("gber-25", {**LOAN, "grant_equivalent": "90"}, "777777.77", 90, id="rounded down to the cent"),
        pytest.param("eu_direct", {"percent": "70"}, "700000.00", 0, id="Union"),
        pytest.param("de_minimis", {"percent": "90"}, "900000.00", 100, id="de minimis"),
        pytest.param("market", LOAN, "1000000.00", 0, id="market"),
        pytest.param("gber-17", {}, "0.00", 100, id="article without this activity"),
    ],
)
def test_the_most_an_instrument_pays(basis: str, terms: dict[str, object], most: str, share: int) -> None:
    found = _option(case(instruments=(instrument("one", basis, **terms),)))  # type: ignore[arg-type]

    assert (found.most, found.aid_share) == (Decimal(most), Decimal(share))
    assert found.open is (found.most > 0)


@pytest.mark.parametrize(
    ("basis", "activity", "most"),
    [
        pytest.param("gber-25", Activity.EXPERIMENTAL, "550000.00", id="Art. 7(5): 25 + 20 + 10 percent"),
        pytest.param("gber-25", Activity.INDUSTRIAL, "800000.00", id="50 + 20 + 10"),
        pytest.param("gber-25", Activity.FUNDAMENTAL, "1000000.00", id="never more than the cost"),
        pytest.param("gber-17", Activity.INVESTMENT, "300000.00", id="20 + 10"),
        pytest.param("gber-28-4", Activity.INNOVATION_ADVISORY, "220000.00", id="the limit in EUR stays"),
        pytest.param("gber-14", Activity.INVESTMENT, "500000.00", id="Art. 7(6): none for regional aid, 30 + 20"),
    ],
)
def test_a_repayable_advance_has_ten_points_more(basis: str, activity: Activity, most: str) -> None:
    advanced = case(
        partners=(partner(nuts="PL229", area=AidArea.NONE if basis != "gber-14" else None),),
        cost_items=(item(activity=activity),),
        instruments=(instrument("one", basis, repayable_advance=True),),
        project=ProjectFacts(initial_investment=True),
    )

    assert _option(advanced).most == Decimal(most)


def test_what_was_granted_before_leaves_less() -> None:
    before = AidReceived(
        recipient="a",
        member_state="DE",
        granted_on=date(2026, 1, 1),
        amount=Decimal(600_000),
        basis="gber-25",
        cost_item="work",
    )

    assert _option(case(aid_received=(before,))).most == Decimal("400000.00")


def test_work_outside_the_market_is_paid_by_the_rate_alone() -> None:
    centre = partner(kind=PartnerKind.UNIVERSITY)

    found = _option(case(partners=(centre,), cost_items=(item(economic=False),)))

    assert (found.most, found.aid_share, found.article) == (Decimal("1000000.00"), Decimal(0), None)


def test_the_highest_rate_that_fits_counts() -> None:
    rates = (
        Rate(percent=Decimal(40)),
        Rate(percent=Decimal(60), whom=Whom(sizes=(SizeClass.SMALL,))),
        Rate(percent=Decimal(65), activities=(Activity.TRAINING,)),
        Rate(percent=Decimal(70), coordinator=True),
    )
    fitting = case(instruments=(instrument("one", "eu_direct", rates=rates),))

    assert _option(fitting).rate == 60
    assert _option(fitting.changed(coordinator="a")).rate == 70


def test_of_several_articles_the_best_for_the_item_counts() -> None:
    investing = case(
        partners=(partner(nuts="PL229", area=None),),
        cost_items=(item(activity=Activity.INVESTMENT),),
        instruments=(instrument("one", "gber-17", "gber-14"),),
        project=ProjectFacts(initial_investment=True),
    )

    found = {one.article: one.most for one in options(CaseFacts(investing, rules()))}
    assert found == {"gber-14": Decimal("500000.00"), "gber-17": Decimal("200000.00")}


def test_the_own_share_of_article_14_caps_a_loan() -> None:
    investing = case(
        partners=(partner(nuts="PL229", area=None),),
        cost_items=(item(activity=Activity.INVESTMENT),),
        instruments=(instrument("one", "gber-14", **LOAN, grant_equivalent="5"),),
        project=ProjectFacts(initial_investment=True),
    )

    assert _option(investing).most == Decimal("750000.00")


@pytest.mark.parametrize(
    ("cohesion", "most"),
    [
        # Guyane: 70 percent by the map and 20 for a small enterprise; 25 percent of its own would leave 75.
        pytest.param(Cohesion.OUTERMOST, "900000.00", id="Art. 14(14) in an outermost region"),
        pytest.param(Cohesion.LESS_DEVELOPED, "750000.00", id="elsewhere"),
    ],
)
def test_art_14_14_spares_the_own_share_in_outermost_regions(cohesion: Cohesion, most: str) -> None:
    site = Site(id="site", nuts="FRY30", cohesion=cohesion)
    investing = case(
        partners=(partner(sites=(site,)),),
        cost_items=(item(activity=Activity.INVESTMENT),),
        instruments=(instrument("one", "gber-14", state="FR"),),
        project=ProjectFacts(initial_investment=True),
    )

    assert _option(investing).most == Decimal(most)


def _limits(given_case: FundingCase) -> list[tuple[str, str, Decimal, list[tuple[str, str]]]]:
    facts = CaseFacts(given_case, rules())
    found = amount_limits(facts, options(facts))
    return [(one.rule.id, "+".join(sorted(one.who)), one.most, sorted(line[:2] for line in one.lines)) for one in found]


def test_limits_by_article_run_over_the_items_of_a_single_undertaking() -> None:
    items = (item("one"), item("two", of="b"), item("study", Activity.FEASIBILITY), item("other", of="c"))
    joined = case(
        partners=(partner(), partner("b"), partner("c")),
        links=(Link(holder="a", held="b", percent=Decimal(100)),),
        cost_items=items,
    )

    assert _limits(joined) == [
        ("gber-4-1-i-ii", "a+b", Decimal(35_000_000), [("one", "grant"), ("two", "grant")]),
        ("gber-4-1-i-vi", "a+b", Decimal(8_250_000), [("study", "grant")]),
        ("gber-4-1-i-ii", "c", Decimal(35_000_000), [("other", "grant")]),
    ]


def test_de_minimis_has_a_limit_for_each_state_and_date() -> None:
    first = Call(closes=date(2027, 1, 15))
    later = Call(closes=date(2027, 1, 15), months_to_award=2)
    grants = (
        instrument("one", "de_minimis", call=first),
        instrument("two", "de_minimis", call=later),
        instrument("french", "de_minimis", state="FR", call=first),
    )
    before = AidReceived(
        recipient="a", member_state="DE", granted_on=date(2024, 2, 1), amount=Decimal(120_000), basis="de_minimis"
    )

    assert _limits(case(instruments=grants, aid_received=(before,))) == [
        ("de-minimis-ceiling", "a", Decimal(180_000), [("work", "one")]),
        ("de-minimis-ceiling", "a", Decimal(300_000), [("work", "one"), ("work", "two")]),
        ("de-minimis-ceiling", "a", Decimal(300_000), [("work", "french")]),
    ]


def test_a_stack_holds_the_level_of_each_source() -> None:
    grants = (
        instrument("aid", "gber-25"),
        instrument("small", "de_minimis"),
        instrument("union", "eu_direct", percent="60", eu_grant=True),
        instrument("bank", "market", kind=FinanceKind.LOAN),
    )
    facts = CaseFacts(case(instruments=grants), rules())

    found = stacks(facts, options(facts))["work"]

    assert found.aid == (Level(("work", "aid", "gber-25"), Decimal("700000.00"), Decimal(100)),)
    assert found.de_minimis == (Level(("work", "small", ""), Decimal("1000000.00"), Decimal(100)),)
    assert found.union == (Level(("work", "union", ""), Decimal("600000.00"), Decimal(100)),)
    assert found.eu_grants == frozenset({("work", "union", "")})
    assert found.public == frozenset({("work", "aid", "gber-25"), ("work", "small", ""), ("work", "union", "")})


def test_rule_sets_are_compared_ceiling_by_ceiling() -> None:
    licensed = case(cost_items=(item("work"), item("study", Activity.FUNDAMENTAL)), project=ProjectFacts(licences=True))

    changes = compare(rule_set("eu-2014"), rule_set("eu-2023"), licensed)

    before, after = (Decimal(70), Decimal("700000.00")), (Decimal(80), Decimal("800000.00"))
    nothing = (Decimal(0), Decimal("0.00"))
    assert [change for change in changes if change.article == "gber-25"] == [
        Change("work", "gber-25", before, after, ("gber-25-6-b-iii", "gber-25-6-cap"))
    ]
    assert [change.before for change in changes if change.article == "gber-25a"] == [None, None]
    assert [change.after for change in changes if change.article == "gber-25a"] == [nothing, nothing]


def test_the_same_rules_change_nothing() -> None:
    assert compare(rules(), rules(), case()) == []
    assert compare_answers(rules(), rules(), case()) == []
