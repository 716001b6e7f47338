"""What the rules say of each partner of a case: the table of partner by rule."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from states.funding.aid.ceilings import Ceiling, ceilings_of
from states.funding.aid.limits import AmountLimit, amount_limits
from states.funding.aid.options import Option, options
from states.funding.aid.unpaid import most_alone, obstacles
from states.funding.case.case import FundingCase
from states.funding.case.partners import Partner
from states.funding.law.de_minimis import headrooms
from states.funding.law.entry import entry_tests
from states.funding.law.facts import Answer, CaseFacts, Finding, by_rule
from states.funding.law.places import cofinancing
from states.funding.rules.choice import rules_of
from states.funding.rules.library import RuleSet
from states.partners.tables import SizeClass


def explain_case(case: FundingCase, *, rules: RuleSet | None = None) -> list[Finding]:
    """Return every answer by partner in the order of the case.

    Size, entry tests, ceilings by item and article, limits in EUR, de minimis by Member State, instruments by item.
    """
    facts = CaseFacts(case, rules or rules_of(case))
    found = options(facts)
    limits = amount_limits(facts, found)
    missing = {one.id: obstacles(facts, one, found) for one in case.instruments}
    rows: list[Finding] = []
    for partner in case.partners:
        rows += [*_size(facts, partner), *entry_tests(facts, partner), *_cofinancing(facts, partner)]
        for item in case.cost_items:
            if item.partner == partner.id and item.economic:
                rows += [
                    _ceiling(one, partner, f" under {law.rules.id}" if len(facts.each) > 1 else "")
                    for law in facts.each
                    for one in ceilings_of(law, item)
                ]
        rows += [_limit(limit, partner) for limit in limits if partner.id in limit.who and not _by_state(limit)]
        rows += _de_minimis(facts, partner)
        rows += [_option(facts, one, missing) for one in _by_pair(found) if one.item.partner == partner.id]
    return rows


def _size(facts: CaseFacts, partner: Partner) -> Iterator[Finding]:
    sizing, who = facts.sizes[partner.id], partner.id
    rule = facts.rules.rules["sme-two-years" if len(sizing.by_year) > 1 else "sme-links"]
    if sizing.size is SizeClass.UNKNOWN:
        remedy = f"give the figures of {who} and of all that are linked to it, for two years"
        yield by_rule(rule, Answer.UNKNOWN, f"The size of {who}: {sizing.reason}.", remedy=remedy, partner=who)
        return
    years = "".join(f"; {year}: {size}" for year, size in sizing.by_year)
    joint = ""
    if sizing.figures is not None:
        shown = {name: f"{span.high:.2f}" for name, span in sizing.figures.items()}
        joint = f"; jointly {', '.join(f'{name} {figure}' for name, figure in shown.items())}"
    sentence = f"{who} is {sizing.size}, {sizing.reason}{years}{joint}."
    if sizing.declared_wrong:
        remedy = f"{who} declares {partner.size}: mend the declaration or the figures"
        yield by_rule(rule, Answer.FAIL, sentence, remedy=remedy, partner=who, blocks=False)
    else:
        yield by_rule(rule, Answer.PASS, sentence, partner=who)
    if sizing.size is SizeClass.LARGE:
        mid_cap = facts.rules.rules["small-mid-cap"]
        answers = {True: (Answer.PASS, "is one"), False: (Answer.FAIL, "is none"), None: (Answer.UNKNOWN, "may be one")}
        answer, says = answers[sizing.small_mid_cap]
        yield by_rule(mid_cap, answer, f"{mid_cap.sentence} {who} {says}.", partner=who, blocks=False)


def _cofinancing(facts: CaseFacts, partner: Partner) -> Iterator[Finding]:
    for site in {site.region: site for site in partner.sites}.values():
        if site.cohesion is not None:
            for found in cofinancing(facts.rules, site.nuts, site.cohesion, facts.case.date):
                yield replace(found, partner=partner.id)


def _ceiling(one: Ceiling, partner: Partner, under: str) -> Finding:
    where = f"{one.item}{under}"
    if one.answer is not Answer.PASS:
        sentence = f"{where}: {one.says}."
        return by_rule(
            one.article, one.answer, sentence, remedy=one.would, partner=partner.id, item=one.item, blocks=False
        )
    steps = [one.base, *one.bonuses, one.cap]
    way = " + ".join(f"{step.points} ({step.rule.article})" for step in steps[:-1] if step and step.counted)
    cut = f", cut to {one.percent}" if one.cap and one.cap.counted else ""
    lifts = "; ".join(f"{percent} percent by {step.rule.article}: {step.would}" for step, percent in one.lifts)
    least = f"; at most {one.amount} EUR by {' and '.join(limit.rule.article for limit in one.limits)}"
    within = least if one.limits else ""
    note = f"; {one.area.nuts}: {one.area.note}" if one.area is not None and one.area.note else ""
    sentence = f"{where}: {one.percent} percent, {one.by_percent} EUR: {way}{cut}{within}{note}."
    rule = next(iter(one.unverified), one.article)  # the table shows the weakest rule it rests on
    return Finding(
        one.article.id, one.article.article, Answer.PASS, sentence, rule.verified, lifts, partner.id, one.item
    )


def _by_state(limit: AmountLimit) -> bool:
    return limit.rule.id == "de-minimis-ceiling"  # the ledger of each Member State has a row of its own


def _limit(limit: AmountLimit, partner: Partner) -> Finding:
    items = ", ".join(sorted({item for item, _, _ in limit.lines}))
    sentence = f"{limit.sentence} {limit.most:.2f} EUR of aid are left for {items}."
    answer, remedy = (Answer.PASS, "") if limit.most else (Answer.FAIL, limit.remedy)
    return by_rule(limit.rule, answer, sentence, remedy=remedy, partner=partner.id, blocks=False)


def _de_minimis(facts: CaseFacts, partner: Partner) -> Iterator[Finding]:
    rule = facts.rules.rules["de-minimis-ceiling"]
    if len(group := facts.undertakings[partner.id]) > 1:
        sentence = f"{' with '.join(sorted(group))}: one single undertaking."
        yield by_rule(facts.rules.rules["de-minimis-single-undertaking"], Answer.PASS, sentence, partner=partner.id)
    for _, state, room in headrooms(facts, partner, on=facts.case.date):
        who = " with ".join(sorted(facts.undertakings[partner.id]))
        sentence = f"{who} in {state} on {room.on}: {room.used:.2f} EUR used, {room.left:.2f} EUR left."
        answer = Answer.PASS if room.left else Answer.FAIL
        remedy = "" if room.left else f"an award when earlier ones are {rule.figures['years']:.0f} years ago"
        yield by_rule(rule, answer, sentence, remedy=remedy, partner=partner.id, blocks=False)


def _by_pair(found: Iterable[Option]) -> Iterable[Option]:
    """Return of several articles for one item and instrument the one that allows most."""
    best: dict[tuple[str, str], Option] = {}
    for option in found:
        known = best.get(option.pair)
        if known is None or (option.open, option.most) > (known.open, known.most):
            best[option.pair] = option
    return best.values()


def _option(facts: CaseFacts, option: Option, missing: Mapping[str, list[Finding]]) -> Finding:
    """Sum an instrument up for a cost item: what is against it, else what is still open, else the most it pays."""
    against = [finding for finding in option.findings if finding.blocks]
    if not against and option.open:
        against = missing[option.instrument.id]
    unsure = [finding for finding in option.findings if finding.answer is not Answer.PASS]
    item, instrument = option.item, option.instrument
    shown = next(iter(against or unsure), None)
    most = f"{instrument.id} may pay {item.id} up to {most_alone(facts, option):.2f} EUR"
    if shown is None:
        article = f"Terms of {instrument.name}"
        answer, verified = Answer.PASS, instrument.verified
        return Finding("instrument", article, answer, f"{most}.", verified, "", item.partner, item.id, instrument.id)
    sentences = " ".join(dict.fromkeys(finding.sentence for finding in against or unsure))
    remedies = "; ".join(dict.fromkeys(finding.remedy for finding in against or unsure if finding.remedy))
    return Finding(
        shown.rule,
        shown.article,
        shown.answer,
        f"{instrument.id} does not pay {item.id}: {sentences}" if against else f"{most}; open: {sentences}",
        shown.verified,
        remedies,
        item.partner,
        item.id,
        instrument.id,
        blocks=bool(against),
    )
