"""What two organisations have for each other, each direction apart."""

from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.matchmaking.suggestions.exchange import exchange
from states.matchmaking.suggestions.suggest import suggest
from tests.states.matchmaking.suggestions.samples import DAY, GLIWICE, LYON, TURIN, PoolMaker, a_request, an_offer

CARDS = [
    an_offer("testing", LYON, "SV.TES.BIO", organisation="centre"),
    an_offer("sterility", LYON, "SV.STE.STE", organisation="centre"),
    a_request("alloys", LYON, "BI.MAT.MET", organisation="centre"),
    an_offer("titanium", GLIWICE, "BI.MAT.MET", organisation="maker"),
    a_request("safety", GLIWICE, "SV.TES", organisation="maker"),
    a_request("robots", TURIN, "MD.SUR.ROB", organisation="clinic"),
]


def test_both_directions_are_looked_at_apart() -> None:
    found = exchange(suggest(CARDS, on=DAY), "centre", "maker")

    assert found.forth is not None
    assert found.back is not None
    assert (found.forth.offer.id, found.forth.request.id) == ("testing", "safety")
    assert (found.back.offer.id, found.back.request.id) == ("titanium", "alloys")
    assert found.score == pytest.approx(sqrt(found.forth.score * found.back.score))


def test_where_one_side_alone_would_gain_there_is_no_exchange() -> None:
    found = exchange(suggest(CARDS[:5], on=DAY), "maker", "clinic")

    assert (found.forth, found.back, found.score) == (None, None, 0)
    one_way = exchange(suggest([CARDS[0], CARDS[4]], on=DAY), "centre", "maker")
    assert one_way.forth is not None
    assert (one_way.back, one_way.score) == (None, 0)


def test_without_cards_there_is_nothing() -> None:
    assert exchange(suggest([], on=DAY), "centre", "maker").forth is None


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_an_answer_is_the_best_of_the_suggestions_between_the_two(seed: int) -> None:
    found = suggest(PoolMaker(seed, words=12, organisations=4).cards(8, 8), on=DAY, top=100)

    for one in ("org-0", "org-1"):
        there = exchange(found, one, "org-2")
        assert exchange(found, "org-2", one).back == there.forth
        scores = [
            suggestion.score
            for card in found.cards.values()
            if card.organisation == one and card.side == "offer"
            for suggestion in found.of(card.id)
            if suggestion.other.organisation == "org-2"
        ]
        assert (there.forth.score if there.forth else 0) == pytest.approx(max(scores, default=0))
