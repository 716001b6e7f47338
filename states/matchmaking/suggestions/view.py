"""What every card of one side sees in every card of the other: relevance by fused ranks, and the other terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from states.matchmaking.suggestions.cards import Card
from states.matchmaking.suggestions.filters import Permitted
from states.matchmaking.suggestions.lookups import (
    STEPS,
    Lookup,
    Mask,
    Matrix,
    Named,
    Steps,
    Trait,
    coverages,
    reciprocal,
)
from states.matchmaking.suggestions.match_terms import WEIGHTS, TermName, rules
from states.places.cohesion import CohesionTable

# The parts of the two lists in relevance. Where two cards have no language in common, the text's part is taken from
# the taxonomy at half its worth: nothing is known against the pair, and nothing for it.
TOPIC_PART = 0.6
TEXT_PART = 0.4
ACROSS_LANGUAGES = 0.5
# Less than this in common is chance.
LEAST_COVERAGE = 0.1
LEAST_SIMILARITY = 0.05

_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Relevance:
    """A block of rows: who is permitted, the worth of the ranks by taxonomy and by text, and both fused (0 to 1)."""

    permitted: Mask
    topic: Matrix
    text: Matrix
    fused: Matrix


class View:
    """The scores of one side's cards (rows) for the other side's (columns), valid cards only.

    `texts` holds the similarity of their texts in steps, shape (viewers, others).
    """

    def __init__(
        self,
        viewers: Sequence[Card],
        others: Sequence[Card],
        texts: Steps,
        *,
        on: date,
        own: CohesionTable | None = None,
    ) -> None:
        self.viewers, self.others = viewers, others
        self._texts = texts
        self._permitted = Permitted(viewers, others)
        self._coverage = coverages(viewers, others)
        self._comparable = Lookup(_COMMON_LANGUAGE, viewers, others)
        self._terms = [Lookup(rule.trait, viewers, others, weight=WEIGHTS[rule.name]) for rule in rules(on, own)]
        self._met = Named(lambda card: card.met, viewers, others)

    def relevance(self, rows: slice) -> Relevance:
        """Rank the permitted cards by taxonomy and by text, row by row, and fuse what the ranks are worth."""
        permitted = self._permitted.rows(rows)
        topic = reciprocal(_counting(self._coverage[rows], LEAST_COVERAGE, permitted))
        text = reciprocal(_counting(self._texts[rows], LEAST_SIMILARITY, permitted))
        fused = np.where(self._comparable.rows(rows) > 0, text, np.float32(ACROSS_LANGUAGES) * topic)
        fused *= np.float32(TEXT_PART)
        fused += np.float32(TOPIC_PART) * topic
        return Relevance(permitted, topic, text, fused)

    def rows(self, rows: slice) -> tuple[Matrix, Mask]:
        """Give the scores of a block, minus infinity for pairs that are barred, and which pairs are relevant at all."""
        relevance = self.relevance(rows)
        scores = np.float32(WEIGHTS[TermName.RELEVANCE]) * relevance.fused
        scores += np.float32(WEIGHTS[TermName.COVERAGE] / STEPS) * self._coverage[rows]
        for lookup in self._terms:
            scores += lookup.rows(rows)
        scores[self._met.rows(rows, len(self.others))] += np.float32(WEIGHTS[TermName.MET])
        np.maximum(scores, 0, out=scores)
        scores[~relevance.permitted] = -np.inf
        return scores, relevance.fused > 0

    def all_rows(self) -> tuple[Matrix, Mask]:
        """Give scores and relevance of all pairs, shape (viewers, others)."""
        shape = (len(self.viewers), len(self.others))
        scores, relevant = np.empty(shape, np.float32), np.empty(shape, np.bool_)
        for rows in blocks(len(self.viewers)):
            scores[rows], relevant[rows] = self.rows(rows)
        return scores, relevant


def blocks(count: int) -> list[slice]:
    """Cut rows into blocks that fit a processor's cache."""
    return [slice(start, min(start + _BLOCK, count)) for start in range(0, count, _BLOCK)]


def _counting(values: Steps, least: float, permitted: Mask) -> Steps:
    return np.where(permitted & (values >= least * STEPS), values, np.int16(0))


def _text_languages(card: Card) -> frozenset[str]:
    return frozenset(language for language, text in card.texts.items() if text)


_COMMON_LANGUAGE = Trait(
    lambda one, other: float(not _text_languages(one).isdisjoint(_text_languages(other))),
    _text_languages,
    _text_languages,
)
