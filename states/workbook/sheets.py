"""The sheets of the workbook, in the order in which they refer to each other."""

from typing import cast

from states.workbook.availabilities import Availabilities
from states.workbook.events import Events
from states.workbook.instruments import Calls, Instruments
from states.workbook.profiles import Profiles
from states.workbook.registry import Organisations, People, Regions
from states.workbook.requests import MeetingRequests
from states.workbook.sheet import Sheet

_ALL = (
    Regions(),
    Organisations(),
    People(),
    Profiles(),
    Events(),
    Availabilities(),
    MeetingRequests(),
    Instruments(),
    Calls(),
)

# Each is handed the rows that itself has found, so that what kind they are matters to nobody else.
SHEETS = cast("tuple[Sheet[object], ...]", _ALL)
NAMES = tuple(sheet.name for sheet in SHEETS)
