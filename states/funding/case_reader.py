"""Read a funding case or a scenario from YAML or JSON (which YAML contains), with all its faults at once."""

import json
from decimal import Decimal
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from states.errors import Fault, Invalid
from states.funding.case import FundingCase, faults_of
from states.funding.scenario import FundingScenario

Shape = TypeVar("Shape", bound=BaseModel)

_REMEDIES = {
    "missing": "give it",
    "extra_forbidden": "take it out, or mend its name; docs/funding-case.md lists the keys",
    "enum": "take one of the values listed",
    "decimal_max_places": "give EUR to the cent, percentages to two decimals",
    "date_from_datetime_parsing": "write the date as 2026-11-22",
}


class CaseInvalid(Invalid):
    """The funding case or scenario has faults; each names its place and the remedy."""

    code = "funding_case_invalid"


class _ExactLoader(yaml.SafeLoader):
    """Reads decimals as they are written: 0.10 EUR never passes through a binary fraction."""


def _exact(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    text = str(loader.construct_scalar(node)).replace("_", "")
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _exact)


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
        tree = yaml.load(text, Loader=_ExactLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CaseInvalid(f"not YAML: {error.problem}", field=f"line {line}", remedy="mend it there") from error
    except (yaml.YAMLError, ValueError) as error:
        raise CaseInvalid(f"cannot be read: {error}", field="the document", remedy="write YAML or JSON") from error
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
