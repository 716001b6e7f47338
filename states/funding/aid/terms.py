"""What a call asks: of the project, of a cost item and the partner behind it, and at which rate it pays."""

from collections.abc import Iterator
from decimal import Decimal

from states.funding.case.case import CostItem
from states.funding.case.instruments import Instrument, Rate, Whom
from states.funding.case.partners import Partner, Site
from states.funding.case.vocabulary import NOUNS
from states.funding.law.facts import Answer, CaseFacts, Finding, by_terms
from states.partners.tables import SizeClass
from states.texts import Text


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
        sentence = Text("checked", "unverified_terms", instrument=instrument.name).kept
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
        day = f"{call.apply_on}"
        said = Text("checked", "inside_window", day=day) if inside else Text("checked", "outside_window", day=day)
        return by_terms(instrument, "window", Answer.PASS if inside else Answer.FAIL, said.kept, remedy=remedy)
    if call.closes is not None and call.closes < today:
        sentence = Text("checked", "closed_on", day=f"{call.closes}").kept
        return by_terms(instrument, "window", Answer.FAIL, sentence, remedy=remedy)
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
        said = Text("checked", "undertaking_share", part=f"{most:.2f}", most=f"{consortium.partner_share}")
        yield _share(instrument, "partner-share", said, most, consortium.partner_share)
    if consortium.country_share is not None:
        most = max(_country_shares(facts))
        said = Text("checked", "country_share", part=f"{most:.2f}", most=f"{consortium.country_share}")
        yield _share(instrument, "country-share", said, most, consortium.country_share)
    if consortium.sme_share is not None:
        smes = {one.id for one in facts.case.partners if facts.sizes[one.id].is_sme}
        share = facts.share(smes, items)
        answer = Answer.PASS if share >= consortium.sme_share else Answer.FAIL
        sentence = Text("checked", "sme_share", part=f"{share:.2f}", least=f"{consortium.sme_share}").kept
        yield by_terms(instrument, "sme-share", answer, sentence, remedy="more of the work with SMEs")


def _country_shares(facts: CaseFacts) -> Iterator[Decimal]:
    items = facts.case.cost_items
    total = sum((item.amount for item in items), Decimal(0))
    for country in facts.countries(items):
        theirs = (item.amount for item in items if facts.case.site_of(item).country == country)
        yield sum(theirs, Decimal(0)) * 100 / total


def _share(instrument: Instrument, rule: str, said: Text, share: Decimal, most: Decimal) -> Finding:
    answer = Answer.PASS if share <= most else Answer.FAIL
    return by_terms(instrument, rule, answer, said.kept, remedy="divide the work otherwise")


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
