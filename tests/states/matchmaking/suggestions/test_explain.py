"""What a suggestion says of itself: nodes with credit and weight, and what the other card leaves open."""

from dataclasses import replace

import pytest

from states.matchmaking.suggestions.cards import Sought
from states.matchmaking.suggestions.lookups import coverage
from states.matchmaking.suggestions.suggest import suggest
from states.matchmaking.suggestions.taxonomy import taxonomy
from states.partners.tables import OrganisationKind, SizeClass
from tests.states.matchmaking.suggestions.samples import DAY, GLIWICE, LYON, a_request, an_offer

OFFER = an_offer("offer", LYON, "SV.TES.BIO", "BI.IMP")
REQUEST = a_request("request", GLIWICE, "SV.TES.BIO", "BI.IMP.DEN", "XC")


def test_the_nodes_show_credit_and_weight_by_hand() -> None:
    (found,) = suggest([OFFER, REQUEST], on=DAY).of("request")

    # Weights 3, 3 and 1 of 7 by depth; one step from BI.IMP.DEN to BI.IMP leaves three quarters of two thirds.
    assert [(one.keyword, one.by, one.credit) for one in found.own.nodes] == [
        ("SV.TES.BIO", "SV.TES.BIO", 1.0),
        ("BI.IMP.DEN", "BI.IMP", 0.5),
        ("XC", None, 0.0),
    ]
    assert [one.weight for one in found.own.nodes] == pytest.approx([3 / 7, 3 / 7, 1 / 7])
    # The offer sees it otherwise: weights 3 and 2 of 5.
    assert [(one.keyword, one.by, one.credit) for one in found.theirs.nodes] == [
        ("SV.TES.BIO", "SV.TES.BIO", 1.0),
        ("BI.IMP", "BI.IMP.DEN", 0.5),
    ]
    assert [one.weight for one in found.theirs.nodes] == pytest.approx([3 / 5, 2 / 5])


@pytest.mark.parametrize(
    ("stated", "by_others", "expected"),
    [
        (["SV.TES.BIO", "BI.IMP.DEN", "XC"], ["SV.TES.BIO", "BI.IMP"], (3 + 1.5) / 7),
        (["BI.IMP.DEN"], ["BI.IMP.ORT", "BI"], 0.375),  # the sibling is nearer than the grandparent
        (["BI.IMP.DEN", "BI.IMP.ORT"], ["BI.IMP.DEN"], (1 + 0.375) / 2),
        (["BI.IMP.DEN"], [], 0),
        ([], ["BI.IMP.DEN"], 0),
    ],
)
def test_coverage_by_hand(stated: list[str], by_others: list[str], expected: float) -> None:
    assert coverage(frozenset(stated), frozenset(by_others), tree=taxonomy()) == pytest.approx(expected)


def test_what_the_other_card_leaves_open_is_named() -> None:
    offer = replace(OFFER, trl=4, cooperation=frozenset(["research"]), languages=frozenset(["fr"]))
    request = replace(
        REQUEST,
        trl=8,
        cooperation=frozenset(["supplier", "outsourcing"]),
        languages=frozenset(["pl"]),
        sought=frozenset([Sought(OrganisationKind.TECHNOLOGY_CENTRE), Sought(OrganisationKind.SME, SizeClass.MEDIUM)]),
    )

    (found,) = suggest([offer, request], on=DAY).of("request")

    assert found.lacking == (
        "only Implants (BI.IMP) for Dental implants (BI.IMP.DEN)",
        "nothing on Cross-cutting competences (XC)",
        "medium sme or technology centre sought, this is small sme",
        "outsourcing or supplier here, research there",
        "readiness level 4 there, 8 here",
        "no language in common",
    )


def test_where_everything_fits_nothing_is_lacking() -> None:
    offer = replace(OFFER, keywords=frozenset(["SV.TES.BIO"]), trl=6, languages=frozenset(["en"]))
    request = replace(REQUEST, keywords=frozenset(["SV.TES.BIO"]), trl=8, languages=frozenset(["en", "pl"]))

    (found,) = suggest([offer, request], on=DAY).of("request")

    assert found.lacking == ()
