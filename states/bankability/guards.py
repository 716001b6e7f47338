"""The guard on how near a case is to what a bank asks for."""

from typing import Annotated

from pydantic import Field

from states.bankability.meter import Meter
from states.errors import Refusal

_TOLD = 5


def bankability_at_least(meter: Meter, *, score: Annotated[int, Field(ge=0, le=100)]) -> Refusal | None:
    """The meter shows at least so many of its 100 points."""
    if meter.score >= score:
        return None
    missing = meter.missing[:_TOLD]
    return Refusal(
        "not_bankable_enough",
        score=meter.score,
        least=score,
        mend_by=tuple(dict.fromkeys(role for one in missing for role in one.mend_by)),
        where="bankability",
        missing=tuple(one.text for one in missing),
    )
