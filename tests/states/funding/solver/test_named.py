"""Named mixes: what each goes without, how much they differ, what is said where none does; and what binds."""

from decimal import Decimal

from states.funding.case.case import FundingCase
from states.funding.case.vocabulary import ScenarioKind
from states.funding.solver.answer import Answer, Named
from states.funding.solver.search import Search
from states.partners.tables import SizeClass
from tests.states.funding.builders import case, instrument, item, partner, rules


def solved(given_case: FundingCase) -> Answer:
    return Search(given_case, rules(), seconds=20).answer()


def named(given_case: FundingCase, kind: ScenarioKind) -> Named:
    return next(one for one in solved(given_case).scenarios if one.kind is kind)


def payers(found: Named) -> dict[str, str]:
    assert found.scenario is not None
    return {one.instrument: str(one.amount) for one in found.scenario.allocations}


LOAN = instrument(
    "loan", "market", state=None, kind="loan", cost_of_capital="9", grant_equivalent="0", call={"months_to_money": 1}
)
GRANT = instrument("grant", percent="60", call={"months_to_money": 9})
UNION = instrument("union", "eu_direct", percent="70", eu_grant=True, call={"months_to_money": 12})
RICH = case(instruments=(LOAN, GRANT, UNION))


def test_the_best_mix_pays_least_itself() -> None:
    found = named(RICH, ScenarioKind.BEST)

    assert found.measures is not None
    assert payers(found)["loan"] == "300000.00"
    assert (found.measures.outside, found.measures.cost_of_capital) == (Decimal("1000000.00"), Decimal("27000.00"))


def test_the_fastest_money_is_the_loan() -> None:
    assert payers(named(RICH, ScenarioKind.FASTEST_MONEY)) == {"loan": "1000000.00"}


def test_grants_only_goes_without_the_loan() -> None:
    found = named(RICH, ScenarioKind.GRANTS_ONLY)

    assert found.measures is not None
    assert (found.measures.outside, found.measures.own) == (Decimal("700000.00"), Decimal("300000.00"))
    assert "loan" not in payers(found)


def test_no_eu_call_goes_without_the_union() -> None:
    assert payers(named(RICH, ScenarioKind.NO_EU_CALL)) == {"loan": "400000.00", "grant": "600000.00"}


def test_where_nothing_else_is_possible_it_says_so() -> None:
    answer = solved(case(instruments=(GRANT,)))

    others = [one for one in answer.scenarios if one.kind is not ScenarioKind.BEST and one.scenario is None]
    assert {one.statement.split(":")[0] for one in others} == {"No real alternative"}
    assert [one.kind for one in answer.scenarios if one.scenario] == [
        ScenarioKind.BEST,
        ScenarioKind.WITHOUT_BEST_INSTRUMENT,
    ]


def test_the_fewest_applications_still_bring_most_of_the_money() -> None:
    many = tuple(instrument(f"grant-{number}", percent="60", partner_most=150_000) for number in range(4))

    found = named(case(instruments=many), ScenarioKind.FEWEST_APPLICATIONS)

    assert found.measures is not None
    assert (found.measures.applications, found.measures.outside) == (3, Decimal("450000.00"))


def test_a_name_that_breaks_a_wish_names_the_clash() -> None:
    found = named(case(instruments=(UNION, GRANT), wanted={"use": ["union"]}), ScenarioKind.NO_EU_CALL)

    assert found.scenario is None
    assert {one.rule for one in found.clash} == {"scenario-no_eu_call", "wanted"}


def test_each_mix_differs_from_all_before_it() -> None:
    answer = solved(RICH)

    mixes = [payers(one) for one in answer.scenarios if one.scenario]
    assert len(mixes) == len({tuple(sorted(mix.items())) for mix in mixes})


def test_a_budget_that_binds_is_worth_what_it_saves() -> None:
    small = instrument("small", percent="60", call={"budget": 100_000})

    found = named(case(instruments=(small,)), ScenarioKind.BEST)

    assert [(one.ground.rule, one.private_cash, one.gap) for one in found.bindings] == [
        ("terms-budget", Decimal(1), Decimal(0))
    ]


def test_a_purse_that_binds_closes_the_gap() -> None:
    poor = case(partners=(partner(own_cash="1000"),), instruments=())

    found = named(poor, ScenarioKind.BEST)

    assert [(one.ground.rule, one.gap, one.private_cash) for one in found.bindings] == [
        ("own-cash", Decimal(1), Decimal(-1))
    ]


def test_one_euro_more_of_a_limit_on_aid_is_worth_more_than_one_of_a_loan() -> None:
    dear = instrument("dear", kind="loan", grant_equivalent="6.25", cost_of_capital="10")
    tight = case(
        partners=(partner(size=SizeClass.LARGE),),
        cost_items=(item(amount="100000"),),
        instruments=(dear, instrument("g")),
    )

    found = named(tight, ScenarioKind.BEST)

    assert [(one.ground.rule, one.private_cash) for one in found.bindings if one.ground.rule == "gber-8-3"] != []


def test_nobody_takes_token_money() -> None:
    pair = instrument("pair", "eu_direct", percent="50", consortium={"entities": 2})
    two = case(
        partners=(partner("a"), partner("b", own_cash="0")),
        cost_items=(item("one"), item("two", of="b", amount="1000.00")),
        instruments=(pair, instrument("better", percent="70")),
    )

    mixes = [one.scenario for one in solved(two).scenarios if one.scenario]

    tickets = [one.amount for mix in mixes for one in mix.allocations if (one.item, one.instrument) == ("two", "pair")]
    assert all(amount >= 25 for amount in tickets)
