"""What an order of meetings leaves of their slots: circles in it, and meetings that it leaves none."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from math import inf

Pair = tuple[int, int]  # the earlier meeting and the later
Domains = Sequence[Sequence[int]]


def circle(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs of one circle, if there is any."""
    sorter = TopologicalSorter[int]()
    for before, after in pairs:
        sorter.add(after, before)
    try:
        sorter.prepare()
    except CycleError as error:
        around: list[int] = error.args[1]
        return list(pairwise(around))
    return []


def windows(domains: Domains, pairs: Sequence[Pair]) -> list[tuple[int, ...]]:
    """Return the slots that the order leaves each meeting; there must be no circle in it."""
    before: dict[int, list[int]] = {}
    after: dict[int, list[int]] = {}
    sorter = TopologicalSorter[int]()
    for one, other in pairs:
        sorter.add(other, one)
        before.setdefault(other, []).append(one)
        after.setdefault(one, []).append(other)
    left = [tuple(domain) for domain in domains]
    ordered = list(sorter.static_order())
    for number in ordered:
        first = max((min(left[one], default=0) for one in before.get(number, ())), default=-1)
        left[number] = tuple(slot for slot in left[number] if slot > first)
    for number in reversed(ordered):
        last = min((max(left[one], default=inf) for one in after.get(number, ())), default=inf)
        left[number] = tuple(slot for slot in left[number] if slot < last)
    return left
