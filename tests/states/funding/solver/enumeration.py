"""Plain enumeration of a small case: every choice of lines, and for each the best division of the money, by HiGHS.

It shares the aid calculator with the checker and the solver, and nothing else: which lines pay is tried out, so no
condition is a bound here; amounts are whole cents under the few limits that are left.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import combinations
from math import floor, inf

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from states.funding.aid.limits import Level, Stack, amount_limits, stacks
from states.funding.aid.options import Line, Option, options
from states.funding.aid.terms import mismatch
from states.funding.case.case import CostItem, FundingCase
from states.funding.case.instruments import Instrument, Whom
from states.funding.case.vocabulary import cents_of
from states.funding.law.facts import Answer, CaseFacts
from states.funding.rules.library import RuleSet

WHOLE = 10_000  # units of aid and of private cash in a cent
TOKEN = 5  # percent of what an instrument could pay a partner: the least it takes, as the solver's README says

Worth = tuple[int, int]  # gap in cents, private cash in ten thousandths of a cent


@dataclass(slots=True)
class _Division:
    """Columns of money, and the rows between which it is divided."""

    columns: dict[Hashable, int]
    rows: list[tuple[dict[int, int], float, float]] = field(default_factory=list)

    def row(self, terms: Iterable[tuple[Hashable, int]], *, low: float = -inf, high: float = inf) -> None:
        """Keep a sum between two limits."""
        self.rows.append(({self.columns[key]: factor for key, factor in terms}, low, high))

    def least(self, costs: dict[Hashable, int], tops: list[int]) -> list[int] | None:
        """Return the whole numbers with the least sum; None where nothing keeps all rows."""
        entries = [(at, column, factor) for at, (row, _, _) in enumerate(self.rows) for column, factor in row.items()]
        at, column, factor = zip(*entries, strict=True)
        matrix = csr_array((factor, (at, column)), shape=(len(self.rows), len(tops)), dtype=float)
        sums = LinearConstraint(matrix, [low for _, low, _ in self.rows], [high for _, _, high in self.rows])
        goal = np.zeros(len(tops))
        for key, cost in costs.items():
            goal[self.columns[key]] = cost / WHOLE
        found = milp(goal, integrality=np.ones(len(tops)), bounds=Bounds(0, tops), constraints=sums)
        assert found.status in (0, 2), found.message
        return [round(value) for value in found.x] if found.status == 0 else None


def least_worth(case: FundingCase, rules: RuleSet) -> Worth | None:
    """Return the least gap, and the least private cash with that gap; None where no mix keeps the rules."""
    facts = CaseFacts(case, rules)
    known = [one for one in options(facts) if not any(finding.blocks for finding in one.findings)]
    best: Worth | None = None
    for count in range(len(known) + 1):
        for used in combinations(known, count):
            found = _divided(facts, known, used, best)
            best = found if best is None or (found is not None and found < best) else best
    return best


def open_lines(case: FundingCase, rules: RuleSet) -> int:
    """Return how many lines the enumeration has to choose from."""
    found = options(CaseFacts(case, rules))
    return sum(not any(finding.blocks for finding in one.findings) for one in found)


def _divided(facts: CaseFacts, known: list[Option], used: tuple[Option, ...], best: Worth | None) -> Worth | None:
    """Divide the money among the lines used; None where that is impossible, or has more gap than the best has."""
    case = facts.case
    if len({option.pair for option in used}) < len(used):  # one article bears the money of an instrument for an item
        return None
    by_instrument = {one: [option for option in used if option.instrument is one] for one in case.instruments}
    if any(mine and not _fits(facts, one, mine) for one, mine in by_instrument.items()):
        return None
    if not {*case.wanted.use} <= {option.instrument.id for option in used}:
        return None
    keys: list[Hashable] = [*map(_line, used), *((kind, one.id) for kind in "=-" for one in case.cost_items)]
    division = _Division({key: number for number, key in enumerate(keys)})
    tops = [
        *(cents_of(case.left(one.item)) for one in used),
        *[cents_of(case.left(one)) for one in case.cost_items] * 2,
    ]
    for option in used:
        _one(division, option)
    for instrument, mine in by_instrument.items():
        if mine:
            _amounts(division, facts, instrument, mine, known)
    _law(division, facts, used)
    _purses(division, case, used)
    gap = division.least({("-", one.id): WHOLE for one in case.cost_items}, tops)
    if gap is None:
        return None
    lacking = sum(gap[division.columns["-", one.id]] for one in case.cost_items)
    if best is not None and lacking > best[0]:
        return None
    division.row([(("-", one.id), 1) for one in case.cost_items], high=lacking)
    costs: dict[Hashable, int] = {_line(one): int(one.instrument.cost_of_capital * 100) for one in used}
    costs |= {("=", one.id): WHOLE for one in case.cost_items}
    cash = division.least(costs, tops)
    assert cash is not None
    return lacking, sum(cost * cash[division.columns[key]] for key, cost in costs.items())


def _line(option: Option) -> Line:
    return option.line


def _one(division: _Division, option: Option) -> None:
    """Keep a line at a cent or more, within its rate and its ceiling."""
    line = [(_line(option), 1)]
    division.row(line, low=1, high=floor(cents_of(option.item.amount) * option.rate / 100))
    if option.ceiling is not None:
        aid = int(option.aid_share * 100)
        division.row([(_line(option), aid)], high=cents_of(option.ceiling.by_percent) * WHOLE)


def _amounts(
    division: _Division, facts: CaseFacts, instrument: Instrument, mine: list[Option], known: list[Option]
) -> None:
    call = instrument.call.budget
    most = min([inf, *(cents_of(one) for one in (instrument.project_most, call) if one is not None)])
    division.row([(_line(one), 1) for one in mine], low=cents_of(instrument.project_least), high=most)
    caps = [one for one in (instrument.partner_most, instrument.project_most, call) if one is not None]
    for partner in {one.item.partner for one in mine}:
        theirs = [one for one in known if one.item.partner == partner and one.instrument is instrument]
        most_of = {one.pair: max(cents_of(two.most) for two in theirs if two.pair == one.pair) for one in theirs}
        able = min([sum(most_of.values()), *map(cents_of, caps)])
        least = max(cents_of(instrument.partner_least), able * TOKEN // 100)
        high = inf if instrument.partner_most is None else cents_of(instrument.partner_most)
        division.row([(_line(one), 1) for one in mine if one.item.partner == partner], low=least, high=high)


def _fits(facts: CaseFacts, instrument: Instrument, mine: list[Option]) -> bool:
    """Tell whether those who take an instrument's money are who it asks for."""
    asked, case = instrument.consortium, facts.case
    items = [option.item for option in mine]
    entities = _count(items, lambda item: facts.undertakings[item.partner])
    seated = [_count(_sitting(facts, seats.whom, items), lambda one: one.partner) for seats in asked.seats]
    return (
        asked.entities <= entities <= (asked.most_entities or entities)
        and _count(items, lambda item: case.site_of(item).region) >= asked.regions
        and _count(items, lambda item: case.site_of(item).country) >= asked.countries
        and (not asked.coordinator_takes_part or case.coordinator in {item.partner for item in items})
        and all(count >= seats.at_least for count, seats in zip(seated, asked.seats, strict=True))
    )


def _sitting(facts: CaseFacts, whom: Whom, items: list[CostItem]) -> list[CostItem]:
    case = facts.case
    return [one for one in items if mismatch(whom, facts, case.partner_of(one), case.site_of(one))[0] is Answer.PASS]


def _count(items: list[CostItem], key: Callable[[CostItem], Hashable]) -> int:
    return len({key(item) for item in items})


def _law(division: _Division, facts: CaseFacts, used: tuple[Option, ...]) -> None:
    shares = {_line(option): int(option.aid_share * 100) for option in used}
    for limit in amount_limits(facts, used):
        division.row([(line, shares[line]) for line in limit.lines], high=cents_of(limit.most) * WHOLE)
    for stack in stacks(facts, used).values():
        _meeting(division, stack)
        public = [(line, 1) for line in stack.public]
        for free in stack.own_share.values():
            division.row(public, high=floor((stack.item.amount - free - facts.case.granted(stack.item)) * 100))


def _meeting(division: _Division, stack: Stack) -> None:
    """Keep what meets on one item within the highest level; two grants of the Union never meet."""
    if stack.aid and len(stack.aid) + len(stack.de_minimis) > 1:
        _within(division, (*stack.aid, *stack.de_minimis), stack.aid)
    if stack.aid and stack.union:
        _within(division, (*stack.aid, *stack.de_minimis, *stack.union), (*stack.aid, *stack.union))
    if len(stack.eu_grants) + stack.had_eu_grant > 1:
        division.row([(line, 1) for line in stack.eu_grants], high=0)


def _within(division: _Division, counted: tuple[Level, ...], levels: tuple[Level, ...]) -> None:
    had = sum(one.money for one in counted if one.line is None)
    terms = [(one.line, int(one.share * 100)) for one in counted if one.line is not None]
    division.row(terms, high=floor((max(one.level for one in levels) - had) * 100 * WHOLE))


def _purses(division: _Division, case: FundingCase, used: tuple[Option, ...]) -> None:
    for item in case.cost_items:
        paid = [(_line(option), 1) for option in used if option.item is item]
        left = cents_of(case.left(item))
        division.row([*paid, (("=", item.id), 1), (("-", item.id), 1)], low=left, high=left)
    for partner in case.partners:
        if partner.own_cash is not None:
            mine = [(("=", item.id), 1) for item in case.cost_items if item.partner == partner.id]
            division.row(mine, high=cents_of(partner.own_cash))
    if case.wanted.gap_most is not None:
        division.row([(("-", item.id), 1) for item in case.cost_items], high=cents_of(case.wanted.gap_most))
