"""Commands that only a person may give: who acts is told by a token, as over the API."""

from typing import Annotated

import typer

Token = Annotated[
    str,
    typer.Option(
        "--token",
        envvar="BANKABLE_TOKEN",
        prompt="Your token",
        hide_input=True,
        help="token of the person who does this; asked for unless BANKABLE_TOKEN has it",
    ),
]

MaybeToken = Annotated[
    str | None,
    typer.Option("--token", envvar="BANKABLE_TOKEN", help="token of who asks: what the own office added counts too"),
]
