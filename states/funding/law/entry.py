"""The tests that come before any rate: difficulty, open recovery, incentive effect, validity, transparency."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from states.funding.case.case import CostItem
from states.funding.case.instruments import DE_MINIMIS, EU_DIRECT, Instrument, months_after
from states.funding.case.partners import Partner, YearFigures
from states.funding.case.vocabulary import FinanceKind
from states.funding.law.dates import years_before
from states.funding.law.facts import Answer, CaseFacts, Finding, by_rule
from states.funding.rules.definition import Article, Book

_ADD_RULES = (
    "the office adds the rules that follow (bankable rules check, add), and a second person verifies them: "
    "docs/how-to/when-the-law-changes.md"
)


def awarded_on(facts: CaseFacts, instrument: Instrument) -> date:
    """Return the day on which the award is expected: the application and the months to the decision."""
    return instrument.call.awarded_on(facts.case.date)


def recovery(facts: CaseFacts, partner: Partner) -> Finding:
    """Ask whether unlawful aid is still to be paid back (the Deggendorf rule)."""
    rule, who = facts.rules.rules["gber-1-4-a"], partner.id
    if partner.recovery_order is None:
        remedy = f"have {who} declare it (recovery_order)"
        sentence = f"{who} did not say whether a recovery is open."
        return by_rule(rule, Answer.UNKNOWN, sentence, remedy=remedy, partner=who)
    if partner.recovery_order:
        remedy = f"{who} pays the unlawful aid back first"
        return by_rule(rule, Answer.FAIL, f"A recovery order is open against {who}.", remedy=remedy, partner=who)
    return by_rule(rule, Answer.PASS, f"No recovery order is open against {who}.", partner=who)


def difficulty(facts: CaseFacts, partner: Partner) -> Finding:
    """Ask whether the partner is an undertaking in difficulty (GBER Article 2, point 18), by what is known of it.

    Capital lost, insolvency and rescue aid; for large enterprises also debt against own funds together with the cover
    of interest by EBITDA, two years running. SMEs younger than three years are spared the test of capital.
    """
    rule, who = facts.rules.rules["gber-1-4-c"], partner.id
    reasons = {
        f"{who} is in insolvency proceedings": partner.difficulty.insolvent,
        f"{who} has rescue aid that is not paid back": partner.difficulty.rescue_aid,
        f"{who} lost more than half of its capital": _capital_lost(facts, partner),
        f"{who} has too much debt for its own funds and its interest": _indebted(facts, partner),
    }
    met = [reason for reason, so in reasons.items() if so]
    unanswered = [reason for reason, so in reasons.items() if so is None]
    if met:
        return by_rule(rule, Answer.FAIL, f"{'; '.join(met)}.", remedy="another partner, or new capital", partner=who)
    if unanswered:
        sentence = f"Not known: whether {'; whether '.join(unanswered)}."
        return by_rule(rule, Answer.UNKNOWN, sentence, remedy=f"complete difficulty and years of {who}", partner=who)
    return by_rule(rule, Answer.PASS, f"{who} is not in difficulty.", partner=who)


def _latest(partner: Partner) -> list[YearFigures]:
    return sorted(partner.years, key=lambda figures: figures.year, reverse=True)


def _capital_lost(facts: CaseFacts, partner: Partner) -> bool | None:
    rules, sme = facts.rules, facts.sizes[partner.id].is_sme
    young_since = years_before(facts.case.date, int(rules.figure("gber-1-4-c", "young_years")))
    young = None if partner.founded is None else partner.founded > young_since
    if sme and young:
        return False
    last = next(iter(_latest(partner)), None)
    if last is None or last.subscribed_capital is None or last.own_funds is None:
        return None
    kept = 1 - rules.figure("gber-1-4-c", "capital_lost_share") / 100
    lost = last.own_funds < last.subscribed_capital * kept
    may_be_young_sme = False not in (sme, young)
    return None if lost and may_be_young_sme else lost


def _indebted(facts: CaseFacts, partner: Partner) -> bool | None:
    if facts.sizes[partner.id].is_sme:
        return False
    years = _latest(partner)[: int(facts.rules.figure("gber-1-4-c", "ratio_years"))]
    each = [_indebted_in(facts, figures) for figures in years]
    if False in each:
        return False
    complete = len(each) == facts.rules.figure("gber-1-4-c", "ratio_years") and None not in each
    return True if complete and facts.sizes[partner.id].is_sme is False else None


def _indebted_in(facts: CaseFacts, figures: YearFigures) -> bool | None:
    """Ask whether both ratios of a year are beyond their limits; one that is within settles it."""
    leverage = facts.rules.figure("gber-1-4-c", "debt_to_equity")
    cover = facts.rules.figure("gber-1-4-c", "interest_cover")
    debt, own, ebitda, interest = figures.debt, figures.own_funds, figures.ebitda, figures.interest
    deep = None if debt is None or own is None else debt > leverage * max(own, Decimal(0))
    thin = None if ebitda is None or interest is None else ebitda < cover * interest
    if False in (deep, thin):
        return False
    return None if None in (deep, thin) else True


def validity(facts: CaseFacts, instrument: Instrument, article: Article) -> Finding:
    """Ask whether the article will be in force when the aid is awarded; after its end only a running scheme has it."""
    on, book = awarded_on(facts, instrument), facts.rules.book_of[article.id]
    where = instrument.id
    if facts.rules.in_force(article.id, on):
        return by_rule(article, Answer.PASS, f"In force on {on}, the day of the award.", instrument=where)
    if book.valid_to is None or on <= book.valid_to:
        sentence = f"Not yet in force on {on}, the day of the award."
        return by_rule(article, Answer.FAIL, sentence, remedy="another rule set", instrument=where)
    return after_the_end(facts, book, on, instrument)


def after_the_end(facts: CaseFacts, book: Book, on: date, instrument: Instrument) -> Finding:
    """Say what of an award after the last day of an act: by the transition, by the set that holds then, or open."""
    tail, successor, where = facts.rules.rules["gber-58"], facts.rules.holding(on), instrument.id
    last = months_after(book.valid_to or on, int(tail.figures["tail_months"]))
    transitions = [one.transition for one in facts.rules.calendar if one.succeeds == facts.rules.id and one.transition]
    then = f" {successor.id} holds then." if successor is not None else ""
    if on <= max([last, *(one.until for one in transitions)]) and not instrument.ad_hoc:
        said = next((f" {one.article}: {one.sentence}" for one in transitions if on <= one.until), "")
        sentence = f"{book.title} ends on {book.valid_to}; an award on {on} needs a scheme that ran before.{said}{then}"
        remedy = f"ask whether {where} runs on" + (f", or ask under {successor.id}" if successor is not None else "")
        return by_rule(tail, Answer.MANUAL, sentence, remedy=remedy, instrument=where)
    if successor is not None:
        sentence = f"{book.title} ends on {book.valid_to}; on {on} {successor.title} ({successor.id}) holds."
        remedy = f"ask under {successor.id}: --rules {successor.id} shows what changes"
        return by_rule(tail, Answer.UNKNOWN, sentence, remedy=remedy, instrument=where)
    sentence = f"{book.title} ends on {book.valid_to}; no set of rules is known that holds on {on}."
    return by_rule(tail, Answer.UNKNOWN, sentence, remedy=_ADD_RULES, instrument=where)


def incentive(facts: CaseFacts, instrument: Instrument, item: CostItem, article: Article | None) -> Finding | None:
    """Ask whether the application comes before the works; None where no rule asks.

    Works that start while the call is open leave it open: whoever applies before them keeps to the rule.
    """
    if article is not None and article.incentive_effect:
        rule = facts.rules.rules["gber-6-2"]
    elif EU_DIRECT in instrument.basis:
        rule = facts.rules.rules["union-no-retroactive"]
    else:
        return None
    call, today, starts = instrument.call, facts.case.date, item.starts
    applied, first = call.applied_on(today), call.first_day(today)
    begin = f"Works of {item.id} start on {starts}"
    if applied < starts:
        answer, remedy = Answer.PASS, ""
        sentence = f"{begin}, the application to {instrument.id} counts as made on {applied}."
    elif first < starts and call.apply_on is None:
        answer, remedy = Answer.MANUAL, f"apply to {instrument.id} before {starts}"
        sentence = f"{begin}, while {instrument.id} takes applications from {first} to {call.closes}."
    elif first < starts:
        answer = Answer.FAIL
        remedy = f"apply to {instrument.id} before {starts} (apply_on of the call), or start {item.id} after {applied}"
        sentence = f"{begin}, the application to {instrument.id} is made on {applied}."
    else:
        answer, remedy = Answer.FAIL, f"start {item.id} after {first}"
        sentence = f"{begin}, and nobody can apply to {instrument.id} before {first}."
    return by_rule(rule, answer, sentence, remedy=remedy, item=item.id, instrument=instrument.id)


def verified_effect(facts: CaseFacts, instrument: Instrument, item: CostItem, article: Article) -> Finding | None:
    """Ask for what a State verifies before ad hoc aid to a large enterprise (GBER Article 6(3)); None elsewhere."""
    rule, partner = facts.rules.rules.get("gber-6-3"), facts.case.partner_of(item)
    if rule is None or not instrument.ad_hoc or not article.incentive_effect or facts.sizes[partner.id].is_sme:
        return None
    remedy = f"papers of {partner.id} that show what the aid changes"
    return by_rule(rule, Answer.MANUAL, remedy=remedy, item=item.id, instrument=instrument.id)


def transparency(facts: CaseFacts, instrument: Instrument, article: Article | None = None) -> Finding:
    """Ask whether the grant equivalent is known beforehand (GBER Article 5, Regulation 2023/2831 Article 4)."""
    small = DE_MINIMIS in instrument.basis
    rule, where = facts.rules.rules["de-minimis-loans" if small else "gber-5"], instrument.id
    if instrument.kind is FinanceKind.GRANT:
        return by_rule(rule, Answer.PASS, "A grant is transparent aid.", instrument=where)
    if article is not None and article.risk_finance:
        sentence = f"Under {article.article} all that is invested counts, in whatever form."
        return by_rule(rule, Answer.PASS, sentence, instrument=where)
    if instrument.kind is FinanceKind.EQUITY:
        remedy = "use an article on risk finance (gber-21), or market terms"
        sentence = "Equity is transparent in risk finance only."
        return by_rule(rule, Answer.MANUAL, sentence, remedy=remedy, instrument=where)
    if instrument.grant_equivalent == 100:
        remedy = "state grant_equivalent, by the reference rate or an approved method"
        sentence = f"No grant equivalent is stated for the {instrument.kind}; all of it counts as aid."
        return by_rule(rule, Answer.UNKNOWN, sentence, remedy=remedy, instrument=where)
    stated = f"The grant equivalent is stated: {instrument.grant_equivalent} percent."
    if small:
        remedy = f"ask whether {where} keeps to it"
        return by_rule(rule, Answer.MANUAL, f"{stated} {rule.sentence}", remedy=remedy, instrument=where)
    return by_rule(rule, Answer.PASS, stated, instrument=where)


def entry_tests(facts: CaseFacts, partner: Partner) -> Iterator[Finding]:
    """Yield the tests of a partner that come before any aid under the Regulation."""
    if any(item.economic for item in facts.case.cost_items if item.partner == partner.id):
        yield difficulty(facts, partner)
        yield recovery(facts, partner)
    else:
        rule = facts.rules.rules["tfeu-107-1"]
        sentence = f"{partner.id} acts outside the market in this project; its money is no State aid."
        yield by_rule(rule, Answer.PASS, sentence, partner=partner.id)
