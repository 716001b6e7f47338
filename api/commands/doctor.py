"""The command `bankable doctor`: what works and what does not."""

import typer
from rich.console import Console
from rich.table import Column, Table

from api.operations.doctor import examine


def doctor() -> None:
    """Say what works and what does not; the exit code is 1 if something is wrong."""
    findings = examine()
    table = Table("", "What", Column("Finding", overflow="fold"))
    for finding in findings:
        table.add_row("ok" if finding.ok else "WRONG", finding.what, finding.detail)
    Console().print(table)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)
