"""The sheet of working areas."""

from collections.abc import Iterable
from dataclasses import replace

from states.clock import now
from states.partners.queries import WorkingAreaEntry
from states.partners.tables import WorkingArea
from states.partners.working_areas import AreaPlan, area_faults, plan_of, write_area
from states.storage import bump_version
from states.workbook.cells import FLAG, MANY, TEXT, WHOLE
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import World

_REGIONS = replace(MANY, says=f"{MANY.says}; short names as in the sheet regions")


class WorkingAreas(Sheet[WorkingArea]):
    """Working areas with the regions in charge and involved."""

    name = "working_areas"
    says = "What the partnership works on; each collaboration's protocol begins in one."
    handle = ("number",)
    columns = (
        Column(name="number", kind=WHOLE, required=True, key=True, note="1, 2, 3 ...", example=1, width=9),
        Column(name="name", required=True, example="Soil and water", width=34),
        Column(name="in_charge", kind=_REGIONS, example="lapland", width=28),
        Column(name="involved", kind=_REGIONS, width=28),
        Column(name="other_actors", kind=TEXT, note="who takes part besides regions", width=30),
        Column(name="ended", kind=FLAG, note="no collaboration takes it up any more", example="no", width=10),
    )

    def rows(self, world: World) -> Iterable[WorkingArea]:
        return [entry.area for entry in world.areas.values()]

    def values_of(self, world: World, row: WorkingArea) -> Values:
        plan = plan_of(world.areas[row.number])
        return row.model_dump() | {
            "in_charge": plan.in_charge,
            "involved": plan.involved,
            "ended": row.ended_at is not None,
        }

    def find(self, world: World, line: Line) -> WorkingArea | None:
        entry = world.areas.get(line.whole("number") or 0)
        return entry.area if entry else None

    def check(self, world: World, line: Line, row: WorkingArea | None) -> None:
        number = line.whole("number")
        if number is not None and number < 1:
            line.fault("number", "number_unfit", remedy="one_or_more", number=number)
        line.blame(area_faults(_plan(line), world.regions))

    def keep(self, world: World, line: Line, row: WorkingArea | None) -> WorkingArea:
        number, plan = line.whole("number") or 0, _plan(line)
        if row is None:
            kept = WorkingArea(partnership_id=world.partnership.id, number=number, name="")
            world.session.add(kept)
        else:
            kept = row
            bump_version(world.session, kept)
        kept.ended_at = (kept.ended_at or now()) if line.flag("ended") else None
        world.session.flush()
        write_area(world.session, kept, plan, world.regions)
        regions = ([world.regions[slug] for slug in part] for part in (plan.in_charge, plan.involved))
        world.areas[number] = WorkingAreaEntry(kept, *map(tuple, regions))
        return kept


def _plan(line: Line) -> AreaPlan:
    return AreaPlan(line.text("name"), line.many("in_charge"), line.many("involved"), line.text("other_actors"))
