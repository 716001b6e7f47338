"""What somebody looks for: words, phrases in quotation marks, words that must not be there; and how texts are read.

Every word must be there, in any spelling that folds alike (case, accents, Greek and Cyrillic letters). The last word
may be only begun, and so may one that ends with `*`; a phrase and what is excluded are meant as they stand. Nothing but
letters and digits is left of a query: no character can mean anything to the database.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from states.errors import Fault, Invalid
from states.places.name_folding import fold, spelt_out

LONGEST = 200
_MOST_WORDS = 20
_SHORTEST = 2
_PART = re.compile(r'(?P<out>-?)"(?P<phrase>[^"]*)"?|(?P<word>\S+)')


class SearchInvalid(Invalid):
    """Nothing can be looked for by this text."""

    code = "search_invalid"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand one after another; the last of them may be only begun if it is `open`."""

    words: tuple[str, ...]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """All that must be found, and nothing of what is excluded."""

    wanted: tuple[Phrase, ...]
    excluded: tuple[Phrase, ...] = ()


def read_words(text: str, *, field: str = "q") -> Words:
    """Return what a text asks for, or raise `SearchInvalid` with the field that it came by."""
    parts = list(_parts(text[: LONGEST + 1]))
    wanted = [phrase for phrase, out, _ in parts if not out]
    excluded = [phrase for phrase, out, _ in parts if out]
    if len(text) > LONGEST or sum(len(phrase.words) for phrase, *_ in parts) > _MOST_WORDS:
        fault = Fault(field, "too_long", remedy="give_fewer_words", most=LONGEST, words=_MOST_WORDS)
        raise SearchInvalid(faults=[fault])
    if not any(len("".join(phrase.words)) >= _SHORTEST for phrase in wanted):
        fault = Fault(field, "nothing_to_look_for", remedy="give_longer_word", least=_SHORTEST)
        raise SearchInvalid(faults=[fault])
    if parts and parts[-1][2] and not parts[-1][1]:
        wanted[-1] = Phrase(wanted[-1].words, open=True)
    return Words(tuple(wanted), tuple(excluded))


def are_in(words: Words, text: str) -> bool:
    """Tell whether a text holds all that is wanted, and nothing of what is excluded, as the index would."""
    padded = f" {folded(text)} "
    return all(_stands_in(one, padded) for one in words.wanted) and not any(
        _stands_in(one, padded) for one in words.excluded
    )


def _stands_in(phrase: Phrase, padded: str) -> bool:
    return f" {' '.join(phrase.words)}{'' if phrase.open else ' '}" in padded


def _parts(text: str) -> Iterator[tuple[Phrase, bool, bool]]:
    """Yield each phrase, whether it is excluded, and whether it stands without quotation marks."""
    for found in _PART.finditer(text):
        written = found["word"]
        bare = written is not None
        out = written.startswith("-") if bare else bool(found["out"])
        words = tuple(fold(written if bare else found["phrase"]).split())
        if words:
            yield Phrase(words, open=bare and not out and written.endswith("*")), out, bare


def folded(*texts: str) -> str:
    """Return texts as the index keeps them: folded words, those with umlauts in both of their spellings."""
    kept = []
    for text in texts:
        plain = fold(text)
        kept.append(plain)
        if (other := fold(spelt_out(text))) != plain:
            known = set(plain.split())
            kept += [word for word in other.split() if word not in known]
    return " ".join(filter(None, kept))
