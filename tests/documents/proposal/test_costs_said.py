"""The proposal says of each cost that was not simply stated in EUR how it came about."""

from documents.proposal.rules import costs_said
from states.funding.case.vocabulary import CostCategory
from states.funding.money.options import shipped_options
from tests.states.funding.builders import case, item


def test_each_cost_says_how_its_eur_came_about() -> None:
    stated = "PLN 850000.00 at 4.25 of 2026-11-01 (InforEuro), with 23 % VAT"
    items = (
        item("rigs", amount="200000.00", title="Rigs", stated=stated),
        item("hall", amount="30000.00", cost_category=CostCategory.BUILDINGS, in_kind=True),
        item("office", amount="15000.00", cost_category=CostCategory.OVERHEAD, simplified="cpr-indirect-7"),
        item("lost", amount="5.00", cost_category=CostCategory.TRAVEL, simplified="no-more"),
        item("plain", amount="1.00"),
    )

    flat = "Indirect costs, up to 7 percent of direct costs (Reg. 2021/1060 Art. 54, first paragraph, point (a))"
    assert [
        (one.what, one.how, f"{one.amount:.2f}") for one in costs_said(case(cost_items=items), shipped_options())
    ] == [
        ("Rigs", stated, "200000.00"),
        ("Buildings", "in kind", "30000.00"),
        ("Overhead", flat, "15000.00"),
        ("Travel", "no-more", "5.00"),
    ]
