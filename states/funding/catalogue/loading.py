"""The catalogue: instruments with terms, criteria and calls, read from YAML and put into a partnership."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from importlib import resources

from pydantic import Field, model_validator
from sqlmodel import Session

from states.errors import Fault
from states.funding.case.instruments import Instrument as CaseInstrument
from states.funding.case.reader import CaseInvalid, read_shape
from states.funding.case.vocabulary import CaseModel, Euro, Key, Nuts
from states.funding.catalogue.calls import CallPlan, add_call, plan_faults
from states.funding.catalogue.criteria_crosswalk import Criterion
from states.funding.queries import instruments_of
from states.funding.scenario_triggers import ask_for_reviews
from states.funding.service import add_instrument
from states.funding.tables import Instrument, SourceKind
from states.shapes import Unfit
from states.storage import bump_version


def terms_faults(slug: str, terms: Mapping[str, object]) -> list[Fault]:
    """Return what is wrong with the terms of an instrument, each place under its short name; none has no fault."""
    if not terms:
        return []
    try:
        read_shape(json.dumps({"id": slug, "name": slug, **terms}, default=str), CaseInstrument)
    except CaseInvalid as invalid:
        return [fault.at(f"{slug}.terms.{fault.place}") for fault in invalid.faults]
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


class Window(CaseModel):
    """A call as it is published."""

    slug: Key
    opens_on: date | None = None
    closes_on: date | None = None
    closes_at: time | None = None
    time_zone: str = ""
    apply_on: date | None = None
    budget: Euro | None = None
    months_to_award: int = Field(default=0, ge=0, le=60)
    months_to_money: int = Field(default=0, ge=0, le=60)
    source: str = ""
    illustrative: bool = False

    @model_validator(mode="after")
    def _holds(self) -> "Window":
        if faults := plan_faults(self.plan()):
            raise Unfit("window_unfit", why=tuple(fault.text for fault in faults))
        return self

    def plan(self) -> CallPlan:
        """Return it as the domain takes it."""
        return CallPlan(**dict(self))


class Entry(CaseModel):
    """An instrument of the catalogue; without terms nobody has read its call yet, and no case counts on it."""

    slug: Key
    name: str = Field(min_length=1, max_length=200)
    programme: str
    kind: SourceKind
    territory: tuple[Nuts, ...] = ()
    legal_basis: str = ""
    source: str = ""
    verified_on: date | None = None
    illustrative: bool = False
    terms: dict[str, object] = Field(default={}, description="as the instruments of docs/reference/funding-case.md")
    criteria: tuple[Criterion, ...] = ()
    overall: Decimal | None = Field(default=None, ge=0, description="the least sum of points")
    calls: tuple[Window, ...] = ()


class Catalogue(CaseModel):
    """Instruments in the order of their writing."""

    instruments: tuple[Entry, ...]


def shipped_catalogue() -> Catalogue:
    """Return the catalogue that comes with the house."""
    text = resources.files("states.funding.catalogue").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    return read_shape(text, Catalogue)


def load_catalogue(session: Session, partnership_id: str, catalogue: Catalogue) -> list[Instrument]:
    """Put in the instruments that are not there yet, with their calls; return them. Raise `CaseInvalid` for terms."""
    known = {row.slug for row in instruments_of(session, partnership_id)}
    fresh = [entry for entry in catalogue.instruments if entry.slug not in known]
    faults = [fault for entry in fresh for fault in terms_faults(entry.slug, entry.terms)]
    if faults:
        raise CaseInvalid(faults=faults)
    return [_put(session, partnership_id, entry) for entry in fresh]


def _put(session: Session, partnership_id: str, entry: Entry) -> Instrument:
    plain = entry.model_dump(include={"slug", "name", "programme", "kind", "legal_basis", "source", "verified_on"})
    row = Instrument(
        partnership_id=partnership_id,
        **plain,
        territory=list(entry.territory),
        terms=entry.model_dump(mode="json")["terms"],
        criteria=[one.model_dump(mode="json") for one in entry.criteria],
        overall_threshold=entry.overall,
        illustrative=entry.illustrative,
    )
    add_instrument(session, row)
    for window in entry.calls:
        add_call(session, row, window.plan())
    return row
