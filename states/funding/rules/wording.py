"""What a rule says in the language of who reads: English stands in its book, other languages in `locale/`.

`python -m states.funding.rules.wording` brings the .po files in step with the shipped books. A sentence of an office's
own book stays as it was written.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog

from states.funding.rules.definition import MapArea
from states.funding.rules.library import shipped
from states.texts.po_files import PoFiles
from states.texts.text import SOURCE, spoken_language
from states.texts.titles import TRANSLATED

FILES = PoFiles(Path(__file__).parent / "locale", "rules")


def rule_said(sentence: str) -> str:
    """Say a rule's sentence, or the title of a set; as it is written where nobody has translated it."""
    language = spoken_language()
    return _sentences(language).get(sentence, sentence) if language in TRANSLATED and language != SOURCE else sentence


@lru_cache(maxsize=len(TRANSLATED))
def _sentences(language: str) -> dict[str, str]:
    return {str(one.id): str(one.string) for one in FILES.read(language) if one.id and one.string}


def template() -> Catalog:
    """Return the title of every shipped set, and the sentence of every rule of its books."""
    found = Catalog(domain="rules")
    for spec in shipped().sets.values():
        found.add(spec.title, locations=[("sets.yaml", 0)])
    for book, sentence in _shipped():
        found.add(sentence, locations=[(book, 0)])
    return found


def _shipped() -> Iterator[tuple[str, str]]:
    """Yield the sentences of legal acts, each with its book: areas of a map say theirs by figures alone."""
    shelf = shipped()
    for name in shelf.sets:
        joined = shelf.rule_set(name)
        for rule in joined.rules.values():
            if not isinstance(rule, MapArea):
                yield f"{joined.book_of[rule.id].id}.yaml", rule.sentence


if __name__ == "__main__":
    FILES.bring_in_step(TRANSLATED, template())
