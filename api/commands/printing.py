"""How commands print what has no line of its own: as one JSON object."""

import json
from collections.abc import Mapping


def as_json(values: Mapping[str, object]) -> str:
    """Return values as JSON; dates as ISO 8601."""
    return json.dumps(values, ensure_ascii=False, indent=2, default=str)
