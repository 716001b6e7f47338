"""Which instrument may pay how much of which cost item, by which article: every check, its answer, the most in EUR."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from states.funding.aid.ceilings import Ceiling, ceilings_of, for_an_advance
from states.funding.aid.euro_limits import down_to_cent, euro_limits
from states.funding.case.case import CostItem
from states.funding.case.instruments import DE_MINIMIS, Instrument, Rate, Whom
from states.funding.case.partners import Partner, Site
from states.funding.case.vocabulary import NOUNS, Cohesion
from states.funding.law.entry import entry_tests, incentive, transparency, validity, verified_effect
from states.funding.law.facts import Answer, CaseFacts, Finding, by_rule, by_terms
from states.partners.tables import SizeClass


def mismatch(whom: Whom, facts: CaseFacts, partner: Partner, site: Site) -> tuple[Answer, str, str]:
    """Say whether a partner at a site fits a description, why not, and what would."""
    size, place = facts.size(partner), site.nuts
    if whom.kinds and partner.kind not in whom.kinds:
        return Answer.FAIL, f"{partner.id} is of kind {partner.kind}", f"a partner of kind {' or '.join(whom.kinds)}"
    if whom.non_profit is not None and partner.is_non_profit is not whom.non_profit:
        return (
            Answer.FAIL,
            f"{partner.id} works {'without' if partner.is_non_profit else 'for'} profit",
            "another partner",
        )
    if whom.countries and site.country not in whom.countries:
        return Answer.FAIL, f"{place} lies in {site.country}", f"a site in {' or '.join(whom.countries)}"
    if whom.territory and not place.startswith(whom.territory):
        return Answer.FAIL, f"{place} lies outside of its territory", f"a site in {' or '.join(whom.territory)}"
    if whom.sizes and size is SizeClass.UNKNOWN:
        return Answer.UNKNOWN, f"the size of {partner.id} is not known", f"the figures of {partner.id}"
    if whom.sizes and size not in whom.sizes:
        return Answer.FAIL, f"{partner.id} is {size}", f"a {' or '.join(whom.sizes)} enterprise"
    if whom.cohesion and site.cohesion is None:
        return Answer.UNKNOWN, f"the cohesion category of {place} is not known", f"cohesion of site {site.id}"
    if whom.cohesion and site.cohesion not in whom.cohesion:
        return Answer.FAIL, f"{place} is {site.cohesion}", f"a site in a {' or '.join(whom.cohesion)} region"
    return Answer.PASS, f"{partner.id} at {place} fits", ""


def project_terms(facts: CaseFacts, instrument: Instrument) -> Iterator[Finding]:
    """Yield what a call asks of the project as a whole, whoever takes its money."""
    yield _window(facts, instrument)
    project, consortium = facts.case.project, instrument.consortium
    if instrument.trl is not None:
        low, high = instrument.trl
        answer = _within(project.trl, low, high)
        sentence = (
            f"It asks for TRL {low} to {high} at the start; the project is at {project.trl or 'a level not stated'}."
        )
        yield by_terms(instrument, "trl", answer, sentence, remedy="state project.trl, or another call")
    if instrument.months is not None:
        answer = _within(project.months, 1, instrument.months)
        sentence = f"At most {instrument.months} months; the project takes {project.months or 'a time not stated'}."
        yield by_terms(instrument, "duration", answer, sentence, remedy="state project.months, or a shorter project")
    if consortium.coordinator is not None:
        yield _coordinator(facts, instrument, consortium.coordinator)
    yield from _shares(facts, instrument)
    if facts.case.wanted.verified_only and not instrument.verified:
        sentence = f"Nobody verified the terms of {instrument.name}."
        yield by_terms(instrument, "verified", Answer.FAIL, sentence, remedy="read the call and mark it verified")


def _within(level: int | None, low: int, high: int) -> Answer:
    if level is None:
        return Answer.UNKNOWN
    return Answer.PASS if low <= level <= high else Answer.FAIL


def _window(facts: CaseFacts, instrument: Instrument) -> Finding:
    call, today = instrument.call, facts.case.date
    remedy = "another call, or the next window"
    if call.apply_on is not None:
        inside = (call.opens or call.apply_on) <= call.apply_on <= (call.closes or call.apply_on)
        sentence = f"The application of {call.apply_on} {'lies' if inside else 'does not lie'} within the window."
        return by_terms(instrument, "window", Answer.PASS if inside else Answer.FAIL, sentence, remedy=remedy)
    if call.closes is not None and call.closes < today:
        return by_terms(instrument, "window", Answer.FAIL, f"It closed on {call.closes}.", remedy=remedy)
    until = f"until {call.closes}" if call.closes else "without a closing date"
    since = f"from {call.opens} " if call.opens else ""
    return by_terms(instrument, "window", Answer.PASS, f"Open {since}{until}.")


def _coordinator(facts: CaseFacts, instrument: Instrument, whom: Whom) -> Finding:
    key = facts.case.coordinator
    if key is None:
        return by_terms(instrument, "coordinator", Answer.UNKNOWN, "No coordinator is named.", remedy="name one")
    partner = facts.case.partner_by_id[key]
    judged = [mismatch(whom, facts, partner, site) for site in partner.sites]
    order = [Answer.PASS, Answer.UNKNOWN, Answer.FAIL]
    answer, says, would = min(judged, key=lambda one: order.index(one[0]))
    return by_terms(instrument, "coordinator", answer, f"As coordinator: {says}.", remedy=would)


def _shares(facts: CaseFacts, instrument: Instrument) -> Iterator[Finding]:
    items, consortium = facts.case.cost_items, instrument.consortium
    if consortium.partner_share is not None:
        most = max(facts.share(group, items) for group in facts.undertakings.values())
        yield _share(instrument, "partner-share", "One undertaking bears", most, consortium.partner_share)
    if consortium.country_share is not None:
        most = max(_country_shares(facts))
        yield _share(instrument, "country-share", "One country bears", most, consortium.country_share)
    if consortium.sme_share is not None:
        smes = {one.id for one in facts.case.partners if facts.sizes[one.id].is_sme}
        share = facts.share(smes, items)
        answer = Answer.PASS if share >= consortium.sme_share else Answer.FAIL
        sentence = f"SMEs bear {share:.2f} percent of the cost; at least {consortium.sme_share} are asked."
        yield by_terms(instrument, "sme-share", answer, sentence, remedy="more of the work with SMEs")


def _country_shares(facts: CaseFacts) -> Iterator[Decimal]:
    items = facts.case.cost_items
    total = sum((item.amount for item in items), Decimal(0))
    for country in facts.countries(items):
        theirs = (item.amount for item in items if facts.case.site_of(item).country == country)
        yield sum(theirs, Decimal(0)) * 100 / total


def _share(instrument: Instrument, rule: str, who: str, share: Decimal, most: Decimal) -> Finding:
    answer = Answer.PASS if share <= most else Answer.FAIL
    sentence = f"{who} {share:.2f} percent of the cost; at most {most} are allowed."
    return by_terms(instrument, rule, answer, sentence, remedy="divide the work otherwise")


def item_terms(facts: CaseFacts, instrument: Instrument, item: CostItem) -> Iterator[Finding]:
    """Yield what a call asks of one cost item and the partner behind it."""
    partner, site = facts.case.partner_of(item), facts.case.site_of(item)
    answer, says, would = mismatch(instrument.whom, facts, partner, site)
    yield by_terms(instrument, "beneficiary", answer, f"{says}.", remedy=would)
    if instrument.activities and item.activity not in instrument.activities:
        remedy = f"work of the kind {' or '.join(NOUNS[one] for one in instrument.activities)}"
        sentence = f"It does not pay for {NOUNS[item.activity]}."
        yield by_terms(instrument, "activity", Answer.FAIL, sentence, remedy=remedy)
    if instrument.cost_categories and item.cost_category not in instrument.cost_categories:
        remedy = f"cost in the form of {' or '.join(instrument.cost_categories)}"
        yield by_terms(instrument, "cost", Answer.FAIL, f"It does not pay for {item.cost_category}.", remedy=remedy)
    if rate_of(facts, instrument, item) is None:
        sentence = f"None of its rates fits {item.id} of {partner.id}."
        yield by_terms(instrument, "rate", Answer.FAIL, sentence, remedy="another partner or activity")


def rate_of(facts: CaseFacts, instrument: Instrument, item: CostItem) -> Decimal | None:
    """Return the highest rate in percent that fits a cost item; None where none does."""
    fitting = [rate.percent for rate in instrument.rates if _fits(rate, facts, item)]
    return max(fitting, default=None)


def _fits(rate: Rate, facts: CaseFacts, item: CostItem) -> bool:
    partner, site = facts.case.partner_of(item), facts.case.site_of(item)
    return (
        (not rate.activities or item.activity in rate.activities)
        and (not rate.cost_categories or item.cost_category in rate.cost_categories)
        and (rate.coordinator is None or rate.coordinator is (partner.id == facts.case.coordinator))
        and mismatch(rate.whom, facts, partner, site)[0] is Answer.PASS
    )


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

    Where several articles of an instrument could bear its money for an item, each is an option; one of them does.
    For the pairs of item and instrument in `chosen` only the article that is named there.
    """
    entry = {partner.id: tuple(entry_tests(facts, partner)) for partner in facts.case.partners}
    project = {one.id: tuple(project_terms(facts, one)) for one in facts.case.instruments}
    found = []
    for item in facts.case.cost_items:
        asked = [one for one in facts.case.instruments if lines is None or (item.id, one.id) in lines]
        known = ceilings_of(facts, item) if asked else ()
        for one in asked:
            terms = [*project[one.id], *item_terms(facts, one, item)]
            if one.is_state_aid and item.economic:
                only = (chosen or {}).get((item.id, one.id))
                able = [ceiling for ceiling in known if only in (None, ceiling.article.id)]
                found += _of_aid(facts, item, one, able, terms, entry[item.partner])
            else:
                found.append(_of_other_money(facts, item, one, terms))
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
    spared = ceiling.article.spares if ceiling else ()
    asked = (finding for finding in entry if finding.rule not in spared)
    findings = [*terms, *asked, transparency(facts, instrument), _exempted(facts, ceiling, item, instrument)]
    share, most = instrument.grant_equivalent, Decimal("0.00")
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
