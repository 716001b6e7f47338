"""What a playbook may say of the investment protocol: its sections, their fields, their tables' columns."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from states.shapes import Unfit
from states.texts.titles import Named

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


ORGANISATION = "organisation"
"""The column that says whose a row is where a playbook names none."""


class ColumnKind(StrEnum):
    """What a cell holds; money is EUR with cents, a percentage is 0 to 100, NUTS a code, months are "3-14" of a plan.

    A partner is who takes part, by name or short name; an URL is one of the web; a choice is one of the column's words.
    """

    TEXT = "text"
    MONEY = "money"
    PERCENT = "percent"
    INTEGER = "integer"
    DATE = "date"
    NUTS = "nuts"
    NUMBER = "number"
    MONTHS = "months"
    PARTNER = "partner"
    URL = "url"
    CHOICE = "choice"


class Column(BaseModel):
    """A column of a table field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    title: Named
    kind: ColumnKind = ColumnKind.TEXT
    required: bool = Field(default=True, description="whether a row needs it")
    choices: list[Named] = Field(default=[], description="the words of a choice", examples=[["planned", "granted"]])

    @model_validator(mode="after")
    def _choices_of_a_choice(self) -> Self:
        if bool(self.choices) is not (self.kind is ColumnKind.CHOICE):
            raise Unfit("choices_and_kind_apart", column=self.key)
        return self


class FieldSpec(BaseModel):
    """One field of a section: a text, or a table when it has columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    title: Named
    mandatory: bool = True
    help: Named = Field(default="", max_length=1000, description="what is wanted here")
    example: Named = Field(default="", max_length=1000)
    limit: int | None = Field(default=None, ge=1, le=20_000, description="the most characters of a text")
    columns: list[Column] = Field(default=[])
    min_rows: int = Field(default=1, ge=1, le=1000, description="rows that a mandatory table needs")
    max_rows: int | None = Field(default=None, ge=1, le=1000)
    keyed_by: Key | None = Field(
        default=None, description="the column that says which organisation's a row is", examples=["organisation"]
    )

    @model_validator(mode="after")
    def _keyed_by_a_column(self) -> Self:
        known = {column.key: column.kind for column in self.columns}
        if self.keyed_by is not None and known.get(self.keyed_by) not in (ColumnKind.TEXT, ColumnKind.PARTNER):
            raise Unfit("no_column_of_texts", remedy="one_of", column=self.keyed_by, known=tuple(known))
        return self

    @model_validator(mode="after")
    def _limits_where_they_mean_something(self) -> Self:
        if (self.columns and self.limit) or (not self.columns and (self.max_rows or self.min_rows > 1)):
            raise Unfit("limit_of_another_kind", field=self.key)
        if self.max_rows is not None and self.max_rows < self.min_rows:
            raise Unfit("fewest_over_most", field=self.key)
        return self

    @property
    def owner_column(self) -> str | None:
        """Return the column that says whose a row is; a playbook that names none means `organisation`."""
        if self.keyed_by is not None:
            return self.keyed_by
        return ORGANISATION if any(column.key == ORGANISATION for column in self.columns) else None

    @property
    def partner_columns(self) -> list[str]:
        """Return the columns that name who takes part: the owner's, and those of this kind."""
        kinds = {column.key: column.kind for column in self.columns}
        return [key for key, kind in kinds.items() if key == self.owner_column or kind is ColumnKind.PARTNER]


class SectionSpec(BaseModel):
    """A section of the investment protocol."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    title: Named
    fields: list[FieldSpec] = Field(min_length=1)

    def field(self, key: str) -> FieldSpec | None:
        return next((field for field in self.fields if field.key == key), None)
