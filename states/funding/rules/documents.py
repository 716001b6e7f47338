"""The files in which an office writes law: a rule set, an aid map, cohesion categories; all faults with their lines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from states.clock import today
from states.errors import Fault
from states.funding.case.reader import has_below
from states.funding.case.vocabulary import BY_DATE, CaseModel, Key
from states.funding.rules.definition import Book, Certainty, Identity, MapArea, Rule, SetSpec
from states.funding.rules.library import RuleSet, RulesInvalid, Shelf, set_faults, shipped
from states.places import nuts
from states.places.cohesion import Category, Classification, CohesionTable
from states.places.region_names import NutsCode
from states.shapes import shape_fault
from states.texts import Text, Value
from states.yaml_source import Listed, Mapped, child_of, line_of, prune, read_yaml

LONGEST = 1_000_000
"""Characters of a file: the aid map of all regions of the Union has a tenth of it."""


class SetDocument(Book):
    """A rule set: an act of its own, and the other acts that it takes over, by their ids."""

    kind: Literal["rule_set"]
    books: tuple[Key, ...] = Field(default=(), description="acts that hold beside it")

    @property
    def spec(self) -> SetSpec:
        """Return the set that it makes."""
        identity = {name: getattr(self, name) for name in Identity.model_fields}
        return SetSpec(**identity, books=(self.id, *self.books))

    @property
    def book(self) -> Book:
        """Return the act of its own."""
        return Book(**{name: getattr(self, name) for name in Book.model_fields})


class MapDocument(Identity):
    """A regional aid map, or a part of one."""

    kind: Literal["aid_map"]
    nuts_version: Literal[2024] = Field(default=2024, description="of its codes; former codes are named in the faults")
    aid_map: tuple[MapArea, ...] = Field(min_length=1)

    @property
    def book(self) -> Book:
        identity = {name: getattr(self, name) for name in Identity.model_fields}
        return Book(**identity, aid_map=self.aid_map)


class CategoryList(CaseModel):
    """NUTS 2 regions by their category, as one source gives them."""

    source: str = Field(min_length=3)
    certainty: Certainty
    verified_on: date | None = Field(default=None, description="the day on which its text was read")
    less_developed: tuple[NutsCode, ...] = ()
    transition: tuple[NutsCode, ...] = ()
    more_developed: tuple[NutsCode, ...] = ()


class CategoriesDocument(Identity):
    """Cohesion categories of NUTS 2 regions for one period, and which regions are outermost."""

    kind: Literal["cohesion"]
    nuts_version: Literal[2024] = 2024
    categories: tuple[CategoryList, ...] = Field(min_length=1)
    outermost: tuple[NutsCode, ...] = ()

    def classifications(self) -> Iterator[Classification]:
        for one in self.categories:
            for category in Category:
                for code in getattr(one, category.value):
                    verified = one.certainty is Certainty.READ
                    yield Classification(code, category, self.legal_basis, one.source, verified)


Document = SetDocument | MapDocument | CategoriesDocument
SHAPES: dict[str, type[Document]] = {
    "rule_set": SetDocument,
    "aid_map": MapDocument,
    "cohesion": CategoriesDocument,
}

_REMEDIES = {"missing": "give_it", "extra_forbidden": "take_out_or_mend_name", "enum": "take_one_listed"}
_HOUSEKEEPING = ("eli", "source", "legal_basis")


def read_document(text: str, *, source: str = "", shelf: Shelf | None = None) -> Document:
    """Return a document, or raise `RulesInvalid` with every fault at its line.

    A rule set is joined with what stands on the shelf (that which is shipped), so that what is missing in it is found.
    """
    place = f"{source}:" if source else "line "
    if len(text) > LONGEST:
        raise RulesInvalid("file_too_long", field=f"{place}1", remedy="divide_document", most=LONGEST)
    tree, faults = read_yaml(text, source=source)
    if not isinstance(tree, Mapped):
        raise RulesInvalid(faults=faults or [Fault(f"{place}1", "no_law_document", remedy="begin_with_kind_and_id")])
    written = _Written(tree, place)
    shape = SHAPES.get(str(tree.get("kind")))
    if shape is None:
        faults.append(written.fault("document_kind_unknown", "kind", remedy="one_of", known=tuple(SHAPES)))
        raise RulesInvalid(faults=_in_order(faults))
    document = _shaped(written, shape, faults)
    if document is not None:
        faults += _identity_faults(written, document, shelf or shipped())
        faults += _own_faults(written, document, shelf or shipped())
    if faults or document is None:
        raise RulesInvalid(faults=_in_order(faults))
    return document


def kept_document(text: str) -> Document:
    """Return a document from a text that was read without a fault when it was added."""
    tree, _ = read_yaml(text)
    assert isinstance(tree, Mapped)
    return SHAPES[str(tree["kind"])].model_validate(tree)


class _Written:
    """The tree of a file, and the ids of entries that had to be left out because their shape is wrong."""

    def __init__(self, tree: Mapped, place: str) -> None:
        self.tree, self.place, self.lost = tree, place, frozenset[str]()
        self.keys = frozenset(key for key, value in tree.items() if value)

    def fault(self, code: str, /, *path: object, remedy: str, **parameters: Value) -> Fault:
        return self.placed(Fault("", code, remedy=remedy, **parameters), *path)

    def placed(self, fault: Fault, *path: object) -> Fault:
        return fault.at(f"{self.place}{line_of(self.tree, path)}")


def shelf_with(documents: Iterable[Document]) -> Shelf:
    """Return what is shipped with an office's own documents: one takes the place of what has the same id."""
    known, own = shipped(), {one.id: one for one in documents}
    sets = {key: one.spec for key, one in own.items() if isinstance(one, SetDocument)}
    books = {key: one.book for key, one in own.items() if isinstance(one, SetDocument | MapDocument)}
    maps = tuple(key for key, one in own.items() if isinstance(one, MapDocument))
    lists = [one for one in own.values() if isinstance(one, CategoriesDocument)]
    categories = CohesionTable(
        tuple(
            (one.valid_from, one.valid_to or date.max, {row.nuts2: row for row in one.classifications()})
            for one in sorted(lists, key=lambda one: one.valid_from, reverse=True)
        ),
        frozenset(code for one in lists for code in one.outermost),
    )
    keys = {key: f"{key}@{one.version}" for key, one in own.items()}
    maps = tuple(dict.fromkeys((*known.maps, *maps)))
    return Shelf({**known.sets, **sets}, {**known.books, **books}, maps, keys, categories if lists else None)


def shelf_with_one_more(shelf: Shelf, document: SetDocument) -> Shelf:
    """Return a shelf with one more rule set, to try it."""
    sets, books = {**shelf.sets, document.id: document.spec}, {**shelf.books, document.id: document.book}
    documents = {**shelf.documents, document.id: f"{document.id}@{document.version}"}
    return replace(shelf, sets=sets, books=books, documents=documents)


def _in_order(faults: list[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: int(fault.place.rpartition(":")[2].rpartition(" ")[2]))


def _shaped(written: _Written, shape: type[Document], faults: list[Fault]) -> Document | None:
    """Validate; take out what does not fit and try again, so that the rest can be checked all the same."""
    known, emptied = _ids(written.tree), set[tuple[object, ...]]()
    while True:
        try:
            document = shape.model_validate(written.tree)
        except ValidationError as error:
            gone = set[tuple[int | str, ...]]()
            found = error.errors()
            for one in found:
                path = _path(written.tree, one["loc"])
                if one["type"] != "too_short" or not (path in emptied or has_below(found, one["loc"])):
                    faults.append(written.placed(_shape_fault(one, path), *path))
                gone.add(_entry(one, path))
            emptied |= {path[:-1] for path in gone}
            done = [_mend(written.tree, path) for path in sorted(gone, key=_backwards, reverse=True)]
            if not all(done):
                return None
        else:
            written.lost = known - _ids(written.tree)
            return document


def _shape_fault(error: ErrorDetails, path: Sequence[object]) -> Fault:
    remedy = Text("remedy", _REMEDIES.get(error["type"], "mend_by_rules_guide"))
    found = shape_fault(error, remedy=remedy)
    what = ".".join(str(step) for step in path) or Text("word", "the_document")
    return Fault("", "document_shape", what=what, why=found.text, remedy=found.advice)


def _mend(tree: Mapped, path: tuple[int | str, ...]) -> bool:
    """Take an entry out, or put something plain where what identifies the document is wrong or missing."""
    plain: dict[object, object] = {"id": "unnamed", "version": 1, "title": "Untitled", "valid_from": date.min}
    if len(path) == 1 and path[0] in plain:
        tree[path[0]] = plain[path[0]]
        tree.lines.setdefault(path[0], 1)
        return True
    return prune(tree, path)


def _path(tree: object, place: Sequence[int | str]) -> tuple[int | str, ...]:
    """Return the steps of an error's place without the names of shapes that pydantic tried; a missing key stays."""
    here, steps = tree, list[int | str]()
    for number, step in enumerate(place):
        below = child_of(here, step)
        if below is not None:
            _, here = below
        elif number < len(place) - 1:
            continue
        steps.append(step)
    return tuple(steps)


def _entry(error: ErrorDetails, path: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return what goes: an unknown key alone, else the whole item of the innermost list."""
    if error["type"] == "extra_forbidden":
        return path
    items = [depth for depth, step in enumerate(path) if isinstance(step, int)]
    return path[: items[-1] + 1] if items else path


def _backwards(path: tuple[int | str, ...]) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]


def _ids(tree: object) -> frozenset[str]:
    if isinstance(tree, Mapped):
        own = {str(tree["id"])} if "id" in tree else set[str]()
        return frozenset(own).union(*map(_ids, tree.values()))
    return frozenset[str]().union(*map(_ids, tree)) if isinstance(tree, Listed) else frozenset()


def _identity_faults(written: _Written, document: Document, shelf: Shelf) -> Iterator[Fault]:
    if "version" not in written.tree:
        yield written.fault("document_lacks", remedy="give_it", key="version")
    for name in _HOUSEKEEPING:
        if name == "eli" and document.kind == "aid_map":
            continue  # guidelines and decisions on a map have none
        if name not in written.keys:
            yield written.fault("document_lacks", name, remedy="give_it", key=name)
    if document.valid_to is not None and document.valid_to < document.valid_from:
        dates: dict[str, Value] = {"until": document.valid_to, "since": document.valid_from}
        yield written.fault("ends_before_it_begins", "valid_to", remedy="mend_dates", **dates)
    if (kind := _kinds(shelf).get(document.id, document.kind)) != document.kind:
        yield written.fault("id_of_something_else", "id", remedy="give_another_id", key=document.id, kind=kind)
    if document.succeeds is not None and document.succeeds not in {*shelf.sets, *shelf.books}:
        known = tuple(sorted(shelf.sets))
        yield written.fault("nothing_to_succeed", "succeeds", remedy="one_of", key=document.succeeds, known=known)
    if (transition := document.transition) is not None:
        if document.succeeds is None:
            yield written.fault("transition_from_nothing", "transition", remedy="say_what_it_succeeds")
        if transition.until < document.valid_from:
            yield written.fault("transition_ends_too_early", "transition", "until", remedy="mend_dates")


def _kinds(shelf: Shelf) -> dict[str, str]:
    """Return what each id on the shelf is; an act is replaced by no document, only joined by a set."""
    books = {key: "aid_map" if book.aid_map else "act" for key, book in shelf.books.items()}
    return {**books, **dict.fromkeys(shelf.sets, "rule_set"), BY_DATE: "act"}


def _own_faults(written: _Written, document: Document, shelf: Shelf) -> Iterator[Fault]:
    match document:
        case SetDocument():
            yield from _set_faults(written, document, shelf)
        case MapDocument():
            yield from _map_faults(written, document, shelf)
        case CategoriesDocument():
            yield from _category_faults(written, document)


def _set_faults(written: _Written, document: SetDocument, shelf: Shelf) -> Iterator[Fault]:
    paths = dict(_paths(document))
    yield from _rule_faults(written, document, paths)
    for number, key in enumerate(document.books):
        if key not in shelf.books:
            known = tuple(sorted(shelf.books))
            yield written.fault("no_book", "books", number, remedy="one_of", key=key, known=known)
    if "articles" not in written.keys:
        yield written.fault("set_without_articles", "articles", remedy="add_articles")
    beside = dict.fromkeys(key for key in (*document.books, *shelf.maps) if key in shelf.books)
    joined = RuleSet(document.id, document.title, (document, *(shelf.books[key] for key in beside)))

    def place(rule: str) -> str:
        return f"{written.place}{line_of(written.tree, paths.get(rule, ()))}"

    for fault in set_faults(joined, place=place):
        if not (fault.code == "rule_missing" and fault.parameters["key"] in written.lost):
            yield fault


def _paths(document: Book) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield each rule's id with its path in the file; of two with one id the later one's stays."""
    for name in ("rules", "aid_map", "size_limits"):
        for number, rule in enumerate(getattr(document, name)):
            yield rule.id, (name, number, "id")
    for number, article in enumerate(document.articles):
        yield article.id, ("articles", number, "id")
        for name in type(article).model_fields:
            part = getattr(article, name)
            if isinstance(part, Rule):
                yield part.id, ("articles", number, name, "id")
            elif isinstance(part, tuple):
                for below, one in enumerate(part):
                    if isinstance(one, Rule):
                        yield one.id, ("articles", number, name, below, "id")


def _rule_faults(written: _Written, document: Book, paths: dict[str, tuple[object, ...]]) -> Iterator[Fault]:
    for rule in document.all_rules():
        path, key = paths[rule.id][:-1], rule.id
        if rule.verified_on is not None and rule.verified_on > today():
            yield written.fault("verified_in_future", *path, "verified_on", remedy="mend_dates", key=key)
        if rule.verified and rule.certainty not in (None, Certainty.READ):
            yield written.fault("verified_but_not_read", *path, "certainty", remedy="say_read_or_unverified", key=key)
        if not rule.verified and rule.certainty is Certainty.READ:
            yield written.fault("read_but_not_verified", *path, "certainty", remedy="say_read_or_unverified", key=key)
        begins, ends = rule.valid_from or document.valid_from, rule.valid_to or document.valid_to
        if rule.valid_from is None and rule.valid_to is None:
            continue
        if ends is not None and ends < begins:
            yield written.fault(
                "ends_before_it_begins", *path, "valid_to", remedy="mend_dates", until=ends, since=begins
            )
        if begins < document.valid_from or (document.valid_to is not None and (ends or date.max) > document.valid_to):
            yield written.fault("rule_outside_document", *path, "valid_from", remedy="mend_dates", key=key)
    for number, article in enumerate(document.articles):
        for below, cap in enumerate(article.caps):
            lower = [base for base in article.bases if base.percent is not None and base.percent > cap.percent]
            if any(not cap.activities or set(cap.activities) & set(base.activities) for base in lower):
                yield written.fault(
                    "cap_below_base", "articles", number, "caps", below, "percent", remedy="raise_cap_or_lower_base"
                )
        for below, limit in enumerate(article.limits):
            if not limit.euro:
                yield written.fault("limit_of_nothing", "articles", number, "limits", below, "euro", remedy="give_it")


def _map_faults(written: _Written, document: MapDocument, shelf: Shelf) -> Iterator[Fault]:
    book = document.book
    others = {rule.id for key, one in shelf.books.items() if key != document.id for rule in one.all_rules()}
    seen, areas = set[str](), dict[str, list[MapArea]]()
    yield from _rule_faults(written, book, dict(_paths(book)))
    for number, area in enumerate(document.aid_map):
        if area.id in seen or area.id in others:
            yield written.fault("id_of_something_else", "aid_map", number, "id", remedy="give_another_id", key=area.id)
        if area.verified and not (area.source and area.verified_on):
            yield written.fault("verified_without_source_or_date", "aid_map", number, remedy="say_where_and_when")
        yield from _nuts_faults(written, area.nuts, None, "aid_map", number, "nuts")
        same = areas.setdefault(area.nuts, [])
        if any(_meet(earlier, area, document) for earlier in same):
            yield written.fault(
                "area_twice", "aid_map", number, "nuts", remedy="end_one_before_other_begins", key=area.nuts
            )
        same.append(area)
        seen.add(area.id)


def _meet(one: MapArea, other: MapArea, within: Identity) -> bool:
    first = max(one.valid_from or within.valid_from, other.valid_from or within.valid_from)
    ends = [end for end in (one.valid_to, other.valid_to) if end is not None]
    return all(first <= end for end in ends)


def _category_faults(written: _Written, document: CategoriesDocument) -> Iterator[Fault]:
    """Yield regions that stand twice, and codes that are none of a NUTS 2 region of the present edition."""
    seen = set[str]()
    for number, one in enumerate(document.categories):
        if (one.certainty is Certainty.READ) != (one.verified_on is not None):
            yield written.fault("read_without_day", "categories", number, remedy="say_where_and_when")
        for category in Category:
            for place, code in enumerate(getattr(one, category.value)):
                path = ("categories", number, category.value, place)
                yield from _nuts_faults(written, code, 2, *path)
                if code in seen:
                    yield written.fault("area_twice", *path, remedy="one_region_has_one_category", key=code)
                seen.add(code)
    for place, code in enumerate(document.outermost):
        yield from _nuts_faults(written, code, 2, "outermost", place)


def _nuts_faults(written: _Written, code: str, level: int | None, *path: object) -> Iterator[Fault]:
    try:
        unit = nuts.unit(code)
    except nuts.UnknownNutsCode as error:
        yield written.placed(error.faults[0], *path)
    else:
        if level is not None and unit.level != level:
            yield written.fault("area_not_level_2", *path, remedy="give_present_code", key=code)
