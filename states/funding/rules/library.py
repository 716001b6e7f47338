"""Read books of rules and join them into the sets that a case names; a partnership may bring sets of its own."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

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
    """Rules of several legal acts that hold together; a scenario freezes one by its id and its fingerprint."""

    id: str
    title: str
    books: tuple[Book, ...]

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
        text = "\n".join(book.model_dump_json() for book in self.books)
        return sha256(text.encode()).hexdigest()[:16]

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


def rule_set(name: str, *, folder: Path | None = None) -> RuleSet:
    """Return the set of that name: one that is shipped, or one in `folder`; raise `Missing` or `RulesInvalid`."""
    if folder is not None and name in (own := {one.id: one for one in _specs(folder)}):
        return _join(own[name], (folder, *_folders()))
    return _shipped(name)


def set_names() -> tuple[str, ...]:
    return tuple(spec.id for spec in _specs(_folders()[0]))


@cache
def _shipped(name: str) -> RuleSet:
    for spec in _specs(_folders()[0]):
        if spec.id == name:
            return _join(spec, _folders())
    raise Missing("rule_set", name)


def _folders() -> tuple[Traversable, ...]:
    """Return where shipped books lie: the limits of size stand with the partners, whose registry asks them too."""
    return resources.files("states.funding.rules"), resources.files("states.partners")


def _specs(folder: Traversable) -> tuple[SetSpec, ...]:
    return read_shape(folder.joinpath(_SETS).read_text(encoding="utf-8"), _Sets).sets


def _join(spec: SetSpec, folders: tuple[Traversable, ...]) -> RuleSet:
    joined = RuleSet(spec.id, spec.title, tuple(_book(key, spec.id, folders) for key in spec.books))
    if faults := list(_faults(joined)):
        raise RulesInvalid(faults=faults)
    return joined


def _book(key: str, spec: str, folders: tuple[Traversable, ...]) -> Book:
    for folder in folders:
        file = folder.joinpath(f"{key}.yaml")
        if file.is_file():
            return read_shape(file.read_text(encoding="utf-8"), Book)
    raise RulesInvalid("no_book", field=f"{_SETS}: {spec}", remedy="write_yaml_beside", key=key)


def _referred(article: Article) -> Iterator[str]:
    """Yield the rules that an article needs, by their ids."""
    yield from article.spares
    if any(base.percent_from == "interreg" for base in article.bases):
        yield "cofinancing-interreg"
    for limit in article.limits:
        terms = limit.doubled_when or Terms()
        yield from (one.bonus for one in (*terms.all, *terms.any) if isinstance(one, Meets))


def _faults(joined: RuleSet) -> Iterator[Fault]:
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
