"""What a flow writes is written by the clock, by this flow."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from states.rights.authors import acting, by_flow

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def as_clock(body: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Let the body of a flow act as the clock; it stands below `@flow`."""
    author = by_flow(body.__name__)

    @wraps(body)
    def acts(*args: Parameters.args, **named: Parameters.kwargs) -> Result:
        with acting(author):
            return body(*args, **named)

    return acts
