"""Limits in EUR that run over several cost items: per undertaking and article, and de minimis per Member State.

Each is one linear sum of aid over lines (cost item, instrument); the solver takes them as constraints, the checker adds
them up.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from states.funding.aid.options import Option
from states.funding.case.instruments import DE_MINIMIS
from states.funding.case.partners import AidReceived
from states.funding.law.de_minimis import headroom_of, window_begins, years_before
from states.funding.law.entry import awarded_on
from states.funding.law.facts import CaseFacts
from states.funding.rules.definition import Article, Limit, Rule

Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class AmountLimit:
    """The aid over `lines` (item id, instrument id), money times aid share, is at most `most` EUR.

    `who` are the enterprises of the single undertaking; `sentence` says where the figure comes from.
    """

    rule: Rule
    who: frozenset[str]
    lines: frozenset[Line]
    most: Decimal
    sentence: str


def amount_limits(facts: CaseFacts, options: Iterable[Option]) -> list[AmountLimit]:
    """Give every limit that any of the options could reach."""
    aided = [option for option in options if option.aid_share]
    return [*_by_article(facts, aided), *_de_minimis(facts, aided)]


def _by_article(facts: CaseFacts, options: list[Option]) -> Iterator[AmountLimit]:
    by_group: dict[tuple[str, frozenset[str]], list[Option]] = {}
    for option in options:
        if option.article is not None:
            by_group.setdefault((option.article, facts.undertakings[option.item.partner]), []).append(option)
    for (key, group), mine in by_group.items():
        article = facts.rules.articles[key]
        for limit in article.limits:
            lines = frozenset(
                (option.item.id, option.instrument.id)
                for option in mine
                if not limit.activities or option.item.activity in limit.activities
            )
            if lines:
                yield _limit(facts, article, limit, group, lines)


def _limit(
    facts: CaseFacts, article: Article, limit: Limit, group: frozenset[str], lines: frozenset[Line]
) -> AmountLimit:
    euro = limit.euro * (2 if limit.doubled_for_eureka and facts.case.project.eureka else 1)
    received = (aid for aid in facts.case.aid_received if aid.recipient in group and aid.basis == article.id)
    had = sum((aid.amount for aid in received if _counts(facts, limit, aid)), Decimal(0))
    before = f", of which {had:.2f} EUR were granted before" if had else ""
    sentence = f"{limit.sentence} For {' with '.join(sorted(group))}: {euro:.2f} EUR{before}."
    return AmountLimit(limit, group, lines, max(euro - had, Decimal(0)), sentence)


def _counts(facts: CaseFacts, limit: Limit, aid: AidReceived) -> bool:
    """Aid received counts within the years of the limit; without years, where it pays for this very project."""
    if limit.years is not None:
        return aid.granted_on > years_before(facts.case.date, limit.years)
    if aid.cost_item is None:
        return False
    return not limit.activities or facts.case.item_by_id[aid.cost_item].activity in limit.activities


def _de_minimis(facts: CaseFacts, options: list[Option]) -> Iterator[AmountLimit]:
    """Yield a limit for each date of award: awards of the case itself fill the window of later ones."""
    rule = facts.rules.rules["de-minimis-ceiling"]
    ledgers: dict[tuple[frozenset[str], str], list[tuple[str, str, date]]] = {}
    for option in options:
        instrument = option.instrument
        if DE_MINIMIS in instrument.basis:
            key = facts.undertakings[option.item.partner], instrument.member_state or ""
            ledgers.setdefault(key, []).append((option.item.id, instrument.id, awarded_on(facts, instrument)))
    for (group, state), lines in ledgers.items():
        for on in sorted({day for _, _, day in lines}):
            room = headroom_of(facts, min(group), state, on)
            years, fiscal = int(rule.figures["years"]), bool(rule.figures["fiscal_years"])
            since = window_begins(on, years, fiscal_years=fiscal)
            within = frozenset((item, instrument) for item, instrument, day in lines if since < day <= on)
            used = f"{room.used:.2f} of {room.ceiling:.2f} EUR are used, {room.left:.2f} EUR are left"
            who = " with ".join(sorted(group))
            sentence = f"{who} in {state} on {on}: {used}; one cent more, and the whole award is lost."
            yield AmountLimit(rule, group, within, room.left, sentence)
