"""Terms of an instrument: who may have how much for what, as a case has them, and by what applications are judged."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlmodel import Session

from states.errors import Fault
from states.funding.case.instruments import Instrument as CaseInstrument
from states.funding.case.reader import CaseInvalid, read_shape
from states.funding.catalogue.criteria_crosswalk import Criterion
from states.funding.scenario_triggers import ask_for_reviews
from states.funding.tables import Instrument
from states.storage import bump_version


def terms_faults(slug: str, terms: Mapping[str, object]) -> list[Fault]:
    """Return what is wrong with the terms of an instrument, each place under its short name; none has no fault."""
    if not terms:
        return []
    try:
        read_shape(json.dumps({"id": slug, "name": slug, **terms}, default=str), CaseInstrument)
    except CaseInvalid as invalid:
        return [Fault(f"{slug}.terms.{fault.place}", fault.message, fault.remedy) for fault in invalid.faults]
    return []


def set_terms(
    session: Session,
    row: Instrument,
    terms: Mapping[str, object],
    *,
    criteria: Sequence[Criterion] = (),
    overall: Decimal | None = None,
    expected_version: int | None = None,
) -> Instrument:
    """Put other terms and criteria in the place of an instrument's; raise `CaseInvalid` with every fault, or `Stale`.

    `overall` is the least sum of points.
    """
    if faults := terms_faults(row.slug, terms):
        raise CaseInvalid(faults=faults)
    bump_version(session, row, expected=expected_version)
    row.terms, row.overall_threshold = dict(terms), overall
    row.criteria = [one.model_dump(mode="json") for one in criteria]
    session.add(row)
    session.flush()
    ask_for_reviews(session, row)
    return row
