"""State aid partner by partner: what it rests on, at most, granted and left; thresholds of the undertaking."""

from decimal import Decimal

from states.funding.case.vocabulary import Activity
from states.funding.checks.aid_by_partner import aid_by_partner
from states.funding.rules.choice import rules_of
from states.partners.tables import SizeClass
from tests.states.funding.builders import case, instrument, item, partner, scenario


def test_each_cost_has_its_ceiling_and_what_is_left_of_it() -> None:
    known = case(
        partners=(partner("a", size=SizeClass.SMALL), partner("b", size=SizeClass.MEDIUM)),
        cost_items=(
            item("work", of="a", amount="1000.00", activity=Activity.EXPERIMENTAL),
            item("free", of="b", amount="500.00", activity=Activity.EXPERIMENTAL),
        ),
        instruments=(instrument("call", "gber-25"), instrument("small", "de_minimis")),
    )
    mix = scenario({("work", "call"): "300.00", ("free", "small"): "100.00"}, own={"work": "700.00", "free": "400.00"})

    found = aid_by_partner(known, mix, rules=rules_of(known))

    first, second = found.partners
    (line,) = first.lines
    assert (first.partner.id, first.sizing.size, first.proved) == ("a", SizeClass.SMALL, False)
    assert (line.percent, line.most, line.granted, line.left) == (
        Decimal(45),
        Decimal("450.00"),
        Decimal("300.00"),
        Decimal("150.00"),
    )
    assert [rule.article for rule in line.rules][:1] == ["GBER Art. 25(5)(c)"]
    assert [(one.notification, one.granted) for one in first.thresholds] == [(True, Decimal("300.00"))]
    (small,) = second.lines
    assert (small.percent, small.granted) == (None, Decimal("100.00"))
    assert [one.notification for one in second.thresholds] == [False]
    assert (first.granted, second.granted) == (Decimal("300.00"), Decimal("100.00"))


def test_money_on_the_market_is_no_aid() -> None:
    known = case(
        partners=(partner("a"),),
        cost_items=(item("work", of="a", amount="1000.00"),),
        instruments=(instrument("bank", "market", state=None),),
    )
    mix = scenario({("work", "bank"): "600.00"}, own={"work": "400.00"})

    (only,) = aid_by_partner(known, mix, rules=rules_of(known)).partners

    assert (only.lines, only.thresholds, only.granted) == ((), (), Decimal("0.00"))
