"""Two rule sets, maps or lists of categories beside each other, article by article: what is added, removed, changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel

from states.funding.rules.definition import Article, Book, Identity, Rule
from states.funding.rules.documents import CategoriesDocument, Document
from states.funding.rules.library import RuleSet, Shelf

Fields = Mapping[str, str]

# What is compared of no rule: where it stands, and how sure it is.
_APART = frozenset({"id", "article", "sentence", "source", "verified", "verified_on", "certainty"})
_DATES = ("title", "eli", "valid_from", "valid_to", "transition")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one rule before and after; `""` where it is not there.

    `article` is the id of the article that the rule belongs to (of a map the region, else empty), `change` one of
    added, removed and changed.
    """

    article: str
    rule: str
    named: str
    change: str
    field: str
    before: str
    after: str


def compare_sets(before: RuleSet, after: RuleSet, shelf: Shelf, other: Shelf) -> list[Difference]:
    """Return what differs between two sets, the dates first, then article by article in the order of the later one."""
    first, second = shelf.sets[before.id], other.sets[after.id]
    return [*_dates(first, second), *_differences(_rules(before.books), _rules(after.books))]


def compare_documents(before: Document, after: Document) -> list[Difference]:
    """Return what differs between two maps, or two lists of categories, region by region."""
    return [*_dates(before, after), *_differences(_entries(before), _entries(after))]


@dataclass(frozen=True, slots=True)
class _Part:
    article: str
    named: str
    fields: Fields


def _dates(before: Identity, after: Identity) -> Iterator[Difference]:
    old, new = _fields(before, only=_DATES), _fields(after, only=_DATES)
    for field in _DATES:
        if old.get(field, "") != new.get(field, ""):
            yield Difference("", after.id, after.id, "changed", field, old.get(field, ""), new.get(field, ""))


def _differences(before: Mapping[str, _Part], after: Mapping[str, _Part]) -> Iterator[Difference]:
    for key in dict.fromkeys((*after, *before)):
        old, new = before.get(key), after.get(key)
        part = new or old
        assert part is not None
        was, now = old.fields if old else {}, new.fields if new else {}
        change = "changed" if old and new else "added" if new else "removed"
        for field in dict.fromkeys((*now, *was)):
            if was.get(field, "") != now.get(field, ""):
                values = was.get(field, ""), now.get(field, "")
                yield Difference(part.article, key, part.named, change, field, *values)


def _rules(books: tuple[Book, ...]) -> dict[str, _Part]:
    found: dict[str, _Part] = {}
    for book in books:
        found |= {rule.id: _Part("", rule.article, _fields(rule)) for rule in (*book.rules, *book.size_limits)}
        for article in book.articles:
            for rule in article.parts():
                found[rule.id] = _Part(article.id, rule.article, _fields(rule))
        found |= _areas(book)
    return found


def _areas(book: Book) -> dict[str, _Part]:
    return {
        f"map {area.nuts} {area.valid_from or ''}".strip(): _Part(area.nuts, area.article, _fields(area))
        for area in book.aid_map
    }


def _entries(document: Document) -> dict[str, _Part]:
    if isinstance(document, CategoriesDocument):
        rows = document.classifications()
        return {row.nuts2: _Part(row.nuts2, row.nuts2, {"category": row.category.value}) for row in rows}
    return _areas(document.book)


def _fields(model: Identity | Rule, *, only: tuple[str, ...] = ()) -> Fields:
    """Return what a rule says by field, in short; the parts of an article are rules of their own."""
    names = only or [name for name in type(model).model_fields if name not in _APART]
    values = {name: getattr(model, name) for name in names}
    if isinstance(model, Article):
        values = {name: value for name, value in values.items() if not _holds_rules(value)}
    if isinstance(model, Rule):
        values |= values.pop("figures", {})
    return {name: _short(value) for name, value in values.items() if value not in (None, "", (), {})}


def _holds_rules(value: object) -> bool:
    return isinstance(value, Rule) or (isinstance(value, tuple) and any(isinstance(one, Rule) for one in value))


def _short(value: object) -> str:
    if isinstance(value, BaseModel):
        parts = ((name, getattr(value, name)) for name in type(value).model_fields)
        return " ".join(f"{name} {_short(one)}" for name, one in parts if one not in (None, "", (), {}))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        return "; ".join(_short(one) for one in value)
    return str(value)
