"""Why no mix keeps the rules: the smallest set of rules that cannot hold together, each with its article."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from time import monotonic

from states.funding.aid.options import Option, options
from states.funding.law.facts import CaseFacts
from states.funding.law.findings import Answer, Finding
from states.funding.solver.answer import Ground, ground_of
from states.funding.solver.building import build
from states.funding.solver.cp_sat import CpSat
from states.funding.solver.mix import Mix
from states.funding.solver.program import Bound

# What nobody would change to make a mix possible: where a partner lies and what it is, what a cost is for.
_GIVEN = frozenset({"terms-beneficiary", "terms-activity", "terms-cost", "terms-rate"})
_SHOWN = 3  # sentences of one rule

RuleKey = tuple[str, str, str]  # rule, partner, instrument

Exclusion = tuple[str, Finding]  # instrument left out, and why


@dataclass(frozen=True, slots=True)
class Clash:
    """Rules that cannot hold together; `smallest` tells whether it is certain that no smaller set clashes."""

    grounds: tuple[Ground, ...]
    smallest: bool


def clash(facts: CaseFacts, extra: Sequence[Exclusion] = (), *, until: float) -> Clash:
    """Return the smallest set of rules that no mix can keep together, by the monotonic clock `until`.

    There are no grounds where the rules do not clash, or where the time was too short.

    Rules on the same partner and instrument count as one. What an instrument pays for and whom counts as given, unless
    without it there would be no clash to explain.
    """
    every = [_lifted(option) for option in options(facts)]
    able = [option for option in every if not any(_is_given(option, finding) for finding in option.findings)]
    wanted = set(facts.case.wanted.use)
    if wanted <= {option.instrument.id for option in able}:
        mix = build(facts, able)
        rules = _Rules(mix, list(_excluded(mix, extra)))
        if rules.hold(frozenset(), until=until) is not None:
            return rules.smallest(until=until)
    mix = build(facts, every)
    return _Rules(mix, list(_excluded(mix, extra))).smallest(until=until)


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

    def __init__(self, mix: Mix, extra: Sequence[Bound]) -> None:
        self._bounds: dict[RuleKey, list[Bound]] = {}
        self._solver = CpSat(mix.program.tops, mix.program.links)
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

    def hold(self, keys: frozenset[RuleKey], *, until: float, most: bool = False) -> frozenset[RuleKey] | None:
        """Return the rules that a mix keeps which keeps these, or None where there is none; `most`: as many as can be.

        None too where the time is over: then the set is taken for a clash, and not for the smallest.
        """
        for key, place in self._fixed.items():
            self._solver.move(place, Bound(((self._held[key], 1),), low=int(key in keys)))
        terms = [(held, -1) for held in self._held.values()] if most else []
        found = self._solver.minimise(terms, seconds=until - monotonic())
        if found.values is None:
            return None
        return frozenset(key for key, held in self._held.items() if found.values[held])

    def smallest(self, *, until: float) -> Clash:
        """Find the smallest clash: the fewest rules that meet every set whose lifting makes a mix possible."""
        corrections: list[frozenset[RuleKey]] = []
        while monotonic() < until:
            keys = _fewest(corrections, until)
            kept = self.hold(keys, until=until, most=True)
            if kept is None:
                if monotonic() >= until:
                    break
                return Clash(tuple(self._ground(key) for key in self._held if key in keys), smallest=True)
            if len(kept) == len(self._held):
                break
            corrections.append(frozenset(self._held) - kept)
        return Clash((), smallest=False)

    def _ground(self, key: RuleKey) -> Ground:
        grounds = list(dict.fromkeys(bound.ground for bound in self._bounds[key] if bound.ground is not None))
        sentences = list(dict.fromkeys(one.sentence for one in grounds))
        shown = " ".join(sentences[:_SHOWN])
        more = f" And {len(sentences) - _SHOWN} more of the kind." if len(sentences) > _SHOWN else ""
        remedies = "; ".join(dict.fromkeys(one.remedy for one in grounds[:_SHOWN] if one.remedy))
        one = grounds[0]
        items = {ground.item for ground in grounds}
        return ground_of(replace(one, sentence=shown + more, remedy=remedies, item=one.item if len(items) == 1 else ""))


def _fewest(corrections: Sequence[frozenset[RuleKey]], until: float) -> frozenset[RuleKey]:
    """Return the fewest rules of which each correction has one."""
    keys = sorted(frozenset[RuleKey]().union(*corrections))
    solver = CpSat([1] * len(keys))
    for correction in corrections:
        solver.bound(Bound(tuple((number, 1) for number, key in enumerate(keys) if key in correction), low=1))
    terms = [(number, 1) for number in range(len(keys))]
    found = solver.minimise(terms, seconds=max(until - monotonic(), 1.0))
    values = found.values or [1] * len(keys)
    return frozenset(key for key, value in zip(keys, values, strict=True) if value)
