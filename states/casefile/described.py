"""The JSON schema of the rows in a case file, made from the columns of the tables."""

from typing import Any

from sqlalchemy import Table

from states.casefile.declared import REFERENCED, belonging, columns_of_case, part_of
from states.casefile.values import shape_of
from states.schema import METADATA


def schema() -> dict[str, Any]:
    """Return the schema: under `$defs` that of each part, by its name."""
    tables = [*belonging(), *(METADATA.tables[name] for name in REFERENCED)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The parts of a case file, by name",
        "$defs": {part_of(table): {"type": "array", "items": _row(table)} for table in sorted(tables, key=part_of)},
    }


def _row(table: Table) -> dict[str, Any]:
    columns = columns_of_case(table)
    # Of a person the id alone is there where people are not named.
    needed = ["id"] if table.name == "person" else [column.name for column in columns]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": needed,
        "properties": {column.name: _cell(column) for column in columns},
    }


def _cell(column: Any) -> dict[str, Any]:
    about = {"description": column.comment} if column.comment else {}
    return dict(shape_of(column)) | about
