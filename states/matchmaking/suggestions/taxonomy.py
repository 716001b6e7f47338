"""The controlled words for what is offered and sought: a tree with labels, and how near two nodes are.

A partnership chooses one of those that are shipped, or brings its own; `chosen_taxonomy.py` knows which.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from states.errors import Fault, Invalid
from states.shapes import shape_fault

LANGUAGES = ("en", "de", "fr", "it", "pl")
CODE = r"^[A-Z0-9]{1,8}(\.[A-Z0-9]{1,8}){0,2}$"
MOST_NODES = 600  # credits are kept for every pair
SHIPPED = ("medtech", "nace")

# What a step away from the very node costs, and after how many steps two nodes have nothing to do with each other.
STEP_CREDIT = 0.75
MOST_STEPS = 2


class TaxonomyInvalid(Invalid):
    """The taxonomy contradicts itself."""

    code = "taxonomy_invalid"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, Field(pattern=CODE)]
    en: Annotated[str, Field(min_length=1, max_length=200)]
    de: Annotated[str, Field(max_length=200)] = ""
    fr: Annotated[str, Field(max_length=200)] = ""
    it: Annotated[str, Field(max_length=200)] = ""
    pl: Annotated[str, Field(max_length=200)] = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(min_length=1, max_length=40)]
    nodes: Annotated[tuple[_Entry, ...], Field(max_length=MOST_NODES)]


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its code, its parent's (none at the top), its depth 1-3 and its label by language, in English always."""

    code: str
    parent: str | None
    depth: int
    labels: dict[str, str]

    @property
    def path(self) -> tuple[str, ...]:
        """Give the codes from the top down to this node."""
        pieces = self.code.split(".")
        return tuple(".".join(pieces[: depth + 1]) for depth in range(len(pieces)))


@dataclass(frozen=True)
class Taxonomy:
    """A version of the taxonomy: its nodes by code, in the order of the file."""

    version: str
    nodes: dict[str, Node]

    def label(self, code: str, language: str = "en") -> str:
        """Give the label of a node, in English where it has none in the language."""
        labels = self.nodes[code].labels
        return labels.get(language, labels["en"])

    @cached_property
    def by_label(self) -> dict[str, str]:
        """Give the code for each label, case-folded, in any of its languages."""
        return {label.casefold(): code for code, node in self.nodes.items() for label in node.labels.values()}

    def children(self, code: str | None) -> tuple[Node, ...]:
        """Give the nodes right below one; the top nodes for none."""
        return tuple(node for node in self.nodes.values() if node.parent == code)

    def weight(self, code: str) -> float:
        """Say how much a keyword tells, by its depth: a third for a whole field, one for a node of the third level."""
        return self.nodes[code].depth / 3

    @cached_property
    def credits(self) -> dict[tuple[str, str], float]:
        """Give the credit of every pair of nodes; see `credit`."""
        return {(one, other): self.credit(one, other) for one in self.nodes for other in self.nodes}

    def credit(self, sought: str, offered: str) -> float:
        """Say how far what is offered meets what is sought: 1 for the same node, part for a parent, child or sibling.

        A step between them leaves three quarters, the depth of their common ancestor over that of the deeper one
        counts beside it, and beyond two steps, or without a common ancestor, there is nothing.
        """
        if sought == offered:
            return 1.0
        one, other = self.nodes[sought].path, self.nodes[offered].path
        shared = sum(a == b for a, b in zip(one, other, strict=False))
        steps = len(one) + len(other) - 2 * shared
        if steps > MOST_STEPS:
            return 0.0
        return float(STEP_CREDIT**steps * shared / max(len(one), len(other)))


@cache
def taxonomy(name: str = "medtech") -> Taxonomy:
    """Load a taxonomy that is shipped, one of `SHIPPED`; raise `TaxonomyInvalid` with every fault."""
    folder = files("states.matchmaking.suggestions.taxonomies")
    return read_taxonomy(folder.joinpath(f"{name}.yaml").read_text(encoding="utf-8"))


def read_taxonomy(text: str) -> Taxonomy:
    """Read a taxonomy from YAML; raise `TaxonomyInvalid` with every fault and its place."""
    try:
        raw = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        raise TaxonomyInvalid("not_yaml", field="taxonomy") from None
    return make_taxonomy(raw)


def make_taxonomy(raw: object) -> Taxonomy:
    """Make a taxonomy of its version and nodes, as JSON or YAML have them; raise `TaxonomyInvalid` with every fault."""
    try:
        read = _File.model_validate(raw)
    except ValidationError as error:
        raise TaxonomyInvalid(faults=[shape_fault(one, remedy="mend_entry") for one in error.errors()]) from None
    if faults := list(_faults(read)):
        raise TaxonomyInvalid(faults=faults)
    return Taxonomy(read.version, {entry.code: _node(entry) for entry in read.nodes})


def _node(entry: _Entry) -> Node:
    parent = entry.code.rpartition(".")[0] or None
    labels = {language: label for language in LANGUAGES if (label := getattr(entry, language).strip())}
    return Node(entry.code, parent, entry.code.count(".") + 1, labels)


def _faults(read: _File) -> Iterator[Fault]:
    if not read.nodes:
        yield Fault("nodes", "empty", remedy="give_it")
    codes = Counter(entry.code for entry in read.nodes)
    for code, times in codes.items():
        if times > 1:
            yield Fault(code, "repeated", remedy="give_each_node_code_own", times=times)
    for entry in read.nodes:
        parent = entry.code.rpartition(".")[0]
        if parent and parent not in codes:
            yield Fault(entry.code, "parent_missing", remedy="add_or_move_node", parent=parent)
    for language in LANGUAGES:
        labels = Counter(label.casefold() for entry in read.nodes if (label := getattr(entry, language).strip()))
        for label, times in labels.items():
            if times > 1:
                yield Fault(f"{language}: {label}", "labels_nodes", remedy="word_each_node_differently", times=times)
