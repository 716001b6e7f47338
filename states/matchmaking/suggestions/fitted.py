"""Suggestions for a whole pool, computed once and kept until one of its cards changes."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from threading import Lock

from states.matchmaking.suggestions.cards import Card
from states.matchmaking.suggestions.gains import Minimums
from states.matchmaking.suggestions.suggest import Suggestions, suggest

# So many are kept for each card: beyond them nobody looks.
MOST = 50

# Pools that are kept in this process, the least used one goes first: of a partnership, of an event, or of another one.
_KEPT = 3

_lock = Lock()
_fitted: OrderedDict[str, tuple[Sequence[Card], Suggestions]] = OrderedDict()


def fitted(pool: str, cards: Sequence[Card], *, on: date, instruments: Sequence[Minimums] = ()) -> Suggestions:
    """Return what `suggest` finds for these cards; computed anew only where a card or the day is not as it was.

    `pool` names what the cards are of, in any words. The cards themselves are compared, so that nothing can be out of
    date. Of several that ask at once, one computes and the others wait for it.
    """
    with _lock:
        known = _fitted.get(pool)
        if known is None or known[1].on != on or known[0] != cards:
            known = cards, suggest(cards, on=on, top=MOST)
        _fitted[pool] = known
        _fitted.move_to_end(pool)
        while len(_fitted) > _KEPT:
            _fitted.popitem(last=False)
    return replace(known[1], instruments=tuple(instruments))
