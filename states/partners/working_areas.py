"""Make working areas, rename and end them, and say which regions are in charge and involved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from states.clock import now
from states.errors import Fault, Missing
from states.partners.queries import WorkingAreaEntry, regions_of, working_areas_of
from states.partners.registry_faults import blank, refuse
from states.partners.tables import AreaPart, Partnership, Region, WorkingArea, WorkingAreaRegion
from states.storage import bump_version


@dataclass(frozen=True, slots=True)
class AreaPlan:
    """What is known of a working area; regions by their short names, in the order in which they are to stand."""

    name: str
    in_charge: Sequence[str] = ()
    involved: Sequence[str] = ()
    other_actors: str = ""


def add_area(session: Session, partnership: Partnership, plan: AreaPlan, *, number: int | None = None) -> WorkingArea:
    """Add a working area under a number of its own, the next one where none is given; raise with every fault."""
    known = {entry.area.number for entry in working_areas_of(session, partnership.id)}
    chosen = max(known, default=0) + 1 if number is None else number
    regions = _regions(session, partnership.id)
    refuse(_number_fault(chosen, known), *area_faults(plan, regions))
    row = WorkingArea(partnership_id=partnership.id, number=chosen, name="")
    session.add(row)
    write_area(session, row, plan, regions)
    return row


def edit_area(
    session: Session, row: WorkingArea, plan: AreaPlan, *, expected_version: int | None = None
) -> WorkingArea:
    """Put another plan in the place of the present one; raise `RegistryInvalid` with every fault, or `Stale`."""
    regions = _regions(session, row.partnership_id)
    refuse(*area_faults(plan, regions))
    bump_version(session, row, expected=expected_version)
    write_area(session, row, plan, regions)
    return row


def end_area(session: Session, row: WorkingArea, *, expected_version: int | None = None) -> WorkingArea:
    """End a working area: collaborations in it go on, and none takes it up any more; one that has ended stays so."""
    bump_version(session, row, expected=expected_version)
    row.ended_at = row.ended_at or now()
    session.flush()
    return row


def resume_area(session: Session, row: WorkingArea, *, expected_version: int | None = None) -> WorkingArea:
    """Let a working area that has ended be taken up again."""
    bump_version(session, row, expected=expected_version)
    row.ended_at = None
    session.flush()
    return row


def area_by_number(session: Session, partnership_id: str, number: int) -> WorkingAreaEntry:
    """Return a working area with its regions, or raise `Missing`."""
    for entry in working_areas_of(session, partnership_id):
        if entry.area.number == number:
            return entry
    raise Missing("working_area", number)


def plan_of(entry: WorkingAreaEntry) -> AreaPlan:
    """Return what is known of a working area, to change some of it with `dataclasses.replace`."""
    in_charge, involved = ([region.slug for region in part] for part in (entry.in_charge, entry.involved))
    return AreaPlan(entry.area.name, in_charge, involved, entry.area.other_actors)


def _regions(session: Session, partnership_id: str) -> dict[str, Region]:
    return {region.slug: region for region in regions_of(session, partnership_id)}


def _number_fault(number: int, known: set[int]) -> Fault | None:
    if number < 1:
        return Fault("number", "number_unfit", remedy="one_or_more", number=number)
    return (
        Fault("number", "area_number_taken", remedy="choose_another_number", number=number) if number in known else None
    )


def area_faults(plan: AreaPlan, regions: Mapping[str, Region]) -> list[Fault]:
    """Return every fault of a working area among these regions, by their short names."""
    found = [fault for fault in (blank("name", plan.name),) if fault is not None]
    for part, slugs in (("in_charge", plan.in_charge), ("involved", plan.involved)):
        for place, slug in enumerate(slugs, start=1):
            if slug not in regions:
                remedy = "one_of" if regions else "none_yet"
                found.append(
                    Fault(f"{part}[{place}]", "region_unknown", remedy=remedy, region=slug, known=tuple(regions))
                )
            elif part == "involved" and slug in plan.in_charge:
                found.append(Fault(f"{part}[{place}]", "region_in_charge_already", remedy="leave_it_out", region=slug))
    return found


def write_area(session: Session, row: WorkingArea, plan: AreaPlan, regions: Mapping[str, Region]) -> None:
    """Put a plan without faults into the row, and its regions beside it."""
    row.name, row.other_actors = plan.name.strip(), plan.other_actors.strip()
    session.flush()
    wanted = {
        regions[slug].id: (part, position)
        for part, slugs in ((AreaPart.IN_CHARGE, plan.in_charge), (AreaPart.INVOLVED, plan.involved))
        for position, slug in enumerate(dict.fromkeys(slugs), start=1)
    }
    query = select(WorkingAreaRegion).where(WorkingAreaRegion.working_area_id == row.id)
    present = {link.region_id: link for link in session.exec(query)}
    for key, link in present.items():
        if key not in wanted:
            session.delete(link)
    for key, (part, position) in wanted.items():
        link = present.get(key) or WorkingAreaRegion(working_area_id=row.id, region_id=key, part=part)
        link.part, link.position = part, position
        session.add(link)
    session.flush()
