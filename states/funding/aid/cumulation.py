"""What may come together on one cost item: the levels that the sources set, and what was granted before.

Art. 8 GBER in numbers. Aid (State aid, with de minimis for the same cost) stays within the highest ceiling among the
State aid present. Where money of the Union is present beside State aid, all of it stays within the highest level among
both. No two grants of the Union pay one cost. Where an article asks for an own share, public money leaves it free.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from states.funding.aid.ceilings import ceilings_of
from states.funding.aid.options import Option
from states.funding.case.case import CostItem
from states.funding.case.instruments import DE_MINIMIS, EU_DIRECT, MARKET
from states.funding.law.facts import CaseFacts


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
