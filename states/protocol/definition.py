"""What a playbook may say of the investment protocol: its sections, their fields, their tables' columns."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from states.shapes import Unfit

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


ORGANISATION = "organisation"
"""The column that says whose a row is where a playbook names none."""


class ColumnKind(StrEnum):
    """What a cell holds; money is EUR with cents, a percentage is 0 to 100, NUTS is a code."""

    TEXT = "text"
    MONEY = "money"
    PERCENT = "percent"
    INTEGER = "integer"
    DATE = "date"
    NUTS = "nuts"


class Column(BaseModel):
    """A column of a table field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    title: str
    kind: ColumnKind = ColumnKind.TEXT


class FieldSpec(BaseModel):
    """One field of a section: a text, or a table when it has columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    title: str
    mandatory: bool = True
    columns: list[Column] = Field(default=[])
    keyed_by: Key | None = Field(
        default=None, description="the column that says which organisation's a row is", examples=["organisation"]
    )

    @model_validator(mode="after")
    def _keyed_by_a_column(self) -> Self:
        known = {column.key: column.kind for column in self.columns}
        if self.keyed_by is not None and known.get(self.keyed_by) is not ColumnKind.TEXT:
            raise Unfit("no_column_of_texts", remedy="one_of", column=self.keyed_by, known=tuple(known))
        return self

    @property
    def owner_column(self) -> str | None:
        """Return the column that says whose a row is; a playbook that names none means `organisation`."""
        if self.keyed_by is not None:
            return self.keyed_by
        return ORGANISATION if any(column.key == ORGANISATION for column in self.columns) else None


class SectionSpec(BaseModel):
    """A section of the investment protocol."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    title: str
    fields: list[FieldSpec] = Field(min_length=1)

    def field(self, key: str) -> FieldSpec | None:
        return next((field for field in self.fields if field.key == key), None)
