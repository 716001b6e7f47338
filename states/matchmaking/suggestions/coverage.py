"""How far one card's keywords meet another's: the share of what the viewer states that the other one covers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from states.matchmaking.suggestions.cards import Card
from states.matchmaking.suggestions.lookups import Steps, in_steps
from states.matchmaking.suggestions.taxonomy import taxonomy

_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Covered:
    """A keyword that was stated, the nearest one of the others (none if nothing is near), credit 0-1, and weight.

    The weights add up to one; credit times weight is the keyword's part of the coverage.
    """

    keyword: str
    by: str | None
    credit: float
    weight: float


def covered(stated: frozenset[str], by_others: frozenset[str]) -> tuple[Covered, ...]:
    """Say for each keyword that was stated how far others meet it, the weightiest part first."""
    tree = taxonomy()
    total = _total(stated)
    found = []
    for keyword in stated:
        credit, by = max(((tree.credits[keyword, code], code) for code in by_others), default=(0.0, ""))
        found.append(Covered(keyword, by if credit else None, credit, tree.weight(keyword) / total))
    return tuple(sorted(found, key=lambda one: (-one.credit * one.weight, one.keyword)))


def coverage(stated: frozenset[str], by_others: frozenset[str]) -> float:
    """Give the share of the keywords stated that others cover, 0 to 1; 0 where nothing was stated."""
    return sum(one.credit * one.weight for one in covered(stated, by_others))


def coverages(viewers: Sequence[Card], others: Sequence[Card]) -> Steps:
    tree = taxonomy()
    number = {code: place for place, code in enumerate(tree.nodes)}
    credit = np.array(list(tree.credits.values()), np.float32).reshape(len(number), len(number))
    stated = np.zeros((len(viewers), len(number)), np.float32)
    for row, card in enumerate(viewers):
        for code in card.keywords:
            stated[row, number[code]] = tree.weight(code) / _total(card.keywords)
    met = np.zeros((len(others), len(number)), np.float32)
    for row, card in enumerate(others):
        if card.keywords:
            met[row] = credit[:, [number[code] for code in card.keywords]].max(axis=1)
    found = np.empty((len(viewers), len(others)), np.int16)
    for start in range(0, len(viewers), _BLOCK):
        found[start : start + _BLOCK] = in_steps(stated[start : start + _BLOCK] @ met.T)
    return found


def _total(keywords: frozenset[str]) -> float:
    return sum(taxonomy().weight(code) for code in sorted(keywords))  # sorted: a sum's last bit hangs on its order
