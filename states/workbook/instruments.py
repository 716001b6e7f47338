"""The sheets of instruments, the programmes that may pay, and of calls, the windows in which they take applications."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

from states.crossings.deadlines.followers import counting_on
from states.funding.catalogue.calls import CallPlan, add_call, change_call, plan_faults
from states.funding.catalogue.loading import basis_faults, terms_faults, terms_in_short
from states.funding.inputs.tables import Call
from states.funding.tables import Instrument, SourceKind
from states.partners.registry_faults import slug_fault
from states.storage import fits_cents
from states.workbook.cells import CLOCK, DAY, FLAG, MANY, MONEY, WHOLE, choice
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import World, resolve

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
        Column(
            name="basis",
            kind=MANY,
            note="article such as gber-25, de_minimis, eu_direct or market; empty: no case counts on it",
            example="de_minimis",
        ),
        Column(name="legal_basis", note="regulation and article", width=34),
        Column(name="source", note="where this is known from", width=34),
        Column(name="verified_on", kind=DAY, note="day on which somebody verified it", width=12),
        Column(name="illustrative", kind=FLAG, note="made up for a demonstration", example="yes", width=11),
    )

    def rows(self, world: World) -> Iterable[Instrument]:
        return sorted(world.instruments.values(), key=lambda row: (row.name, row.slug))

    def values_of(self, world: World, row: Instrument) -> Values:
        return row.model_dump() | {"basis": row.terms.get("basis", [])}

    def find(self, world: World, line: Line) -> Instrument | None:
        return world.instruments.get(line.text("slug"))

    def prepare(self, line: Line) -> None:
        resolve(line, "territory")

    def check(self, world: World, line: Line, row: Instrument | None) -> None:
        fault = slug_fault(line.text("slug"), taken=False)
        line.blame([fault] if fault else [])
        rate, amount = line.money("maximum_rate"), line.money("maximum_amount")
        if rate is not None and not (0 < rate <= 100 and fits_cents(rate)):
            line.fault("maximum_rate", "no_share_cost", remedy="share_of_the_cost")
        known = row.terms.get("basis", ()) if row is not None else ()
        line.blame(basis_faults(one for one in line.many("basis") if one not in cast(Sequence[str], known)))
        line.blame(fault.at("basis") for fault in terms_faults(line.text("slug"), _terms(line, row)))
        if amount is not None and not (amount > 0 and fits_cents(amount)):
            line.fault("maximum_amount", "no_amount", remedy="over_zero_two_decimals")

    def keep(self, world: World, line: Line, row: Instrument | None) -> Instrument:
        kind = SourceKind(line.text("kind"))
        kept = row or Instrument(
            partnership_id=world.partnership.id, slug=line.text("slug"), name="", programme="", kind=kind
        )
        for name in _FIELDS:
            setattr(kept, name, line.text(name))
        kept.kind, kept.territory = kind, list(line.many("territory"))
        kept.maximum_rate, kept.maximum_amount = line.money("maximum_rate"), line.money("maximum_amount")
        kept.verified_on, kept.illustrative = line.day("verified_on"), line.flag("illustrative")
        kept.terms = _terms(line, row)
        world.session.add(kept)
        world.instruments[kept.slug] = kept
        return kept


def _terms(line: Line, row: Instrument | None) -> dict[str, object]:
    """Return the terms as the line has them: those that are there with another basis, or those of a plain call."""
    basis = list(line.many("basis"))
    known = row.terms if row is not None else {}
    if known and basis:
        return {**known, "basis": basis}
    if not basis:
        return {}
    return terms_in_short(
        basis,
        territory=line.many("territory"),
        percent=line.money("maximum_rate"),
        project_most=line.money("maximum_amount"),
    )


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
        Column(name="apply_on", kind=DAY, note="when one means to apply; empty: last day", width=12),
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
        apply_on=line.day("apply_on"),
        budget=line.money("budget"),
        months_to_award=line.whole("months_to_award") or 0,
        months_to_money=line.whole("months_to_money") or 0,
        source=line.text("source"),
        illustrative=line.flag("illustrative"),
    )
