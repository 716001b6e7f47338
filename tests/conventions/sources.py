"""The repository's own files, as the convention checks read them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_OURS = {".git", ".venv", "var", "build", "__pycache__", ".hypothesis"}


@dataclass(frozen=True)
class Source:
    """One text file: its path from the root, with forward slashes, and what it says."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of a Python file."""
        return ast.parse(self.text, self.path)

    def within(self, *folders: str) -> bool:
        """Say whether the file lies in one of the folders, or is one of the files, named."""
        return any(self.path == name or self.path.startswith(f"{name}/") for name in folders)


def text_files() -> Iterator[Source]:
    """Yield every text file of ours; what git ignores and what is not UTF-8 is left out."""
    for path in sorted(ROOT.rglob("*")):
        relative = path.relative_to(ROOT)
        foreign = any(part in NOT_OURS or part.endswith((".egg-info", "_cache")) for part in relative.parts)
        if foreign or not path.is_file():
            continue
        try:
            yield Source(relative.as_posix(), path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue


def python_files() -> Iterator[Source]:
    """Yield every Python file of ours."""
    return (source for source in text_files() if source.path.endswith(".py"))
