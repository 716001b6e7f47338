"""Which instrument may pay how much of which cost item, by which article: every check, its answer, the most in EUR."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from states.funding.aid.ceilings import Ceiling, ceilings_of, for_an_advance
from states.funding.aid.euro_limits import down_to_cent, euro_limits
from states.funding.aid.terms import item_terms, project_terms, rate_of
from states.funding.case.case import CostItem
from states.funding.case.instruments import DE_MINIMIS, Instrument
from states.funding.case.vocabulary import NOUNS, Cohesion
from states.funding.law.entry import entry_tests, incentive, transparency, validity, verified_effect
from states.funding.law.facts import Answer, CaseFacts, Finding, by_rule

Line = tuple[str, str, str]  # item, instrument, and the article that its money rests on, or nothing


@dataclass(frozen=True, slots=True)
class Option:
    """An instrument for a cost item by one article: the answers of all checks, and the most money it may pay, in EUR.

    `ceiling` is that of the article the money rests on; None where it is no State aid under an article. `aid_share` is
    the aid in 100 EUR of the money, 0 where the money is none.
    """

    item: CostItem
    instrument: Instrument
    findings: tuple[Finding, ...]
    rate: Decimal
    most: Decimal
    aid_share: Decimal
    ceiling: Ceiling | None

    @property
    def open(self) -> bool:
        """Whether money may be planned on it."""
        return self.most > 0 and not any(finding.blocks for finding in self.findings)

    @property
    def article(self) -> str | None:
        """The id of the article that the money rests on."""
        return self.ceiling.article.id if self.ceiling else None

    @property
    def pair(self) -> tuple[str, str]:
        """Item and instrument, by their ids: a scenario divides money among these."""
        return self.item.id, self.instrument.id

    @property
    def line(self) -> Line:
        return *self.pair, self.article or ""


def options(
    facts: CaseFacts,
    lines: Collection[tuple[str, str]] | None = None,
    *,
    chosen: Mapping[tuple[str, str], str] | None = None,
) -> list[Option]:
    """Check every instrument for every cost item, in the order of the case; or only `lines` (item, instrument).

    Each instrument is judged under the set that holds on the day of its own award. Where several articles of an
    instrument could bear its money for an item, each is an option; one of them does.
    For the pairs of item and instrument in `chosen` only the article that is named there.
    """
    laws = {one.id: facts.under(one) for one in facts.case.instruments}
    entry = {
        (law, partner.id): tuple(entry_tests(law, partner)) for law in facts.each for partner in facts.case.partners
    }
    project = {one.id: tuple(project_terms(laws[one.id], one)) for one in facts.case.instruments}
    found = []
    for item in facts.case.cost_items:
        asked = [one for one in facts.case.instruments if lines is None or (item.id, one.id) in lines]
        known = {law: ceilings_of(law, item) for law in {laws[one.id] for one in asked}}
        for one in asked:
            law = laws[one.id]
            terms = [*project[one.id], *item_terms(law, one, item)]
            if one.is_state_aid and item.economic:
                only = (chosen or {}).get((item.id, one.id))
                able = [ceiling for ceiling in known[law] if only in (None, ceiling.article.id)]
                found += _of_aid(law, item, one, able, terms, entry[law, item.partner])
            else:
                found.append(_of_other_money(law, item, one, terms))
    return found


def _of_other_money(facts: CaseFacts, item: CostItem, instrument: Instrument, findings: list[Finding]) -> Option:
    """Money of the Union, de minimis, on market terms, or for work outside the market: no article sets a ceiling."""
    if (retroactive := incentive(facts, instrument, item, None)) is not None:
        findings.append(retroactive)
    is_aid = DE_MINIMIS in instrument.basis and item.economic
    if is_aid:
        findings.append(transparency(facts, instrument))
    share = instrument.grant_equivalent if is_aid else Decimal(0)
    rate = rate_of(facts, instrument, item) or Decimal(0)
    most = min(down_to_cent(item.amount * rate / 100), facts.case.left(item))
    return Option(item, instrument, tuple(findings), rate, most, share, None)


def _of_aid(
    facts: CaseFacts,
    item: CostItem,
    instrument: Instrument,
    known: list[Ceiling],
    terms: list[Finding],
    entry: tuple[Finding, ...],
) -> list[Option]:
    """State aid under an article: an option for each that applies, of those that the instrument names."""
    named = [found for found in known if found.article.id in instrument.basis]
    applying = [found for found in named if found.answer is Answer.PASS]
    tried: list[Ceiling | None] = [*(applying or named[:1])]
    found = [_under(facts, item, instrument, one, terms, entry) for one in tried or [None]]
    return [one for one in found if not any(_is_better(facts, other, one) for other in found if other is not one)]


def _under(
    facts: CaseFacts,
    item: CostItem,
    instrument: Instrument,
    ceiling: Ceiling | None,
    terms: list[Finding],
    entry: tuple[Finding, ...],
) -> Option:
    if ceiling is not None and instrument.repayable_advance:
        ceiling = for_an_advance(facts, item, ceiling)
    rate = rate_of(facts, instrument, item) or Decimal(0)
    article = ceiling.article if ceiling else None
    spared = article.spares if article else ()
    asked = (finding for finding in entry if finding.rule not in spared)
    findings = [*terms, *asked, transparency(facts, instrument, article), _exempted(facts, ceiling, item, instrument)]
    share = Decimal(100) if article is not None and article.risk_finance else instrument.grant_equivalent
    most = Decimal("0.00")
    if ceiling is not None and ceiling.answer is Answer.PASS:
        findings.append(validity(facts, instrument, ceiling.article))
        works = incentive(facts, instrument, item, ceiling.article)
        effect = verified_effect(facts, instrument, item, ceiling.article)
        findings += [found for found in (works, effect) if found is not None]
        by_rate, by_own = (item.amount * percent / 100 for percent in (rate, 100 - own_share(facts, ceiling, item)))
        by_ceiling = ceiling.amount * 100 / share if share else item.amount
        most = min(*map(down_to_cent, (by_rate, by_own, by_ceiling)), facts.case.left(item))
    return Option(item, instrument, tuple(findings), rate, most, share, ceiling)


def own_share(facts: CaseFacts, ceiling: Ceiling, item: CostItem) -> Decimal:
    """Return the percent of an item that the article wants free of public support.

    In an outermost region it is as much lower as the intensity needs (GBER Article 14(14)).
    """
    asked = ceiling.article.own_share
    outermost = facts.case.site_of(item).cohesion is Cohesion.OUTERMOST
    return min(asked, 100 - ceiling.percent) if outermost else asked


def _is_better(facts: CaseFacts, one: Option, other: Option) -> bool:
    """Tell whether an article serves in another's place whatever else is paid: all of its limits stay out of reach."""
    assert one.ceiling is not None
    assert other.ceiling is not None
    limits = euro_limits(facts, one.ceiling.article, one.item)
    free = all(limit.left >= sum(facts.case.item_by_id[key].amount for key in limit.items) for limit in limits)
    return (
        free
        and one.open >= other.open
        and one.ceiling.article.own_share <= other.ceiling.article.own_share
        and one.ceiling.article.without_costs >= other.ceiling.article.without_costs
        and (one.ceiling.amount, one.article or "") > (other.ceiling.amount, other.article or "")
    )


def _exempted(facts: CaseFacts, best: Ceiling | None, item: CostItem, instrument: Instrument) -> Finding:
    """Answer whether an article exempts the aid at all."""
    if best is None:
        named = " or ".join(
            facts.rules.articles[key].article if key in facts.rules.articles else f"{key} (not in {facts.rules.id})"
            for key in instrument.basis
        )
        sentence = f"{named} gives no aid for {NOUNS[item.activity]}."
        known = [facts.rules.articles[key] for key in instrument.basis if key in facts.rules.articles]
        kinds = dict.fromkeys(NOUNS[one] for article in known for base in article.bases for one in base.activities)
        remedy = f"work of the kind {' or '.join(kinds)}" if kinds else f"a basis of {facts.rules.id}"
        key = instrument.basis[0]
        return Finding(key, named, Answer.FAIL, sentence, True, remedy, "", item.id, instrument.id, blocks=True)
    passed = best.answer is Answer.PASS
    sentence = f"Up to {best.percent} percent: {best.amount} EUR." if passed else f"{best.says}."
    return by_rule(
        best.article,
        best.answer,
        sentence,
        remedy=best.would,
        item=item.id,
        instrument=instrument.id,
        blocks=not passed,
    )
