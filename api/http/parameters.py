"""Query parameters that a route does not know: refused with those that it knows, never passed over in silence."""

from collections.abc import Callable
from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from states.errors import Fault, Invalid

MOST_PARAMETERS = 100  # no route knows as many
_LONGEST = 100  # of a name, as far as it is shown and compared
_KNOWN: dict[Callable[..., object], tuple[str, ...]] = {}  # by the function of the route: FastAPI's routes have no hash


class ParameterUnknown(Invalid):
    """The address holds a parameter that the route does not know."""

    code = "parameter_unknown"


def need_known_parameters(request: Request) -> None:
    """Raise `ParameterUnknown` for every query parameter that the route does not declare."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = _KNOWN.get(route.endpoint)
    if known is None:
        known = _KNOWN[route.endpoint] = tuple(sorted(set(_names(route.dependant))))
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if len(request.query_params.multi_items()) > MOST_PARAMETERS:
        raise ParameterUnknown("too_many_parameters", field="query", remedy="at_most", most=MOST_PARAMETERS)
    faults = [_fault(name[:_LONGEST], known) for name in unknown]
    if faults:
        raise ParameterUnknown(faults=faults)


def _names(dependant: Dependant) -> list[str]:
    below = [name for one in dependant.dependencies for name in _names(one)]
    return [*below, *(field.alias for field in dependant.query_params)]


def _fault(name: str, known: tuple[str, ...]) -> Fault:
    near = get_close_matches(name, known, n=1)
    remedy = "near_parameter" if near else "known_parameters" if known else "no_parameters"
    return Fault(f"query.{name}", "not_known_here", remedy=remedy, known=known, near=near[0] if near else "")
