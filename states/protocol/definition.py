"""What a playbook may say of the investment protocol: its sections, their fields, their tables' columns."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


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


class SectionSpec(BaseModel):
    """A section of the investment protocol."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    title: str
    fields: list[FieldSpec] = Field(min_length=1)

    def field(self, key: str) -> FieldSpec | None:
        return next((field for field in self.fields if field.key == key), None)
