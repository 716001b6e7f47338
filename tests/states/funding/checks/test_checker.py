"""The checker: a lawful mix passes, and each way to break a rule is named with its article."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.funding.aid.options import options
from states.funding.case.case import FundingCase, FundingScenario, Wanted
from states.funding.case.instruments import Call, Consortium, Rate, Seats, Whom
from states.funding.case.partners import AidReceived, Difficulty, Enterprise, Link, ProjectFacts
from states.funding.case.vocabulary import Activity, AidArea, Cohesion, CostCategory, FinanceKind, PartnerKind
from states.funding.checks.checker import check, open_points
from states.funding.law.facts import CaseFacts
from states.partners.tables import SizeClass
from tests.states.funding.builders import STARTS, case, doubtful, instrument, item, partner, rules, scenario

LARGE, SMALL = SizeClass.LARGE, SizeClass.SMALL
Situation = tuple[FundingCase, FundingScenario]
CONTROL = Link(holder="sister", held="a", percent=Decimal(80))
MAJORITY = Link(holder="a", held="b", percent=Decimal(51))


def _one(money: str, own: str, *, grant: dict[str, object] | None = None, **parts: object) -> Situation:
    """One small firm, one item of EUR 1,000,000 (70 percent under Article 25), one grant."""
    given_case = case(**{"instruments": (instrument(**(grant or {})),), **parts})  # type: ignore[arg-type]
    return given_case, scenario({("work", "grant"): money}, own={"work": own})


def _three(grant: dict[str, object], *, paid: str = "abc", money: str = "700000.00", **parts: object) -> Situation:
    """Three firms at sites in three countries, one item each, one grant of the Union at 70 percent."""
    places = {"a": "DE111", "b": "FRK26", "c": "PL229"}
    partners = tuple(partner(key, nuts=nuts) for key, nuts in places.items())
    items = tuple(item(key, of=key) for key in places)
    usual = {"percent": "70", "eu_grant": True, **grant}
    joint = case(partners=partners, cost_items=items, instruments=(instrument("grant", "eu_direct", **usual),), **parts)  # type: ignore[arg-type]
    own = {key: "300000.00" if key in paid else "1000000.00" for key in places}
    return joint, scenario({(key, "grant"): money for key in paid}, own=own)


LAWFUL: dict[str, Callable[[], Situation]] = {
    "GBER Art. 25 to the ceiling": lambda: _one("700000.00", "300000.00"),
    "GBER Art. 4(1)(i), doubled for Eureka": lambda: _threshold("42000000.00", eureka=True),
    "GBER Art. 28(4) within three years": lambda: _advice("20000.00", "200000.00"),
    "Reg. 2023/2831 Art. 2(2) a linked company left some": lambda: _de_minimis("80000.00", CONTROL, had="220000.00"),
    "Reg. 2023/2831 Art. 2(2) not linked": lambda: _de_minimis("300000.00", had="220000.00"),
    "Reg. 2023/2831 Art. 3(2) another Member State": lambda: _de_minimis(
        "300000.00", CONTROL, had="220000.00", state="FR"
    ),
    "Reg. 2023/2831 Art. 3(2) the window has moved": lambda: _de_minimis(
        "300000.00",
        CONTROL,
        had="220000.00",
        call=Call(closes=date(2027, 12, 15), months_to_award=6),
    ),
    "GBER Art. 8(2) to the most favourable rate": lambda: _union_beside_aid("300000.00", "400000.00"),
    "GBER Art. 8(3) with aid received before": lambda: _had("gber-25", "300000.00", "400000.00"),
    "a gap is stated": lambda: (case(), scenario({}, own={"work": "1.00"}, gap={"work": "999999.00"})),
    "three in three countries": lambda: _three({"consortium": Consortium(entities=3, regions=3, countries=3)}),
    "de minimis in full": lambda: _de_minimis("300000.00"),
    "two articles, within the higher": lambda: _stacked("200000.00", "300000.00"),
    "a loan with its equivalent": lambda: _one(
        "1000000.00", "0.00", grant={"kind": FinanceKind.LOAN, "grant_equivalent": "70"}
    ),
    "market money beside a full ceiling": lambda: _market("700000.00", "300000.00"),
    "work outside the market": lambda: _outside("1000000.00"),
    "GBER Art. 8(4) aid without costs beside aid with costs": lambda: _cooperation("80000.00", "20000.00"),
    "seats are filled": lambda: _three({"consortium": _seats(Whom(countries=("PL",)))}),
}


def _de_minimis(money: str, *links: Link, had: str = "0", state: str = "DE", **grant: object) -> Situation:
    """A firm of which a linked company may have had de minimis aid in Germany before."""
    own = str(Decimal("1000000.00") - Decimal(money))
    sister = Enterprise(id="sister", name="Linked company")
    before = {"recipient": "sister", "member_state": state, "granted_on": date(2025, 6, 15), "amount": had}
    return _one(
        money,
        own,
        grant={"basis": ("de_minimis",), **grant},
        enterprises=(sister,),
        links=links,
        aid_received=(AidReceived.model_validate({**before, "basis": "de_minimis"}),),
    )


def _stacked(sme: str, regional: str) -> Situation:
    """An investment in Silesia (50 percent under Article 14, 20 under Article 17) with a grant under each."""
    grants = (instrument("sme", "gber-17", state="PL"), instrument("regional", "gber-14", state="PL"))
    given_case = case(
        partners=(partner(nuts="PL229", area=None),),
        cost_items=(item(activity=Activity.INVESTMENT),),
        instruments=grants,
        project=ProjectFacts(initial_investment=True),
    )
    own = Decimal(1_000_000) - Decimal(sme) - Decimal(regional)
    money = {("work", "sme"): sme, ("work", "regional"): regional}
    paid = {line: amount for line, amount in money.items() if Decimal(amount)}
    return given_case, scenario(paid, own={"work": str(own)})


def _market(grant: str, loan: str, **parts: object) -> Situation:
    bank = instrument("bank", "market", kind=FinanceKind.LOAN)
    given_case = case(instruments=(instrument(), bank), **parts)
    return given_case, scenario({("work", "grant"): grant, ("work", "bank"): loan})


def _outside(money: str) -> Situation:
    centre = partner(kind=PartnerKind.TECHNOLOGY_CENTRE, size=LARGE)
    own = str(Decimal("1000000.00") - Decimal(money))
    return _one(money, own, partners=(centre,), cost_items=(item(economic=False),))


def _cooperation(with_costs: str, without: str) -> Situation:
    """EUR 100 000 in Interreg: Art. 20 pays 80 percent, Art. 20a up to EUR 22 000 besides."""
    given_case = case(
        cost_items=(item(activity=Activity.INTERREG_COOPERATION, amount="100000.00"),),
        instruments=(instrument("rate", "gber-20"), instrument("small", "gber-20a")),
    )
    own = Decimal(100_000) - Decimal(with_costs) - Decimal(without)
    money = {("work", "rate"): with_costs, ("work", "small"): without}
    return given_case, scenario(money, own={"work": f"{own:.2f}"})


def _seats(whom: Whom, at_least: int = 1) -> Consortium:
    return Consortium(seats=(Seats(whom=whom, at_least=at_least),))


@pytest.mark.parametrize("name", LAWFUL)
def test_lawful(name: str) -> None:
    assert check(*LAWFUL[name]()) == []


EARLY = (item(starts=date(2026, 11, 1)),)
CLOSING: dict[str, object] = {"call": Call(closes=date(2027, 2, 26))}
OPENING: dict[str, object] = {"call": Call(opens=date(2027, 2, 15), closes=date(2027, 2, 26))}


def _two_unions() -> Situation:
    grants = tuple(instrument(key, "eu_direct", percent="40", eu_grant=True) for key in ("one", "two"))
    money = {("work", "one"): "400000.00", ("work", "two"): "400000.00"}
    return case(instruments=grants), scenario(money, own={"work": "200000.00"})


def _union_beside_aid(union: str, aid: str) -> Situation:
    """Money of the Union at 60 percent beside State aid at 70 percent."""
    grants = (instrument("union", "eu_direct", percent="60", eu_grant=True), instrument())
    own = str(Decimal("1000000.00") - Decimal(union) - Decimal(aid))
    return case(instruments=grants), scenario({("work", "union"): union, ("work", "grant"): aid}, own={"work": own})


def _had(basis: str, amount: str, money: str, **more: object) -> Situation:
    """Something was granted for the same item before."""
    before = {"recipient": "a", "member_state": "DE", "granted_on": date(2026, 1, 5), "cost_item": "work"}
    received = AidReceived.model_validate({**before, "amount": amount, "basis": basis, **more})
    own = str(Decimal("1000000.00") - Decimal(amount) - Decimal(money))
    return _one(money, own, aid_received=(received,))


def _threshold(money: str, **project: object) -> Situation:
    own = str(Decimal("60000000.00") - Decimal(money))
    works = (item(amount="60000000.00"),)
    return _one(money, own, cost_items=works, project=ProjectFacts.model_validate(project))


def _own_share() -> Situation:
    """Article 14 asks a quarter free of public support; a market loan is, a loan of the Union is not."""
    regional = instrument("grant", "gber-14", state="PL")
    loan = instrument("loan", "eu_direct", kind=FinanceKind.LOAN, grant_equivalent="1")
    given_case = case(
        partners=(partner(nuts="PL229", area=None),),
        cost_items=(item(activity=Activity.INVESTMENT),),
        instruments=(regional, loan),
        project=ProjectFacts(initial_investment=True),
    )
    return given_case, scenario(
        {("work", "grant"): "500000.00", ("work", "loan"): "250000.01"}, own={"work": "249999.99"}
    )


def _advice(money: str, had: str) -> Situation:
    before = {"recipient": "a", "member_state": "DE", "granted_on": date(2024, 1, 5), "amount": had}
    received = AidReceived.model_validate({**before, "basis": "gber-28-4"})
    own = str(Decimal("1000000.00") - Decimal(money))
    works = (item(activity=Activity.INNOVATION_ADVISORY),)
    return _one(money, own, grant={"basis": ("gber-28-4",)}, cost_items=works, aid_received=(received,))


BROKEN: dict[str, tuple[Callable[[], Situation], list[str]]] = {
    # The case's own arithmetic
    "a cent is lost": (lambda: _one("700000.00", "299999.99"), ["balance"]),
    "a cent too much": (lambda: _one("700000.00", "300000.01"), ["balance"]),
    "own cash is short": (
        lambda: _one("700000.00", "300000.00", partners=(partner(own_cash="299999.99"),)),
        ["own-cash"],
    ),
    "the gap is too large": (
        lambda: (
            case(wanted=Wanted(gap_most=Decimal(0))),
            scenario({}, own={"work": "1.00"}, gap={"work": "999999.00"}),
        ),
        ["gap"],
    ),
    "a wanted instrument pays nothing": (
        lambda: (case(wanted=Wanted(use=("grant",))), scenario({}, own={"work": "1000000.00"})),
        ["wanted"],
    ),
    "names nobody knows": (
        lambda: (case(), scenario({("roof", "lottery"): "1.00"}, own={"cellar": "1.00"})),
        ["unknown-item", "unknown-item", "unknown-instrument"],
    ),
    # Entry tests
    "GBER Art. 1(4)(c)": (
        lambda: _one("1.00", "999999.00", partners=(partner(difficulty=Difficulty(insolvent=True)),)),
        ["gber-1-4-c"],
    ),
    "GBER Art. 1(4)(a)": (
        lambda: _one("1.00", "999999.00", partners=(partner(recovery_order=True),)),
        ["gber-1-4-a"],
    ),
    "GBER Art. 6(2)": (lambda: _one("1.00", "999999.00", cost_items=EARLY), ["gber-6-2"]),
    "GBER Art. 6(2) before the call opens": (
        lambda: _one("1.00", "999999.00", grant=OPENING, cost_items=(item(starts=date(2027, 2, 1)),)),
        ["gber-6-2"],
    ),
    "Fin. Reg. Art. 196": (
        lambda: _one("1.00", "999999.00", grant={"basis": ("eu_direct",), **CLOSING}, cost_items=EARLY),
        ["union-no-retroactive"],
    ),
    # Intensities and amounts
    "GBER Art. 25 a cent above": (lambda: _one("700000.01", "299999.99"), ["gber-25"]),
    "GBER Art. 25 has none for training": (
        lambda: _one("1.00", "999999.00", cost_items=(item(activity=Activity.TRAINING),)),
        ["gber-25"],
    ),
    "no such article in the set": (
        lambda: _one("1.00", "999999.00", grant={"basis": ("gber-99",)}),
        ["gber-99"],
    ),
    "GBER Art. 4(1)(i)(ii)": (lambda: _threshold("35000000.01"), ["gber-4-1-i-ii"]),
    "GBER Art. 28(4) with what was had before": (lambda: _advice("20000.01", "200000.00"), ["gber-28-4-amount"]),
    "GBER Art. 14 own share": (_own_share, ["gber-14"]),
    "the instrument's rate": (
        lambda: _one("500000.01", "499999.99", grant={"percent": "50"}),
        ["terms-rate"],
    ),
    # Cumulation
    "GBER Art. 8(3) two articles": (lambda: _stacked("200000.00", "300000.01"), ["gber-8-3"]),
    "GBER Art. 8(3) the lower article alone": (lambda: _stacked("200000.01", "0.00"), ["gber-17"]),
    "GBER Art. 8(3) with aid received before": (lambda: _had("gber-25", "300000.00", "400000.01"), ["gber-8-3"]),
    "GBER Art. 8(2)": (lambda: _union_beside_aid("300000.00", "400000.01"), ["gber-8-2"]),
    "Reg. 2023/2831 Art. 5(2)": (lambda: _had("de_minimis", "50000.00", "650000.01"), ["de-minimis-cumulation"]),
    "Fin. Reg. Art. 194 two grants of the Union": (_two_unions, ["no-double-funding"]),
    # De minimis
    "Reg. 2023/2831 Art. 3(2)": (lambda: _de_minimis("300000.01"), ["de-minimis-ceiling"]),
    "Reg. 2023/2831 Art. 2(2) used up by a linked company": (
        lambda: _de_minimis("80000.01", CONTROL, had="220000.00"),
        ["de-minimis-ceiling"],
    ),
    # Terms of the call
    "window": (lambda: _one("1.00", "999999.00", grant={"call": Call(closes=date(2026, 11, 21))}), ["terms-window"]),
    "application outside the window": (
        lambda: _one("1.00", "999999.00", grant={"call": Call(opens=date(2027, 1, 1), apply_on=date(2026, 12, 1))}),
        ["terms-window"],
    ),
    "territory": (
        lambda: _one("1.00", "999999.00", grant={"whom": Whom(territory=("FR",))}),
        ["terms-beneficiary"],
    ),
    "country": (lambda: _one("1.00", "999999.00", grant={"whom": Whom(countries=("FR",))}), ["terms-beneficiary"]),
    "kind": (
        lambda: _one("1.00", "999999.00", grant={"whom": Whom(kinds=(PartnerKind.CLUSTER,))}),
        ["terms-beneficiary"],
    ),
    "profit": (lambda: _one("1.00", "999999.00", grant={"whom": Whom(non_profit=True)}), ["terms-beneficiary"]),
    "size": (lambda: _one("1.00", "999999.00", grant={"whom": Whom(sizes=(LARGE,))}), ["terms-beneficiary"]),
    "size not known": (
        lambda: _one("1.00", "999999.00", grant={"whom": Whom(sizes=(LARGE,))}, partners=(partner(size=None),)),
        ["terms-beneficiary"],
    ),
    "cohesion not known": (
        lambda: _one("1.00", "999999.00", grant={"whom": Whom(cohesion=(Cohesion.TRANSITION,))}),
        ["terms-beneficiary"],
    ),
    "activity": (
        lambda: _one("1.00", "999999.00", grant={"activities": (Activity.TRAINING,)}),
        ["terms-activity"],
    ),
    "cost category": (
        lambda: _one("1.00", "999999.00", grant={"cost_categories": (CostCategory.LAND,)}),
        ["terms-cost"],
    ),
    "a rate of nothing": (
        lambda: _one("0.01", "999999.99", grant={"percent": "0"}),
        ["terms-rate"],
    ),
    "no rate fits": (
        lambda: _one("1.00", "999999.00", grant={"rates": (Rate(percent=Decimal(50), coordinator=True),)}),
        ["terms-rate"],
    ),
    "TRL": (
        lambda: _one("1.00", "999999.00", grant={"trl": (6, 8)}, project=ProjectFacts(trl=5)),
        ["terms-trl"],
    ),
    "TRL not known": (lambda: _one("1.00", "999999.00", grant={"trl": (6, 8)}), ["terms-trl"]),
    "duration": (
        lambda: _one("1.00", "999999.00", grant={"months": 24}, project=ProjectFacts(months=25)),
        ["terms-duration"],
    ),
    "ticket too small": (lambda: _one("999.99", "999000.01", grant={"partner_least": "1000"}), ["terms-partner-least"]),
    "ticket too large": (lambda: _one("1000.01", "998999.99", grant={"partner_most": "1000"}), ["terms-partner-most"]),
    "project too small": (
        lambda: _one("999.99", "999000.01", grant={"project_least": "1000"}),
        ["terms-project-least"],
    ),
    "project too large": (lambda: _one("1000.01", "998999.99", grant={"project_most": "1000"}), ["terms-project-most"]),
    "budget": (lambda: _one("1000.01", "998999.99", grant={"call": Call(budget=Decimal(1000))}), ["terms-budget"]),
    "a country too few": (
        lambda: _three({"consortium": Consortium(countries=3)}, paid="ab"),
        ["terms-countries"],
    ),
    "a region too few": (lambda: _three({"consortium": Consortium(regions=3)}, paid="ab"), ["terms-regions"]),
    "an entity too few": (lambda: _three({"consortium": Consortium(entities=3)}, paid="ab"), ["terms-entities"]),
    "linked companies are one entity": (
        lambda: _three(
            {"consortium": Consortium(entities=3)}, links=(Link(holder="a", held="b", percent=Decimal(51)),)
        ),
        ["terms-entities"],
    ),
    "an entity too many": (
        lambda: _three({"consortium": Consortium(most_entities=1)}, paid="ab"),
        ["terms-most-entities"],
    ),
    "an empty seat": (
        lambda: _three({"consortium": _seats(Whom(countries=("PL",)))}, paid="ab"),
        ["terms-seats"],
    ),
    "the coordinator takes nothing": (
        lambda: _three({"consortium": Consortium(coordinator_takes_part=True)}, paid="ab", coordinator="c"),
        ["terms-coordinator"],
    ),
    "the coordinator does not fit": (
        lambda: _three({"consortium": Consortium(coordinator=Whom(non_profit=True))}, coordinator="c"),
        ["terms-coordinator"],
    ),
    "no coordinator": (
        lambda: _three({"consortium": Consortium(coordinator=Whom())}),
        ["terms-coordinator"],
    ),
    "a partner bears too much": (
        lambda: _three({"consortium": Consortium(partner_share=Decimal("33.33"))}),
        ["terms-partner-share"],
    ),
    "a country bears too much": (
        lambda: _three({"consortium": Consortium(country_share=Decimal("33.33"))}),
        ["terms-country-share"],
    ),
    "SMEs bear too little": (
        lambda: _one(
            "1.00",
            "999999.00",
            grant={"consortium": Consortium(sme_share=Decimal(50))},
            partners=(partner(size=LARGE),),
        ),
        ["terms-sme-share"],
    ),
    "GBER Art. 20(3)": (lambda: _cooperation("80000.01", "19999.99"), ["gber-20"]),
    "GBER Art. 20a(2)": (lambda: _cooperation("77999.99", "22000.01"), ["gber-20a-2"]),
    # Rules that nobody verified
    "an unverified area of the map is required": (
        lambda: _one(
            "750000.00",
            "250000.00",
            partners=(partner(nuts="RO121", area=None),),
            wanted=Wanted(verified_only=True),
        ),
        ["gber-25"],
    ),
    "an unverified call is required": (
        lambda: _one("1.00", "999999.00", grant={"verified": False}, wanted=Wanted(verified_only=True)),
        ["terms-verified"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    situation, rules_broken = BROKEN[name]
    given_case, mix = situation()

    found = check(given_case, mix)

    assert [finding.rule for finding in found] == rules_broken
    assert all(finding.article and finding.sentence for finding in found)


def test_every_rule_that_is_broken_is_named() -> None:
    mix = scenario({("work", "grant"): "700000.01"}, own={"work": "1.00"})

    assert [finding.rule for finding in check(case(), mix)] == ["balance", "gber-25"]


@pytest.mark.parametrize(
    ("frozen", "broken"),
    [
        pytest.param({"rule_set": "eu-2014"}, ["rule-set"], id="another set"),
        pytest.param({"fingerprint": "0" * 16}, ["rule-set"], id="another text of the set"),
        pytest.param({"fingerprint": rules().fingerprint}, [], id="the very text"),
    ],
)
def test_a_scenario_is_frozen_to_its_rules(frozen: dict[str, str], broken: list[str]) -> None:
    given_case, lawful = LAWFUL["GBER Art. 25 to the ceiling"]()
    mix = FundingScenario.model_validate({**lawful.model_dump(), **frozen})

    assert [finding.rule for finding in check(given_case, mix)] == broken


def test_what_an_unverified_rule_would_allow_is_said() -> None:
    strict, free = Wanted(verified_only=True), ProjectFacts(wide_dissemination=True)
    given_case, mix = _one("750000.00", "250000.00", project=free, wanted=strict)

    (found,) = check(given_case, mix, rules=doubtful("gber-25-6-b-ii"))

    assert found.rule == "gber-25"
    assert "80 percent by GBER Art. 25(6)(b)(ii): somebody verifies the rule" in found.remedy


def test_what_is_compared_is_shown_in_full() -> None:
    """999 857.17 EUR at 70.01 percent are 700 000.004717 EUR of aid: more than 700 000, by less than a cent."""
    grant: dict[str, object] = {"kind": FinanceKind.GUARANTEE, "grant_equivalent": "70.01"}
    given_case, mix = _one("999857.17", "142.83", grant=grant)

    (found,) = check(given_case, mix)

    assert found.sentence == "700000.004717 EUR of aid for work are above 70 percent (700000.00 EUR)."


def test_one_breach_is_told_once() -> None:
    """Both instruments are of Article 25; one alone passes the ceiling of 700 000."""
    given_case = case(instruments=(instrument("one"), instrument("two")))
    mix = scenario({("work", "one"): "800000.00", ("work", "two"): "100000.00"}, own={"work": "100000.00"})

    assert [(one.rule, one.instrument) for one in check(given_case, mix)] == [("gber-25", "one")]


def test_a_ledger_that_is_passed_once_is_told_once() -> None:
    """350 000 of de minimis aid in January: the same 50 000 are too much then, and in May."""
    grants = tuple(
        instrument(key, "de_minimis", call=Call(closes=date(2027, 1, 15), months_to_award=months))
        for key, months in (("first", 0), ("second", 4))
    )
    given_case = case(instruments=grants, cost_items=(item("one"), item("two")))
    own = {"one": "650000.00", "two": "1000000.00"}

    own["two"] = "999999.99"
    paid = {("one", "first"): "350000.00", ("two", "second"): "0.01"}
    told = [one.sentence for one in check(given_case, scenario(paid, own=own))]
    (found,) = check(given_case, scenario({("one", "first"): "350000.00"}, own={**own, "two": "1000000.00"}))

    assert "on 2027-01-15" in found.sentence
    assert ["2027-05-15" in one for one in told] == [False, True]  # a cent more is too much in May


@pytest.mark.parametrize(
    ("article", "broken"),
    [
        pytest.param(None, [], id="an article that bears it is looked for"),
        pytest.param("gber-28", [], id="half of 600 000"),
        pytest.param("gber-28-4", ["gber-28-4-amount"], id="220 000 at most"),
    ],
)
def test_an_allocation_may_name_the_article_it_rests_on(article: str | None, broken: list[str]) -> None:
    given_case = case(
        cost_items=(item(activity=Activity.INNOVATION_ADVISORY, amount="600000"),),
        instruments=(instrument("grant", "gber-28", "gber-28-4"),),
    )
    mix = scenario({("work", "grant"): "300000.00"}, own={"work": "300000.00"})
    named = mix.model_copy(update={"allocations": (mix.allocations[0].model_copy(update={"article": article}),)})

    assert [one.rule for one in check(given_case, named)] == broken


def test_articles_are_found_for_more_lines_than_can_all_be_tried() -> None:
    """Ten items of 40 000 by half (28(3)) and five of 44 000 in full (28(4): 220 000): too many choices to try each."""
    halves, wholes = {f"half-{n}": "40000" for n in range(10)}, {f"whole-{n}": "44000" for n in range(5)}
    items = tuple(item(key, Activity.INNOVATION_ADVISORY, amount=cost) for key, cost in {**halves, **wholes}.items())
    given_case = case(cost_items=items, instruments=(instrument("grant", "gber-28", "gber-28-4"),))
    money = {**{(key, "grant"): "20000.00" for key in halves}, **{(key, "grant"): "44000.00" for key in wholes}}
    mix = scenario(money, own=dict.fromkeys(halves, "20000.00"))
    more = scenario(
        {**money, ("half-0", "grant"): "20000.01"}, own={**dict.fromkeys(halves, "20000.00"), "half-0": "19999.99"}
    )

    assert check(given_case, mix) == []
    assert [one.rule for one in check(given_case, more)] == ["gber-28-4-amount"]


def test_awards_of_a_firm_add_up_over_items_and_dates() -> None:
    """Two de minimis awards half a year apart: the first fills the window of the second."""
    grants = tuple(
        instrument(key, "de_minimis", call=Call(closes=date(2027, 1, 15), months_to_award=months))
        for key, months in (("first", 0), ("second", 4))
    )
    given_case = case(instruments=grants, cost_items=(item("one"), item("two")))
    own = {"one": "800000.00", "two": "900000.00"}

    lawful = scenario({("one", "first"): "200000.00", ("two", "second"): "100000.00"}, own=own)
    broken = scenario({("one", "first"): "200000.00", ("two", "second"): "100000.01"}, own={**own, "two": "899999.99"})

    assert check(given_case, lawful) == []
    (found,) = check(given_case, broken)
    assert found.rule == "de-minimis-ceiling"
    assert "on 2027-05-15" in found.sentence


def test_open_points_name_what_is_unknown_unverified_and_to_be_published() -> None:
    given_case, mix = _one(
        "800000.00",
        "200000.00",
        grant={"verified": False, "call": Call(closes=date(2027, 1, 15), months_to_award=3)},
        partners=(partner(recovery_order=None),),
        project=ProjectFacts(wide_dissemination=True),
    )

    assert check(given_case, mix) == []
    rules = doubtful("gber-25-6-b-ii")
    found = [(point.rule, point.answer.value) for point in open_points(given_case, mix, rules=rules)]
    assert found == [
        ("gber-1-4-a", "unknown"),
        ("gber-58", "manual"),
        ("terms-verified", "manual"),
        ("gber-25-6-b-ii", "manual"),
        ("gber-9", "manual"),
    ]


def test_open_points_of_de_minimis_are_the_register_and_the_terms_of_a_loan() -> None:
    loan: dict[str, object] = {"basis": ("de_minimis",), "kind": FinanceKind.LOAN, "grant_equivalent": "5"}

    given_case, mix = _one("1000000.00", "0.00", grant=loan)

    assert check(given_case, mix) == []
    assert [point.rule for point in open_points(given_case, mix)] == ["de-minimis-loans", "de-minimis-register"]


def test_open_points_name_the_duties_of_an_article() -> None:
    given_case, mix = _stacked("0.00", "100000.00")

    assert [point.rule for point in open_points(given_case, mix)][-1] == "gber-14-5"


@pytest.mark.parametrize(
    ("aid", "published"),
    [
        pytest.param("100000.00", [], id="Art. 9(1)(c) not above"),
        pytest.param("100000.01", ["gber-9"], id="Art. 9(1)(c)"),
    ],
)
def test_publication(aid: str, published: list[str]) -> None:
    given_case, mix = _one(aid, str(Decimal(1_000_000) - Decimal(aid)))

    assert [point.rule for point in open_points(given_case, mix)] == published


AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("3000000.00"), places=2)


@settings(deadline=None)
@given(
    cost=AMOUNTS,
    money=AMOUNTS,
    size=st.sampled_from([SMALL, LARGE]),
    kind=st.sampled_from([FinanceKind.GRANT, FinanceKind.LOAN]),
    equivalent=st.decimals(min_value=1, max_value=100, places=2),
    area=st.sampled_from(AidArea),
)
def test_a_mix_within_the_option_is_lawful_and_a_cent_above_is_not(
    cost: Decimal, money: Decimal, size: SizeClass, kind: FinanceKind, equivalent: Decimal, area: AidArea
) -> None:
    given_case = case(
        partners=(partner(size=size, area=area),),
        cost_items=(item(starts=STARTS, amount=str(cost)),),
        instruments=(instrument(kind=kind, grant_equivalent=str(equivalent)),),
    )
    (option,) = options(CaseFacts(given_case, rules()))
    money = min(money, cost)
    mix = scenario({("work", "grant"): str(money)}, own={"work": str(cost - money)})

    assert (check(given_case, mix) == []) is (money <= option.most)
