"""Items that each need a place in one of their bins: how many get none, and which of them are to blame together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortage:
    """Items that share too few bins (Hall's condition), and the fewest of them without which all have a place."""

    items: tuple[int, ...]
    bins: tuple[int, ...]
    left: tuple[int, ...]


def shortage(bins_of: Mapping[int, Sequence[int]], room: Mapping[int, int]) -> Shortage | None:
    """Return the items and bins where room is lacking; nothing if all items can be placed.

    Items are placed in their order, so that the last ones are left.
    """
    held: dict[int, list[int]] = {one: [] for one in room}
    left = [item for item in bins_of if not _place(item, bins_of, room, held)]
    if not left:
        return None
    items, waiting, bins = set(left), list(left), set[int]()
    for item in waiting:  # it grows on the way
        for one in bins_of[item]:
            if one not in bins:
                bins.add(one)
                waiting += [other for other in held[one] if other not in items]
                items.update(held[one])
    return Shortage(tuple(sorted(items)), tuple(sorted(bins)), tuple(left))


def _place(
    item: int, bins_of: Mapping[int, Sequence[int]], room: Mapping[int, int], held: dict[int, list[int]]
) -> bool:
    """Place an item, moving others along the shortest path to a bin with room; tell whether there is one."""
    came: dict[int, tuple[int, int | None]] = {}  # by which item from which bin each bin was reached
    waiting: list[tuple[int, int | None]] = [(item, None)]
    for mover, source in waiting:  # it grows on the way
        for one in bins_of[mover]:
            if one in came:
                continue
            came[one] = mover, source
            if len(held[one]) < room[one]:
                target: int | None = one
                while target is not None:
                    moved, left = came[target]
                    held[target].append(moved)
                    if left is not None:
                        held[left].remove(moved)
                    target = left
                return True
            waiting += [(other, one) for other in held[one]]
    return False
