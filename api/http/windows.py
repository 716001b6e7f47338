"""Counts of what each of many did a short while ago."""

from collections import OrderedDict, deque
from time import monotonic

MINUTE = 60.0
MOST_KEYS = 10_000


class Window:
    """When each of many was counted in the last `seconds`; of too many the one counted longest ago is forgotten."""

    def __init__(self, seconds: float = MINUTE) -> None:
        self._seconds = seconds
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str, most: int) -> float:
        """Return how many seconds `key` must wait: none where it was counted less than `most` times (0: no limit)."""
        times, since = self._times.get(key), monotonic() - self._seconds
        while times and times[0] <= since:
            times.popleft()
        return times[-most] - since if times and 0 < most <= len(times) else 0.0

    def count(self, key: str) -> None:
        """Count `key` once."""
        self._times.setdefault(key, deque(maxlen=1_000)).append(monotonic())
        self._times.move_to_end(key)
        if len(self._times) > MOST_KEYS:
            self._times.popitem(last=False)
