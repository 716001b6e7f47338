"""What the documentation lists is what there is."""

import re
from pathlib import Path

from states.lifecycle.guards import GUARDS

ROOT = Path(__file__).parents[2]


def test_every_guard_is_described() -> None:
    text = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| `(\w+)` \|.*\|.*\|$", text.partition("## Guards")[2], flags=re.MULTILINE)
    assert sorted(described) == sorted(GUARDS)
