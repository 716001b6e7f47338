"""What the documentation lists is what there is."""

import re
from pathlib import Path

import pytest

from api.commands.settings import page
from states.machine_catalogue import MACHINES
from states.machines.drawing import chapter, diagram
from states.playbooks.guards import GUARDS
from states.playbooks.reader import parse

ROOT = Path(__file__).parents[2]


def test_every_guard_is_described() -> None:
    text = (ROOT / "docs" / "reference" / "playbooks.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| `(\w+)` \|.*\|.*\|$", text.partition("## Guards")[2], flags=re.MULTILINE)
    assert sorted(described) == sorted(GUARDS)


def test_the_lifecycle_is_drawn_as_it_is() -> None:
    text = (ROOT / "docs" / "reference" / "lifecycle.md").read_text(encoding="utf-8")
    drawn = text.partition("```mermaid\n")[2].partition("```")[0]
    playbook = parse((ROOT / "states/playbooks/s3.yaml").read_text(encoding="utf-8"))
    assert drawn == diagram(playbook.machine())


def test_the_states_of_everything_are_drawn_as_they_are() -> None:
    text = (ROOT / "docs" / "reference" / "states.md").read_text(encoding="utf-8")
    drawn = text[text.index("\n## ") + 1 :]
    assert drawn == "\n".join(chapter(machine) for machine in MACHINES.values())


def test_the_settings_are_described_as_they_are() -> None:
    assert (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8") == page()


def test_the_readme_is_one_screen() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 60


def test_every_page_stands_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {
        str(file.relative_to(ROOT / "docs")) for file in (ROOT / "docs").rglob("*") if file.suffix in {".md", ".json"}
    }
    assert set(re.findall(r"\]\(([\w./-]+)\)", index)) == pages - {"README.md"}


PAGES = sorted(file for file in ROOT.rglob("*.md") if ".venv" not in file.parts)


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_somewhere(file: Path) -> None:
    links = re.findall(r"\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]+))?\)", file.read_text(encoding="utf-8"))
    for path, place in links:
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), path
        if place:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
            assert place in anchors, f"{path}#{place}"
