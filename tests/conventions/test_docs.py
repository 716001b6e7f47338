"""What the documentation lists is what there is."""

import re
from pathlib import Path

from states.machine_catalogue import MACHINES
from states.machines.drawing import chapter, diagram
from states.playbooks.guards import GUARDS
from states.playbooks.reader import parse

ROOT = Path(__file__).parents[2]


def test_every_guard_is_described() -> None:
    text = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| `(\w+)` \|.*\|.*\|$", text.partition("## Guards")[2], flags=re.MULTILINE)
    assert sorted(described) == sorted(GUARDS)


def test_the_readme_shows_the_lifecycle_as_it_is() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    drawn = text.partition("```mermaid\n")[2].partition("```")[0]
    playbook = parse((ROOT / "states/playbooks/s3.yaml").read_text(encoding="utf-8"))
    assert drawn == diagram(playbook.machine())


def test_the_states_of_everything_are_drawn_as_they_are() -> None:
    text = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")
    drawn = text[text.index("\n## ") + 1 :]
    assert drawn == "\n".join(chapter(machine) for machine in MACHINES.values())
