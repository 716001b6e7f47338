"""The changelog says of every name that others may build on what became of it."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT
from tests.releases.fixture import kept_surface, releases
from tests.releases.surface import surface

TEXT = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `(?P<old>[^`|]+)` \| (?:`(?P<new>[^`|]+)`|(?P<gone>removed: [^`|]+)) \|$", re.MULTILINE)


def _renamed() -> dict[str, str]:
    """Return the changelog's rows: old name -> new name, or "" for what was removed; paths without their names."""
    return {_plain(row["old"]): _plain(row["new"] or "") for row in _ROW.finditer(TEXT)}


def _plain(name: str) -> str:
    return re.sub(r"{.*?}", "{}", name)


def _follow(name: str, renamed: dict[str, str]) -> str:
    """Return what a name is called now: its own row counts, else that of the longest name of which it is a part.

    A row of a parameter alone, `?name`, is for all routes.
    """
    ways = [old for old in renamed if name == old or name.startswith((f"{old} ", f"{old}."))]
    longest = max(ways, key=len, default="")
    if longest == name or (longest and not renamed[longest]):
        return renamed[longest]
    whole = renamed.get(longest, "") + name.removeprefix(longest)
    route, mark, parameter = whole.partition(" ?")
    return f"{route} {renamed.get(f'?{parameter}', f'?{parameter}')}" if mark else whole


@pytest.mark.long
@pytest.mark.parametrize("release", releases(), ids=lambda release: release.name)
def test_what_others_build_on_is_there_or_listed(release: Path) -> None:
    today, renamed = surface(), _renamed()
    followed = {name: _follow(name, renamed) for name in kept_surface(release) - today}

    assert {old: new for old, new in followed.items() if new and new not in today} == {}
    assert set(renamed) & today == set()


def test_every_line_of_a_table_is_read() -> None:
    lines = [line for line in TEXT.splitlines() if line.startswith("| `")]

    assert len(_ROW.findall(TEXT)) == len(lines) > 0


def test_the_versions_have_their_sections() -> None:
    """The one that is worked on comes first, as what is not released yet; then each that was, the newest first."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    worked_on, _, development = version.partition(".dev")
    sections = re.findall(r"^## \[(\S+)\](?:: (\S+))?$", TEXT, re.MULTILINE)

    released = [(release.name, "") for release in reversed(releases())]
    assert sections == ([("Unreleased", worked_on), *released] if development else released)
    assert development or worked_on == releases()[-1].name
