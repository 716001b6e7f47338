"""Which texts of law may be used, those that are shipped and an office's own, and the sets that they make together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from typing import Self

from states.errors import Fault, Invalid, Missing
from states.funding.case.reader import read_shape
from states.funding.case.vocabulary import CaseModel
from states.funding.rules.conditions import Meets, Terms
from states.funding.rules.definition import Article, Bonus, Book, MapArea, Rule, SetSpec, SizeLimit

_SETS = "sets.yaml"

# What the checks ask a set for by name, with the figures they read there.
NEEDED = {
    "gber-58": ("tail_months",),
    "gber-1-4-c": ("capital_lost_share", "debt_to_equity", "interest_cover", "ratio_years", "young_years"),
    "gber-1-4-a": (),
    "gber-5": (),
    "gber-6-2": (),
    "gber-8-2": (),
    "gber-8-3": (),
    "gber-9": ("euro", "months"),
    "de-minimis-ceiling": ("euro", "years", "fiscal_years"),
    "de-minimis-single-undertaking": (),
    "de-minimis-register": (),
    "de-minimis-loans": (),
    "de-minimis-cumulation": (),
    "sme-links": ("partner_share", "linked_share"),
    "sme-public": ("public_share",),
    "sme-two-years": (),
    "small-mid-cap": (),
    "tfeu-107-1": (),
    "no-double-funding": (),
    "union-no-retroactive": (),
}


class RulesInvalid(Invalid):
    """A book or set of rules has faults."""

    code = "rules_invalid"


class _Sets(CaseModel):
    sets: tuple[SetSpec, ...]


@dataclass(frozen=True, eq=False)
class RuleSet:
    """Rules of several legal acts that hold together; a scenario freezes one by its id and its fingerprint.

    `calendar` names every set that was known when it was put together, so that an award on a day of which it knows
    nothing can be sent to the one that does.
    """

    id: str
    title: str
    books: tuple[Book, ...]
    calendar: tuple[SetSpec, ...] = ()

    @cached_property
    def rules(self) -> dict[str, Rule]:
        return {rule.id: rule for book in self.books for rule in book.all_rules()}

    @cached_property
    def articles(self) -> dict[str, Article]:
        """The articles that exempt aid, by their ids."""
        return {article.id: article for book in self.books for article in book.articles}

    @cached_property
    def bonuses(self) -> dict[str, Bonus]:
        """The bonuses of all articles, by their ids."""
        return {bonus.id: bonus for article in self.articles.values() for bonus in article.bonuses}

    @cached_property
    def book_of(self) -> dict[str, Book]:
        """The book each rule stands in, by the rule's id."""
        return {rule.id: book for book in self.books for rule in book.all_rules()}

    @cached_property
    def size_limits(self) -> tuple[SizeLimit, ...]:
        """Size classes, the smallest first."""
        return tuple(limit for book in self.books for limit in book.size_limits)

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits over all books: another text of a rule gives another fingerprint."""
        return sha256(self.text.encode()).hexdigest()[:16]

    @cached_property
    def text(self) -> str:
        """The books as they are kept for a frozen case, one a line; `kept_set` reads them."""
        return "\n".join(book.model_dump_json() for book in self.books)

    def figure(self, rule: str, name: str) -> Decimal:
        """Return a figure of a rule, such as its years or EUR."""
        return self.rules[rule].figures[name]

    def in_force(self, rule: str, on: date) -> bool:
        """Tell whether a rule holds on a day."""
        found, book = self.rules[rule], self.book_of[rule]
        begins = max(book.valid_from, found.valid_from or book.valid_from)
        ends = [end for end in (book.valid_to, found.valid_to) if end is not None]
        return begins <= on and all(on <= end for end in ends)

    def map_area(self, nuts: str, on: date, *, verified_only: bool = False) -> MapArea | None:
        """Return the area of the regional aid map around a site, the closest first."""
        around = [area for book in self.books for area in book.aid_map if nuts.startswith(area.nuts)]
        areas = [area for area in around if area.verified or not verified_only]
        held = [area for area in areas if self.in_force(area.id, on)]
        return max(held, key=lambda area: len(area.nuts), default=None)


@dataclass(frozen=True, eq=False)
class Shelf:
    """Every set and book that may be used, by its id; aid maps that no set names belong to each of them."""

    sets: Mapping[str, SetSpec]
    books: Mapping[str, Book]
    maps: tuple[str, ...] = ()

    @cached_property
    def calendar(self) -> tuple[SetSpec, ...]:
        """The sets in the order of their first days."""
        return tuple(sorted(self.sets.values(), key=lambda one: (one.valid_from, one.id)))

    def rule_set(self, name: str) -> RuleSet:
        """Return a set, joined; raise `Missing`, or `RulesInvalid` with every fault."""
        if name not in self._joined:
            if name not in self.sets:
                raise Missing("rule_set", name)
            self._joined[name] = self._join(self.sets[name])
        return self._joined[name]

    def holding(self, on: date) -> SetSpec | None:
        """Return the set that holds on a day, of several the one that began last; None where none is known."""
        return next((one for one in reversed(self.calendar) if one.holds(on)), None)

    def with_own(self, sets: Iterable[SetSpec], books: Iterable[Book]) -> Self:
        """Return the shelf with texts of an office's own: one takes the place of what has the same id."""
        own = {book.id: book for book in books}
        maps = tuple(key for key, book in own.items() if book.aid_map)
        return type(self)(
            {**self.sets, **{one.id: one for one in sets}},
            {**self.books, **own},
            tuple(dict.fromkeys(self.maps + maps)),
        )

    @cached_property
    def _joined(self) -> dict[str, RuleSet]:
        return {}

    def _join(self, spec: SetSpec) -> RuleSet:
        keys = tuple(dict.fromkeys((*spec.books, *self.maps)))
        if lost := [key for key in keys if key not in self.books]:
            known = tuple(sorted(self.books))
            raise RulesInvalid(
                faults=[Fault(f"rule set {spec.id}", "no_book", remedy="one_of", key=key, known=known) for key in lost]
            )
        joined = RuleSet(spec.id, spec.title, tuple(self.books[key] for key in keys), self.calendar)
        if faults := list(set_faults(joined)):
            raise RulesInvalid(faults=faults)
        return joined


def rule_set(name: str) -> RuleSet:
    """Return a set that is shipped; raise `Missing` or `RulesInvalid`."""
    return shipped().rule_set(name)


def set_names() -> tuple[str, ...]:
    return tuple(shipped().sets)


@cache
def shipped() -> Shelf:
    """Return what is shipped: the start of every office; the limits of size stand with the partners."""
    rules, partners = resources.files("states.funding.rules"), resources.files("states.partners")
    sets = read_shape(rules.joinpath(_SETS).read_text(encoding="utf-8"), _Sets).sets
    named = dict.fromkeys(key for one in sets for key in one.books)
    files = [next(file for folder in (rules, partners) if (file := folder / f"{key}.yaml").is_file()) for key in named]
    books = [read_shape(file.read_text(encoding="utf-8"), Book) for file in files]
    return Shelf({one.id: one for one in sets}, {book.id: book for book in books})


def kept_set(name: str, title: str, text: str) -> RuleSet:
    """Return a set from the text that was kept of it."""
    return RuleSet(name, title, tuple(Book.model_validate_json(line) for line in text.splitlines()))


def _referred(article: Article) -> Iterator[str]:
    """Yield the rules that an article needs, by their ids."""
    yield from article.spares
    if any(base.percent_from == "interreg" for base in article.bases):
        yield "cofinancing-interreg"
    for limit in article.limits:
        terms = limit.doubled_when or Terms()
        yield from (one.bonus for one in (*terms.all, *terms.any) if isinstance(one, Meets))


def set_faults(joined: RuleSet) -> Iterator[Fault]:
    """Yield what does not fit together in a set; the place names the set, and the rule where it is of one."""
    place = f"rule set {joined.id}"
    ids = Counter(rule.id for book in joined.books for rule in book.all_rules())
    for key, times in ids.items():
        if times > 1:
            yield Fault(place, "rule_repeated", remedy="give_each_id_own", key=key, times=times)
    for key, figures in NEEDED.items():
        if key not in ids:
            yield Fault(place, "rule_missing", remedy="add_book_that_has", key=key)
            continue
        lost = [name for name in figures if name not in joined.rules[key].figures]
        if lost:
            yield Fault(f"{place}: {key}", "has_no_figure", remedy="give_under_figures", lost=tuple(lost))
    for rule in joined.rules.values():
        if rule.verified and not (rule.source and rule.verified_on):
            yield Fault(f"{place}: {rule.id}", "verified_without_source_or_date", remedy="say_where_and_when")
    for article in joined.articles.values():
        for key in _referred(article):
            if key not in joined.rules:
                yield Fault(f"{place}: {article.id}", "rule_missing", remedy="add_book_that_has", key=key)
        for base in article.bases:
            if (base.percent is None) == (base.percent_from is None):
                yield Fault(f"{place}: {base.id}", "needs_percent_or_percent_from", remedy="give_one_two")
