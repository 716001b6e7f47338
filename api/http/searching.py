"""The parameter `q`: what somebody looks for, as words; a text that asks for nothing is refused by its name."""

from typing import Annotated

from fastapi import Depends, Query

from states.search.words import LONGEST, Words, read_words

_TEXT = Annotated[
    str,
    Query(
        max_length=LONGEST,
        description="words that must all be there, the last one perhaps only begun, in any case and accents; a"
        ' "phrase in quotation marks"; -word for what must not be there. Found is what you may read.',
    ),
]


def _wanted(q: _TEXT) -> Words:
    return read_words(q, field="query.q")


def _narrowing(q: _TEXT | None = None) -> Words | None:
    return None if q is None else read_words(q, field="query.q")


Wanted = Annotated[Words, Depends(_wanted)]
Narrowing = Annotated[Words | None, Depends(_narrowing)]
