"""How large a measurement is: BENCH_SIZE=0.02 shows within minutes that one begins, and ends by itself."""

import os


def sized(full: int, *, least: int = 1) -> int:
    """Return so many, or the part of them that BENCH_SIZE says."""
    return max(least, round(full * float(os.environ.get("BENCH_SIZE", "1"))))
