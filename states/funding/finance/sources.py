"""Where a plan's money comes from: grants, loans, equity, own cash; and the guarantees behind its loans."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from states.funding.case.vocabulary import CaseModel, Euro, Nuts, Percent

Label = Annotated[str, Field(min_length=1, max_length=200)]
Year = Annotated[int, Field(ge=1990, le=2200)]
Yearly = dict[Year, Euro]


class Repayment(StrEnum):
    """How a loan is paid back: equal payments, or equal parts of the principal."""

    ANNUITY = "annuity"
    LINEAR = "linear"


class _Source(CaseModel):
    name: Label
    payments: Annotated[Yearly, Field(min_length=1, description="EUR that reach the project, by year")]
    public: bool = False
    eu: bool = Field(default=False, description="money of the Union, which is public too")


class Grant(_Source):
    """Money that nobody pays back; with a region it pays for cost there, else for all cost alike."""

    kind: Literal["grant"] = "grant"
    public: bool = True
    region: Nuts | None = None


class Loan(_Source):
    """Money paid back: interest only for `grace` years after the first payment, then `years` repayments.

    `rate` in percent a year on the debt at the year's beginning, in the prices of the plan (real or nominal).
    `market_rate` is the reference rate with the margin for this borrower: needed for the aid in a public loan.
    """

    kind: Literal["loan"] = "loan"
    rate: Percent
    grace: Annotated[int, Field(ge=0, le=20)] = 0
    years: Annotated[int, Field(ge=1, le=40)]
    repayment: Repayment = Repayment.ANNUITY
    market_rate: Percent | None = None

    @property
    def first_repayment(self) -> int:
        """The year of the first repayment of principal."""
        return min(self.payments) + self.grace + 1

    @property
    def last_repayment(self) -> int:
        """The year in which nothing is owed any more."""
        return self.first_repayment + self.years - 1


class Equity(_Source):
    """Capital of an investor."""

    kind: Literal["equity"] = "equity"


class OwnCash(_Source):
    """Money of a partner itself, paid in like capital."""

    kind: Literal["own_cash"] = "own_cash"
    partner: Label


Source = Annotated[Grant | Loan | Equity | OwnCash, Field(discriminator="kind")]


class Guarantee(CaseModel):
    """Cover for `cover` percent of a loan, at a premium a year on the covered debt at the year's beginning."""

    name: Label
    loan: Label
    cover: Percent
    premium: Percent = Field(description="percent a year that is paid for it")
    market_premium: Percent | None = Field(default=None, description="percent a year that a market would ask")
    public: bool = True
