"""What a playbook may say of the time after the money: how often partners report, and who agrees to changes."""

from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from states.implementation.tables import KindOfChange


class Approver(StrEnum):
    """`office`: who manages the partnership; `funders`: of each agreement that is signed."""

    OFFICE = "office"
    FUNDERS = "funders"


class ProgressTerms(BaseModel):
    """How often each partner reports, and within how many working days what follows is done."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    months: int = Field(default=12, ge=1, le=36, description="length of a period")
    due: int = Field(default=30, gt=0, le=250, description="to hand it in, since the period ended")
    answer: int = Field(default=10, gt=0, le=250, description="to answer a question, since it was returned")
    check: int = Field(default=15, gt=0, le=250, description="to accept or return it, since it was handed in")


class ChangeRule(BaseModel):
    """Who agrees to changes of a kind; a shift of the budget only above a share of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: KindOfChange
    above: Decimal = Field(default=Decimal(0), ge=0, le=100, description="percent of the budget that is shifted")
    by: Approver


class ChangeTerms(BaseModel):
    """The rules in force, all of which are asked; and within how many working days an answer is due.

    Without a rule of a playbook's own the office agrees to every change, the funders to each but a shift of no more
    than a fifth of the budget.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: list[ChangeRule] = Field(
        default=[
            *(ChangeRule(kind=kind, by=Approver.OFFICE) for kind in KindOfChange),
            ChangeRule(kind=KindOfChange.BUDGET_SHIFT, above=Decimal(20), by=Approver.FUNDERS),
            *(
                ChangeRule(kind=kind, by=Approver.FUNDERS)
                for kind in (KindOfChange.PARTNER_CHANGE, KindOfChange.DATES, KindOfChange.CONTENT)
            ),
        ],
        min_length=1,
    )
    answer: int = Field(default=20, gt=0, le=250)
