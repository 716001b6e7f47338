"""Two texts compared word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_MOST = 4_000
"""Words of two texts together beyond which they are compared line by line: the time grows with their product."""


class RunKind(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a text that stayed, went or came. Those that stayed or went are the old text, the others the new."""

    kind: RunKind
    text: str


def compare_texts(before: str, after: str) -> list[Run]:
    """Return what became of a text, word by word; between two changes a lone blank is not told as what stayed."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > _MOST:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return list(_runs(old, new))


def _runs(old: list[str], new: list[str]) -> Iterator[Run]:
    gone, come = "", ""
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        same = "".join(old[i:j]) if kind == "equal" else ""
        if same and (same.strip() or not (gone or come) or j == len(old)):
            yield from _changed(gone, come)
            gone, come = "", ""
            yield Run(RunKind.SAME, same)
        else:
            gone += "".join(old[i:j])
            come += "".join(new[k:m])
    yield from _changed(gone, come)


def _changed(gone: str, come: str) -> Iterator[Run]:
    if gone:
        yield Run(RunKind.REMOVED, gone)
    if come:
        yield Run(RunKind.ADDED, come)
