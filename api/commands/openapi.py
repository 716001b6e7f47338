"""The command `bankable openapi`: the description of the API, for whoever makes clients of it."""

import json
from pathlib import Path
from typing import Annotated

import typer


def openapi(
    file: Annotated[Path | None, typer.Argument(help="where to write it; left out: it is printed")] = None,
) -> None:
    """Write the description of the API (OpenAPI 3.1, JSON); it needs no database and no server."""
    from api.app import create_app  # every route of the house: only this command waits for them

    described = json.dumps(create_app().openapi(), ensure_ascii=False, indent=2) + "\n"
    if file is None:
        typer.echo(described, nl=False)
    else:
        file.write_text(described, encoding="utf-8")
