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
from states.funding.aid.euro_limits import EuroLimit, euro_limits
from states.funding.aid.options import Line, Option, own_share
from states.funding.case.case import CostItem
from states.funding.case.instruments import DE_MINIMIS, EU_DIRECT, MARKET, Instrument
from states.funding.law.de_minimis import headroom_of, window_begins
from states.funding.law.entry import awarded_on
from states.funding.law.facts import CaseFacts
from states.funding.rules.definition import Rule
from states.funding.rules.library import RuleSet


@dataclass(frozen=True, slots=True)
class Level:
    """A source on a cost item: the EUR of public support up to which it lets all sources together go.

    `share` is the support in 100 EUR of its money. `line` is None for what was granted before (then `money` is the
    amount, and it counts as support in full).
    """

    line: Line | None
    level: Decimal
    share: Decimal
    money: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Stack:
    """The sources that may meet on one cost item.

    `own_share` maps a line to the EUR of the item that public money (`public`, all lines but those on market terms)
    must leave free as soon as the line pays. `laws` are the sets that the sources are under, the earliest first.
    """

    item: CostItem
    aid: tuple[Level, ...]
    de_minimis: tuple[Level, ...]
    union: tuple[Level, ...]
    eu_grants: frozenset[Line]
    had_eu_grant: bool
    public: frozenset[Line]
    own_share: dict[Line, Decimal]
    laws: tuple[RuleSet, ...]

    def cumulation(self, key: str) -> Rule:
        """Return a rule of what may meet; where sources are under several sets the last award's, as no text was read.

        It counts what was awarded before under another act, with the ceiling that it had then: whether a new act takes
        that over nobody here has read, so that somebody has to look.
        """
        rule = self.laws[-1].rules[key]
        return rule if len(self.laws) == 1 else rule.model_copy(update={"verified": False})


def stacks(facts: CaseFacts, options: Iterable[Option]) -> dict[str, Stack]:
    """Give the stack of each cost item by its id, of the options that are given for it."""
    by_item: dict[str, list[Option]] = {item.id: [] for item in facts.case.cost_items}
    for option in options:
        by_item[option.item.id].append(option)
    return {key: _stack(facts, facts.case.item_by_id[key], found) for key, found in by_item.items()}


def _stack(facts: CaseFacts, item: CostItem, options: list[Option]) -> Stack:
    had = [aid for aid in facts.case.aid_received if aid.cost_item == item.id]
    articles = {found.article.id: found.amount for found in ceilings_of(facts, item)}
    # Aid without identifiable costs is no aid for the same costs (GBER Article 8(4)).
    without_costs = [article.id for article in facts.rules.articles.values() if article.without_costs]
    # What was granted lawfully before sets its own level at least, even where today's facts would give less.
    aid = [
        Level(None, max(articles.get(one.basis, Decimal(0)), one.amount), Decimal(100), one.amount)
        for one in had
        if one.basis not in (EU_DIRECT, DE_MINIMIS, *without_costs)
    ]
    small = [Level(None, item.amount, Decimal(100), one.amount) for one in had if one.basis == DE_MINIMIS]
    union = [Level(None, one.amount, Decimal(100), one.amount) for one in had if one.basis == EU_DIRECT]
    for option in options:
        instrument = option.instrument
        if option.ceiling is not None:
            if option.article not in without_costs:
                aid.append(Level(option.line, option.ceiling.amount, option.aid_share))
        elif DE_MINIMIS in instrument.basis and item.economic:
            small.append(Level(option.line, item.amount, option.aid_share))
        elif EU_DIRECT in instrument.basis:
            union.append(Level(option.line, item.amount * option.rate / 100, instrument.grant_equivalent))
    return Stack(
        item,
        tuple(aid),
        tuple(small),
        tuple(union),
        frozenset(option.line for option in options if option.instrument.eu_grant),
        any(one.eu_grant for one in had),
        frozenset(option.line for option in options if MARKET not in option.instrument.basis),
        {
            option.line: item.amount * free / 100
            for option in options
            if option.ceiling is not None and (free := own_share(facts, option.ceiling, item))
        },
        _laws(facts, [option.instrument for option in options if option.ceiling is not None or option.aid_share]),
    )


def _laws(facts: CaseFacts, instruments: Iterable[Instrument]) -> tuple[RuleSet, ...]:
    used = {facts.under(one) for one in instruments}
    return tuple(law.rules for law in facts.each if law in used) or (facts.each[0].rules,)


@dataclass(frozen=True, slots=True)
class AmountLimit:
    """The aid over `lines`, money times aid share, is at most `most` EUR.

    `who` are the enterprises of the single undertaking; `sentence` says where the figure comes from. Limits of one
    `ledger` (a Member State's, of de minimis aid) count the same awards on several dates.
    """

    rule: Rule
    who: frozenset[str]
    lines: frozenset[Line]
    most: Decimal
    sentence: str
    remedy: str
    ledger: str


def amount_limits(facts: CaseFacts, options: Iterable[Option]) -> list[AmountLimit]:
    """Give every limit that any of the options could reach."""
    aided = [option for option in options if option.aid_share]
    return [*_by_article(facts, aided), *_de_minimis(facts, aided)]


def _by_article(facts: CaseFacts, options: list[Option]) -> Iterator[AmountLimit]:
    """Yield the limits of articles; that of a later set counts what was awarded under an earlier one (Article 8(1))."""
    found: dict[EuroLimit, list[Option]] = {}
    since: dict[EuroLimit, int] = {}
    laws = list(facts.each)
    for option in options:
        if option.ceiling is not None:
            law = facts.under(option.instrument)
            for limit in euro_limits(law, option.ceiling.article, option.item):
                found.setdefault(limit, []).append(option)
                since[limit] = max(since.get(limit, 0), laws.index(law))
    for limit, mine in found.items():
        before = [
            one
            for other, theirs in found.items()
            if (other.rule.id, other.who) == (limit.rule.id, limit.who) and since[other] < since[limit]
            for one in theirs
            if one.item.id in limit.items
        ]
        yield AmountLimit(
            limit.rule,
            limit.who,
            frozenset(one.line for one in (*mine, *before)),
            limit.left,
            limit.sentence,
            limit.remedy,
            " ".join(sorted(limit.items)),
        )


def _de_minimis(facts: CaseFacts, options: list[Option]) -> Iterator[AmountLimit]:
    """Yield a limit for each date of award, by the set that holds then: awards of the case fill later ones' window."""
    ledgers: dict[tuple[frozenset[str], str], list[tuple[Line, date]]] = {}
    for option in options:
        instrument = option.instrument
        if DE_MINIMIS in instrument.basis:
            key = facts.undertakings[option.item.partner], instrument.member_state or ""
            ledgers.setdefault(key, []).append((option.line, awarded_on(facts, instrument)))
    for (group, state), lines in ledgers.items():
        for on in sorted({day for _, day in lines}):
            law = facts.at(on)
            rule = law.rules.rules["de-minimis-ceiling"]
            room = headroom_of(law, min(group), state, on)
            years, fiscal = int(rule.figures["years"]), bool(rule.figures["fiscal_years"])
            since = window_begins(on, years, fiscal_years=fiscal)
            within = frozenset(line for line, day in lines if since < day <= on)
            used = f"{room.used:.2f} of {room.ceiling:.2f} EUR are used, {room.left:.2f} EUR are left"
            who = " with ".join(sorted(group))
            sentence = f"{who} in {state} on {on}: {used}; one cent more, and the whole award is lost."
            remedy = f"less de minimis aid from {state}, or an award when earlier ones are {years} years ago"
            yield AmountLimit(rule, group, within, room.left, sentence, remedy, state)
