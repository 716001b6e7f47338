"""What others build on, name by name: routes with their parameters, fields of what is sent and answered, commands."""

import re
from collections.abc import Iterator
from typing import Any

from api import cli
from api.app import create_app

_MODULE = re.compile(r"(?:\w+__)+")  # before a schema's name, where two modules have one of that name
_LISTING = re.compile(r"Listing_\w+_")  # a page of whatever is listed


def surface() -> set[str]:
    """Return every name: `GET /path/{}`, `GET /path/{} ?parameter`, `Schema.field`, `bankable command --option`."""
    description = create_app().openapi()
    return {
        *routes(description["paths"]),
        *fields(description["components"]["schemas"]),
        *(name for command in cli.COMMANDS for name in commands(cli.load(command), f"bankable {command}")),
    }


def routes(paths: dict[str, Any]) -> Iterator[str]:
    """Yield each route and each of its parameters but those in the path, whose names are nobody's concern."""
    for path, operations in paths.items():
        for method, operation in operations.items():
            route = f"{method.upper()} {re.sub(r'{.*?}', '{}', path)}"
            yield route
            for parameter in operation.get("parameters", []):
                if parameter["in"] != "path":
                    yield f"{route} ?{parameter['name']}"


def fields(schemas: dict[str, Any]) -> Iterator[str]:
    """Yield each field of each schema."""
    for name, schema in schemas.items():
        plain = _MODULE.sub("", _LISTING.sub("Listing", name))
        for field in schema.get("properties", {}):
            yield f"{plain}.{field}"


def commands(command: Any, name: str) -> Iterator[str]:
    """Yield a command with its options, or what is below a group."""
    for below, found in getattr(command, "commands", {}).items():
        yield from commands(found, f"{name} {below}")
    if not hasattr(command, "commands"):
        yield name
        for parameter in command.params:
            if parameter.opts[0].startswith("--"):
                yield f"{name} {parameter.opts[0]}"
