"""How much two free texts of one language have in common: words weighted by how rare they are, cosine 0 to 1."""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import log
from typing import TYPE_CHECKING

import numpy as np
import yaml

from states.matchmaking.suggestions.cards import Card
from states.matchmaking.suggestions.lookups import Steps, in_steps

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Texts inflect; a word's first letters stand for all its forms in every one of the languages.
STEM_LETTERS = 7
# In a pool of this many texts or more, a word found in more than this share of them tells nothing.
POOL_FOR_SHARE = 50
LARGEST_SHARE = 0.2

_WORD = re.compile(r"[^\W\d_]{3,}")
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Shared:
    """A word of two texts, as one of them writes it, and its part of their similarity."""

    word: str
    language: str
    part: float


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The texts of one language: the words, and for each card (row, by id) their weights; none without a text."""

    language: str
    rows: dict[str, int]
    words: tuple[str, ...]
    weights: "csr_array"


def lexicons(cards: Sequence[Card]) -> tuple[Lexicon, ...]:
    """Weigh the words of all texts, language by language, in alphabetical order."""
    languages = sorted({language for card in cards for language in card.texts})
    rows = {card.id: row for row, card in enumerate(cards)}
    return tuple(_lexicon(language, rows, [card.texts.get(language, "") for card in cards]) for language in languages)


def similarity(found: Sequence[Lexicon], some: Sequence[Card], others: Sequence[Card]) -> Steps:
    """Give the cosine of some cards' texts (rows) and others' (columns), in steps; of several languages the largest."""
    result = np.zeros((len(some), len(others)), np.int16)
    for lexicon in found:
        mine, theirs = (lexicon.weights[[lexicon.rows[card.id] for card in cards]] for cards in (some, others))
        left, right = (np.flatnonzero(np.diff(weights.indptr)) for weights in (mine, theirs))
        across = theirs[right].T.tocsr()
        for start in range(0, len(left), _BLOCK):
            block = left[start : start + _BLOCK]
            cosine = in_steps((mine[block] @ across).toarray())
            place = np.ix_(block, right)
            result[place] = np.maximum(result[place], cosine)
    return result


def shared_words(found: Sequence[Lexicon], one: Card, other: Card) -> tuple[Shared, ...]:
    """Give the words that two texts share, the weightiest first, in the language where they have most in common."""
    by_language = [_shared(lexicon, one, other) for lexicon in found]
    return max(by_language, key=lambda words: sum(word.part for word in words), default=())


@cache
def _stop_words() -> dict[str, frozenset[str]]:
    text = files("states.matchmaking.suggestions").joinpath("stop_words.yaml").read_text(encoding="utf-8")
    return {language: frozenset(words.split()) for language, words in yaml.safe_load(text).items()}


class _Numbers(dict[str, int]):
    """The column of each word: its stem's, made when first seen; column 0 is for words that say nothing."""

    def __init__(self, stop_words: frozenset[str]) -> None:
        super().__init__(dict.fromkeys(stop_words, 0))
        self.words = [""]
        self._stems: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        number = self[word] = self._stems.setdefault(word[:STEM_LETTERS], len(self.words))
        if number == len(self.words):
            self.words.append(word)
        return number


def _lexicon(language: str, rows: dict[str, int], texts: Sequence[str]) -> Lexicon:
    from scipy.sparse import csr_array  # slow to load, and every route and command would wait for it

    numbers = _Numbers(_stop_words().get(language, frozenset()))
    columns, ends = array("i"), array("i", [0])
    for text in texts:
        columns.extend(map(numbers.__getitem__, _WORD.findall(text.casefold())))
        ends.append(len(columns))
    shape = (len(texts), len(numbers.words))
    tallies = csr_array((np.ones(len(columns), np.float32), np.array(columns), np.array(ends)), shape=shape)
    tallies.sum_duplicates()
    return Lexicon(language, rows, tuple(numbers.words), _weighed(tallies, sum(map(bool, texts))))


def _weighed(tallies: "csr_array", texts: int) -> "csr_array":
    """Weigh counts by 1 + ln(count) and ln((1 + texts) / (1 + texts with the word)) + 1, each row of length one."""
    spread = np.bincount(tallies.indices, minlength=tallies.shape[1])
    rarity = log(1 + texts) - np.log(1 + spread) + 1
    if texts >= POOL_FOR_SHARE:
        rarity[spread > LARGEST_SHARE * texts] = 0
    rarity[0] = 0
    weights = tallies.copy()
    weights.data = ((1 + np.log(tallies.data)) * rarity[tallies.indices]).astype(np.float32)
    weights.eliminate_zeros()
    lengths = np.sqrt((weights * weights).sum(axis=1))
    rows = np.repeat(np.arange(len(lengths)), np.diff(weights.indptr))
    weights.data /= lengths[rows]
    return weights


def _shared(lexicon: Lexicon, one: Card, other: Card) -> tuple[Shared, ...]:
    rows = [lexicon.weights[[lexicon.rows[card.id]]] for card in (one, other)]
    left, right = (dict(zip(row.indices, row.data, strict=True)) for row in rows)
    parts = [
        Shared(lexicon.words[word], lexicon.language, float(left[word] * right[word])) for word in left.keys() & right
    ]
    return tuple(sorted(parts, key=lambda shared: (-shared.part, shared.word)))
