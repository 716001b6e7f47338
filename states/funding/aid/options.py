"""Which instrument may pay how much of which cost item: every check, its answer, and the most in EUR."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from states.funding.aid.ceilings import Ceiling, ceilings_of, down_to_cent
from states.funding.aid.eligibility import item_terms, project_terms, rate_of
from states.funding.case.case import CostItem
from states.funding.case.instruments import DE_MINIMIS, Instrument
from states.funding.law.entry import entry_tests, incentive, transparency, validity
from states.funding.law.facts import CaseFacts
from states.funding.law.findings import Answer, Finding, by_rule


@dataclass(frozen=True, slots=True)
class Option:
    """An instrument for a cost item: the answers of all checks, and the most money it may pay, in EUR.

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


def options(facts: CaseFacts, lines: Collection[tuple[str, str]] | None = None) -> list[Option]:
    """Check every instrument for every cost item, in the order of the case; or only `lines` (item, instrument)."""
    entry = {partner.id: tuple(entry_tests(facts, partner)) for partner in facts.case.partners}
    project = {one.id: tuple(project_terms(facts, one)) for one in facts.case.instruments}
    found = []
    for item in facts.case.cost_items:
        asked = [one for one in facts.case.instruments if lines is None or (item.id, one.id) in lines]
        known = ceilings_of(facts, item) if asked else ()
        for one in asked:
            terms = [*project[one.id], *item_terms(facts, one, item)]
            if one.is_state_aid and item.economic:
                found.append(_of_aid(facts, item, one, known, [*terms, *entry[item.partner]]))
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
    facts: CaseFacts, item: CostItem, instrument: Instrument, known: tuple[Ceiling, ...], findings: list[Finding]
) -> Option:
    """State aid under an article: the highest ceiling among those that the instrument names."""
    rate = rate_of(facts, instrument, item) or Decimal(0)
    best = next((found for found in known if found.article.id in instrument.basis), None)
    findings += [transparency(facts, instrument), _exempted(facts, best, item, instrument)]
    share, most = instrument.grant_equivalent, Decimal("0.00")
    if best is not None and best.answer is Answer.PASS:
        findings.append(validity(facts, instrument, best.article))
        if (works := incentive(facts, instrument, item, best.article)) is not None:
            findings.append(works)
        by_rate, by_own = (item.amount * percent / 100 for percent in (rate, 100 - best.article.own_share))
        by_ceiling = best.amount * 100 / share if share else item.amount
        most = min(*map(down_to_cent, (by_rate, by_own, by_ceiling)), facts.case.left(item))
    return Option(item, instrument, tuple(findings), rate, most, share, best)


def _exempted(facts: CaseFacts, best: Ceiling | None, item: CostItem, instrument: Instrument) -> Finding:
    """Answer whether an article exempts the aid at all."""
    if best is None:
        named = " or ".join(
            facts.rules.articles[key].article if key in facts.rules.articles else f"{key} (not in {facts.rules.id})"
            for key in instrument.basis
        )
        sentence = f"{named} knows no aid for {item.activity}."
        key = instrument.basis[0]
        return Finding(key, named, Answer.FAIL, sentence, True, "", "", item.id, instrument.id, blocks=True)
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
