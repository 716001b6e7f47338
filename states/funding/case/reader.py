"""Read a funding case or a scenario from YAML or JSON (which YAML contains), with all its faults at once."""

import json
import re
from collections.abc import Hashable
from decimal import Decimal
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from states.errors import Fault, Invalid
from states.funding.case.case import FundingCase, faults_of
from states.funding.case.scenario import FundingScenario

Shape = TypeVar("Shape", bound=BaseModel)

_REMEDIES = {
    "missing": "give it",
    "tuple_type": "give a list: [one, another]",
    "bool_parsing": "write true or false",
    "model_type": "give keys and values, as docs/funding-case.md shows",
    "decimal_whole_digits": "give EUR below ten thousand million, percentages up to 100",
    "decimal_max_digits": "give EUR below ten thousand million, to the cent; percentages up to 100",
    "extra_forbidden": "take it out, or mend its name; docs/funding-case.md lists the keys",
    "enum": "take one of the values listed",
    "decimal_max_places": "give EUR to the cent, percentages to two decimals",
    "date_from_datetime_parsing": "write the date as 2026-11-22",
}


class CaseInvalid(Invalid):
    """The funding case or scenario has faults; each names its place and the remedy."""

    code = "funding_case_invalid"


class _ExactLoader(yaml.SafeLoader):
    """Reads YAML as it is written: 0.10 EUR is no binary fraction, NO is Norway, and no key counts twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            alias: yaml.AliasEvent = self.peek_event()  # type: ignore[no-untyped-call]
            if isinstance(self.anchors.get(alias.anchor), _COLLECTIONS):  # nested, a few lines would be millions
                place = f"line {alias.start_mark.line + 1}" if alias.start_mark else "the document"
                raise CaseInvalid(faults=[Fault(place, "an alias repeats a whole part", "write it out")])
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        keys = [key.value for key, _ in node.value]
        if twice := [key for key in dict.fromkeys(map(str, keys)) if keys.count(key) > 1]:
            raise yaml.constructor.ConstructorError(None, None, f"{twice[0]!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


_COLLECTIONS = (yaml.MappingNode, yaml.SequenceNode)
_ExactLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":bool")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_ExactLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])


def _exact(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    text = str(loader.construct_scalar(node))
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _exact)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice")
    return made


def _tree(text: str) -> object:
    """Parse JSON where it is JSON (a thousand times faster), else YAML."""
    try:
        return json.loads(text, parse_float=Decimal, object_pairs_hook=_once)
    except json.JSONDecodeError:
        return yaml.load(text, Loader=_ExactLoader)


def read_case(text: str) -> FundingCase:
    """Return the case, or raise `CaseInvalid` with every fault."""
    case = read_shape(text, FundingCase)
    if faults := faults_of(case):
        raise CaseInvalid(faults=faults)
    return case


def read_scenario(text: str) -> FundingScenario:
    """Return the scenario, or raise `CaseInvalid` with every fault; whether it is lawful the checker says."""
    return read_shape(text, FundingScenario)


def read_shape(text: str, shape: type[Shape]) -> Shape:
    """Return a document of that shape, or raise `CaseInvalid` with every fault."""
    try:
        tree = _tree(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CaseInvalid(faults=[Fault(f"line {line}", f"not YAML: {error.problem}", "mend it there")]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        unread = Fault("the document", f"cannot be read: {error}", "write YAML or JSON")
        raise CaseInvalid(faults=[unread]) from error
    try:
        return shape.model_validate(tree)
    except ValidationError as error:
        found = error.errors()
        # A list whose items are all wrong is called too short besides; the items say enough.
        real = [one for one in found if not (one["type"] == "too_short" and _has_below(found, one["loc"]))]
        raise CaseInvalid(faults=[_fault(one["type"], one["msg"], one["loc"]) for one in real]) from error


def _has_below(found: list[ErrorDetails], place: tuple[int | str, ...]) -> bool:
    return any(one["loc"][: len(place)] == place != one["loc"] for one in found)


def _fault(kind: str, message: str, steps: tuple[int | str, ...]) -> Fault:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    return Fault(place or "the document", message, _REMEDIES.get(kind, "mend it; docs/funding-case.md says how"))


def json_schema(shape: type[BaseModel]) -> str:
    """Return the JSON Schema of a case or a scenario, as it is kept in docs."""
    return json.dumps(shape.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
