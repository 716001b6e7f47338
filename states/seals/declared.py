"""What is sealed: each room declares at its tables what people sign and decide, and what is frozen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Column, Table
from sqlalchemy.orm import Mapped, declared_attr
from sqlmodel import Field, SQLModel

from states.seals.seal import Mark, Values, mark_of
from states.storage import table_of

_NEVER = frozenset({"seal", "version"})


class SealedRow(SQLModel):
    """A row with a seal over its other columns; a write on top of another one's is `Stale`, never half sealed."""

    seal: str = Field(default="", description="see `states/seals`")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, object]:  # noqa: N805 - SQLAlchemy hands the class over
        return {"version_id_col": cls.__table__.c.seal, "version_id_generator": False}  # type: ignore[attr-defined]

    @property
    def occasion(self) -> Mark | None:
        """Tell on what occasion the row was sealed; None where its seal is none of ours."""
        return mark_of(self.seal)


@dataclass(frozen=True, slots=True)
class Sealed:
    """How the rows of a table are sealed.

    `columns` are under the seal; `by` is the foreign key that leads to the case, where the row does not name it. What
    is `frozen` is only ever added. In a `chained` table each row's seal covers that of the row before, by `number`.
    """

    noun: str
    model: type[SealedRow]
    columns: tuple[str, ...]
    by: str
    frozen: bool
    chained: bool

    @property
    def table(self) -> Table:
        return table_of(self.model)

    @property
    def parent(self) -> tuple[Column[str], Table]:
        """Return the foreign key `by`, and the table to which it leads."""
        column = self.table.c[self.by]
        (foreign,) = column.foreign_keys
        return column, foreign.column.table

    def values_of(self, row: object) -> Values:
        """Return what is under the seal of a row, by name."""
        return {name: getattr(row, name) for name in self.columns}

    def key_of(self, row: object) -> str:
        """Return the row's key; the parts of one that has several are joined by /."""
        return "/".join(str(getattr(row, column.name)) for column in self.table.primary_key)


SEALED: dict[str, Sealed] = {}
"""Everything that is sealed, by the name of its table."""

Model = TypeVar("Model", bound=type[SealedRow])


def sealed(*, by: str = "", apart: str = "", frozen: bool = False, chained: bool = False) -> Callable[[Model], Model]:
    """Declare that the rows of a model are sealed, all columns but `version` and those set `apart`, by name.

    Set apart is what the machine computes from other rows, and what changes without anybody's decision.
    """

    def declare(model: Model) -> Model:
        table = table_of(model)
        names = (column.name for column in table.columns)
        columns = tuple(name for name in names if name not in _NEVER | set(apart.split()))
        SEALED[table.name] = Sealed(table.name, model, columns, by, frozen, chained)
        return model

    return declare


def case_columns(table: Table) -> tuple[Column[str] | None, Column[str] | None]:
    """Return the columns that name the collaboration and the partnership of a table's rows, where it has them."""
    columns = table.columns
    collaboration = columns["id"] if table.name == "collaboration" else columns.get("collaboration_id")
    return collaboration, columns.get("partnership_id")


def scope_name(collaboration_id: str | None, partnership_id: str | None) -> str:
    """Return what rows are counted together: those of a case, else of a partnership, else of the installation."""
    if collaboration_id is not None:
        return f"collaboration:{collaboration_id}"
    return f"partnership:{partnership_id}" if partnership_id is not None else INSTALLATION


INSTALLATION = "installation"

__all__ = ["SEALED", "Mapped", "Sealed", "SealedRow", "case_columns", "scope_name", "sealed"]
