"""The SHA-256 of what somebody answered in a round: its receipt names it, and whoever reads the answer compares."""

import json
from datetime import date
from decimal import Decimal
from hashlib import sha256

from states.review.positions import Stance
from states.review.tables import Evaluation, Position


def evaluation_sha256(row: Evaluation) -> str:
    """Return that of number, reason, scores and comments as canonical JSON."""
    return _digest(row.model_dump(include={"number", "reason", "scores", "comments"}))


def position_sha256(row: Position) -> str:
    """Return that of all that a region says as canonical JSON: EUR and percent with two places, days as 2026-12-31."""
    return _digest(row.model_dump(include=set(Stance.__slots__)))


def _digest(said: dict[str, object]) -> str:
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return sha256(canonical.encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else str(value)
