"""YAML that remembers its lines, so that a fault can be shown where it stands."""

from collections.abc import Hashable, Sequence

import yaml

from states.errors import Fault


class Mapped(dict[Hashable, object]):
    """A mapping that knows the line of each key."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[object, int] = {}


class Listed(list[object]):
    """A list that knows the line of each item."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


def read_yaml(text: str, *, source: str) -> tuple[Mapped | None, list[Fault]]:
    """Return the document as a `Mapped` tree and the faults of its syntax (with `source:line`)."""
    faults: list[Fault] = []
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 1
        return None, [Fault(f"{source}:{line}", f"not YAML: {error.problem}", "mend the indentation or the quotes")]
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, [Fault(f"{source}:{line}", f"not YAML: {error.reason}", "take the character out")]
    if not isinstance(node, yaml.MappingNode):
        return None, [Fault(f"{source}:1", "a playbook is a mapping", "begin with `name:` and `version:`")]
    tree = _Builder(source, faults).build(node)
    return (tree if isinstance(tree, Mapped) else None), faults


class _Builder(yaml.constructor.SafeConstructor):
    def __init__(self, source: str, faults: list[Fault]) -> None:
        super().__init__()
        self.source, self.faults = source, faults
        self.built: set[int] = set()

    def build(self, node: yaml.Node) -> object:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.CollectionNode):
            if id(node) in self.built:  # aliases could nest without end, and a fault has one line only
                self._fault(line, "stands in more than one place by an alias", "write it out")
                return None
            self.built.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, Mapped(line))
        if isinstance(node, yaml.SequenceNode):
            items = Listed(line)
            for child in node.value:
                items.append(self.build(child))
                items.lines.append(child.start_mark.line + 1)
            return items
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Hashable:
        try:
            return self.construct_object(node)  # type: ignore[no-any-return]
        except (yaml.YAMLError, ValueError):  # an unknown tag, or a date that no calendar has
            self._fault(node.start_mark.line + 1, f"{node.value!r} cannot be read", "put it in quotes")
            return str(node.value)

    def _fault(self, line: int, message: str, remedy: str) -> None:
        self.faults.append(Fault(f"{self.source}:{line}", message, remedy))

    def _mapping(self, node: yaml.MappingNode, made: Mapped) -> Mapped:
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(line, "a key is a word, not a list or a mapping", "write a plain key")
                continue
            key = self._scalar(key_node)
            if key in made:
                self._fault(line, f"{key!r} stands here twice", f"see line {made.lines[key]}")
            made[key] = self.build(value_node)
            made.lines[key] = line
        return made


def line_of(tree: object, path: Sequence[object]) -> int:
    """Return the line of the deepest part of `path` that exists in the tree."""
    line, here = 1, tree
    for step in path:
        below = _child(here, step)
        if below is None:
            break
        line, here = below
    return line


def prune(tree: Mapped, path: Sequence[object]) -> bool:
    """Take out of the tree what `path` names, or the nearest entry above it; return False if nothing can go."""
    here: object = tree
    for depth, step in enumerate(path):
        below = _child(here, step)
        if below is None:
            return False
        _, child = below
        if depth == len(path) - 1 or not isinstance(child, Mapped | Listed):
            _drop(here, step)
            return True
        here = child
    return False


def _child(here: object, step: object) -> tuple[int, object] | None:
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
