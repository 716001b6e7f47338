"""What the solver's process is told: a case, the very text of its rules, and how long it may take."""

from states.funding.case.case import FundingCase
from states.funding.case.vocabulary import CaseModel
from states.funding.rules.definition import Book, SetSpec


class Rules(CaseModel):
    """A set of rules with its books."""

    id: str
    title: str
    books: tuple[Book, ...]
    calendar: tuple[SetSpec, ...] = ()


class Task(CaseModel):
    """One case to solve within some seconds."""

    case: FundingCase
    rules: Rules
    seconds: float
