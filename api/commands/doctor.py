"""The command `bankable doctor`: what works and what does not."""

import json
from time import monotonic
from typing import Annotated

import typer
from rich.table import Column, Table

from api.commands.tables import print_tables
from api.operations.doctor import Finding, examine

_SHOWN = 20
_TELL_EVERY_SECONDS = 5


class _Progress:
    """Says on stderr how far a long look is, now and then."""

    def __init__(self) -> None:
        self._told = monotonic()

    def __call__(self, what: str, done: int, of: int) -> None:
        if monotonic() - self._told >= _TELL_EVERY_SECONDS:
            self._told = monotonic()
            typer.echo(f"{what}: {done} of {of}", err=True)


def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="read everything sealed, and every object of the store")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the findings as JSON, all of them")] = False,
) -> None:
    """Say what works and what does not; the exit code is 1 if something is wrong."""
    findings = examine(deep=deep, tell=_Progress())
    if as_json:
        typer.echo(json.dumps([_as_json(finding) for finding in findings], indent=1, ensure_ascii=False))
    else:
        table = Table("", "What", Column("Finding", overflow="fold"))
        for finding in findings:
            table.add_row("ok" if finding.ok else "WRONG", finding.what, "\n".join(_lines(finding)))
        print_tables(table)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


def _lines(finding: Finding) -> list[str]:
    shown = [str(text) for text in finding.more[:_SHOWN]]
    more = len(finding.more) - len(shown)
    rest = [f"... and {more} more lines: `bankable doctor --json` has them"] if more else []
    return [finding.detail, *shown, *rest]


def _as_json(finding: Finding) -> dict[str, object]:
    more = [str(text) for text in finding.more]
    return {"what": finding.what, "ok": finding.ok, "found": finding.detail, "more": more}
