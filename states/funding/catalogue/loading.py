"""The catalogue: instruments with terms, criteria and calls, read from YAML and put into a partnership."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from importlib import resources

from pydantic import Field, model_validator
from sqlmodel import Session

from states.errors import Fault
from states.funding.case.case import instrument_faults
from states.funding.case.instruments import EU_DIRECT, MARKET, NO_ARTICLE
from states.funding.case.instruments import Instrument as CaseInstrument
from states.funding.case.reader import CaseInvalid, read_shape
from states.funding.case.vocabulary import CaseModel, Euro, Key, Nuts
from states.funding.catalogue.calls import CallPlan, add_call, plan_faults
from states.funding.catalogue.criteria_crosswalk import Criterion
from states.funding.queries import instruments_of
from states.funding.rules.library import rule_set, set_names
from states.funding.scenario_triggers import ask_for_reviews
from states.funding.service import add_instrument
from states.funding.tables import Instrument, SourceKind
from states.places import nuts
from states.shapes import Unfit
from states.storage import bump_version
from states.texts import Text


def terms_faults(slug: str, terms: Mapping[str, object]) -> list[Fault]:
    """Return what is wrong with the terms of an instrument, each place under its short name; none has no fault."""
    if not terms:
        return []
    try:
        read = read_shape(json.dumps({"id": slug, "name": slug, **terms}, default=str), CaseInstrument)
    except CaseInvalid as invalid:
        return [fault.at(f"{slug}.terms.{fault.place}") for fault in invalid.faults]
    return list(instrument_faults(f"{slug}.terms", read))


def basis_faults(basis: Iterable[str], *, place: str = "basis") -> Iterator[Fault]:
    """Yield a fault for each basis that no set of rules that ships has, with what may be meant."""
    known = sorted({*NO_ARTICLE, *(article for name in set_names() for article in rule_set(name).articles)})
    for one in basis:
        if one not in known:
            near = get_close_matches(one, known, n=3) or known
            yield Fault(place, "no_such_basis", remedy=Text("remedy", "one_of", known=tuple(near)), basis=one)


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


class Terms(CaseModel):
    """What a case knows of an instrument, and how applications are judged; `overall` is the least sum of points."""

    terms: dict[str, object]
    criteria: tuple[Criterion, ...] = ()
    overall: Decimal | None = Field(default=None, ge=0)


class Catalogue(CaseModel):
    """Instruments in the order of their writing."""

    instruments: tuple[Entry, ...]


def shipped_catalogue() -> Catalogue:
    """Return the catalogue that comes with the house."""
    text = resources.files("states.funding.catalogue").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    return read_shape(text, Catalogue)


class _Programmes(CaseModel):
    """Programmes of one name, each for a territory."""

    name: str
    programme: str
    legal_basis: str
    source: str
    units: tuple[tuple[Nuts, ...], ...]

    def entries(self) -> Iterator[Entry]:
        for code in (code for row in self.units for code in row):
            yield Entry(
                slug=f"erdf-{code.lower()}",
                name=self.name.format(name=nuts.unit(code).name),
                programme=self.programme,
                kind=SourceKind.GRANT,
                territory=(code,),
                legal_basis=self.legal_basis,
                source=self.source,
            )


def catalogue_of_places(codes: Collection[str], *, illustrative: bool = False) -> Catalogue:
    """Return what may pay in regions of these codes of NUTS: programmes of the Union, and those of their own.

    What is made up comes along only where somebody asks for it.
    """
    text = resources.files("states.funding.catalogue").joinpath("regional_programmes.yaml").read_text(encoding="utf-8")
    entries = (*shipped_catalogue().instruments, *read_shape(text, _Programmes).entries())
    return Catalogue(
        instruments=tuple(
            entry
            for entry in entries
            if (illustrative or not entry.illustrative)
            and (not entry.territory or any(_overlap(one, code) for one in entry.territory for code in codes))
        )
    )


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def terms_in_short(
    basis: Sequence[str],
    *,
    territory: Sequence[str] = (),
    percent: Decimal | None = None,
    member_state: str = "",
    project_most: Decimal | None = None,
    partner_most: Decimal | None = None,
) -> dict[str, object]:
    """Return the terms of a plain call: on which basis who in a territory has at most how much.

    `basis` are articles of the rule set, `eu_direct`, `de_minimis` or `market`; without a percentage all is paid.
    Aid is that of `member_state`; where none is named, of the State in which the territory lies.
    """
    states = {nuts.country(code) for code in territory}
    aid = [one for one in basis if one not in (EU_DIRECT, MARKET)]
    state = member_state or (states.pop() if aid and len(states) == 1 else "")
    given = {
        "basis": list(basis),
        "eu_grant": EU_DIRECT in basis or None,
        "member_state": state or None,
        "whom": {"territory": list(territory)} if territory else None,
        "rates": [{"percent": str(percent if percent is not None else 100)}],
        "project_most": None if project_most is None else str(project_most),
        "partner_most": None if partner_most is None else str(partner_most),
    }
    return {name: value for name, value in given.items() if value is not None}


def load_catalogue(session: Session, partnership_id: str, catalogue: Catalogue) -> list[Instrument]:
    """Put in the instruments that are not there yet, with their calls; return them. Raise `CaseInvalid` for terms."""
    known = {row.slug for row in instruments_of(session, partnership_id)}
    fresh = [entry for entry in catalogue.instruments if entry.slug not in known]
    faults = [fault for entry in fresh for fault in terms_faults(entry.slug, entry.terms)]
    if faults:
        raise CaseInvalid(faults=faults)
    return [_put(session, partnership_id, entry) for entry in fresh]


def load_programmes(session: Session, partnership_id: str, codes: Collection[str]) -> list[Instrument]:
    """Put in what may pay in regions of these codes, where it is not there yet; return it."""
    return load_catalogue(session, partnership_id, catalogue_of_places(codes))


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
