"""A pool is computed once; whatever changes in it, or the day, computes it anew."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from states.matchmaking.suggestions import suggest as kept
from states.matchmaking.suggestions.needs import Minimums
from states.matchmaking.suggestions.suggest import fitted, suggest
from tests.states.matchmaking.suggestions.samples import DAY, LYON, TURIN, a_request, an_offer

CARDS = [an_offer("o", LYON, "BI.IMP"), a_request("r", TURIN, "BI.IMP"), a_request("s", TURIN, "BI.IMP.DEN")]


@pytest.fixture(autouse=True)
def forgotten() -> None:
    kept._fitted.clear()


def test_the_same_cards_are_computed_once_and_give_what_suggest_gives() -> None:
    first = fitted("pool", CARDS, on=DAY)
    second = fitted("pool", [replace(card) for card in CARDS], on=DAY, instruments=[Minimums("i", "I", countries=2)])

    assert second.picks is first.picks
    assert first.of("o") == suggest(CARDS, on=DAY).of("o")
    assert [gain.opens for gain in second.of("o")[0].gains] == [True]
    assert first.of("o")[0].gains == ()


@pytest.mark.parametrize(
    "change",
    [
        {"texts": {"en": "plasma"}},
        {"avoids": frozenset(["org-o"])},
        {"slots": frozenset([1])},
        {"keywords": frozenset()},
    ],
)
def test_another_card_is_computed_anew(change: dict[str, object]) -> None:
    first = fitted("pool", CARDS, on=DAY)
    cards = [*CARDS[:2], replace(CARDS[2], **change)]  # type: ignore[arg-type]

    found = fitted("pool", cards, on=DAY)

    assert found.picks is not first.picks
    assert found.of("o") == suggest(cards, on=DAY).of("o")


def test_another_day_is_computed_anew_and_few_pools_are_kept() -> None:
    today, tomorrow = fitted("pool", CARDS, on=DAY), fitted("pool", CARDS, on=DAY + timedelta(days=1))
    for name in "abc":
        fitted(name, CARDS, on=DAY)

    assert tomorrow.picks is not today.picks
    assert list(kept._fitted) == ["a", "b", "c"]


def test_who_asks_at_once_shares_one_computation() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: fitted("pool", CARDS, on=DAY), range(8)))

    assert len({id(one.picks) for one in found}) == 1


def test_a_part_of_a_list_is_explained_with_its_ranks() -> None:
    found = suggest(CARDS, on=DAY)

    assert found.of("o", start=1, stop=2) == found.of("o")[1:]
