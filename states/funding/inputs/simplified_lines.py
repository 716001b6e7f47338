"""Cost lines by a flat rate: computed anew when their base changes, and never beside real costs that they stand for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.errors import Fault
from states.funding.case.vocabulary import Activity
from states.funding.inputs.tables import CostLine
from states.funding.money.law import money_rules
from states.funding.money.options import Option, options_of
from states.funding.money.tables import OptionKind
from states.funding.queries import costs_of
from states.storage import bump_version

_CENT = Decimal("0.01")


class Circular(Exception):
    """Flat rates stand in each other's base."""

    def __init__(self, lines: Sequence[CostLine]) -> None:
        super().__init__()
        self.lines = lines


def compute(session: Session, collaboration: Collaboration, *, claimed: CostLine | None = None) -> None:
    """Let each flat rate be that of its base as it stands; `claimed` is a line whose version was raised already."""
    lines = costs_of(session, collaboration.id)
    if not any(line.option for line in lines):
        return
    known = options_of(session, collaboration.partnership_id)
    for line in in_order(lines, known):
        amount = flat_amount(line, lines, known[line.option])
        if amount != line.amount:
            if line is not claimed:
                bump_version(session, line)
            line.amount = amount
            session.add(line)
            session.flush()


def flat_amount(line: CostLine, lines: Iterable[CostLine], option: Option) -> Decimal:
    """Return the EUR of a flat rate, cut to the cent so that it is never more than its article allows."""
    percent = line.percent if line.percent is not None else option.percent or Decimal(0)
    base = sum((one.amount for one in base_of(line, lines, option)), Decimal(0))
    return int(Fraction(base) * Fraction(percent)) * _CENT


def base_of(line: CostLine, lines: Iterable[CostLine], option: Option) -> list[CostLine]:
    """Return the lines that a flat rate is a part of: those of the same partner and activity in its base."""
    return [one for one in lines if one is not line and together(one, line) and one.cost_category in option.base]


def together(one: CostLine, other: CostLine) -> bool:
    """Tell whether two lines are of one partner and one activity: a flat rate is a part of what stands there."""
    return (one.organisation_id, one.activity) == (other.organisation_id, other.activity)


def _beside(one: CostLine, other: CostLine) -> bool:
    """Tell whether two lines may count one cost: what is of no activity in particular may be of any."""
    apart = Activity.OTHER not in (one.activity, other.activity) and one.activity is not other.activity
    return one.organisation_id == other.organisation_id and not apart


def in_order(lines: Sequence[CostLine], known: Mapping[str, Option]) -> list[CostLine]:
    """Return the lines by a flat rate, each after those that stand in its base; raise `Circular`."""
    waiting = [line for line in lines if line.option and known[line.option].kind is OptionKind.FLAT_RATE]
    ordered: list[CostLine] = []
    while waiting:
        ready = [
            line for line in waiting if not any(one in waiting for one in base_of(line, lines, known[line.option]))
        ]
        if not ready:
            raise Circular(waiting)
        ordered += ready
        waiting = [line for line in waiting if line not in ready]
    return ordered


def doubled(lines: Sequence[CostLine], known: Mapping[str, Option]) -> Iterator[tuple[CostLine, CostLine, Option]]:
    """Yield each two lines of which the first, by an option, stands for costs that the second counts once more.

    Several unit costs may stand beside each other, and so may lump sums: each counts something else.
    """
    for one, other in combinations(lines, 2):
        for covering, counted in ((one, other), (other, one)):
            if covering.option and _beside(covering, counted) and _counts_again(covering, counted, known):
                yield covering, counted, known[covering.option]
                break


def _counts_again(covering: CostLine, counted: CostLine, known: Mapping[str, Option]) -> bool:
    option = known[covering.option]
    alike = counted.option and known[counted.option].kind is option.kind
    if alike and option.kind is not OptionKind.FLAT_RATE:
        return False
    return counted.cost_category in option.covers


def double_fault(covering: CostLine, counted: CostLine, option: Option) -> Fault:
    """Say of two lines that they count one category of cost twice, by which articles that is refused."""
    return Fault(
        "cost_category",
        "covered_by_option",
        remedy="take_one_of_two_lines_out",
        category=counted.cost_category.value,
        line=covering.slug,
        other=counted.slug,
        article=option.article,
        forms=money_rules()["cpr-forms"].article,
    )
