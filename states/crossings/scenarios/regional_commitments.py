"""What the regions whose money a scenario counts on have said of it: whether, when, and how much."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from states.collaborations.tables import Collaboration
from states.errors import Refusal
from states.funding.case.gathering import instrument_slug
from states.funding.case.rows import INSTRUMENTS, Offered
from states.funding.checks.scenario_legality import frozen_case, mix_of
from states.funding.queries import MIXES, PAYMENTS, Mix
from states.review.queries import POSITIONS, ROUNDS, PositionRead, latest_positions
from states.review.tables import Willingness
from states.storage import Readings
from states.texts import Text, Value

READS = (MIXES, PAYMENTS, ROUNDS, POSITIONS)


def objections(read: Readings, row: Collaboration, scenario_id: str) -> Iterator[Refusal]:
    """Yield what the latest position of each region says against a scenario that counts on its money.

    Rate and window are asked of a scenario that was solved only: of one made by hand neither is known. A region that
    has stated no position has said nothing against it.
    """
    mix = next(one for one in read.of(MIXES, row.id) if one.scenario_id == scenario_id)
    payments = [one for one in read.of(PAYMENTS, row.id) if one.scenario_id == scenario_id]
    instruments = sorted(read.of(INSTRUMENTS, row.partnership_id), key=lambda one: (one.name, one.id))
    for position in latest_positions(read, row.id):
        inside = {one.id for one in instruments if _lies_in(one, position)}
        paid = [one for one in payments if one.instrument_id in inside]
        payers = [one for one in instruments if one.id in {payment.instrument_id for payment in paid}]
        if payers:
            yield from _of_money(position, payers, sum((one.amount for one in paid), Decimal(0)))
            if position.willingness is not Willingness.NO:
                yield from _of_calls(position, payers, mix)


def _lies_in(instrument: Offered, position: PositionRead) -> bool:
    return any(place.startswith(code) for place in instrument.territory for code in position.codes)


def _of_money(position: PositionRead, payers: Sequence[Offered], amount: Decimal) -> Iterator[Refusal]:
    named = tuple(one.name for one in payers)
    if position.willingness is Willingness.NO:
        yield _refusal("region_unwilling", region=position.region, instruments=named)
    elif position.maximum_amount is not None and amount > position.maximum_amount:
        most = position.maximum_amount
        yield _refusal("region_amount", region=position.region, most=most, amount=amount, instruments=named)


def _of_calls(position: PositionRead, payers: Sequence[Offered], solved: Mix) -> Iterator[Refusal]:
    if solved.case is None:
        return
    case, mix, slugs = frozen_case(solved.case), mix_of(solved.mix), {one.slug for one in payers}
    for key in dict.fromkeys(one.instrument for one in mix.allocations):
        if instrument_slug(key) not in slugs:
            continue
        instrument = case.instrument_by_id[key]
        day = instrument.call.applied_on(case.date)
        opens, closes = position.window_opens, position.window_closes
        if (opens and day < opens) or (closes and day > closes):
            yield _refusal(
                "region_window",
                region=position.region,
                instrument=instrument.name,
                day=day,
                opens=opens or _NOW,
                closes=closes or _OPEN_ENDED,
            )
        for item in case.cost_items:
            paid = mix.paid(item.id, key)
            if position.maximum_rate is not None and paid * 100 > item.amount * position.maximum_rate:
                yield _refusal(
                    "region_rate",
                    region=position.region,
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
