"""What every sheet of the workbook is: columns, the rows it shows, and how a line becomes one of them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from states.workbook.cells import Written
from states.workbook.line import Column, Line, Values
from states.workbook.world import World

Row = TypeVar("Row")


class Sheet(ABC, Generic[Row]):
    """A sheet. What the database has is compared as it would come back from a file, so that an export changes nothing.

    `handle` are the columns by which other sheets name a line of this one. Lines that are `divisible` mean the same
    when they are brought in some at a time.
    """

    name: str
    says: str
    columns: tuple[Column, ...]
    handle: tuple[str, ...]
    divisible = True

    @abstractmethod
    def rows(self, world: World) -> Iterable[Row]:
        """Return what the database has, in the order of the export."""

    @abstractmethod
    def values_of(self, world: World, row: Row) -> Values:
        """Return what the database has of one, by column."""

    @abstractmethod
    def find(self, world: World, line: Line) -> Row | None:
        """Return the one that a line means, if it is there."""

    @abstractmethod
    def check(self, world: World, line: Line, row: Row | None) -> None:
        """Note every fault that the domain finds."""

    @abstractmethod
    def keep(self, world: World, line: Line, row: Row | None) -> Row:
        """Add a line without faults, or write it into its row."""

    def prepare(self, line: Line) -> None:
        """Bring values into the form in which they are compared, before the database is asked for anything."""

    def refer(self, world: World, line: Line) -> None:
        """Do the same with what names rows of the database; note references that lead nowhere."""

    def finish(self, world: World) -> None:
        """Write what the sheet's lines have changed."""
        world.session.flush()

    def cells_of(self, world: World, row: Row) -> Mapping[str, Written]:
        """Return what the export writes."""
        values = self.values_of(world, row)
        return {column.name: column.kind.write(values[column.name]) for column in self.columns}
