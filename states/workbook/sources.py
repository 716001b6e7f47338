"""The sheet of sources: where the money of each scenario comes from, and how sure it is by now."""

from collections.abc import Iterable

from states.funding.service import set_source_status
from states.funding.tables import SourceKind, SourceStatus
from states.workbook.cells import MONEY, WHOLE, choice
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import SourceEntry, World

_FIXED = ("organisation", "instrument", "kind", "amount")


class Sources(Sheet[SourceEntry]):
    """Sources of scenarios: how sure the money is may change; all else is the scenario's, which is made elsewhere."""

    name = "sources"
    says = (
        "Where the money of each scenario comes from. How sure it is may be changed here; scenarios are made elsewhere."
    )
    handle = ("collaboration", "scenario", "position")
    columns = (
        Column(
            name="collaboration", required=True, key=True, refers="collaborations", example="soil-sensors", width=24
        ),
        Column(name="scenario", required=True, key=True, note="its name", example="Grants", width=24),
        Column(name="position", kind=WHOLE, required=True, key=True, note="its place", example=1, width=10),
        Column(name="organisation", refers="organisations", note="who receives or brings it", example="acme"),
        Column(name="instrument", refers="instruments", note="empty: own means"),
        Column(name="kind", kind=choice(SourceKind), example="own_cash"),
        Column(name="status", kind=choice(SourceStatus), required=True, note="how sure it is", example="committed"),
        Column(name="amount", kind=MONEY, note="EUR", example=250_000),
    )

    def rows(self, world: World) -> Iterable[SourceEntry]:
        return world.sources.values()

    def values_of(self, world: World, row: SourceEntry) -> Values:
        instrument = world.instrument_by_id.get(row.source.instrument_id or "")
        return row.source.model_dump(include={"position", "amount"}) | {
            "collaboration": row.collaboration,
            "scenario": row.scenario.name,
            "organisation": world.slug_of.get(row.source.organisation_id, ""),
            "instrument": instrument.slug if instrument else "",
            "kind": row.source.kind.value,
            "status": row.source.status.value,
        }

    def find(self, world: World, line: Line) -> SourceEntry | None:
        return world.sources.get((line.text("collaboration"), line.text("scenario"), line.whole("position") or 0))

    def check(self, world: World, line: Line, row: SourceEntry | None) -> None:
        if line.text("collaboration") not in world.collaborations:
            world.missing(line, "collaboration", "collaborations", world.collaborations)
        elif row is None:
            line.fault("position", "no_such_source", remedy="make_scenario_elsewhere")
        for name in _FIXED if row is not None else ():
            if name in line.changed:
                line.fault(name, "fixed_in_scenario", remedy="leave_as_it_is")

    def keep(self, world: World, line: Line, row: SourceEntry | None) -> SourceEntry:
        assert row is not None  # `check` refuses any other
        status = line.word("status", SourceStatus) or row.source.status
        set_source_status(world.session, row.scenario, row.source.position, status)
        return row
