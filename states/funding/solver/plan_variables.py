"""What the variables of a case's program mean: cents of money, and who has money of whom."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from states.funding.aid.limits import Line
from states.funding.aid.options import Option
from states.funding.case.case import FundingCase
from states.funding.case.instruments import Instrument
from states.funding.law.facts import CaseFacts
from states.funding.solver.program import Program

# Percentages have two decimals: cents times a hundred times the percentage are whole, and these make 100 percent.
WHOLE = 10_000
EURO = 100  # cents


@dataclass(slots=True)
class Mix:
    """The program of a case: `money` by line (item, instrument), `own` and `gap` by item are cents.

    `pays` is 1 where a line has money, `takes` (partner, instrument) where a partner has, `uses` where anybody has.
    """

    facts: CaseFacts
    options: tuple[Option, ...]
    program: Program = field(default_factory=Program)
    money: dict[Line, int] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
    gap: dict[str, int] = field(default_factory=dict)
    pays: dict[Line, int] = field(default_factory=dict)
    takes: dict[tuple[str, str], int] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=dict)

    @property
    def case(self) -> FundingCase:
        return self.facts.case

    @property
    def instruments(self) -> Iterator[Instrument]:
        """The instruments that may pay something."""
        return (one for one in self.case.instruments if one.id in self.uses)

    def of(self, instrument: str) -> Iterator[Option]:
        return (option for option in self.options if option.instrument.id == instrument)


def line_of(option: Option) -> Line:
    return option.item.id, option.instrument.id
