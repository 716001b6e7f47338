"""Funding cases and scenarios in files: read, or every fault told and exit code 2."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import typer

from states.errors import Invalid
from states.funding.case.case import FundingCase
from states.funding.case.reader import read_case

Shape = TypeVar("Shape")


def case_in(file: Path) -> FundingCase:
    """Return the case of a file, with the cohesion category of each site that is known."""
    return read_or_exit(file, read_case)


def read_or_exit(file: Path, reader: Callable[[str], Shape]) -> Shape:
    try:
        return reader(_text(file))
    except Invalid as error:
        for fault in error.faults:
            typer.echo(str(fault), err=True)
        raise typer.Exit(2) from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Invalid("file_not_utf8", field=str(file), remedy="save_as_utf_8", file=str(file)) from None
