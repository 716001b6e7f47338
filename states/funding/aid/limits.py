"""Limits over cost items: what may come together on one, and EUR per undertaking, article and Member State.

Art. 8 GBER in numbers. Aid (State aid, with de minimis for the same cost) stays within the highest ceiling among the
State aid present. Where money of the Union is present beside State aid, all of it stays within the highest level among
both. No two grants of the Union pay one cost. Where an article asks for an own share, public money leaves it free.

Each limit in EUR is one linear sum of aid over lines (cost item, instrument); the solver takes them as constraints, the
checker adds them up.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from states.funding.aid.ceilings import ceilings_of
from states.funding.aid.options import Option
from states.funding.case.case import CostItem
from states.funding.case.instruments import DE_MINIMIS, EU_DIRECT, MARKET
from states.funding.case.partners import AidReceived
from states.funding.law.de_minimis import headroom_of, window_begins, years_before
from states.funding.law.entry import awarded_on
from states.funding.law.facts import CaseFacts
from states.funding.rules.definition import Article, Limit, Rule


@dataclass(frozen=True, slots=True)
class Level:
    """A source on a cost item: the EUR of public support up to which it lets all sources together go.

    `share` is the support in 100 EUR of its money. `instrument` is None for what was granted before (then `money` is
    the amount, and it counts as support in full).
    """

    instrument: str | None
    level: Decimal
    share: Decimal
    money: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Stack:
    """The sources that may meet on one cost item.

    `own_share` maps an instrument to the EUR of the item that public money (`public`, all instruments but market ones)
    must leave free as soon as the instrument pays.
    """

    item: CostItem
    aid: tuple[Level, ...]
    de_minimis: tuple[Level, ...]
    union: tuple[Level, ...]
    eu_grants: frozenset[str]
    had_eu_grant: bool
    public: frozenset[str]
    own_share: dict[str, Decimal]


def stacks(facts: CaseFacts, options: Iterable[Option]) -> dict[str, Stack]:
    """Give the stack of each cost item by its id, of the options that are given for it."""
    by_item: dict[str, list[Option]] = {item.id: [] for item in facts.case.cost_items}
    for option in options:
        by_item[option.item.id].append(option)
    return {key: _stack(facts, facts.case.item_by_id[key], found) for key, found in by_item.items()}


def _stack(facts: CaseFacts, item: CostItem, options: list[Option]) -> Stack:
    had = [aid for aid in facts.case.aid_received if aid.cost_item == item.id]
    articles = {found.article.id: found.amount for found in ceilings_of(facts, item)}
    # What was granted lawfully before sets its own level at least, even where today's facts would give less.
    aid = [
        Level(None, max(articles.get(one.basis, Decimal(0)), one.amount), Decimal(100), one.amount)
        for one in had
        if one.basis not in (EU_DIRECT, DE_MINIMIS)
    ]
    small = [Level(None, item.amount, Decimal(100), one.amount) for one in had if one.basis == DE_MINIMIS]
    union = [Level(None, one.amount, Decimal(100), one.amount) for one in had if one.basis == EU_DIRECT]
    for option in options:
        instrument = option.instrument
        if option.ceiling is not None:
            aid.append(Level(instrument.id, option.ceiling.amount, option.aid_share))
        elif DE_MINIMIS in instrument.basis and item.economic:
            small.append(Level(instrument.id, item.amount, option.aid_share))
        elif EU_DIRECT in instrument.basis:
            union.append(Level(instrument.id, item.amount * option.rate / 100, instrument.grant_equivalent))
    return Stack(
        item,
        tuple(aid),
        tuple(small),
        tuple(union),
        frozenset(option.instrument.id for option in options if option.instrument.eu_grant),
        any(one.eu_grant for one in had),
        frozenset(option.instrument.id for option in options if MARKET not in option.instrument.basis),
        {
            option.instrument.id: item.amount * option.ceiling.article.own_share / 100
            for option in options
            if option.ceiling is not None and option.ceiling.article.own_share
        },
    )


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
