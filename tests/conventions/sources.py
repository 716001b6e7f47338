"""The repository's own files, as the convention checks read them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
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


@cache
def text_files() -> tuple[Source, ...]:
    """Return every text file of ours; what git ignores and what is not UTF-8 is left out."""
    return tuple(source for path in sorted(_paths(ROOT)) if (source := _read(path)) is not None)


def _paths(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in NOT_OURS or path.name.endswith((".egg-info", "_cache")):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _paths(path)
        elif path.is_file():
            yield path


def _read(path: Path) -> Source | None:
    try:
        return Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return None


def python_files() -> Iterator[Source]:
    """Yield every Python file of ours, anew: its tree is gone when nobody looks at it any more."""
    return (Source(source.path, source.text) for source in text_files() if source.path.endswith(".py"))
