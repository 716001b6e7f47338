"""Where no mix keeps the rules, the smallest set of them that clash is named with its articles."""

from datetime import date

from states.funding.case.case import FundingCase
from states.funding.case.partners import AidReceived, Enterprise, Link
from states.funding.case.vocabulary import Activity
from states.funding.law.facts import CaseFacts
from states.funding.rules.library import RuleSet
from states.funding.solver.clash import Clash, clash
from states.funding.solver.meter import Meter
from tests.states.funding.builders import ON, case, doubtful, instrument, item, partner, rules


def clash_of(given_case: FundingCase, law: RuleSet | None = None) -> Clash:
    return clash(CaseFacts(given_case, law or rules()), meter=Meter(), until=30)


def articles(given_case: FundingCase, law: RuleSet | None = None) -> set[str]:
    found = clash_of(given_case, law)
    assert found.smallest
    return {one.article for one in found.grounds}


def test_a_country_too_few_clashes_with_the_wish_to_use_the_call() -> None:
    together = {"countries": 3}
    two = (partner("a"), partner("b", nuts="PL229"))
    given_case = case(
        partners=two,
        cost_items=(item("one"), item("two", of="b")),
        instruments=(instrument("call", "eu_direct", consortium=together),),
        wanted={"use": ["call"]},
    )

    found = clash_of(given_case)

    assert [(one.rule, one.sentence) for one in found.grounds] == [
        ("terms-countries", "It asks for 3 countries that take its money; there are 2."),
        ("wanted", "call must pay something."),
    ]
    assert [one.remedy for one in found.grounds] == [
        "1 more partner in another country",
        "take it out of wanted.use, or mend what keeps it from paying",
    ]


def test_works_that_start_before_the_application_clash_with_article_6() -> None:
    call = {"opens": date(2027, 6, 15), "closes": date(2027, 6, 30)}
    given_case = case(instruments=(instrument("call", "gber-25", call=call),), wanted={"use": ["call"]})

    assert articles(given_case) == {"GBER Art. 6(2)", "the case itself"}


def test_de_minimis_used_up_by_a_linked_company_clashes_with_its_ceiling() -> None:
    had = {"recipient": "sister", "member_state": "DE", "granted_on": ON, "amount": "300000", "basis": "de_minimis"}
    given_case = case(
        enterprises=(Enterprise(id="sister", name="Sister"),),
        links=(Link.model_validate({"holder": "a", "held": "sister", "percent": 80}),),
        aid_received=(AidReceived.model_validate(had),),
        instruments=(instrument("voucher", "de_minimis"),),
        wanted={"use": ["voucher"]},
    )

    found = clash_of(given_case)

    assert {one.article for one in found.grounds} == {"Reg. 2023/2831 Art. 3(2)", "the case itself"}
    assert "a with sister in DE" in next(one.sentence for one in found.grounds if one.rule == "de-minimis-ceiling")


def test_two_union_grants_on_one_line_clash_with_the_financial_regulation() -> None:
    grants = tuple(instrument(key, "eu_direct", eu_grant=True, percent="50") for key in ("first", "second"))
    given_case = case(instruments=grants, wanted={"use": ["first", "second"]})

    assert articles(given_case) == {"Reg. (EU, Euratom) 2024/2509 Art. 194", "the case itself"}


def test_an_unverified_rule_clashes_with_the_wish_for_verified_ones() -> None:
    given_case = case(
        partners=(partner(nuts="PL229"),),
        cost_items=(item(activity=Activity.CONSULTANCY),),
        instruments=(instrument("advice", "gber-18"),),
        wanted={"use": ["advice"], "verified_only": True},
    )

    assert articles(given_case, doubtful("gber-18")) == {"GBER Art. 18", "the case itself"}


def test_a_gap_that_may_not_be_clashes_with_purse_and_ceiling() -> None:
    poor = partner(own_cash="100000")
    given_case = case(partners=(poor,), wanted={"gap_most": 0})

    found = clash_of(given_case)

    assert {one.rule for one in found.grounds} == {"own-cash", "gber-25", "gap"}


def test_who_an_instrument_is_for_is_named_where_nothing_else_explains() -> None:
    elsewhere = instrument("abroad", whom={"territory": ["PL"]})
    given_case = case(instruments=(elsewhere,), wanted={"use": ["abroad"]})

    assert {one.rule for one in clash_of(given_case).grounds} == {"terms-beneficiary", "wanted"}


def test_each_rule_of_a_clash_is_needed() -> None:
    given_case = case(partners=(partner(own_cash="100000"),), wanted={"gap_most": 0})

    richer = given_case.changed(partners=(partner(own_cash="1000000"),))
    looser = given_case.changed(wanted={"gap_most": 400_000})

    assert (clash_of(richer).grounds, clash_of(looser).grounds) == ((), ())
