"""Read a funding case or a scenario from YAML or JSON (which YAML contains), with all its faults at once."""

import json
from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from states.errors import Fault, Invalid
from states.funding.case.case import FundingCase, FundingScenario, faults_of
from states.yaml_source import read_yaml

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


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands twice")
    return made


def _tree(text: str) -> object:
    """Parse JSON where it is JSON (a thousand times faster), else YAML, whose faults have lines."""
    try:
        return json.loads(text, parse_float=Decimal, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        tree, faults = read_yaml(text)
        if faults:
            raise CaseInvalid(faults=faults) from None
        return tree


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
        return shape.model_validate(_tree(text))
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
