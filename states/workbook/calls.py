"""The sheet of calls: the windows in which instruments take applications."""

from collections.abc import Iterable
from dataclasses import replace

from states.crossings.deadlines.followers import counting_on
from states.funding.catalogue.calls import CallPlan, add_call, change_call, plan_faults
from states.funding.inputs.tables import Call
from states.funding.tables import Instrument
from states.workbook.cells import CLOCK, DAY, FLAG, MONEY, WHOLE
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import World

_MONTHS = replace(WHOLE, empty=0)


class Calls(Sheet[Call]):
    """Calls of the instruments, as many as each has."""

    name = "calls"
    says = "When the instruments take applications: a line for each call, past ones too."
    handle = ("instrument", "slug")
    columns = (
        Column(name="instrument", required=True, key=True, refers="instruments", example="regional-grants", width=24),
        Column(name="slug", required=True, key=True, note="unique within the instrument", example="2027"),
        Column(name="opens_on", kind=DAY, note="empty: open", example="2027-01-11", width=12),
        Column(name="closes_on", kind=DAY, note="last day; empty: it stays open", example="2027-03-31", width=12),
        Column(name="closes_at", kind=CLOCK, note="local time; empty: end of the day", example="17:00", width=10),
        Column(name="time_zone", note="of that time", example="Europe/Brussels", width=18),
        Column(name="budget", kind=MONEY, note="EUR of the whole call", example=5_000_000),
        Column(name="months_to_award", kind=_MONTHS, note="from the application on", example=6, width=10),
        Column(name="months_to_money", kind=_MONTHS, note="from the application on", example=9, width=10),
        Column(name="source", note="where this is known from", width=34),
        Column(name="illustrative", kind=FLAG, note="made up for a demonstration", example="yes", width=11),
    )

    def rows(self, world: World) -> Iterable[Call]:
        return world.calls.values()

    def values_of(self, world: World, row: Call) -> Values:
        return row.model_dump() | {"instrument": world.instrument_by_id[row.instrument_id].slug}

    def find(self, world: World, line: Line) -> Call | None:
        return world.calls.get((line.text("instrument"), line.text("slug")))

    def check(self, world: World, line: Line, row: Call | None) -> None:
        if line.text("instrument") not in world.instruments:
            world.missing(line, "instrument", "instruments", world.instruments)
        line.blame(plan_faults(_plan(line)))

    def keep(self, world: World, line: Line, row: Call | None) -> Call:
        instrument: Instrument = world.instruments[line.text("instrument")]
        world.session.flush()  # the instrument may be new, and the call refers to it
        with counting_on(world.session, instrument):
            if row is None:
                row = add_call(world.session, instrument, _plan(line))
            else:
                change_call(world.session, instrument, row, _plan(line))
        world.instrument_by_id[instrument.id] = instrument
        world.calls[instrument.slug, row.slug] = row
        return row


def _plan(line: Line) -> CallPlan:
    return CallPlan(
        slug=line.text("slug"),
        opens_on=line.day("opens_on"),
        closes_on=line.day("closes_on"),
        closes_at=line.clock("closes_at"),
        time_zone=line.text("time_zone"),
        budget=line.money("budget"),
        months_to_award=line.whole("months_to_award") or 0,
        months_to_money=line.whole("months_to_money") or 0,
        source=line.text("source"),
        illustrative=line.flag("illustrative"),
    )
