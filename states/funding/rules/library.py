"""Which texts of law may be used, those that are shipped and an office's own, and the sets that they make together."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable

import yaml

from states.errors import Fault, Invalid, Missing
from states.funding.case.vocabulary import CaseModel
from states.funding.rules.conditions import Meets, Terms
from states.funding.rules.definition import Article, Bonus, Book, MapArea, Rule, SetSpec, SizeLimit
from states.places.cohesion import CohesionTable

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


class Kept(CaseModel):
    """A set as it is written down, whole: for a frozen case, and for the solver's process."""

    id: str
    title: str
    documents: tuple[str, ...]
    books: tuple[Book, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    later: tuple["Kept", ...] = ()


@dataclass(frozen=True, eq=False)
class RuleSet:
    """Rules of several legal acts that hold together; a scenario freezes one by its id and its fingerprint.

    `calendar` names every set that was known when it was put together, so that an award on a day of which it knows
    nothing can be sent to the one that does. `documents` are those of an office's own in it, as slug@version. `later`
    are the sets under which later awards of the same case are, the earliest first.
    """

    id: str
    title: str
    books: tuple[Book, ...]
    calendar: tuple[SetSpec, ...] = ()
    documents: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    later: tuple["RuleSet", ...] = ()

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
        text = "\n".join(book.model_dump_json() for one in self.each for book in one.books)
        return sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def each(self) -> tuple["RuleSet", ...]:
        """This set and the later ones, each by itself."""
        return (replace(self, later=()) if self.later else self, *self.later)

    @cached_property
    def names(self) -> str:
        """The ids of this set and of the later ones, for people."""
        return " and ".join(one.id for one in self.each)

    def at(self, on: date) -> "RuleSet":
        """Return which of them an award on a day is under; after the last day of all, the last one."""
        begun = [one for one in self.later if one.valid_from is not None and one.valid_from <= on]
        held = [one for one in begun if one.valid_to is None or on <= one.valid_to]
        if not held and self.valid_to is not None and on <= self.valid_to:
            return self.each[0]
        return (held or begun or self.each[:1])[-1]

    @cached_property
    def kept(self) -> Kept:
        """All of it as it is written down."""
        spans = {"valid_from": self.valid_from, "valid_to": self.valid_to}
        later = tuple(one.kept for one in self.later)
        return Kept(id=self.id, title=self.title, documents=self.documents, books=self.books, later=later, **spans)

    @cached_property
    def text(self) -> str:
        """All of it as it is kept for a frozen case: JSON, which `kept_set` reads."""
        return self.kept.model_dump_json(exclude=None if self.later else {"valid_from", "valid_to", "later"})

    def figure(self, rule: str, name: str) -> Decimal:
        """Return a figure of a rule, such as its years or EUR."""
        return self.rules[rule].figures[name]

    def in_force(self, rule: str, on: date) -> bool:
        """Tell whether a rule holds on a day."""
        found, book = self.rules[rule], self.book_of[rule]
        begins = max(book.valid_from, found.valid_from or book.valid_from)
        ends = [end for end in (book.valid_to, found.valid_to) if end is not None]
        return begins <= on and all(on <= end for end in ends)

    def holding(self, on: date) -> SetSpec | None:
        """Return the set of the calendar that holds on a day, of several the one that began last."""
        return held_on(self.calendar, on)

    def map_area(self, nuts: str, on: date, *, verified_only: bool = False) -> MapArea | None:
        """Return the area of the regional aid map around a site, the closest first."""
        around = [area for book in self.books for area in book.aid_map if nuts.startswith(area.nuts)]
        areas = [area for area in around if area.verified or not verified_only]
        held = [area for area in areas if self.in_force(area.id, on)]
        return max(held, key=lambda area: len(area.nuts), default=None)


@dataclass(frozen=True, eq=False)
class Shelf:
    """Every set and book that may be used, by its id; aid maps belong to each of them.

    `documents` are an office's own, by id as slug@version; `categories` its cohesion categories, before those shipped.
    `unread` are those of them that cannot be read: a set is refused alone, a map leaves its areas unknown.
    """

    sets: Mapping[str, SetSpec]
    books: Mapping[str, Book]
    maps: tuple[str, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict)
    categories: CohesionTable | None = None
    unread: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def calendar(self) -> tuple[SetSpec, ...]:
        """The sets in the order of their first days."""
        return tuple(sorted(self.sets.values(), key=lambda one: (one.valid_from, one.id)))

    def rule_set(self, name: str) -> RuleSet:
        """Return a set, joined; raise `Missing`, or `RulesInvalid` with every fault."""
        if faults := self.faults(name):
            raise RulesInvalid(faults=faults)
        return self._joined[name]

    def faults(self, name: str) -> list[Fault]:
        """Return why a set cannot be used; raise `Missing`."""
        if name not in self.sets:
            raise Missing("rule_set", name)
        if name in self._joined:
            return []
        place, keys = f"rule set {name}", self._keys(self.sets[name])
        if lost := [key for key in keys if key in self.unread]:
            remedy = "add_document_anew"
            return [Fault(place, "cannot_be_read", remedy=remedy, word=self.unread[key]) for key in lost]
        if lost := [key for key in keys if key not in self.books]:
            known = tuple(sorted(self.books))
            return [Fault(place, "no_book", remedy="one_of", key=key, known=known) for key in lost]
        own, spec = tuple(self.documents[key] for key in keys if key in self.documents), self.sets[name]
        books = tuple(self.books[key] for key in keys)
        joined = RuleSet(name, spec.title, books, self.calendar, own, spec.valid_from, spec.valid_to)
        if not (found := list(set_faults(joined))):
            self._joined[name] = joined
        return found

    def holding(self, on: date) -> SetSpec | None:
        """Return the set that holds on a day, of several the one that began last; None where none is known."""
        return held_on(self.calendar, on)

    @cached_property
    def _joined(self) -> dict[str, RuleSet]:
        return {}

    def _keys(self, spec: SetSpec) -> tuple[str, ...]:
        wanted = dict.fromkeys((*spec.books, *self.maps))
        return tuple(key for key in wanted if key in self.sets or key not in self.unread)


def held_on(calendar: Sequence[SetSpec], on: date) -> SetSpec | None:
    """Return the set that holds on a day, of several the one that began last; None where none is known."""
    return next((one for one in reversed(calendar) if one.holds(on)), None)


def rule_set(name: str) -> RuleSet:
    """Return a set that is shipped; raise `Missing` or `RulesInvalid`."""
    return shipped().rule_set(name)


def set_names() -> tuple[str, ...]:
    return tuple(shipped().sets)


@cache
def shipped() -> Shelf:
    """Return what is shipped: the start of every office; the limits of size stand with the partners.

    These files have no faults, so that they are read thirty times faster than those of people.
    """
    rules, partners = resources.files("states.funding.rules"), resources.files("states.partners")
    sets = _Sets.model_validate(_load(rules.joinpath(_SETS))).sets
    named = dict.fromkeys(key for one in sets for key in one.books)
    files = [next(file for folder in (rules, partners) if (file := folder / f"{key}.yaml").is_file()) for key in named]
    books = [Book.model_validate(_load(file)) for file in files]
    maps = tuple(book.id for book in books if book.aid_map)
    return Shelf({one.id: one for one in sets}, {book.id: book for book in books}, maps)


def _load(file: Traversable) -> object:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def kept_set(text: str) -> RuleSet:
    """Return a set from the text that was kept of it."""
    return from_kept(Kept.model_validate_json(text))


def from_kept(kept: Kept, calendar: tuple[SetSpec, ...] = ()) -> RuleSet:
    """Return a set from what was written down of it."""
    later = tuple(from_kept(one, calendar) for one in kept.later)
    return RuleSet(kept.id, kept.title, kept.books, calendar, kept.documents, kept.valid_from, kept.valid_to, later)


def _referred(article: Article) -> Iterator[str]:
    """Yield the rules that an article needs, by their ids."""
    yield from article.spares
    if any(base.percent_from == "interreg" for base in article.bases):
        yield "cofinancing-interreg"
    for limit in article.limits:
        terms = limit.doubled_when or Terms()
        yield from (one.bonus for one in (*terms.all, *terms.any) if isinstance(one, Meets))


def set_faults(joined: RuleSet, *, place: Callable[[str], str] | None = None) -> Iterator[Fault]:
    """Yield what does not fit together in a set; `place` says where a rule stands, or with "" the set itself."""
    at = place or (lambda rule: f"rule set {joined.id}" + (f": {rule}" if rule else ""))
    ids = Counter(rule.id for book in joined.books for rule in book.all_rules())
    for key, times in ids.items():
        if times > 1:
            where = at(key) if place else at("")
            yield Fault(where, "rule_repeated", remedy="give_each_id_own", key=key, times=times)
    for key, figures in NEEDED.items():
        if key not in ids:
            yield Fault(at(""), "rule_missing", remedy="add_book_that_has", key=key)
            continue
        lost = [name for name in figures if name not in joined.rules[key].figures]
        if lost:
            yield Fault(at(key), "has_no_figure", remedy="give_under_figures", lost=tuple(lost))
    for rule in joined.rules.values():
        if rule.verified and not (rule.source and rule.verified_on):
            yield Fault(at(rule.id), "verified_without_source_or_date", remedy="say_where_and_when")
    for article in joined.articles.values():
        for key in _referred(article):
            if key not in joined.rules:
                yield Fault(at(article.id), "rule_missing", remedy="add_book_that_has", key=key)
        for base in article.bases:
            if (base.percent is None) == (base.percent_from is None):
                yield Fault(at(base.id), "needs_percent_or_percent_from", remedy="give_one_two")
