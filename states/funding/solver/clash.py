"""What binds a mix, limit by limit, and why no mix keeps the rules: the smallest set that cannot hold together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from states.funding.aid.options import Option, options
from states.funding.case.vocabulary import Objective
from states.funding.law.facts import Answer, CaseFacts, Finding
from states.funding.solver.answer import Binding, Ground, ground_of
from states.funding.solver.building import build
from states.funding.solver.cp_sat import CpSat, Found
from states.funding.solver.meter import Meter
from states.funding.solver.program import UNITS, Bound, Mix, Terms, objective_terms, total

# What nobody would change to make a mix possible: where a partner lies and what it is, what a cost is for.
_GIVEN = frozenset({"terms-beneficiary", "terms-activity", "terms-cost", "terms-rate"})
_SHARE = 0.6  # of the work goes to the smallest clash, the rest to one that cannot be made smaller by leaving out
_ROUND = 5.0  # work for the fewest rules of a round
_SHOWN = 3  # sentences of one rule

RuleKey = tuple[str, str, str]  # rule, partner, instrument

Exclusion = tuple[str, Finding]  # instrument left out, and why


@dataclass(frozen=True, slots=True)
class Clash:
    """Rules that cannot hold together; `smallest` tells whether it is certain that no smaller set clashes."""

    grounds: tuple[Ground, ...]
    smallest: bool


def clash(facts: CaseFacts, extra: Sequence[Exclusion] = (), *, meter: Meter, until: float) -> Clash:
    """Return the smallest set of rules that no mix can keep together, until the meter has done so much work.

    There are no grounds where the rules do not clash, or where the work was too little.

    Rules on the same partner and instrument count as one. What an instrument pays for and whom counts as given, unless
    without it there would be no clash to explain.
    """
    every = [_lifted(option) for option in options(facts)]
    able = [option for option in every if not any(_is_given(option, finding) for finding in option.findings)]
    wanted = set(facts.case.wanted.use)
    if wanted <= {option.instrument.id for option in able}:
        mix = build(facts, able, liftable=True)
        rules = _Rules(mix, list(_excluded(mix, extra)), meter)
        if rules.can_all_be_lifted(until=until):
            return rules.clash(until=until)
    mix = build(facts, every, liftable=True)
    return _Rules(mix, list(_excluded(mix, extra)), meter).clash(until=until)


def _excluded(mix: Mix, extra: Sequence[Exclusion]) -> Iterator[Bound]:
    for key, ground in extra:
        if key in mix.uses:
            yield Bound(((mix.uses[key], 1),), high=0, ground=ground)


def _is_given(option: Option, finding: Finding) -> bool:
    unknown = option.ceiling is None and option.instrument.is_state_aid and option.item.economic
    return finding.blocks and (finding.rule in _GIVEN or unknown)


def _lifted(option: Option) -> Option:
    """Return an option that pays where the rules against it are lifted: without a ceiling, at the highest rate."""
    ceiling = option.ceiling
    if ceiling is not None and ceiling.answer is not Answer.PASS:
        ceiling = replace(ceiling, amount=option.item.amount)
    rate = option.rate or max((rate.percent for rate in option.instrument.rates), default=Decimal(0))
    return replace(option, ceiling=ceiling, rate=rate)


class _Rules:
    """The rules of a program, each of which may be lifted."""

    def __init__(self, mix: Mix, extra: Sequence[Bound], meter: Meter) -> None:
        self._meter = meter
        self._bounds: dict[RuleKey, list[Bound]] = {}
        self._solver = CpSat(mix.program.tops, mix.program.links, meter=meter)
        for bound in (*mix.program.bounds, *extra):
            if bound.ground is None:
                self._solver.bound(bound)
            else:
                one = bound.ground
                self._bounds.setdefault((one.rule, one.partner, one.instrument), []).append(bound)
        self._held = {key: self._solver.variable() for key in self._bounds}
        for key, bounds in self._bounds.items():
            for bound in bounds:
                self._solver.bound(bound, unless_lifted=self._held[key])
        self._fixed = {key: self._solver.bound(Bound(((held, 1),))) for key, held in self._held.items()}

    def can_all_be_lifted(self, *, until: float) -> bool:
        return self._kept(frozenset(), until=until).values is not None

    def clash(self, *, until: float) -> Clash:
        """Return the smallest clash; with too little work left for it, one from which no rule can be left out."""
        now = self._meter.done
        keys = self._smallest(until=now + _SHARE * (until - now))
        if keys is not None:
            return Clash(self._grounds(keys), smallest=True)
        return Clash(self._grounds(self._irreducible(until=until)), smallest=False)

    def _kept(self, keys: frozenset[RuleKey], *, until: float) -> Found:
        """Look for a mix that keeps these rules."""
        for key, place in self._fixed.items():
            self._solver.move(place, Bound(((self._held[key], 1),), low=int(key in keys)))
        return self._solver.minimise([], work=until - self._meter.done, easy=True)

    def _smallest(self, *, until: float) -> frozenset[RuleKey] | None:
        """Find the fewest rules that meet every set whose lifting makes a mix possible; None: too little work.

        A mix shows such a set: the rules it breaks. Each round looks for mixes that break none of those again.
        """
        lifted: list[frozenset[RuleKey]] = []
        while self._meter.done < until:
            fewest = keys = _fewest(lifted, self._meter)
            if keys is None:
                return None
            while (found := self._kept(keys, until=until)).values is not None:
                broken = self._broken(found.values)
                if not broken:
                    return frozenset()
                lifted.append(broken)
                keys |= broken
            if keys == fewest:
                return keys if found.proven else None
        return None

    def _broken(self, values: Sequence[int]) -> frozenset[RuleKey]:
        broken = (key for key, bounds in self._bounds.items() if not all(bound.holds(values) for bound in bounds))
        return frozenset(broken)

    def _irreducible(self, *, until: float) -> frozenset[RuleKey]:
        """Leave out rule after rule as long as the rest still clashes: whole kinds first, then one by one."""
        kinds = [frozenset(key for key in self._held if key[0] == rule) for rule in {key[0]: 0 for key in self._held}]
        left = frozenset(self._held)
        for part in (*kinds, *(frozenset({key}) for key in self._held)):
            if part & left and self._meter.done < until:
                found = self._kept(left - part, until=until)
                if found.values is None and found.proven:
                    left -= part
        return left

    def _grounds(self, keys: frozenset[RuleKey]) -> tuple[Ground, ...]:
        return tuple(self._ground(key) for key in self._held if key in keys)

    def _ground(self, key: RuleKey) -> Ground:
        grounds = list(dict.fromkeys(bound.ground for bound in self._bounds[key] if bound.ground is not None))
        sentences = list(dict.fromkeys(one.sentence for one in grounds))
        shown = " ".join(sentences[:_SHOWN])
        more = f" And {len(sentences) - _SHOWN} more of the kind." if len(sentences) > _SHOWN else ""
        remedies = "; ".join(dict.fromkeys(one.remedy for one in grounds[:_SHOWN] if one.remedy))
        one = grounds[0]
        items = {ground.item for ground in grounds}
        return ground_of(replace(one, sentence=shown + more, remedy=remedies, item=one.item if len(items) == 1 else ""))


def _fewest(corrections: Sequence[frozenset[RuleKey]], meter: Meter) -> frozenset[RuleKey] | None:
    """Return the fewest rules of which each correction has one; None where so little work does not show them."""
    keys = sorted(frozenset[RuleKey]().union(*corrections))
    solver = CpSat([1] * len(keys), meter=meter)
    for correction in corrections:
        solver.bound(Bound(tuple((number, 1) for number, key in enumerate(keys) if key in correction), low=1))
    terms = [(number, 1) for number in range(len(keys))]
    found = solver.minimise(terms, work=_ROUND, easy=True)
    if found.values is None or not found.proven:
        return None
    return frozenset(key for key, value in zip(keys, found.values, strict=True) if value)


_NAMES = {Objective.GAP: "gap", Objective.PRIVATE_CASH: "private_cash", Objective.TIME_TO_MONEY: "waiting"}
_WORK = 2.0  # for one limit; where the lines are given it takes a few thousandths of that


def bindings(
    mix: Mix, values: Sequence[int], objectives: Sequence[Objective], *, meter: Meter, until: float
) -> list[Binding]:
    """Return the limits that bind, the most valuable first, those found until the meter has done so much work.

    Each limit with less than one EUR to spare gets one EUR more, and the money is divided again among the same lines
    (cost item, instrument); it binds where one of the first two objectives is then smaller, the first before the
    second. So the value is exact for these lines; others might do better still, and of two limits at the same height
    neither binds alone.
    """
    looked_at = [one for one in objectives if one is not Objective.APPLICATIONS][:2]
    money = _Money(mix, values, [objective_terms(mix, objective) for objective in looked_at], meter)
    before = money.least()
    found = []
    for place, bound, ground in money.tight():
        if meter.done > until:
            break
        gains = [old - new for old, new in zip(before, money.least(place, bound), strict=True)]
        if any(gains):
            saved = {_NAMES[one]: Decimal(gain) / UNITS[one] for one, gain in zip(looked_at, gains, strict=True)}
            found.append(Binding(ground=ground_of(ground), **saved))
    return sorted(found, key=lambda one: (-one.gap, -one.private_cash, -one.waiting))


class _Money:
    """The money of a mix, to be divided again among the lines that it uses; all else stays as it is."""

    def __init__(self, mix: Mix, values: Sequence[int], goals: Sequence[Terms], meter: Meter) -> None:
        used = [variable for line, variable in mix.money.items() if values[mix.pays[line]]]
        free = [*used, *mix.own.values(), *mix.gap.values()]
        self._numbers = {variable: number for number, variable in enumerate(free)}
        self._given = values
        self._solver = CpSat([mix.program.tops[variable] for variable in free], meter=meter)
        self._limits = [
            (self._solver.bound(reduced), reduced)
            for bound in mix.program.bounds
            if bound.when is None or values[bound.when]
            if (reduced := self._reduced(bound)).terms
        ]
        self._goals = [self._reduced(Bound(tuple(terms))) for terms in goals]
        self._goal_places = [self._solver.bound(goal) for goal in self._goals]
        self._values = tuple(values[variable] for variable in free)

    def _reduced(self, bound: Bound) -> Bound:
        """Return the bound over the free variables, with what the others come to taken off."""
        terms = tuple((self._numbers[one], factor) for one, factor in bound.terms if one in self._numbers)
        rest = sum(factor * self._given[one] for one, factor in bound.terms if one not in self._numbers)
        low, high = (None if limit is None else limit - rest for limit in (bound.low, bound.high))
        return replace(bound, terms=terms, low=low, high=high, when=None)

    def tight(self) -> list[tuple[int, Bound, Finding]]:
        """Return the limits with less than one EUR to spare in the division found last: place, limit, rule."""
        found = []
        for place, bound in self._limits:
            slack = bound.slack(self._values)
            if bound.euro and bound.ground is not None and slack is not None and slack < bound.euro:
                found.append((place, bound, bound.ground))
        return found

    def least(self, place: int | None = None, bound: Bound | None = None) -> list[int]:
        """Return the least sums of the goals, the first before the second; with one EUR more for a limit, if given."""
        if place is not None and bound is not None and bound.high is not None:
            self._solver.move(place, replace(bound, high=bound.high + bound.euro))
        least = []
        for at, goal in zip(self._goal_places, self._goals, strict=True):
            found = self._solver.minimise(goal.terms, work=_WORK, hint=self._values)
            values = found.values or self._values
            least.append(total(goal.terms, values))
            self._solver.move(at, replace(goal, high=least[-1]))
            if place is None:
                self._values = values
        for at, goal in zip(self._goal_places, self._goals, strict=True):
            self._solver.move(at, goal)
        if place is not None and bound is not None:
            self._solver.move(place, bound)
        return least
