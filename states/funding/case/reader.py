"""Read a funding case or a scenario from YAML or JSON (which YAML contains), with all its faults at once."""

import json
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from states.errors import Fault, Invalid
from states.funding.case.case import FundingCase, FundingScenario, faults_of, with_cohesion
from states.funding.case.vocabulary import Cohesion
from states.places import cohesion
from states.places.cohesion import CohesionTable
from states.shapes import Unfit, shape_fault
from states.texts import Text
from states.yaml_source import read_yaml

Shape = TypeVar("Shape", bound=BaseModel)

_REMEDIES = {
    "missing": "give_it",
    "tuple_type": "give_a_list",
    "bool_parsing": "write_true_or_false",
    "model_type": "give_keys_and_values",
    "decimal_whole_digits": "give_amounts_below",
    "decimal_max_digits": "give_amounts_below_to_the_cent",
    "extra_forbidden": "take_out_or_mend_name_by_guide",
    "enum": "take_one_listed",
    "decimal_max_places": "give_cents_and_two_decimals",
    "date_from_datetime_parsing": "write_date_as",
}


class CaseInvalid(Invalid):
    """The funding case or scenario has faults; each names its place and the remedy."""

    code = "funding_case_invalid"


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Unfit("key_twice")
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


def read_case(text: str, *, own: CohesionTable | None = None) -> FundingCase:
    """Return the case, or raise `CaseInvalid` with every fault.

    A site that does not say its cohesion category has that of its region, where it is known; by a table of one's `own`
    before the one that is shipped.
    """
    case = read_shape(text, FundingCase)
    if faults := faults_of(case):
        raise CaseInvalid(faults=faults)
    if all(site.cohesion for partner in case.partners for site in partner.sites):
        return case
    return with_cohesion(case, partial(cohesion_at, verified_only=case.wanted.verified_only, own=own))


def cohesion_at(
    nuts: str, on: date, *, verified_only: bool = False, own: CohesionTable | None = None
) -> Cohesion | None:
    """Return the category of a site on a day as instruments name it; None where it is not known."""
    if cohesion.is_outermost(nuts, own=own):
        return Cohesion.OUTERMOST
    found = cohesion.classification(nuts, on=on, own=own)
    return Cohesion(found.category) if found and (found.verified or not verified_only) else None


def read_scenario(text: str) -> FundingScenario:
    """Return the scenario, or raise `CaseInvalid` with every fault; whether it is lawful the checker says."""
    return read_shape(text, FundingScenario)


def read_shape(text: str, shape: type[Shape]) -> Shape:
    """Return a document of that shape, or raise `CaseInvalid` with every fault."""
    try:
        return shape.model_validate(_tree(text))
    except ValidationError as error:
        found = error.errors()
        real = [one for one in found if not (one["type"] == "too_short" and has_below(found, one["loc"]))]
        raise CaseInvalid(faults=[_fault(one) for one in real]) from error


def has_below(found: list[ErrorDetails], place: tuple[int | str, ...]) -> bool:
    """Tell whether an error lies within this place: a list whose items are all wrong is called too short besides."""
    return any(one["loc"][: len(place)] == place != one["loc"] for one in found)


def _fault(error: ErrorDetails) -> Fault:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"]).lstrip(".")
    remedy = _REMEDIES.get(error["type"], "mend_by_funding_case_guide")
    return shape_fault(error, place=place or "the document", remedy=Text("remedy", remedy))
