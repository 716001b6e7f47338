"""Limits in EUR of articles, each case worked out by hand: Art. 14 with 2(20) and 4(1)(a), Art. 28, 20a, 4(1)(i)."""

from datetime import date
from decimal import Decimal

import pytest

from states.funding.aid.ceilings import Ceiling, ceilings
from states.funding.aid.euro_limits import euro_limits
from states.funding.case.case import FundingCase
from states.funding.case.partners import AidReceived, Link, ProjectFacts
from states.funding.case.vocabulary import Activity, AidArea
from states.funding.law.facts import CaseFacts
from states.funding.rules.library import rule_set
from states.partners.tables import SizeClass
from tests.states.funding.builders import ON, case, item, partner, rules

SMALL, MEDIUM, LARGE = SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.LARGE
INVESTMENT, ADVICE = Activity.INVESTMENT, Activity.INNOVATION_ADVISORY
INDUSTRIAL, EXPERIMENTAL, FUNDAMENTAL = Activity.INDUSTRIAL, Activity.EXPERIMENTAL, Activity.FUNDAMENTAL
MILLION = Decimal(1_000_000)


def _under(article: str, given_case: FundingCase, key: str = "work") -> Ceiling:
    return next(one for one in ceilings(given_case, rules())[key] if one.article.id == article)


def _invests(
    millions: str, *, size: SizeClass = LARGE, nuts: str = "PL229", before: tuple[dict[str, object], ...] = ()
) -> FundingCase:
    investor = partner(size=size, nuts=nuts, area=None, earlier_investments=before)
    cost = item(activity=INVESTMENT, amount=str(Decimal(millions) * MILLION))
    return case(partners=(investor,), cost_items=(cost,), project=ProjectFacts(initial_investment=True))


@pytest.mark.parametrize(
    ("millions", "size", "nuts", "aid", "articles"),
    [
        # R of PL22 is 30 percent, of PL21 40, of PL81 and HU232 50, of HU231 60, of PL41 25 (large).
        pytest.param("40", LARGE, "PL229", "12", [], id="30 percent of 40"),
        pytest.param("40", SMALL, "PL229", "20", [], id="30 + 20 percent of 40"),
        pytest.param("50", MEDIUM, "PL229", "20", [], id="30 + 10 percent of 50, which is not large yet"),
        pytest.param("52", MEDIUM, "PL229", "15.6", [], id="30 percent of 52: A takes it all, no points for SMEs"),
        pytest.param("55", LARGE, "PL229", "16.5", [], id="30 percent of 55"),
        pytest.param("80", LARGE, "PL229", "20.25", ["gber-2-20"], id="30 percent of (55 + 12.5)"),
        pytest.param("80", SMALL, "PL229", "20.25", ["gber-2-20"], id="the same for a small one"),
        pytest.param("109.99", LARGE, "PL213", "32.998", ["gber-2-20"], id="40 percent of (55 + 27.495)"),
        pytest.param("110", LARGE, "PL213", "33", ["gber-2-20", "gber-4-1-a"], id="40 percent of (55 + 27.5)"),
        pytest.param(
            "200", LARGE, "PL229", "24.75", ["gber-2-20", "gber-4-1-a"], id="30 percent of 82.5; C is nothing"
        ),
        pytest.param("200", LARGE, "PL815", "41.25", ["gber-2-20", "gber-4-1-a"], id="50 percent of 82.5"),
        pytest.param("150", LARGE, "HU231", "49.5", ["gber-2-20", "gber-4-1-a"], id="60 percent of 82.5"),
        # At 25 percent the table has 20.63, which is rounded up from 20.625: the adjusted amount is the lower one.
        pytest.param("300", LARGE, "PL411", "20.625", ["gber-2-20"], id="25 percent of 82.5"),
    ],
)
def test_art_14_large_investment_projects(
    millions: str, size: SizeClass, nuts: str, aid: str, articles: list[str]
) -> None:
    given_case = _invests(millions, size=size, nuts=nuts)
    new = given_case.changed(project=ProjectFacts(initial_investment=True, new_activity=True))

    found = _under("gber-14", new)

    assert (found.amount, [limit.rule.id for limit in found.limits]) == (Decimal(aid) * MILLION, articles)


@pytest.mark.parametrize(
    ("millions", "aid"),
    [
        # Until June 2023 A ended at 50 and B at 100; here with the map of today, R is 30 percent.
        pytest.param("80", "19.5", id="30 percent of (50 + 15)"),
        pytest.param("100", "22.5", id="30 percent of (50 + 25)"),
        pytest.param("200", "22.5", id="C is nothing"),
    ],
)
def test_the_adjusted_amount_before_july_2023(millions: str, aid: str) -> None:
    found = ceilings(_invests(millions), rule_set("eu-2014"))["work"]

    assert next(one for one in found if one.article.id == "gber-14").amount == Decimal(aid) * MILLION


def _two_sites(first: str, second: str, places: tuple[str, str], *, linked: bool) -> FundingCase:
    investors = tuple(partner(key, LARGE, nuts=nuts, area=None) for key, nuts in zip("ab", places, strict=True))
    costs = [(first, "a"), (second, "b")]
    items = tuple(item(f"in-{who}", INVESTMENT, of=who, amount=str(Decimal(m) * MILLION)) for m, who in costs)
    links = (Link(holder="a", held="b", percent=Decimal(60)),) if linked else ()
    return case(partners=investors, cost_items=items, links=links, project=ProjectFacts(initial_investment=True))


@pytest.mark.parametrize(
    ("places", "linked", "aid"),
    [
        # Linked, in one NUTS 3 region: one project of 80, 30 percent of (55 + 12.5); else each has 30 percent of 40.
        pytest.param(("PL229", "PL229"), True, "12", id="one project: each within 12, together within 20.25"),
        pytest.param(("PL229", "PL22A"), True, "12", id="two NUTS 3 regions"),
        pytest.param(("PL229", "PL229"), False, "12", id="two undertakings"),
    ],
)
def test_art_14_13_a_single_investment_project(places: tuple[str, str], linked: bool, aid: str) -> None:
    facts = CaseFacts(_two_sites("40", "40", places, linked=linked), rules())
    article = facts.rules.articles["gber-14"]

    limits = euro_limits(facts, article, facts.case.cost_items[0])

    one_project = places[0] == places[1] and linked
    assert _under("gber-14", facts.case, "in-a").amount == Decimal(aid) * MILLION
    assert [limit.euro for limit in limits] == ([Decimal("20250000.00")] if one_project else [])


@pytest.mark.parametrize(
    ("started", "nuts", "aid"),
    [
        # Earlier 40 with 12 of aid: the project is 80, 30 percent of (55 + 12.5) = 20.25, of which 12 are gone.
        pytest.param(date(2024, 6, 1), "PL229", "8.25", id="three years before the works, to the day"),
        pytest.param(date(2026, 1, 1), "PL229", "8.25", id="within the years"),
        pytest.param(date(2024, 5, 31), "PL229", "12", id="a day longer ago"),
        pytest.param(date(2026, 1, 1), "PL22A", "12", id="another NUTS 3 region"),
    ],
)
def test_art_14_13_earlier_investments_count(started: date, nuts: str, aid: str) -> None:
    before: dict[str, object] = {"nuts": nuts, "started_on": started, "eligible_costs": "40000000", "aid": "12000000"}

    found = _under("gber-14", _invests("40", before=(before,)))

    assert found.amount == Decimal(aid) * MILLION


def test_art_14_13_an_earlier_investment_takes_the_points_for_small_enterprises() -> None:
    """20 now and 31 before are a large project of 51: 30 percent, not 50; of 51 that is 15.3, less 9.3 it is 6."""
    before: dict[str, object] = {
        "nuts": "PL229",
        "started_on": date(2026, 1, 1),
        "eligible_costs": "31000000",
        "aid": "9300000",
    }

    found = _under("gber-14", _invests("20", size=SMALL, before=(before,)))

    assert (found.percent, found.amount) == (Decimal(30), 6 * MILLION)


@pytest.mark.parametrize(
    ("amounts", "interreg", "percents"),
    [
        # PL22 has 30 percent, PL81 50. In Interreg the area of the largest part holds for all (Art. 14(15)).
        pytest.param(("10", "4"), None, (30, 50), id="each by its own area"),
        pytest.param(("10", "4"), "a", (30, 30), id="Interreg, most of it in PL22"),
        pytest.param(("4", "10"), "b", (50, 50), id="Interreg, most of it in PL81"),
    ],
)
def test_art_14_15_interreg(amounts: tuple[str, str], interreg: str | None, percents: tuple[int, int]) -> None:
    given_case = _two_sites(*amounts, ("PL229", "PL815"), linked=False)
    joint = given_case.changed(project={"initial_investment": True, "interreg": interreg})

    assert [_under("gber-14", joint, key).percent for key in ("in-a", "in-b")] == list(map(Decimal, percents))


def _received(
    amount: str, *, basis: str = "gber-28-4", on: date = date(2025, 6, 1), of: str | None = None
) -> AidReceived:
    had = {"recipient": "a", "member_state": "DE", "granted_on": on, "amount": amount, "basis": basis, "cost_item": of}
    return AidReceived.model_validate(had)


@pytest.mark.parametrize(
    ("cost", "had", "by_half", "in_full"),
    [
        # Art. 28(3): half; Art. 28(4): all of it, 220 000 within three years.
        pytest.param("600000", (), "300000", "220000", id="half of 600 000 is more than 220 000"),
        pytest.param("440000", (), "220000", "220000", id="where both are the same"),
        pytest.param("300000", (), "150000", "220000", id="in full is more"),
        pytest.param("100000", (), "50000", "100000", id="below the amount"),
        pytest.param("600000", (_received("200000"),), "300000", "20000", id="200 000 are gone"),
        pytest.param("600000", (_received("220000"),), "300000", "0", id="all is gone"),
        pytest.param("600000", (_received("200000", on=date(2023, 11, 22)),), "300000", "220000", id="too long ago"),
        pytest.param("600000", (_received("200000", on=date(2023, 11, 23)),), "300000", "20000", id="a day less"),
        pytest.param("600000", (_received("200000", basis="gber-28"),), "300000", "220000", id="under another article"),
        pytest.param("600000", (_received("200000", of="work"),), "300000", "220000", id="for the same item"),
        pytest.param("30000000", (), "10000000", "220000", id="Art. 4(1)(l) holds the half at 10 million"),
    ],
)
def test_art_28(cost: str, had: tuple[AidReceived, ...], by_half: str, in_full: str) -> None:
    advised = case(cost_items=(item(activity=ADVICE, amount=cost),), aid_received=had)

    found = {key: _under(key, advised).amount for key in ("gber-28", "gber-28-4")}

    assert found == {"gber-28": Decimal(by_half), "gber-28-4": Decimal(in_full)}


@pytest.mark.parametrize(
    ("activity", "cost", "article", "most"),
    [
        pytest.param(Activity.INTERREG_COOPERATION, "100000", "gber-20a", "22000", id="Art. 20a(2)"),
        pytest.param(Activity.INTERREG_COOPERATION, "20000", "gber-20a", "20000", id="Art. 20a within"),
        pytest.param(Activity.INTERREG_COOPERATION, "100000", "gber-20", "80000", id="Art. 20, 80 percent"),
        pytest.param(Activity.INTERREG_COOPERATION, "3000000", "gber-20", "2200000", id="Art. 4(1)(f)"),
        pytest.param(
            Activity.INVESTMENT, "60000000", "gber-17", "8250000", id="Art. 4(1)(c), 20 percent are 12 million"
        ),
        pytest.param(Activity.CONSULTANCY, "5000000", "gber-18", "2200000", id="Art. 4(1)(d), half is 2.5 million"),
        pytest.param(Activity.FAIRS, "5000000", "gber-19", "2200000", id="Art. 4(1)(e)"),
        pytest.param(Activity.FAIRS, "30000", "gber-19", "15000", id="Art. 19(3), half"),
        pytest.param(Activity.CLLD, "500000", "gber-19b", "200000", id="Art. 19b(2)"),
        pytest.param(Activity.TRAINING, "9000000", "gber-31", "3000000", id="Art. 4(1)(n), 70 percent are 6.3 million"),
        pytest.param(Activity.FEASIBILITY, "20000000", "gber-25", "8250000", id="Art. 4(1)(i)(vi), 70 percent are 14"),
        pytest.param(
            Activity.RESEARCH_INFRASTRUCTURE, "80000000", "gber-26", "35000000", id="Art. 4(1)(j), half is 40"
        ),
    ],
)
def test_the_most_aid_by_article_keeps_the_articles_own_limit(
    activity: Activity, cost: str, article: str, most: str
) -> None:
    given_case = case(
        cost_items=(item(activity=activity, amount=cost),), project=ProjectFacts(infrastructure_terms=True)
    )

    assert _under(article, given_case).amount == Decimal(most)


def test_art_20_pays_85_percent_in_strand_d() -> None:
    given_case = case(cost_items=(item(activity=Activity.INTERREG_COOPERATION),), project={"interreg": "d"})

    assert _under("gber-20", given_case).percent == 85


def test_art_19a_goes_by_what_the_fund_allows() -> None:
    given_case = case(cost_items=(item(activity=Activity.CLLD),))

    asked, known = (_under("gber-19a", one) for one in (given_case, given_case.changed(project={"clld_rate": "65"})))

    assert (asked.answer.value, known.percent) == ("unknown", Decimal(65))
    assert "project.clld_rate" in asked.would


def test_art_19b_is_for_the_project_not_for_each_undertaking() -> None:
    joint = case(
        partners=(partner(), partner("b")),
        cost_items=(item("one", Activity.CLLD), item("two", Activity.CLLD, of="b")),
        instruments=(),
    )

    (limit,) = _under("gber-19b", joint, "one").limits

    assert (limit.items, limit.euro) == (frozenset({"one", "two"}), Decimal(200_000))


@pytest.mark.parametrize(
    ("area", "founded", "said", "aid"),
    [
        pytest.param(AidArea.NONE, date(2023, 1, 1), True, "500000", id="Art. 22(3)(c)"),
        pytest.param(AidArea.C, date(2023, 1, 1), True, "750000", id='in a "c" area'),
        pytest.param(AidArea.A, date(2023, 1, 1), True, "1000000", id='in an "a" area'),
        pytest.param(AidArea.NONE, date(2021, 11, 21), True, "0", id="older than five years"),
        pytest.param(AidArea.NONE, date(2021, 11, 22), True, "500000", id="five years to the day"),
        pytest.param(AidArea.NONE, date(2023, 1, 1), None, "0", id="terms not answered"),
        pytest.param(AidArea.NONE, None, True, "0", id="founded not known"),
    ],
)
def test_art_22_start_ups(area: AidArea, founded: date | None, said: bool | None, aid: str) -> None:
    young = partner(area=area, founded=founded)
    given_case = case(
        partners=(young,),
        cost_items=(item(activity=Activity.START_UP, amount="2000000.00"),),
        project=ProjectFacts(startup_terms=said),
    )

    assert _under("gber-22", given_case).amount == Decimal(aid)


MIXES = [
    # Millions of fundamental, industrial, experimental work (large firm: 100, 50, 25 percent); the threshold of all.
    pytest.param(("60", "50", "0"), {}, "55", "gber-4-1-i-i", id="60 of 110 are fundamental: 55"),
    pytest.param(("50", "50", "0"), {}, "35", "gber-4-1-i-ii", id="50 of 100 are no more than half: 35"),
    pytest.param(("0", "100", "0"), {}, "35", "gber-4-1-i-ii", id="all industrial: 35"),
    pytest.param(("20", "40", "59"), {}, "35", "gber-4-1-i-ii", id="20 + 40 of 119 are more than half: 35"),
    pytest.param(("0", "50", "50"), {}, "25", "gber-4-1-i-iii", id="50 of 100 are no more than half: 25"),
    pytest.param(("0", "50.01", "50"), {}, "35", "gber-4-1-i-ii", id="a little more than half: 35"),
    pytest.param(("10", "30", "70"), {}, "25", "gber-4-1-i-iii", id="70 of 110 are experimental: 25"),
    pytest.param(("0", "100", "0"), {"eureka": True}, "70", "gber-4-1-i-ii", id="Eureka: twice 35"),
    pytest.param(("0", "0", "150"), {"eureka": True}, "50", "gber-4-1-i-iii", id="Eureka: twice 25"),
    pytest.param(("0", "0", "150"), {"joint_call": True}, "25", "gber-4-1-i-iii", id="25(6)(d) only said in part: 25"),
]


@pytest.mark.parametrize(("millions", "project", "threshold", "rule"), MIXES)
def test_art_4_1_i_has_one_threshold_by_what_is_predominant(
    millions: tuple[str, str, str], project: dict[str, bool], threshold: str, rule: str
) -> None:
    kinds = zip((FUNDAMENTAL, INDUSTRIAL, EXPERIMENTAL), millions, strict=True)
    items = tuple(item(kind, kind, amount=str(Decimal(amount) * MILLION)) for kind, amount in kinds if amount != "0")
    given_case = case(partners=(partner(size=LARGE),), cost_items=items, project=ProjectFacts.model_validate(project))
    facts = CaseFacts(given_case, rules())

    found = [euro_limits(facts, facts.rules.articles["gber-25"], one) for one in items]

    assert {(limit.rule.id, limit.euro, limit.items) for limits in found for limit in limits} == {
        (rule, Decimal(threshold) * MILLION, frozenset(one.id for one in items))
    }


def test_art_4_1_i_is_doubled_where_25_6_d_is_met() -> None:
    firms = tuple(partner(key, LARGE, nuts=nuts) for key, nuts in (("a", "DE111"), ("b", "FRK26"), ("c", "PL213")))
    items = tuple(item(f"of-{one.id}", EXPERIMENTAL, of=one.id, amount="200000000.00") for one in firms)
    said = {
        "joint_call": True,
        "effective_collaboration": True,
        "licences": True,
        "designing_states": ["DE", "FR", "PL"],
    }
    joint = case(partners=firms, cost_items=items, project=ProjectFacts.model_validate(said), instruments=())

    found = _under("gber-25", joint, "of-a")

    assert (found.percent, found.amount) == (Decimal(50), 50 * MILLION)


def test_training_of_a_project_has_one_threshold() -> None:
    """Art. 4(1)(n): 3 million per training project; 4 and 4 million of courses at 60 percent would be 4.8."""
    firms = (partner(size=MEDIUM), partner("b", MEDIUM))
    courses = tuple(item(f"of-{one.id}", Activity.TRAINING, of=one.id, amount="6000000.00") for one in firms)

    (limit,) = _under("gber-31", case(partners=firms, cost_items=courses), "of-a").limits

    assert (limit.items, limit.left) == (frozenset({"of-a", "of-b"}), 3 * MILLION)


def test_what_was_granted_for_the_project_counts() -> None:
    """35 million under Art. 4(1)(i)(ii), 5 of which were granted for the item: 35 with them, 30 more."""
    before = _received("5000000", basis="gber-25", on=ON, of="work")
    given_case = case(
        partners=(partner(size=LARGE),), cost_items=(item(amount="100000000.00"),), aid_received=(before,)
    )

    found = _under("gber-25", given_case)

    assert (found.amount, [limit.left for limit in found.limits]) == (35 * MILLION, [30 * MILLION])
