"""How commands print tables: brackets in what people wrote mean nothing, and a file or a pipe is wide enough."""

from rich.console import Console
from rich.table import Table

_COLUMNS_OF_A_PIPE = 200


def print_tables(*tables: Table) -> None:
    terminal = Console(markup=False)
    console = terminal if terminal.is_terminal else Console(markup=False, width=_COLUMNS_OF_A_PIPE)
    for table in tables:
        console.print(table)
