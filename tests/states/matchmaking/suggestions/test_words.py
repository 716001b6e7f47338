"""Free texts: what they share, in which language, and what tells nothing."""

from math import log, sqrt

import pytest

from states.matchmaking.suggestions.cards import Card
from states.matchmaking.suggestions.lookups import STEPS
from states.matchmaking.suggestions.words import lexicons, shared_words, similarity
from tests.states.matchmaking.suggestions.samples import LIEGE, LYON, a_request, an_offer


def _cards(*texts: dict[str, str]) -> list[Card]:
    make = [an_offer, a_request]
    return [make[place % 2](f"c{place}", (LYON, LIEGE)[place % 2], texts=text) for place, text in enumerate(texts)]


def _cosine(one: dict[str, str], other: dict[str, str]) -> float:
    cards = _cards(one, other)
    return float(similarity(lexicons(cards), cards[:1], cards[1:])[0, 0]) / STEPS


def test_a_cosine_by_hand() -> None:
    # Two texts: a word in both weighs 1, a word in one ln(3/2) + 1; "coating" twice counts 1 + ln 2 times.
    rare = log(3 / 2) + 1
    one, other = {"en": "coating coating hydrogel"}, {"en": "coating titanium"}

    expected = (1 + log(2)) / sqrt((1 + log(2)) ** 2 + rare**2) / sqrt(1 + rare**2)
    assert _cosine(one, other) == pytest.approx(expected, abs=1 / STEPS)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"en": "hydrogel"}, {"en": "Hydrogels!"}, 1),
        ({"de": "Beschichtung"}, {"de": "BESCHICHTUNGEN"}, 1),
        ({"en": "hydrogel"}, {"de": "hydrogel"}, 0),
        ({"en": "hydrogel", "fr": "enduit"}, {"fr": "enduit", "en": "titanium"}, 1),
        ({"en": "with our and the"}, {"en": "with our and the"}, 0),
        ({"fr": "avec nos"}, {"fr": "avec nos"}, 0),
        ({"hu": "az implantátum"}, {"hu": "implantátumok"}, 1),  # a language without stop words of its own
        ({"en": ""}, {"en": "hydrogel"}, 0),
        ({"en": "123 4567 ab"}, {"en": "123 4567 ab"}, 0),
        ({}, {"en": "hydrogel"}, 0),
    ],
)
def test_how_alike_two_texts_are(one: dict[str, str], other: dict[str, str], expected: float) -> None:
    assert _cosine(one, other) == pytest.approx(expected, abs=1 / STEPS)


def test_a_word_of_most_texts_tells_nothing_in_a_large_pool() -> None:
    texts = [{"en": f"medical {'abcdefgh'[place % 8] * 4}"} for place in range(60)]
    cards = _cards(*texts)

    alike = similarity(lexicons(cards), cards[:1], [cards[1], cards[8]])

    assert alike.tolist() == [[0, STEPS]]


def test_shared_words_add_up_to_the_similarity_and_come_from_one_language() -> None:
    cards = _cards(
        {"en": "antibacterial coating for titanium implants", "fr": "revêtement"},
        {"en": "we coat titanium screws with antibacterial layers", "fr": "robot chirurgical"},
    )
    found = lexicons(cards)

    shared = shared_words(found, *cards)

    assert [(one.word, one.language) for one in shared] == [("antibacterial", "en"), ("titanium", "en")]
    assert sum(one.part for one in shared) == pytest.approx(
        similarity(found, cards[:1], cards[1:])[0, 0] / STEPS, abs=1 / STEPS
    )


def test_texts_with_nothing_in_common_share_no_words() -> None:
    cards = _cards({"en": "coating"}, {"en": "robot"})

    assert shared_words(lexicons(cards), *cards) == ()
