"""Which methods an address knows: those of all routes that have its path."""

import re
from functools import lru_cache

from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path


def methods_of(request: Request) -> list[str]:
    """Return the methods of the routes at the request's path, sorted."""
    path = request.url.path
    return sorted({method for pattern, known in _patterns(request.app) if pattern.match(path) for method in known})


@lru_cache(maxsize=8)
def _patterns(app: FastAPI) -> tuple[tuple[re.Pattern[str], frozenset[str]], ...]:
    routes = [route for route in iter_route_contexts(app.routes) if route.path]
    return tuple((compile_path(str(route.path))[0], frozenset(route.methods or ())) for route in routes)
