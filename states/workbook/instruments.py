"""The sheet of instruments: the programmes that may pay."""

from collections.abc import Iterable
from dataclasses import replace

from states.funding.tables import Instrument, SourceKind
from states.partners.slugs import slug_fault
from states.storage import fits_cents
from states.workbook.cells import DAY, FLAG, MANY, MONEY, choice
from states.workbook.line import Column, Line, Values
from states.workbook.places import resolve
from states.workbook.sheet import Sheet
from states.workbook.world import World

_FIELDS = ("name", "programme", "legal_basis", "source")


class Instruments(Sheet[Instrument]):
    """Programmes that may pay, as the catalogue keeps them."""

    name = "instruments"
    says = "Programmes that may pay, with their territory and their limits."
    handle = ("slug",)
    columns = (
        Column(name="slug", required=True, key=True, note="small letters, digits, hyphens", example="regional-grants"),
        Column(name="name", required=True, example="Regional innovation grants", width=34),
        Column(name="programme", required=True, example="ERDF", width=24),
        Column(name="kind", kind=choice(SourceKind), required=True, example="grant"),
        Column(
            name="territory",
            kind=replace(MANY, says=f"{MANY.says}; codes of NUTS 2024, or names of regions; empty: anywhere"),
            example="PL22",
        ),
        Column(name="maximum_rate", kind=MONEY, note="percent of cost", example=50, width=12),
        Column(name="maximum_amount", kind=MONEY, note="EUR a project", example=400_000),
        Column(name="legal_basis", note="regulation and article", width=34),
        Column(name="source", note="where this is known from", width=34),
        Column(name="verified_on", kind=DAY, note="day on which somebody verified it", width=12),
        Column(name="illustrative", kind=FLAG, note="made up for a demonstration", example="yes", width=11),
    )

    def rows(self, world: World) -> Iterable[Instrument]:
        """Return the instruments, by name."""
        return sorted(world.instruments.values(), key=lambda row: (row.name, row.slug))

    def values_of(self, world: World, row: Instrument) -> Values:
        """Return what is known of an instrument."""
        return row.model_dump()

    def find(self, world: World, line: Line) -> Instrument | None:
        """Return the instrument of that slug."""
        return world.instruments.get(line.text("slug"))

    def prepare(self, line: Line) -> None:
        """Turn names of regions into codes."""
        resolve(line, "territory")

    def check(self, world: World, line: Line, row: Instrument | None) -> None:
        """Note what stands against the instrument."""
        fault = slug_fault(line.text("slug"), taken=False)
        line.blame([fault] if fault else [])
        rate, amount = line.money("maximum_rate"), line.money("maximum_amount")
        if rate is not None and not (0 < rate <= 100 and fits_cents(rate)):
            line.fault("maximum_rate", "is no share of the cost", "more than 0, at most 100 percent, two decimals")
        if amount is not None and not (amount > 0 and fits_cents(amount)):
            line.fault("maximum_amount", "is no amount in EUR and cents", "more than 0, two decimals")

    def keep(self, world: World, line: Line, row: Instrument | None) -> Instrument:
        """Add or change an instrument."""
        kind = SourceKind(line.text("kind"))
        kept = row or Instrument(
            partnership_id=world.partnership.id, slug=line.text("slug"), name="", programme="", kind=kind
        )
        for name in _FIELDS:
            setattr(kept, name, line.text(name))
        kept.kind, kept.territory = kind, list(line.many("territory"))
        kept.maximum_rate, kept.maximum_amount = line.money("maximum_rate"), line.money("maximum_amount")
        kept.verified_on, kept.illustrative = line.day("verified_on"), line.flag("illustrative")
        world.session.add(kept)
        world.instruments[kept.slug] = kept
        return kept
