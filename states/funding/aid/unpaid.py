"""Why an instrument pays nothing: always a reason, with what there is, what is asked, and what would change it."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from states.funding.aid.consortium import shortages
from states.funding.aid.euro_limits import down_to_cent
from states.funding.aid.limits import amount_limits
from states.funding.aid.options import Option
from states.funding.case.instruments import Instrument
from states.funding.law.facts import Answer, CaseFacts, Finding, by_terms

_SHOWN = 3  # sentences about one instrument


def most_alone(facts: CaseFacts, option: Option) -> Decimal:
    """Return the most EUR that an option pays when nothing else does, with the limits of law and call in EUR."""
    one = option.instrument
    caps = [cap for cap in (one.partner_most, one.project_most, one.call.budget) if cap is not None]
    aid = [limit.most * 100 / option.aid_share for limit in amount_limits(facts, [option])]
    return min([option.most, *caps, *map(down_to_cent, aid)])


def obstacles(facts: CaseFacts, instrument: Instrument, options: Iterable[Option]) -> list[Finding]:
    """Return what keeps an instrument from paying anything at all, its options given; none where it may pay."""
    mine = [option for option in options if option.instrument is instrument]
    able = [option for option in mine if option.open]
    if not able:
        found = (finding for option in mine for finding in option.findings if finding.blocks)
        return list(dict.fromkeys(found)) or [_nothing_left(instrument)]
    missing = list(shortages(facts, instrument, [option.item for option in able]))
    return missing or list(_too_little(facts, instrument, able))


def _nothing_left(instrument: Instrument) -> Finding:
    sentence = "Nothing is left that it could pay."
    return by_terms(instrument, "rate", Answer.FAIL, sentence, remedy="a higher rate, or cost that nothing pays yet")


def _too_little(facts: CaseFacts, instrument: Instrument, able: list[Option]) -> Iterator[Finding]:
    """Yield the least amounts that the cost does not reach."""
    by_partner: dict[str, dict[str, Decimal]] = {}
    for option in able:
        theirs = by_partner.setdefault(option.item.partner, {})
        theirs[option.item.id] = max(theirs.get(option.item.id, Decimal(0)), most_alone(facts, option))
    sums = {partner: sum(theirs.values(), Decimal(0)) for partner, theirs in by_partner.items()}
    total = sum(sums.values(), Decimal(0))
    for rule, who, least, most in (
        ("project-least", "the project", instrument.project_least, total),
        ("partner-least", "a partner", instrument.partner_least, max(sums.values())),
    ):
        if most < least:
            sentence = f"It pays at least {least:.2f} EUR to {who}; there are {most:.2f} EUR that it could pay."
            yield by_terms(instrument, rule, Answer.FAIL, sentence, remedy=f"{least - most:.2f} EUR more that it pays")


def unpaid(
    facts: CaseFacts, options: Iterable[Option], paying: Iterable[str], without: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield for each instrument that pays nothing in a mix one reason; `without` says which ones the mix leaves out."""
    every, used = list(options), set(paying)
    for instrument in facts.case.instruments:
        if instrument.id in used:
            continue
        if instrument.id in without:
            sentence = f"{instrument.id} pays nothing: {without[instrument.id]}"
            yield by_terms(instrument, "left-out", Answer.FAIL, sentence, remedy="look at the other mixes")
        elif against := obstacles(facts, instrument, every):
            yield _summed(instrument, against)
        else:
            yield _not_needed(facts, instrument, every)


def _summed(instrument: Instrument, against: list[Finding]) -> Finding:
    sentences = list(dict.fromkeys(one.sentence for one in against))
    more = f" And {len(sentences) - _SHOWN} more reasons." if len(sentences) > _SHOWN else ""
    remedies = "; ".join(dict.fromkeys(one.remedy for one in against[:_SHOWN] if one.remedy))
    one = against[0]
    sentence = f"{instrument.id} pays nothing: {' '.join(sentences[:_SHOWN])}{more}"
    return Finding(
        one.rule, one.article, one.answer, sentence, one.verified, remedies, instrument=instrument.id, blocks=True
    )


def _not_needed(facts: CaseFacts, instrument: Instrument, options: list[Option]) -> Finding:
    mine: dict[str, Decimal] = {}
    for option in options:
        if option.instrument is instrument and option.open:
            mine[option.item.id] = max(mine.get(option.item.id, Decimal(0)), most_alone(facts, option))
    caps = [cap for cap in (instrument.project_most, instrument.call.budget) if cap is not None]
    most = min([sum(mine.values(), Decimal(0)), *caps])
    count = f"{len(mine)} cost item{'' if len(mine) == 1 else 's'}"
    sentence = (
        f"{instrument.id} pays nothing: it could pay up to {most:.2f} EUR of {count}, and by what the mix keeps small "
        "others do as well or better."
    )
    return by_terms(instrument, "not-needed", Answer.PASS, sentence, remedy="name it under wanted.use to have it pay")
