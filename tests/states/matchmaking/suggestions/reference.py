"""Matching as a plain loop over pairs, word by word from the rules: what the vectorised one is measured against."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import log, sqrt

from states.matchmaking.suggestions.cards import Card
from states.matchmaking.suggestions.filters import bars, is_valid, region
from states.matchmaking.suggestions.lookups import coverage
from states.matchmaking.suggestions.match_terms import WEIGHTS, TermName, have_met, rules
from states.matchmaking.suggestions.suggest import Mode

Vector = dict[str, float]


@dataclass(frozen=True)
class Ranked:
    """A card in a list: its score, and the score by which it was placed."""

    id: str
    score: float
    placed_by: float


class PlainMatcher:
    """Scores pair after pair, as `suggest` says it does."""

    def __init__(self, cards: Sequence[Card], *, on: date) -> None:
        self._on = on
        self._cards = [card for card in cards if is_valid(card, on=on)]
        self._vectors = text_vectors(self._cards)

    def ranked(self, card: Card, *, top: int, mode: Mode) -> list[Ranked]:
        """Rank the cards of the other side for one."""
        scores = {}
        for other, (score, relevant) in self.seen(card).items():
            if mode is Mode.MUTUAL:
                back, heard = self.seen(other)[card]
                score, relevant = sqrt(score * back), relevant or heard
            if relevant:
                scores[other] = score
        return _spread(scores, top)

    def seen(self, card: Card) -> dict[Card, tuple[float, bool]]:
        """Score every permitted card for one, and say whether it is relevant at all."""
        others = [other for other in self._cards if not bars(card, other, on=self._on)]
        topic = _worth({other: coverage(card.keywords, other.keywords, tree=card.tree) for other in others}, least=0.1)
        mine = self._vectors.get(card, {})
        text = _worth({other: _cosine(mine, self._vectors[other]) for other in others}, least=0.05)
        return {other: self._score(card, other, topic[other], text[other]) for other in others}

    def _score(self, card: Card, other: Card, topic: float, text: float) -> tuple[float, bool]:
        written = [{language for language, words in one.texts.items() if words} for one in (card, other)]
        fused = 0.6 * topic + 0.4 * (text if written[0] & written[1] else topic / 2)
        score = WEIGHTS[TermName.RELEVANCE] * fused
        score += WEIGHTS[TermName.COVERAGE] * coverage(card.keywords, other.keywords, tree=card.tree)
        score += sum(WEIGHTS[rule.name] * rule.trait.of(card, other) for rule in rules(self._on))
        score += WEIGHTS[TermName.MET] * have_met(card, other)
        return max(0.0, score), fused > 0


def text_vectors(cards: Sequence[Card]) -> dict[Card, dict[str, Vector]]:
    """Weigh the words of all texts: by card, language and stem. For texts without stop words."""
    counts = {
        card: {key: Counter(word[:7] for word in re.findall(r"[a-z]{3,}", text)) for key, text in card.texts.items()}
        for card in cards
    }
    texts: Counter[str] = Counter()
    spread: Counter[tuple[str, str]] = Counter()
    for by_language in counts.values():
        texts.update(by_language.keys())
        spread.update((key, word) for key, tally in by_language.items() for word in tally)
    return {
        card: {key: _vector(key, tally, texts[key], spread) for key, tally in by_language.items()}
        for card, by_language in counts.items()
    }


def _vector(language: str, tally: Counter[str], texts: int, spread: Counter[tuple[str, str]]) -> Vector:
    kept = {word: times for word, times in tally.items() if texts < 50 or spread[language, word] <= texts / 5}
    weights = {
        word: (1 + log(times)) * (log((1 + texts) / (1 + spread[language, word])) + 1) for word, times in kept.items()
    }
    length = sqrt(sum(weight**2 for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items()}


def _cosine(one: dict[str, Vector], other: dict[str, Vector]) -> float:
    return max(
        (sum(weight * other[key].get(word, 0) for word, weight in one[key].items()) for key in one.keys() & other),
        default=0.0,
    )


def _worth(values: dict[Card, float], *, least: float) -> dict[Card, float]:
    rounded = {card: round(value * 10_007) for card, value in values.items()}
    steps = {card: step if step >= least * 10_007 else 0 for card, step in rounded.items()}
    in_order = sorted(steps.values())
    worth = {}
    for card, step in steps.items():
        rank = 1 + len(in_order) - bisect_right(in_order, step)
        worth[card] = 61 / (60 + rank) if step and rank <= 200 else 0.0
    return worth


def _spread(scores: dict[Card, float], top: int) -> list[Ranked]:
    pool = sorted(scores.items(), key=lambda item: (-item[1], item[0].id))[:100]
    taken: Counter[str] = Counter()
    placed = []
    for card, score in pool:
        placed.append(Ranked(card.id, score, score * 0.97 ** taken[region(card)]))
        taken[region(card)] += 1
    return sorted(placed, key=lambda one: -one.placed_by)[:top]
