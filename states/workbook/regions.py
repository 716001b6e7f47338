"""The sheet of regions."""

from collections.abc import Iterable
from dataclasses import replace

from states.partners.regions import region_faults
from states.partners.slugs import slug_fault
from states.partners.tables import Region
from states.places import nuts
from states.workbook.cells import DAY, FLAG, MANY
from states.workbook.line import Column, Line, Values
from states.workbook.places import resolve
from states.workbook.sheet import Sheet
from states.workbook.world import World


class Regions(Sheet[Region]):
    """Regions of the partnership, each a named set of NUTS codes."""

    name = "regions"
    says = "The regions that take part, each with its codes of NUTS 2024."
    handle = ("slug",)
    columns = (
        Column(name="slug", required=True, key=True, note="small letters, digits, hyphens", example="lapland"),
        Column(name="name", required=True, example="Lapland", width=30),
        Column(
            name="codes",
            kind=replace(MANY, says=f"{MANY.says}; codes of NUTS 2024, or names of regions"),
            required=True,
            example="FI1D7",
        ),
        Column(name="leading", kind=FLAG, note="leads the partnership", example="yes", width=10),
        Column(name="valid_from", kind=DAY, note="first day in the partnership", width=12),
        Column(name="valid_until", kind=DAY, note="last day in the partnership", width=12),
    )

    def rows(self, world: World) -> Iterable[Region]:
        """Return the regions, leading ones first."""
        return world.regions.values()

    def values_of(self, world: World, row: Region) -> Values:
        """Return what is known of a region."""
        return row.model_dump() | {"codes": _canonical(row.codes)}

    def find(self, world: World, line: Line) -> Region | None:
        """Return the region of that slug."""
        return world.regions.get(line.text("slug"))

    def prepare(self, line: Line) -> None:
        """Turn names of regions into codes."""
        resolve(line, "codes")
        if "codes" in line.values:
            line.values["codes"] = _canonical(line.many("codes"))

    def check(self, world: World, line: Line, row: Region | None) -> None:
        """Note what stands against the region beside the others."""
        fault = slug_fault(line.text("slug"), taken=False)
        line.blame([fault] if fault else [])
        line.blame(
            region_faults(
                name=line.text("name"),
                codes=line.many("codes"),
                valid_from=line.day("valid_from"),
                valid_until=line.day("valid_until"),
                others=[other for other in world.regions.values() if other is not row],
            )
        )

    def keep(self, world: World, line: Line, row: Region | None) -> Region:
        """Add or change a region."""
        codes = list(line.many("codes"))
        kept = row or Region(partnership_id=world.partnership.id, slug=line.text("slug"), name="", country="", codes=[])
        kept.name, kept.codes, kept.country = line.text("name"), codes, nuts.country(codes[0])
        kept.leading = line.flag("leading")
        kept.valid_from, kept.valid_until = line.day("valid_from"), line.day("valid_until")
        world.session.add(kept)
        world.regions[kept.slug] = kept
        return kept


def _canonical(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(nuts.canonical, codes)))
