"""What a playbook says of evidence: which kinds there are, which are asked for, from whom, when, how old at most."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from states.texts.titles import Named

OTHER = "other"
KINDS: Mapping[str, str] = {
    "letter_of_support": "Letter of support",
    "letter_of_intent": "Letter of intent",
    "offer": "Offer",
    "accounts": "Accounts",
    "certificate": "Certificate",
    "permit": "Permit",
    "cv": "Curriculum vitae",
    "agreement": "Agreement",
    "market_study": "Market study",
    OTHER: "Other",
}
"""The kinds of a playbook that names none."""

_MONTHS = 12


class Source(StrEnum):
    """Who owes a kind: the collaboration as such, its lead, each member, or each region in which members sit."""

    COLLABORATION = "collaboration"
    LEAD = "lead"
    EACH_MEMBER = "each_member"
    EACH_REGION = "each_region"
    A_REGION = "a_region"


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Asked(BaseModel):
    """A kind that is asked for; without an age it does not grow stale."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    from_: Source = Field(default=Source.COLLABORATION, alias="from")
    stage: Annotated[list[str], BeforeValidator(_as_list)] = Field(min_length=1)
    max_days: int | None = Field(default=None, gt=0, le=3_660)
    max_months: int | None = Field(default=None, gt=0, le=120)

    def oldest(self, today: date) -> date | None:
        """Return the first day that a document may bear today; None where every one is good."""
        found = []
        if self.max_days is not None:
            found.append(today - timedelta(days=self.max_days))
        if self.max_months is not None:
            found.append(_months_before(today, self.max_months))
        return max(found, default=None)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * _MONTHS + day.month - 1 - months, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class EvidenceTerms(BaseModel):
    """The kinds of evidence by key, and what is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)], Named] = Field(
        default_factory=lambda: dict(KINDS), min_length=1
    )
    asked: list[Asked] = []
