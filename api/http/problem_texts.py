"""What the code of a problem means, at the address that each problem names as its type."""

import inspect
from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from api.http.problems import OF_THE_EDGE, refusals
from states.errors import BankableError, Missing

router = APIRouter(tags=["problems"])


@router.get("/problems/{code}", response_class=PlainTextResponse, responses=refusals(404, 422))
def get_problem_text(code: str) -> str:
    """Read in a sentence or two what the code of a problem means."""
    try:
        return f"{code}\n\n{meanings()[code]}\n"
    except KeyError:
        raise Missing("problem", code) from None


def meanings() -> dict[str, str]:
    """Return what every code means: the docstrings of the domain's errors, and what only this edge knows."""
    return OF_THE_EDGE | {kind.code: inspect.cleandoc(kind.__doc__ or "") for kind in kinds(BankableError)}


def kinds(kind: type[BankableError]) -> Iterator[type[BankableError]]:
    """Yield a class of errors and all below it that are imported."""
    yield kind
    for narrower in kind.__subclasses__():
        yield from kinds(narrower)
