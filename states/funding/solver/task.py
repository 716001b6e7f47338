"""What the solver's process is told: a case, the very text of its rules, and how long it may take."""

from states.funding.case.case import FundingCase
from states.funding.case.vocabulary import CaseModel
from states.funding.rules.definition import SetSpec
from states.funding.rules.library import Kept


class Task(CaseModel):
    """One case to solve within some seconds."""

    case: FundingCase
    rules: Kept
    calendar: tuple[SetSpec, ...] = ()
    seconds: float
