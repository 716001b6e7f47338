"""The order of texts, the same on both engines: by character, capital and small letters of ASCII alike."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class by_text(FunctionElement[str]):  # noqa: N801 - stands where a function stands
    """A column of texts to sort by; left to itself PostgreSQL would sort by its own locale, SQLite capitals first."""

    inherit_cache = True
    type = String()


@compiles(by_text)  # of SQLite; an expression in an index would be lost wherever Alembic makes a table anew
def _by_text(element: by_text, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} COLLATE NOCASE"


@compiles(by_text, "postgresql")
def _by_text_of_postgresql(element: by_text, compiler: SQLCompiler, **options: Any) -> str:
    return f'lower({compiler.process(element.clauses, **options)} COLLATE "C")'
