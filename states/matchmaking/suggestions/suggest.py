"""Who should meet whom: for every offer the requests it answers best, for every request the offers; explained."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from states.errors import Missing
from states.matchmaking.suggestions.cards import Card, Side, need_sound
from states.matchmaking.suggestions.explain import Pick, Suggestion, explained
from states.matchmaking.suggestions.filters import is_valid, region
from states.matchmaking.suggestions.lookups import Matrix, best
from states.matchmaking.suggestions.needs import Minimums
from states.matchmaking.suggestions.view import View, blocks
from states.matchmaking.suggestions.words import Lexicon, lexicons, similarity
from states.places.cohesion import CohesionTable

# A list is spread over regions: of its best POOL cards, each further one from a region stands back by this factor.
POOL = 100
SPREAD = 0.97


class Mode(StrEnum):
    """Whose interest ranks: the card's own, or what both sides see, as their geometric mean."""

    OWN = "own"
    MUTUAL = "mutual"


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The ranked picks of every valid card; `of` explains those of one.

    It keeps what explaining needs: six bytes for each pair of an offer and a request, 150 MB for 5,000 of each.
    """

    mode: Mode
    on: date
    cards: dict[str, Card]
    picks: dict[str, list[Pick]]
    views: dict[Side, View]
    lexicons: tuple[Lexicon, ...]
    instruments: tuple[Minimums, ...]
    own: CohesionTable | None = None

    def of(self, card_id: str, *, start: int = 0, stop: int | None = None) -> tuple[Suggestion, ...]:
        """Give the suggestions for a card, the best first; none for one that is not valid. Raise `Missing`.

        `start` and `stop` cut the list as a slice does: what is not shown need not be explained.
        """
        if card_id not in self.cards:
            raise Missing("card", card_id)
        if card_id not in self.picks:
            return ()
        card = self.cards[card_id]
        other_side = Side.REQUEST if card.side is Side.OFFER else Side.OFFER
        return explained(
            card,
            self.picks[card_id][start:stop],
            self.views[card.side],
            self.views[other_side],
            lexicons=self.lexicons,
            instruments=self.instruments,
            on=self.on,
            own=self.own,
            first=start + 1,
        )


def suggest(
    cards: Sequence[Card],
    *,
    on: date,
    top: int = 20,
    mode: Mode = Mode.MUTUAL,
    instruments: Sequence[Minimums] = (),
    own: CohesionTable | None = None,
) -> Suggestions:
    """Suggest to every valid card the `top` best of the other side that nothing keeps apart from it.

    An offer meets requests only and a request offers only, of other organisations in other NUTS 2 regions. The same
    cards give the same suggestions in whatever order they come; equal scores stand by id. Raises `CardsInvalid`.
    """
    need_sound(cards)
    in_order = sorted((card for card in cards if is_valid(card, on=on)), key=lambda card: card.id)
    offers = [card for card in in_order if card.side is Side.OFFER]
    requests = [card for card in in_order if card.side is Side.REQUEST]
    found = lexicons(in_order)
    picks: dict[str, list[Pick]] = {}
    views: dict[Side, View] = {}
    if offers and requests:
        texts = similarity(found, offers, requests)
        views[Side.OFFER] = View(offers, requests, texts, on=on, own=own)
        views[Side.REQUEST] = View(requests, offers, texts.T, on=on, own=own)
        for scores, view in zip(_scores(views[Side.OFFER], views[Side.REQUEST], mode), views.values(), strict=True):
            picks |= _picks(scores, view, top)
    known = {card.id: card for card in cards}
    return Suggestions(mode, on, known, picks, views, found, tuple(instruments), own)


def _scores(offers: View, requests: View, mode: Mode) -> tuple[Matrix, Matrix]:
    """Give the scores that rank, for offers (rows) and for requests (rows); minus infinity where nothing speaks."""
    offered, heard = offers.all_rows()
    requested, sought = requests.all_rows()
    if mode is Mode.OWN:
        offered[~heard] = -np.inf
        requested[~sought] = -np.inf
        return offered, requested
    for rows in blocks(len(offered)):
        block, back = offered[rows], requested.T[rows]
        barred = np.isneginf(block) | ~(heard[rows] | sought.T[rows])
        offered[rows] = np.where(barred, np.float32(-np.inf), np.sqrt(np.maximum(block, 0) * np.maximum(back, 0)))
    return offered, offered.T


def _picks(scores: Matrix, view: View, top: int) -> dict[str, list[Pick]]:
    codes = {code: number for number, code in enumerate(sorted({region(card) for card in view.others}))}
    regions = np.array([codes[region(card)] for card in view.others])
    picks: dict[str, list[Pick]] = {}
    for rows in blocks(len(view.viewers)):
        for row, found in enumerate(_spread(np.ascontiguousarray(scores[rows]), regions, top), rows.start):
            picks[view.viewers[row].id] = found
    return picks


def _spread(scores: Matrix, regions: NDArray[np.intp], top: int) -> list[list[Pick]]:
    """Give the picks of each row, in order."""
    found = best(scores, POOL, above=-np.inf)
    within = found.place < POOL
    row, column, place = found.row[within], found.column[within], found.place[within]
    score, home = scores[row, column], regions[column]
    by_region = np.lexsort((place, home, row))
    fresh = np.ones(len(row), np.bool_)
    fresh[1:] = (np.diff(row[by_region]) != 0) | (np.diff(home[by_region]) != 0)
    count = np.arange(len(row))
    nth = np.empty_like(count)
    nth[by_region] = count - np.maximum.accumulate(np.where(fresh, count, 0))
    factor = SPREAD**nth
    order = np.lexsort((place, -score * factor, row))
    row, column, score, factor = row[order], column[order], score[order], factor[order]
    starts = np.searchsorted(row, np.arange(len(scores) + 1))
    return [
        list(zip(*(part[start : min(end, start + top)].tolist() for part in (column, score, factor)), strict=True))
        for start, end in pairwise(starts)
    ]


# So many are kept for each card: beyond them nobody looks.
MOST = 50

# Pools that are kept in this process, the least used one goes first: of a partnership, of an event, or of another one.
_KEPT = 3

_lock = Lock()
_fitted: OrderedDict[str, tuple[Sequence[Card], Suggestions]] = OrderedDict()


def fitted(
    pool: str,
    cards: Sequence[Card],
    *,
    on: date,
    instruments: Sequence[Minimums] = (),
    own: CohesionTable | None = None,
) -> Suggestions:
    """Return what `suggest` finds for these cards; anew only where a card, the day or the `own` table is not as it was.

    `pool` names what the cards are of, in any words. The cards themselves are compared, so that nothing can be out of
    date. Of several that ask at once, one computes and the others wait for it.
    """
    with _lock:
        known = _fitted.get(pool)
        if known is None or known[1].on != on or known[1].own != own or known[0] != cards:
            known = cards, suggest(cards, on=on, top=MOST, own=own)
        _fitted[pool] = known
        _fitted.move_to_end(pool)
        while len(_fitted) > _KEPT:
            _fitted.popitem(last=False)
    return replace(known[1], instruments=tuple(instruments))
