"""Query parameters that a route does not know: refused with those that it knows, never passed over in silence."""

from collections.abc import Callable
from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from states.errors import Fault, Invalid

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
    faults = [
        Fault(f"query.{name}", "is not known here", _remedy(name, known))
        for name in dict.fromkeys(request.query_params)
        if name not in known
    ]
    if faults:
        raise ParameterUnknown(faults=faults)


def _names(dependant: Dependant) -> list[str]:
    below = [name for one in dependant.dependencies for name in _names(one)]
    return [*below, *(field.alias for field in dependant.query_params)]


def _remedy(name: str, known: tuple[str, ...]) -> str:
    if not known:
        return "leave it out: this address takes no parameters"
    listed = "this address takes " + ", ".join(known)
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}? {listed}" if near else listed
