"""YAML 1.2 that people write: each entry knows its line, and all faults of the text come together."""

from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from states.errors import Fault
from states.shapes import Shape
from states.texts import Value

DEEPEST = 50  # mappings and lists within each other; the deepest file of ours has nine


class Mapped(dict[Hashable, object]):
    """A mapping that knows the line of each key."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[object, int] = {}


class Listed(list[object]):
    """A list that knows the line of each item."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


class _Exact(SafeConstructor):
    """Reads 0.10 as it is written, not as a binary fraction."""

    def exact(self, node: ScalarNode) -> Decimal | str:
        try:
            return Decimal(node.value)
        except ArithmeticError:
            return str(node.value)


_Exact.add_constructor("tag:yaml.org,2002:float", _Exact.exact)


# What is wrong where the parser's own words begin so.
_SYNTAX = {
    "expected ',' or": Shape("bracket_not_closed", remedy="close_bracket"),
    "mapping values are not allowed": Shape("colon_misplaced", remedy="mend_indentation_or_quotes"),
    "found character '\\t'": Shape("tab_misplaced", remedy="indent_with_blanks"),
    "found character": Shape("begins_with_a_sign", remedy="put_in_quotes"),
    "found unexpected end of stream": Shape("quote_not_closed", remedy="close_quote"),
    "found undefined alias": Shape("alias_unknown", remedy="write_it_out"),
    "but found another document": Shape("second_document", remedy="give_one_document"),
    "expected <block end>": Shape("line_does_not_follow", remedy="mend_indentation_or_quotes"),
}
_NO_YAML = Shape("not_yaml", remedy="mend_indentation_or_quotes")


def read_yaml(text: str, *, source: str = "") -> tuple[object, list[Fault]]:
    """Return the document as a tree of `Mapped` and `Listed`, and the faults of its syntax.

    A fault's place is `source:line`, or `line 3` where no source is named. A text that cannot be cut into parts at all
    gives None and one fault. By YAML 1.2 `no`, `on` and `9:30` are texts.
    """
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _Exact
    reader.max_depth = DEEPEST
    reader.composer.warn_double_anchors = False
    place = f"{source}:" if source else "line "
    try:
        root = reader.compose(text)
    except MaxDepthExceededError as error:
        line = error.problem_mark.line + 1
        return None, [Fault(f"{place}{line}", "nested_more_than_deep", remedy="write_flatter", most=DEEPEST)]
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        found = next((one for begins, one in _SYNTAX.items() if str(error.problem).startswith(begins)), _NO_YAML)
        return None, [Fault(f"{place}{line}", found.code, remedy=found.remedy)]
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, [Fault(f"{place}{line}", "no_yaml_character", remedy="take_character_out")]
    build = _Builder(reader.constructor.construct_object, place)
    return (None if root is None else build(root)), build.faults


class _Builder:
    def __init__(self, scalar: Callable[[Node], Hashable], place: str) -> None:
        self._construct, self._place = scalar, place
        self.faults: list[Fault] = []
        self._built: set[int] = set()

    def __call__(self, node: Node) -> object:
        if isinstance(node, CollectionNode):
            if id(node) in self._built:  # aliases could nest without end, and a fault has one line only
                self._fault(node, "alias", remedy="write_it_out")
                return None
            self._built.add(id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node)
        if isinstance(node, SequenceNode):
            items = Listed()
            for child in node.value:
                items.append(self(child))
                items.lines.append(child.start_mark.line + 1)
            return items
        return self._scalar(node)

    def _mapping(self, node: MappingNode) -> Mapped:
        made = Mapped()
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._fault(key_node, "key_not_a_word", remedy="write_plain_key")
                continue
            key = self._scalar(key_node)
            if key in made:
                self._fault(key_node, "stands_here_twice", remedy="see_line", key=str(key), line=made.lines[key])
            made[key] = self(value_node)
            made.lines[key] = key_node.start_mark.line + 1
        return made

    def _scalar(self, node: Node) -> Hashable:
        try:
            return self._construct(node)
        except (YAMLError, ValueError):  # an unknown tag, or a date that no calendar has
            self._fault(node, "cannot_be_read", remedy="put_in_quotes", word=node.value)
            return str(node.value)

    def _fault(self, node: Node, code: str, /, *, remedy: str, **parameters: Value) -> None:
        self.faults.append(Fault(f"{self._place}{node.start_mark.line + 1}", code, remedy=remedy, **parameters))


def line_of(tree: object, path: Sequence[object]) -> int:
    """Return the line of the deepest part of `path` that exists in the tree."""
    line, here = 1, tree
    for step in path:
        below = child_of(here, step)
        if below is None:
            break
        line, here = below
    return line


def prune(tree: Mapped, path: Sequence[object]) -> bool:
    """Take out of the tree what `path` names, or the nearest entry above it; return False if nothing can go."""
    here: object = tree
    for depth, step in enumerate(path):
        below = child_of(here, step)
        if below is None:
            return False
        _, child = below
        if depth == len(path) - 1 or not isinstance(child, Mapped | Listed):
            _drop(here, step)
            return True
        here = child
    return False


def child_of(here: object, step: object) -> tuple[int, object] | None:
    """Return the line of what is one step below, and itself; None where there is nothing."""
    if isinstance(here, Mapped):
        return (here.lines[step], here[step]) if step in here else None
    if isinstance(here, Listed) and isinstance(step, int) and step < len(here):
        return here.lines[step], here[step]
    return None


def _drop(here: object, step: object) -> None:
    if isinstance(here, Mapped):
        del here[step]
    elif isinstance(here, Listed) and isinstance(step, int):
        del here[step], here.lines[step]
