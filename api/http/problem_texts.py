"""What the code of a problem means, at the address that each problem names as its type; and every sentence by code."""

import inspect
from collections.abc import Iterator
from dataclasses import asdict
from string import Formatter

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from api.http.problems import OF_THE_EDGE, refusals
from states.errors import BankableError, Invalid, Missing
from states.texts.catalogue import LANGUAGES, entries

router = APIRouter(tags=["problems"])


class LanguageUnknown(Invalid):
    """There is no catalogue in this language."""

    code = "language_unknown"


class SentenceOut(BaseModel):
    """A sentence or word as a catalogue has it: one form, or one for each plural of the language by `count`.

    What it speaks of stands in braces, with how it is written behind a colon: `{amount:eur}`, `{roles:role|or}`.
    """

    kind: str
    code: str
    forms: list[str]
    parameters: list[str]
    language: str


@router.get("/problems", responses=refusals(422))
def get_sentences(language: str = "en") -> list[SentenceOut]:
    """Read every sentence that problems are made of, by its kind and code, in English where need be."""
    if language not in LANGUAGES:
        raise LanguageUnknown(
            "language_not_offered", field="query.language", remedy="one_of", language=language, known=LANGUAGES
        )
    return [
        SentenceOut(**asdict(one), parameters=sorted({name for form in one.forms for name in _speaks_of(form)}))
        for one in entries(language)
    ]


@router.get("/problems/{code}", response_class=PlainTextResponse, responses=refusals(404, 422))
def get_problem_text(code: str) -> str:
    """Read what the code of a problem or of a reason means, in a sentence or two."""
    try:
        return f"{code}\n\n{meanings()[code]}\n"
    except KeyError:
        raise Missing("problem", code) from None


def meanings() -> dict[str, str]:
    """Return what every code means: a problem by its class or the catalogue, a reason by its sentence."""
    written = {(one.kind, one.code): one.forms[-1] for one in entries()}
    reasons = {code: form for (kind, code), form in written.items() if kind == "refusal"}
    edge = {code: written["problem", code] for code in OF_THE_EDGE}
    return reasons | edge | {kind.code: inspect.cleandoc(kind.__doc__ or "") for kind in kinds(BankableError)}


def problem_codes() -> set[str]:
    """Return the codes that a problem may have, without those of single reasons."""
    return {*OF_THE_EDGE, *(kind.code for kind in kinds(BankableError))}


def kinds(kind: type[BankableError]) -> Iterator[type[BankableError]]:
    """Yield a class of errors and all below it that are imported."""
    yield kind
    for narrower in kind.__subclasses__():
        yield from kinds(narrower)


def _speaks_of(form: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(form) if name}
