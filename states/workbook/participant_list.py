"""A list of who takes part in one event, as an office has it: the sheet of availabilities with less typed into it."""

from collections.abc import Collection, Iterable, Mapping

from states.characters import tidy
from states.matchmaking.event_day.tables import Attendance
from states.packages import refuse_file
from states.places.name_folding import fold
from states.workbook.availabilities import Availabilities
from states.workbook.cells import shown
from states.workbook.files import Grid
from states.workbook.labels import meant

_HEADINGS = [column.name for column in Availabilities.columns]


def of_one_event(
    grids: Iterable[Grid], *, title: str, attendances: Collection[Attendance], organisations: Mapping[str, str]
) -> Grid:
    """Return a list as the sheet of availabilities, each cell where it was; raise `FileInvalid` for an empty one.

    What it lacks is added behind its columns: the event's title, and how one takes part where there is one way only.
    Organisations may be called by their names; `organisations` are short names by name.
    """
    given = next((one for one in grids if one.cells), None)
    if given is None:
        raise refuse_file("list", "empty", remedy="write_value")
    heading, *numbers = sorted(given.cells)
    there = {meant(tidy(shown(raw)), _HEADINGS): column for column, raw in given.cells[heading].items()}
    added = {"event": title, "attendance": next(iter(attendances)).value if len(attendances) == 1 else ""}
    lacking = {name: value for name, value in added.items() if value and name not in there}
    behind = 1 + max(column for row in given.cells.values() for column in row)
    slugs = {fold(name): slug for name, slug in organisations.items()}
    filled = Grid(Availabilities.name, merged=given.merged)
    filled.cells[heading] = given.cells[heading] | dict(enumerate(lacking, start=behind))
    for number in numbers:
        row = given.cells[number] | dict(enumerate(lacking.values(), start=behind))
        called = row.get(there.get("organisation", 0))
        if called is not None:
            row[there["organisation"]] = slugs.get(fold(shown(called)), called)
        filled.cells[number] = row
    return filled
