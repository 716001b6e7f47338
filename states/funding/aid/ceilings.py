"""The aid calculator: for each cost item the highest intensity under each article, and what would lift it.

One rule of rounding: a ceiling in EUR is rounded down to the cent, so that no cent of aid is too much.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from states.funding.aid.euro_limits import EuroLimit, down_to_cent, euro_limits
from states.funding.case.case import CostItem, FundingCase
from states.funding.case.vocabulary import Strand
from states.funding.law.conditions import judge
from states.funding.law.facts import Answer, CaseFacts
from states.funding.rules.conditions import AreaIn
from states.funding.rules.definition import Article, Base, Bonus, MapArea, Rule
from states.funding.rules.library import RuleSet
from states.partners.tables import SizeClass

_UNVERIFIED = "somebody verifies the rule"


@dataclass(frozen=True, slots=True)
class Step:
    """One rule on the way to an intensity: its points in percent, whether it is met, and whether it counted.

    A bonus may be met and not count, because another one of its `group` is higher. `would` says what would meet it.
    """

    rule: Rule
    points: Decimal
    answer: Answer
    counted: bool
    says: str
    would: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most aid for a cost item under one article: `percent` of its cost, `by_percent` in EUR rounded down.

    `amount` is the same where no limit in EUR of the article is lower (`limits`: those that are). `area` is where the
    map lays the work, where the article looks at it. Where the article does not apply (`answer` fail or unknown) all
    are zero, and `says` and `would` tell why.
    """

    item: str
    article: Article
    answer: Answer
    percent: Decimal
    by_percent: Decimal
    amount: Decimal
    says: str
    would: str
    base: Step | None
    bonuses: tuple[Step, ...]
    cap: Step | None
    limits: tuple[EuroLimit, ...] = ()
    area: MapArea | None = None

    @property
    def rests_on(self) -> tuple[Rule, ...]:
        """The rules without which the aid would be another one."""
        steps = [self.base, *self.bonuses, self.cap]
        counted = (step.rule for step in steps if step is not None and step.counted)
        area = () if self.area is None else (self.area,)
        return (self.article, *counted, *(limit.rule for limit in self.limits), *area)

    @property
    def unverified(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rests_on if not rule.verified)

    @property
    def lifts(self) -> tuple[tuple[Step, Decimal], ...]:
        """Bonuses that are not met and would lift the intensity, each with the percent it would then have.

        There are none where a limit in EUR is lower: points lift no such limit.
        """
        if self.limits:
            return ()
        top = self.cap.points if self.cap else Decimal(100)
        taken = {step.group: step.points for step in self.bonuses if step.counted}
        found = []
        for step in self.bonuses:
            percent = min(top, self.percent + step.points - taken.get(step.group, Decimal(0)))
            if step.would and percent > self.percent:
                found.append((step, percent))
        return tuple(found)


def ceilings(case: FundingCase, rules: RuleSet) -> dict[str, tuple[Ceiling, ...]]:
    """Give for each cost item a ceiling under every article that knows its activity, the highest first."""
    facts = CaseFacts(case, rules)
    return {item.id: ceilings_of(facts, item) for item in case.cost_items}


def ceilings_of(facts: CaseFacts, item: CostItem) -> tuple[Ceiling, ...]:
    """Give the ceilings of one cost item, the highest first."""
    articles = facts.rules.articles.values()
    found = [ceiling(facts, item, article) for article in articles if item.activity in _activities(article)]
    return tuple(sorted(found, key=lambda one: (-one.amount, -one.percent, one.article.id)))


def _activities(article: Article) -> set[str]:
    return {activity for base in article.bases for activity in base.activities}


def ceiling(facts: CaseFacts, item: CostItem, article: Article) -> Ceiling:
    """Work out the ceiling of a cost item under one article that knows its activity."""
    required = judge(article.requires, facts, item)
    base = _base(facts, item, article)
    if facts.case.wanted.verified_only and not article.verified:
        return _none(item, article, Answer.FAIL, f"nobody verified {article.article}", _UNVERIFIED)
    if required.answer is not Answer.PASS:
        return _none(item, article, required.answer, required.says, required.would)
    if base.answer is not Answer.PASS:
        return _none(item, article, base.answer, base.says, base.would)
    bonuses = _bonuses(facts, item, article)
    reached = base.points + sum(step.points for step in bonuses if step.counted)
    cap = _cap(item, article, reached)
    percent = cap.points if cap is not None and cap.counted else min(reached, Decimal(100))
    by_percent = down_to_cent(item.amount * percent / 100)
    limits = euro_limits(facts, article, item)
    amount = down_to_cent(min((by_percent, *(limit.left_for(item.id) for limit in limits))))
    lower = tuple(limit for limit in limits if limit.left_for(item.id) == amount < by_percent)
    area = _area(facts, item, article, (base, *bonuses))
    return Ceiling(
        item.id, article, Answer.PASS, percent, by_percent, amount, required.says, "", base, bonuses, cap, lower, area
    )


def for_an_advance(facts: CaseFacts, item: CostItem, one: Ceiling) -> Ceiling:
    """Return the ceiling of a repayable advance: points more (GBER Article 7(5)), but not for regional aid.

    The thresholds of Article 4(1)(i), which may be half as high again for advances, stay as they are: the safe side.
    """
    rule = facts.rules.rules.get("gber-7-5")
    regional = any(base.percent_from == "aid_map" for base in one.article.bases)
    trusted = rule is not None and (rule.verified or not facts.case.wanted.verified_only)
    if rule is None or not trusted or regional or one.answer is not Answer.PASS:
        return one
    points = rule.figures["points"]
    percent = min(one.percent + points, Decimal(100))
    by_percent = down_to_cent(item.amount * percent / 100)
    limits = euro_limits(facts, one.article, item)
    amount = down_to_cent(min((by_percent, *(limit.left_for(item.id) for limit in limits))))
    lower = tuple(limit for limit in limits if limit.left_for(item.id) == amount < by_percent)
    step = Step(rule, points, Answer.PASS, True, "it is a repayable advance", "", rule.id)
    return replace(
        one, percent=percent, by_percent=by_percent, amount=amount, bonuses=(*one.bonuses, step), limits=lower
    )


def _none(item: CostItem, article: Article, answer: Answer, says: str, would: str) -> Ceiling:
    nothing = Decimal("0.00")
    return Ceiling(item.id, article, answer, Decimal(0), nothing, nothing, says, would, None, (), None)


def _area(facts: CaseFacts, item: CostItem, article: Article, steps: Iterable[Step]) -> MapArea | None:
    """Return the area of the map that the aid rests on; None where the article does not ask, or the site says it."""
    site = facts.map_site(item)
    terms = [article.requires, *(one.rule.when for one in steps if one.counted and isinstance(one.rule, Base | Bonus))]
    by_area = any(isinstance(one, AreaIn) for term in terms for one in (*term.all, *term.any)) and site.aid_area is None
    by_rate = any(one.percent_from == "aid_map" for one in article.bases) and site.aid_map_rate is None
    return facts.map_area(site) if by_area or by_rate else None


def _base(facts: CaseFacts, item: CostItem, article: Article) -> Step:
    """Return the base of the activity and size; the highest, where there are several."""
    mine = [base for base in article.bases if item.activity in base.activities]
    size = facts.size(facts.case.partner_of(item))
    if size is SizeClass.UNKNOWN and all(base.sizes for base in mine):
        return Step(mine[0], Decimal(0), Answer.UNKNOWN, False, "the size is not known", "the partner's figures")
    fitting = [base for base in mine if not base.sizes or size in base.sizes]
    steps = [_base_step(facts, item, base) for base in fitting]
    nothing = Step(mine[0], Decimal(0), Answer.FAIL, False, f"nothing for {size} enterprises", "another size class")
    return max(steps, key=lambda step: (step.answer is Answer.PASS, step.points), default=nothing)


def _base_step(facts: CaseFacts, item: CostItem, base: Base) -> Step:
    if facts.case.wanted.verified_only and not base.verified:
        return Step(base, Decimal(0), Answer.FAIL, False, f"nobody verified {base.article}", _UNVERIFIED)
    if (asked := judge(base.when, facts, item)).answer is not Answer.PASS:
        return Step(base, Decimal(0), asked.answer, False, asked.says, asked.would)
    percent, source = _rate(facts, item, base)
    if percent is None:
        return Step(base, Decimal(0), Answer.UNKNOWN, False, f"no rate is known from {source}", f"the rate of {source}")
    return Step(base, percent, Answer.PASS, True, f"{percent} percent by {source}", "")


def _rate(facts: CaseFacts, item: CostItem, base: Base) -> tuple[Decimal | None, str]:
    """Return the percentage of a base where it is known, and by whom it is given."""
    project = facts.case.project
    match base.percent_from:
        case "eu_rate":
            return project.eu_rate, "the Union programme (project.eu_rate)"
        case "clld_rate":
            return project.clld_rate, "the fund (project.clld_rate)"
        case "interreg":
            figures = facts.rules.rules["cofinancing-interreg"].figures
            return figures["strand_d" if project.interreg is Strand.D else "percent"], "Interreg (project.interreg)"
        case "aid_map":
            site = facts.map_site(item)
            area = facts.map_area(site)
            note = f"; {area.note}" if area is not None and area.note and site.aid_map_rate is None else ""
            return facts.map_rate(site), f"the aid map for {site.nuts} (aid_map_rate of the site){note}"
    return base.percent, "the article"


def _bonuses(facts: CaseFacts, item: CostItem, article: Article) -> tuple[Step, ...]:
    mine = [one for one in article.bonuses if not one.activities or item.activity in one.activities]
    steps = [_bonus_step(facts, item, bonus) for bonus in mine]
    best = _best(steps)
    return tuple(_or_instead(step, best.get(step.group)) for step in steps)


def _bonus_step(facts: CaseFacts, item: CostItem, bonus: Bonus) -> Step:
    verdict = judge(bonus.when, facts, item)
    trusted = bonus.verified or not facts.case.wanted.verified_only
    would = verdict.would if trusted else "; ".join(filter(None, (verdict.would, _UNVERIFIED)))
    counts = verdict.answer is Answer.PASS and trusted
    return Step(bonus, bonus.points, verdict.answer, counts, verdict.says, would, bonus.instead_of or bonus.id)


def _best(steps: Iterable[Step]) -> dict[str, Step]:
    """Of the bonuses that exclude each other choose the highest that is met; at the same height a verified one."""
    chosen: dict[str, Step] = {}
    for step in steps:
        taken = chosen.get(step.group)
        higher = taken is None or (step.points, step.rule.verified) > (taken.points, taken.rule.verified)
        if step.counted and higher:
            chosen[step.group] = step
    return chosen


def _or_instead(step: Step, taken: Step | None) -> Step:
    if not step.counted or taken is None or taken.rule is step.rule:
        return step
    return replace(step, counted=False, says=f"{step.says}; not on top of {taken.rule.article}")


def _cap(item: CostItem, article: Article, percent: Decimal) -> Step | None:
    """Return the lowest cap; it counts where it cuts. An unverified cap still binds: that is the safe side."""
    caps = [cap for cap in article.caps if not cap.activities or item.activity in cap.activities]
    lowest = min(caps, key=lambda cap: cap.percent, default=None)
    if lowest is None:
        return None
    cuts = percent > lowest.percent
    says = f"{percent} percent are cut to {lowest.percent}" if cuts else f"{percent} percent stay below"
    return Step(lowest, lowest.percent, Answer.PASS, cuts, says, "")
