"""State aid of a scenario partner by partner: on what it rests, what it may be, what is granted, what is left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from states.funding.aid.ceilings import Ceiling
from states.funding.aid.euro_limits import EuroLimit, euro_limits
from states.funding.aid.limits import amount_limits
from states.funding.aid.options import Option
from states.funding.case.case import CostItem, FundingCase, FundingScenario
from states.funding.case.instruments import DE_MINIMIS
from states.funding.case.partners import Partner
from states.funding.checks.articles import resolved
from states.funding.checks.checker import paid_by
from states.funding.checks.law import Paid
from states.funding.law.enterprises import Sizing
from states.funding.law.facts import CaseFacts
from states.funding.rules.definition import Limit, Rule
from states.funding.rules.library import RuleSet

_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class AidLine:
    """The aid for one cost item, gross, in EUR; `rules` are those it rests on, base and bonuses that counted.

    `percent` and `most` are of the law's ceiling, `rate` is the highest of the calls that pay. De minimis aid knows no
    intensity: `percent` is None and `most` what the call pays at most.
    """

    item: CostItem
    rules: tuple[Rule, ...]
    percent: Decimal | None
    rate: Decimal
    most: Decimal
    granted: Decimal

    @property
    def left(self) -> Decimal:
        """EUR up to the ceiling."""
        return max(self.most - self.granted, _NOTHING)


@dataclass(frozen=True, slots=True)
class Threshold:
    """What one undertaking has under a limit in EUR: above it the aid is notified, or there is none (de minimis)."""

    rule: Rule
    most: Decimal
    granted: Decimal
    notification: bool

    @property
    def left(self) -> Decimal:
        return self.most - self.granted


@dataclass(frozen=True, slots=True)
class PartnerAid:
    """All aid of one partner, with its size, how that came about, and whether accounts show it."""

    partner: Partner
    sizing: Sizing
    proved: bool
    cost: Decimal
    lines: tuple[AidLine, ...]
    thresholds: tuple[Threshold, ...]

    @property
    def most(self) -> Decimal:
        return sum((one.most for one in self.lines), _NOTHING)

    @property
    def granted(self) -> Decimal:
        return sum((one.granted for one in self.lines), _NOTHING)


@dataclass(frozen=True, slots=True)
class Aid:
    """The aid of a scenario; `unverified` rules and `unread` calls (names) are those nobody compared with the text."""

    partners: tuple[PartnerAid, ...]
    unverified: tuple[Rule, ...]
    unread: tuple[str, ...]


def aid_by_partner(case: FundingCase, scenario: FundingScenario, *, rules: RuleSet) -> Aid:
    """Work out the aid of each partner of a case, in the case's order."""
    facts, paid = CaseFacts(case, rules), paid_by(scenario)
    used = resolved(facts, scenario, paid)
    rests = [rule for option in used if option.ceiling for rule in option.ceiling.unverified]
    return Aid(
        partners=tuple(_partner(facts, partner, used, paid) for partner in case.partners),
        unverified=tuple({rule.id: rule for rule in rests}.values()),
        unread=tuple(dict.fromkeys(one.instrument.name for one in used if not one.instrument.verified)),
    )


def _partner(facts: CaseFacts, partner: Partner, used: Sequence[Option], paid: Paid) -> PartnerAid:
    mine = [one for one in used if one.item.partner == partner.id and one.aid_share]
    items = {one.item.id: one.item for one in mine}
    sizing = facts.sizes[partner.id]
    return PartnerAid(
        partner=partner,
        sizing=sizing,
        proved=bool(sizing.by_year),
        cost=sum((item.amount for item in facts.case.cost_items if item.partner == partner.id), _NOTHING),
        lines=tuple(
            _line(item, [one for one in mine if one.item.id == key], paid) for key, item in sorted(items.items())
        ),
        thresholds=tuple(_thresholds(facts, partner, used, paid)),
    )


def _line(item: CostItem, options: Sequence[Option], paid: Paid) -> AidLine:
    granted = sum((paid[one.pair] * one.aid_share / 100 for one in options), _NOTHING)
    known = [one.ceiling for one in options if one.ceiling is not None]
    rules = [rule for ceiling in known for rule in _rests_on(ceiling)]
    return AidLine(
        item=item,
        rules=tuple({rule.id: rule for rule in rules}.values()),
        percent=max((one.percent for one in known), default=None),
        rate=max(one.rate for one in options),
        most=max((one.amount for one in known), default=max(one.most for one in options)),
        granted=granted,
    )


def _rests_on(ceiling: Ceiling) -> Iterator[Rule]:
    """Yield article, base and counted bonuses; the base alone where it is a part of the article."""
    yield ceiling.base.rule if ceiling.base else ceiling.article
    for step in (*ceiling.bonuses, *([ceiling.cap] if ceiling.cap else [])):
        if step.counted:
            yield step.rule


def _thresholds(facts: CaseFacts, partner: Partner, used: Sequence[Option], paid: Paid) -> Iterator[Threshold]:
    """Yield the thresholds of notification that hold for a partner, and its ceiling of de minimis aid."""
    group = facts.undertakings[partner.id]
    found: dict[EuroLimit, Decimal] = {}
    for one in used:
        if one.ceiling is not None and one.item.partner == partner.id:
            for limit in euro_limits(facts.under(one.instrument), one.ceiling.article, one.item):
                if isinstance(limit.rule, Limit) and limit.rule.notification:
                    theirs = [
                        other
                        for other in used
                        if other.item.id in limit.items and other.article == one.article and other.aid_share
                    ]
                    found[limit] = sum((paid[other.pair] * other.aid_share / 100 for other in theirs), _NOTHING)
    for limit, granted in found.items():
        yield Threshold(limit.rule, limit.left, granted, notification=True)
    small = [one for one in used if DE_MINIMIS in one.instrument.basis and one.item.partner in group and one.aid_share]
    if any(one.item.partner == partner.id for one in small):
        for most in amount_limits(facts, small):
            granted = sum((paid[one.pair] * one.aid_share / 100 for one in small if one.line in most.lines), _NOTHING)
            yield Threshold(most.rule, most.most, granted, notification=False)
