"""Tables of commands show what people wrote as it was written."""

import pytest
from rich.table import Table

from api.commands.tables import print_tables


def test_brackets_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("[red] Title", title="Plant [/] [draft]")
    table.add_row("press [bold]A[/bold] " + "x" * 100)

    print_tables(table)

    said = capsys.readouterr().out
    assert "Plant [/] [draft]" in said
    assert "[red] Title" in said
    assert f"press [bold]A[/bold] {'x' * 100}" in said
