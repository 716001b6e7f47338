"""The sheets of the workbook, in the order in which they refer to each other."""

from typing import cast

from states.workbook.areas import WorkingAreas
from states.workbook.availabilities import Availabilities
from states.workbook.collaborations import Collaborations
from states.workbook.costs import Costs
from states.workbook.events import Events
from states.workbook.instruments import Calls, Instruments
from states.workbook.keywords import Keywords
from states.workbook.members import Members
from states.workbook.profiles import Profiles
from states.workbook.registry import Organisations, People, Regions
from states.workbook.requests import MeetingRequests
from states.workbook.sheet import Sheet
from states.workbook.sources import Sources

_ALL = (
    Regions(),
    WorkingAreas(),
    Organisations(),
    People(),
    Keywords(),
    Profiles(),
    Events(),
    Availabilities(),
    MeetingRequests(),
    Collaborations(),
    Members(),
    Costs(),
    Instruments(),
    Calls(),
    Sources(),
)

# Each is handed the rows that itself has found, so that what kind they are matters to nobody else.
SHEETS = cast("tuple[Sheet[object], ...]", _ALL)
NAMES = tuple(sheet.name for sheet in SHEETS)
