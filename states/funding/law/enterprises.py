"""Which enterprises belong together, and the size class of each by Recommendation 2003/361/EC.

Links go through chains: A is linked to C where A is linked to B and B to C. Of partner enterprises only those next to
the linked ones count.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal, Protocol

from states.funding.case.partners import Enterprise, Link, YearFigures
from states.funding.rules.definition import SizeLimit
from states.funding.rules.library import RuleSet
from states.partners.tables import SizeClass

_ORDER = (SizeClass.MICRO, SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.LARGE)
Measure = Literal["headcount", "turnover", "balance_sheet"]
_ENDLESS = Decimal("Infinity")

SMES = frozenset(_ORDER[:3])


@dataclass(frozen=True, slots=True)
class Span:
    """A sum of which parts may be missing: at least `low`, at most `high`."""

    low: Decimal
    high: Decimal

    def plus(self, figure: Decimal | None, share: Decimal = Decimal(1)) -> "Span":
        """Add a share of a figure; one that is not given may be anything."""
        if figure is None:
            return Span(self.low, _ENDLESS)
        return Span(self.low + figure * share, self.high + figure * share)


Figures = Mapping[Measure, Span]


class Parties(Protocol):
    """Enterprises and who holds whom, as they are on a day: those of a funding case, or around one organisation."""

    @property
    def date(self) -> date: ...
    @property
    def enterprise_by_id(self) -> Mapping[str, Enterprise]: ...
    @property
    def links(self) -> Sequence[Link]: ...


@dataclass(frozen=True, slots=True)
class Sizing:
    """A size class and how it came about; `by_year` the class each year's joint figures say."""

    size: SizeClass
    small_mid_cap: bool | None
    by_year: tuple[tuple[int, SizeClass], ...]
    figures: Figures | None
    reason: str
    declared_wrong: bool = False

    @property
    def is_sme(self) -> bool | None:
        """Whether it is an SME; None where its size is not known."""
        return None if self.size is SizeClass.UNKNOWN else self.size in SMES


def undertakings(case: Parties, rules: RuleSet) -> dict[str, frozenset[str]]:
    """Give for each enterprise all that are linked to it, itself included: one single undertaking."""
    groups = {key: frozenset({key}) for key in case.enterprise_by_id}
    for link in case.links:
        if _is_linked(link, rules):
            joined = groups[link.holder] | groups[link.held]
            groups.update(dict.fromkeys(joined, joined))
    return groups


def _is_linked(link: Link, rules: RuleSet) -> bool:
    return bool(link.control) or link.percent > rules.figure("sme-links", "linked_share")


def sizing(case: Parties, rules: RuleSet, key: str, groups: Mapping[str, frozenset[str]]) -> Sizing:
    """Give the size class of an enterprise: by the joint figures of its years, else as it declares.

    Links of 25 to 50 percent add the other's figures by the share, linked enterprises theirs in full (Annex Article
    6). The class changes only where two consecutive years say so (Article 4(2)).
    """
    one = case.enterprise_by_id[key]
    if one.public_share >= rules.figure("sme-public", "public_share") and not one.public_share_excepted:
        reason = f"because public bodies hold {one.public_share} percent of it"
        return Sizing(SizeClass.LARGE, False, (), None, reason, one.size in SMES)
    floor = _declared_by_group(case, groups[key])
    years = sorted(figures.year for figures in one.years)
    joint = {year: _joint(case, rules, groups, groups[key], year) for year in years}
    by_year = tuple((year, classify(figures, rules)) for year, figures in joint.items())
    computed = _after_two_years([found for _, found in by_year])
    if computed is SizeClass.UNKNOWN:
        declared = _larger(one.size or SizeClass.UNKNOWN, floor)
        reason = "figures are missing" if declared is SizeClass.UNKNOWN else "as declared"
        return Sizing(declared, None, by_year, None, reason)
    size, last = _larger(computed, floor), joint[years[-1]]
    mid_cap = None
    if rules.in_force("small-mid-cap", case.date):
        mid_cap = size is SizeClass.LARGE and floor is not SizeClass.LARGE and _within(last, _mid_cap(rules))
    wrong = one.size in _ORDER and one.size is not size
    return Sizing(size, mid_cap, by_year, last, f"by the figures of {', '.join(map(str, years))}", wrong)


def classify(figures: Figures, rules: RuleSet) -> SizeClass:
    """Return the class by one year's joint figures, or `unknown` where what is missing could change it."""
    low = {name: Span(span.low, span.low) for name, span in figures.items()}
    high = {name: Span(span.high, span.high) for name, span in figures.items()}
    best, worst = _first_within(low, rules), _first_within(high, rules)
    return best if best is worst else SizeClass.UNKNOWN


def _first_within(figures: Figures, rules: RuleSet) -> SizeClass:
    classes = (limit for limit in rules.size_limits if isinstance(limit.size, SizeClass))
    return next((SizeClass(limit.size) for limit in classes if _within(figures, limit)), SizeClass.LARGE)


def _within(figures: Figures, limit: SizeLimit) -> bool:
    money = figures["turnover"].high <= limit.turnover or figures["balance_sheet"].high <= limit.balance_sheet
    return figures["headcount"].high < limit.people and money


def _mid_cap(rules: RuleSet) -> SizeLimit:
    return next(limit for limit in rules.size_limits if limit.size == "small_mid_cap")


def _joint(
    case: Parties, rules: RuleSet, groups: Mapping[str, frozenset[str]], group: frozenset[str], year: int
) -> Figures:
    parts = list(_parts(case, rules, groups, group))
    return {name: _sum(parts, name, year) for name in ("headcount", "turnover", "balance_sheet")}


def _parts(
    case: Parties, rules: RuleSet, groups: Mapping[str, frozenset[str]], group: frozenset[str]
) -> Iterator[tuple[Enterprise, Decimal]]:
    """Yield each enterprise whose figures count, with its share (1 = in full)."""
    yield from ((case.enterprise_by_id[member], Decimal(1)) for member in group)
    for link in case.links:
        ends = {link.holder, link.held}
        if link.percent >= rules.figure("sme-links", "partner_share") and len(ends & group) == 1:
            (other,) = ends - group
            yield from ((case.enterprise_by_id[member], link.percent / 100) for member in groups[other])


def _sum(parts: list[tuple[Enterprise, Decimal]], name: Measure, year: int) -> Span:
    total = Span(Decimal(0), Decimal(0))
    for enterprise, share in parts:
        total = total.plus(getattr(_accounts(enterprise, year), name, None), share)
    return total


def _accounts(enterprise: Enterprise, year: int) -> YearFigures | None:
    """Return the accounts of the year, or the latest before, or the first there are."""
    ordered = sorted(enterprise.years, key=lambda figures: figures.year)
    before = [figures for figures in ordered if figures.year <= year]
    return before[-1] if before else next(iter(ordered), None)


def _after_two_years(classes: list[SizeClass]) -> SizeClass:
    if not classes:
        return SizeClass.UNKNOWN
    if SizeClass.UNKNOWN in classes:  # two years that agree settle the class, whatever it was before
        return classes[-1] if classes[-2:-1] == classes[-1:] else SizeClass.UNKNOWN
    ranks = [_ORDER.index(found) for found in classes]
    status = ranks[0]
    for before, now in pairwise(ranks):
        if min(before, now) > status:
            status = min(before, now)
        elif max(before, now) < status:
            status = max(before, now)
    return _ORDER[status]


def _declared_by_group(case: Parties, group: frozenset[str]) -> SizeClass:
    """Return the largest class that a linked enterprise without figures declares."""
    silent = (case.enterprise_by_id[key] for key in group)
    sizes = [one.size for one in silent if not one.years and one.size in _ORDER]
    return max(sizes, key=_ORDER.index, default=SizeClass.UNKNOWN)


def _larger(size: SizeClass, floor: SizeClass) -> SizeClass:
    if SizeClass.LARGE in (size, floor):
        return SizeClass.LARGE
    if SizeClass.UNKNOWN in (size, floor):
        return size  # a floor alone tells too little
    return max(size, floor, key=_ORDER.index)
