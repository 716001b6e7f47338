"""Why an instrument pays nothing: a reason with what there is, what is asked, and what would change it."""

from datetime import date
from decimal import Decimal

import pytest

from states.funding.aid.options import options
from states.funding.aid.unpaid import most_alone, obstacles, unpaid
from states.funding.case.case import FundingCase
from states.funding.case.instruments import Call, Consortium, Seats, Whom
from states.funding.case.partners import AidReceived
from states.funding.case.vocabulary import Activity, PartnerKind, ScenarioKind
from states.funding.law.facts import CaseFacts
from states.funding.solver.search import Search
from states.partners.tables import SizeClass
from tests.states.funding.builders import case, instrument, item, partner, rules


def _joint(nuts: tuple[str, ...], *, coordinator: str | None = None, **terms: object) -> FundingCase:
    """Firms at these places, an item of 100 000 each, one call of the Union that pays 70 percent."""
    firms = tuple(partner(f"firm-{n}", nuts=code) for n, code in enumerate(nuts))
    items = tuple(item(f"of-{one.id}", of=one.id, amount="100000.00") for one in firms)
    union = instrument("union", "eu_direct", percent="70", **terms)  # type: ignore[arg-type]
    return case(partners=firms, cost_items=items, instruments=(union,), coordinator=coordinator)


def _why(given_case: FundingCase) -> list[tuple[str, str]]:
    facts = CaseFacts(given_case, rules())
    found = obstacles(facts, given_case.instruments[0], options(facts))
    return [(one.sentence, one.remedy) for one in found]


SEATS = "of the description (kinds: technology_centre)"
CENTRE = Seats(whom=Whom(kinds=(PartnerKind.TECHNOLOGY_CENTRE,)), at_least=2)
SHORT = [
    pytest.param(
        _joint(("FRK26", "BE332", "BE352"), consortium=Consortium(countries=3)),
        [("It asks for 3 countries that take its money; there are 2.", "1 more partner in another country")],
        id="two countries of three",
    ),
    pytest.param(
        _joint(("FRK26", "FRK26"), consortium=Consortium(countries=4)),
        [("It asks for 4 countries that take its money; there are 1.", "3 more partners in another country")],
        id="one country of four",
    ),
    pytest.param(
        _joint(("FRK26", "FRK21"), consortium=Consortium(regions=2)),
        [("It asks for 2 regions that take its money; there are 1.", "1 more partner in another region (NUTS 2)")],
        id="one region of two",
    ),
    pytest.param(
        _joint(("FRK26",), consortium=Consortium(entities=2)),
        [
            (
                "It asks for 2 entities that take its money; there are 1.",
                "1 more partner, not linked to the others",
            )
        ],
        id="one entity of two",
    ),
    pytest.param(
        _joint(("FRK26", "BE332"), consortium=Consortium(seats=(CENTRE,))),
        [(f"It asks for 2 partners {SEATS} that take its money; there are 0.", f"2 more {SEATS}")],
        id="seats",
    ),
    pytest.param(
        _joint(("FRK26",), consortium=Consortium(coordinator_takes_part=True)),
        [("The coordinator takes none of its money.", "let a coordinator take some of it")],
        id="no coordinator",
    ),
    pytest.param(
        _joint(("FRK26", "BE332"), project_least="200000"),
        [
            (
                "It pays at least 200000.00 EUR to the project; there are 140000.00 EUR that it could pay.",
                "60000.00 EUR more that it pays",
            )
        ],
        id="70 percent of 200 000 are below the least",
    ),
    pytest.param(
        _joint(("FRK26", "BE332"), partner_least="80000"),
        [
            (
                "It pays at least 80000.00 EUR to a partner; there are 70000.00 EUR that it could pay.",
                "10000.00 EUR more that it pays",
            )
        ],
        id="70 percent of 100 000 are below the ticket",
    ),
    pytest.param(
        _joint(("FRK26",), call=Call(closes=date(2026, 1, 31))),
        [("It closed on 2026-01-31.", "another call, or the next window")],
        id="closed",
    ),
    pytest.param(
        _joint(("FRK26",), activities=(Activity.TRAINING,)),
        [("It does not pay for industrial research.", "work of the kind training")],
        id="another activity",
    ),
    pytest.param(_joint(("FRK26", "BE332", "DE111"), consortium=Consortium(countries=3)), [], id="enough"),
]


@pytest.mark.parametrize(("given_case", "reasons"), SHORT)
def test_what_keeps_an_instrument_from_paying(given_case: FundingCase, reasons: list[tuple[str, str]]) -> None:
    assert _why(given_case) == reasons


def test_a_partner_whose_line_is_closed_does_not_count() -> None:
    """Three countries, and the third firm's works begin before anybody can apply: two are left."""
    joint = _joint(("FRK26", "BE332", "DE111"), consortium=Consortium(countries=3), call=Call(opens=date(2027, 1, 1)))
    early = joint.cost_items[2].model_copy(update={"starts": date(2026, 12, 1)})

    (reason,) = _why(joint.changed(cost_items=(*joint.cost_items[:2], early)))

    assert reason == ("It asks for 3 countries that take its money; there are 2.", "1 more partner in another country")


def test_each_mix_says_why_an_instrument_pays_nothing() -> None:
    """The best mix takes the grant; the voucher is not needed, the call of three countries has two, one is closed."""
    joint = _joint(("FRK26", "BE332"), consortium=Consortium(countries=3))
    more = (
        instrument("grant", "gber-25", percent="100", state="FR"),
        instrument("closed", "gber-25", state="FR", call=Call(closes=date(2026, 1, 31))),
        instrument("loan", "market", kind="loan", cost_of_capital="9", state=None),
    )
    asked = joint.changed(
        instruments=(*joint.instruments, *more), scenarios=[ScenarioKind.BEST, ScenarioKind.GRANTS_ONLY]
    )

    best, grants = Search(asked, rules(), seconds=20).answer().scenarios

    assert [(one.instrument, one.sentence, one.remedy) for one in best.unpaid] == [
        (
            "union",
            "union pays nothing: It asks for 3 countries that take its money; there are 2.",
            "1 more partner in another country",
        ),
        ("closed", "closed pays nothing: It closed on 2026-01-31.", "another call, or the next window"),
    ]
    assert grants.scenario is not None
    assert [(one.instrument, one.rule) for one in grants.unpaid] == [
        ("union", "terms-countries"),
        ("closed", "terms-window"),
        ("loan", "terms-left-out"),
    ]


def test_an_instrument_that_others_make_needless_says_so() -> None:
    given_case = case(
        instruments=(
            instrument("cheap", "market", state=None),
            instrument("dear", "market", state=None, cost_of_capital=5),
        )
    )

    (best,) = Search(given_case.changed(scenarios=[ScenarioKind.BEST]), rules(), seconds=20).answer().scenarios

    (why,) = best.unpaid
    assert why.sentence.startswith("dear pays nothing: it could pay up to 1000000.00 EUR of 1 cost item, and")
    assert why.remedy == "name it under wanted.use to have it pay"


def test_every_instrument_of_a_mix_pays_or_has_a_reason() -> None:
    joint = _joint(("FRK26", "BE332"), consortium=Consortium(countries=3))
    facts = CaseFacts(joint, rules())

    found = list(unpaid(facts, options(facts), paying=[], without={}))

    assert [one.instrument for one in found] == [one.id for one in joint.instruments]
    assert all(one.sentence and one.remedy for one in found)


@pytest.mark.parametrize(
    ("basis", "terms", "had", "most"),
    [
        pytest.param("de_minimis", {}, "220000", "80000", id="de minimis: 300 000 less 220 000"),
        pytest.param("de_minimis", {"partner_most": "50000"}, "220000", "50000", id="the voucher's own limit is lower"),
        pytest.param("de_minimis", {}, "300000", "0", id="nothing is left"),
        pytest.param("de_minimis", {"percent": "5"}, "220000", "50000", id="5 percent of 1 000 000"),
        pytest.param("gber-25", {"project_most": "1000"}, "0.01", "1000", id="the project's most"),
        pytest.param("gber-25", {"call": Call(budget=Decimal(7))}, "0.01", "7", id="the budget"),
        pytest.param("de_minimis", {"kind": "loan", "grant_equivalent": "10"}, "220000", "800000", id="a loan's aid"),
    ],
)
def test_the_most_that_an_instrument_pays_alone(basis: str, terms: dict[str, object], had: str, most: str) -> None:
    before = {"recipient": "a", "member_state": "DE", "granted_on": date(2025, 6, 1), "amount": had}
    given_case = case(
        instruments=(instrument("one", basis, **terms),),  # type: ignore[arg-type]
        aid_received=(AidReceived.model_validate({**before, "basis": "de_minimis"}),),
    )
    facts = CaseFacts(given_case, rules())

    (option,) = options(facts)

    assert most_alone(facts, option) == Decimal(most)


ADVICE = Activity.INNOVATION_ADVISORY


@pytest.mark.parametrize(
    ("amounts", "paid"),
    [
        # Art. 28(3) pays half, Art. 28(4) all, up to 220 000 over all items together: the best division by hand.
        pytest.param(("600000",), "300000", id="half of 600 000"),
        pytest.param(("200000",), "200000", id="all of 200 000"),
        pytest.param(("200000", "200000"), "300000", id="all of one, half of the other"),
        pytest.param(("150000", "450000"), "375000", id="all of 150 000, half of 450 000"),
        pytest.param(("100000", "120000"), "220000", id="both in full"),
        pytest.param(("100000", "120000", "1000"), "220500", id="two in full, half of the third"),
        pytest.param(("220000", "220000", "220000"), "440000", id="one in full, two by half"),
        pytest.param(("440000", "10000"), "230000", id="half of 440 000, all of 10 000"),
        pytest.param(("221000",), "220000", id="220 000 of 221 000"),
        pytest.param(("300000", "300000"), "370000", id="220 000 of one, half of the other"),
    ],
)
def test_the_best_article_is_chosen_by_what_all_items_come_to(amounts: tuple[str, ...], paid: str) -> None:
    given_case = case(
        partners=(partner(size=SizeClass.SMALL),),
        cost_items=tuple(item(f"advice-{n}", ADVICE, amount=amount) for n, amount in enumerate(amounts)),
        instruments=(instrument("region", "gber-28", "gber-28-4"),),
        scenarios=[ScenarioKind.BEST],
    )

    (best,) = Search(given_case, rules(), seconds=20).answer().scenarios

    assert best.measures is not None
    assert best.measures.outside == Decimal(paid)
