"""What the regions whose money a scenario counts on have said of it: whether, when, and how much."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.errors import Refusal
from states.funding.case.case import FundingCase
from states.funding.case.gathering import instrument_slug
from states.funding.case.scenario import FundingScenario
from states.funding.inputs.tables import SolvedCase
from states.funding.queries import instruments_of, lines_of
from states.funding.tables import Instrument, Scenario
from states.partners.tables import Region
from states.review.queries import positions_of, rounds_of
from states.review.tables import Position, Willingness
from states.texts import Text, Value


@dataclass(frozen=True, slots=True)
class Solved:
    """The frozen case of a scenario and who pays what in it."""

    case: FundingCase
    mix: FundingScenario


def against(session: Session, collaboration: Collaboration, row: Scenario) -> Iterator[Refusal]:
    """Yield what the latest position of each region says against a scenario that counts on its money.

    Rate and window are asked of a scenario that was solved only: of one made by hand neither is known. A region that
    has stated no position has said nothing against it.
    """
    (lines,) = lines_of(session, [row])
    instruments = {one.id: one for one in instruments_of(session, collaboration.partnership_id)}
    solved = _solved(session, row)
    latest: dict[str, tuple[Position, Region]] = {}
    for opened in rounds_of(session, [collaboration.id]):  # oldest first: the last position of a region counts
        latest |= {region.id: (position, region) for position, region in positions_of(session, opened.id)}
    for position, region in latest.values():
        inside = {key for key, one in instruments.items() if _lies_in(one, region)}
        paid = [source for source in lines.sources if source.instrument_id in inside]
        payers = [one for one in instruments.values() if one.id in {source.instrument_id for source in paid}]
        if payers:
            yield from _of_money(position, region, payers, sum((one.amount for one in paid), Decimal(0)))
            if solved is not None and position.willingness is not Willingness.NO:
                yield from _of_calls(position, region, payers, solved)


def _solved(session: Session, row: Scenario) -> Solved | None:
    if row.solved_case_id is None:
        return None
    case = FundingCase.model_validate(session.get_one(SolvedCase, row.solved_case_id).case)
    return Solved(case, FundingScenario.model_validate(row.mix))


def _lies_in(instrument: Instrument, region: Region) -> bool:
    return any(place.startswith(code) for place in instrument.territory for code in region.codes)


def _of_money(position: Position, region: Region, payers: Sequence[Instrument], amount: Decimal) -> Iterator[Refusal]:
    named = tuple(one.name for one in payers)
    if position.willingness is Willingness.NO:
        yield _refusal("region_unwilling", region=region.name, instruments=named)
    elif position.maximum_amount is not None and amount > position.maximum_amount:
        most = position.maximum_amount
        yield _refusal("region_amount", region=region.name, most=most, amount=amount, instruments=named)


def _of_calls(position: Position, region: Region, payers: Sequence[Instrument], solved: Solved) -> Iterator[Refusal]:
    slugs = {one.slug for one in payers}
    for key in dict.fromkeys(one.instrument for one in solved.mix.allocations):
        if instrument_slug(key) not in slugs:
            continue
        instrument = solved.case.instrument_by_id[key]
        day = instrument.call.applied_on(solved.case.date)
        opens, closes = position.window_opens, position.window_closes
        if (opens and day < opens) or (closes and day > closes):
            yield _refusal(
                "region_window",
                region=region.name,
                instrument=instrument.name,
                day=day,
                opens=opens or _NOW,
                closes=closes or _OPEN_ENDED,
            )
        for item in solved.case.cost_items:
            paid = solved.mix.paid(item.id, key)
            if position.maximum_rate is not None and paid * 100 > item.amount * position.maximum_rate:
                yield _refusal(
                    "region_rate",
                    region=region.name,
                    rate=position.maximum_rate,
                    instrument=instrument.name,
                    paid=paid,
                    amount=item.amount,
                    item=item.id,
                )


_NOW, _OPEN_ENDED = Text("word", "now"), Text("word", "further_notice")


def _refusal(code: str, **parameters: Value) -> Refusal:
    mend = ("wgra_member", "project_manager")
    return Refusal(code, text="", mend_by=mend, where="positions", missing=(), **parameters)
