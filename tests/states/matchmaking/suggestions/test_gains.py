"""What one more partner brings towards an instrument."""

import pytest

from states.matchmaking.suggestions.cards import Ally
from states.matchmaking.suggestions.needs import Minimums, gain, missing
from states.matchmaking.suggestions.suggest import suggest
from states.places.cohesion import Category
from tests.states.matchmaking.suggestions.samples import (
    DAY,
    EINDHOVEN,
    GLIWICE,
    LIEGE,
    LYON,
    STUTTGART,
    TURIN,
    a_request,
    an_offer,
)

STRAND_1 = Minimums(
    "i3-strand-1",
    "I3 strand 1",
    entities=5,
    regions=5,
    countries=3,
    categories=frozenset([Category.LESS_DEVELOPED, Category.TRANSITION]),
    outermost=True,
    source="earlier calls",
)
PAIR = Minimums("pair", "Pair", entities=2, regions=2, countries=2, verified=True)


def test_a_consortium_of_two_lacks_the_rest() -> None:
    assert missing(STRAND_1, [LYON, TURIN], on=DAY) == (
        "3 more partners",
        "3 more regions",
        "1 more country",
        "a less developed or transition or outermost region",
    )


def test_a_complete_consortium_lacks_nothing() -> None:
    assert missing(STRAND_1, [LYON, TURIN, GLIWICE, STUTTGART, EINDHOVEN], on=DAY) == ()


@pytest.mark.parametrize(
    ("present", "joining", "expected"),
    [
        ([LYON], TURIN, "would open Pair: second partner, second region, second country"),
        ([LYON], "FRL04", "would bring Pair nearer: second partner, second region; still missing: 1 more country"),
        ([LYON], "FRK24", "would bring Pair nearer: second partner; still missing: 1 more region, 1 more country"),
        ([LYON, "FRL04"], TURIN, "would open Pair: second country"),
        ([LYON, TURIN], GLIWICE, "None"),
    ],
)
def test_what_a_partner_brings(present: list[str], joining: str, expected: str) -> None:
    assert str(gain(PAIR, present, joining, on=DAY)) == expected


@pytest.mark.parametrize(
    ("joining", "caveats"),
    [
        (GLIWICE, "minimums not verified, category of PL22 not verified"),
        ("BE341", "minimums not verified"),  # Luxembourg, whose category was read
    ],
)
def test_a_partner_from_a_less_developed_region_opens_what_asks_for_one(joining: str, caveats: str) -> None:
    found = gain(STRAND_1, [LYON, TURIN, STUTTGART, EINDHOVEN], joining, on=DAY)

    assert str(found) == (
        "would open I3 strand 1: fifth partner, fifth region, a less developed or transition or outermost region "
        f"({caveats})"
    )


def test_an_outermost_region_counts_where_the_instrument_says_so() -> None:
    only = Minimums("o", "Overseas", categories=frozenset([Category.LESS_DEVELOPED]), outermost=True)

    assert missing(only, ["ES703"], on=DAY) == ()  # whose category the table does not know


def test_a_suggestion_says_what_it_would_add_to_the_partners_at_hand() -> None:
    allies = frozenset([Ally("a", TURIN), Ally("b", LIEGE), Ally("c", STUTTGART)])
    request = a_request("implants", LYON, "SV.TES.BIO", allies=allies)
    offer = an_offer("testing", GLIWICE, "SV.TES.BIO")

    found = suggest([request, offer], on=DAY, instruments=[STRAND_1, PAIR])

    assert [(one.opens, one.adds) for one in found.of("implants")[0].gains] == [
        (True, ("fifth partner", "fifth region"))
    ]
    assert [one.instrument for one in found.of("testing")[0].gains] == ["i3-strand-1", "pair"]


def test_who_is_a_partner_already_adds_nothing() -> None:
    offer = an_offer("testing", GLIWICE, "SV.TES.BIO")
    request = a_request("implants", LYON, "SV.TES.BIO", allies=frozenset([Ally(offer.organisation, GLIWICE)]))

    assert suggest([request, offer], on=DAY, instruments=[STRAND_1]).of("implants")[0].gains == ()
