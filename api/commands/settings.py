"""The command `bankable settings`: what an installation may set, what holds here, and the page that lists it."""

from typing import Annotated

import typer
from pydantic_core import PydanticUndefined

from states.settings import Settings
from states.settings import settings as in_force

_INTRODUCTION = """# Settings

Environment variables of an installation; what is not set has the value given here. `bankable settings` prints which
hold; `bankable settings --page` made this page.

| variable | unless set | what it says |
|---|---|---|
"""
_OTHERS = """
Prefect reads `PREFECT_API_URL` and its other settings itself. On several machines, `BANKABLE_CHECKOUT` tells Prefect's
deployments where the code lies: [operations](../how-to/operations.md#on-several-machines).
"""
_SECRET = {"secret", "former_secrets", "oidc_client_secret", "seal_passphrase"}
_WITH_PASSWORD = {"database_url", "store_url", "smtp_url"}


def settings(as_page: Annotated[bool, typer.Option("--page", help="as the page of the documentation")] = False) -> None:
    """Print the settings, one a line with tabs between: variable, value in force, whether it was set."""
    if as_page:
        typer.echo(page(), nl=False)
        return
    held = in_force()
    for name in Settings.model_fields:
        said = "set" if name in held.model_fields_set else "default"
        typer.echo("\t".join((_variable(name), _shown(name, getattr(held, name)), said)))


def page() -> str:
    """Return the page of the documentation that lists every setting."""
    lines = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, "", (), PydanticUndefined) else f"`{field.default}`"
        lines.append(f"| `{_variable(name)}` | {default} | {field.description} |\n")
    return _INTRODUCTION + "".join(lines) + _OTHERS


def _variable(name: str) -> str:
    return f"BANKABLE_{name.upper()}"


def _shown(name: str, value: object) -> str:
    """Return a value for people to read, without what signs or opens anything."""
    if value in (None, "", ()):
        return "-"
    if name in _SECRET:
        return "(hidden)"
    if name not in _WITH_PASSWORD:
        return str(value)
    scheme, mark, rest = str(value).partition("://")
    address, asked, _ = rest.rpartition("@")[2].partition("?")
    return f"{scheme}{mark}{'(hidden)@' if '@' in rest else ''}{address}{'?(hidden)' if asked else ''}"
