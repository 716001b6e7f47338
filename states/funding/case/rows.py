"""The rows behind funding cases, read for any number of collaborations: what is spent, owned, received and offered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import CTE, case, or_, select

from states.collaborations.queries import PARTNERS
from states.collaborations.tables import Collaboration, Member
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.accounts import YEAR_FIGURES
from states.funding.inputs.tables import Accounts, AidGranted, Call, CostLine, FundingQuestion, Ownership
from states.funding.rules.queries import DOCUMENTS
from states.funding.tables import Instrument, SourceKind
from states.partners.tables import Organisation, SizeClass
from states.storage import Keys, PlainSelect, Reading, columns_of

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost line, with the short name of the organisation that bears it."""

    id: str
    slug: str
    organisation_id: str
    nuts: str
    activity: Activity
    cost_category: CostCategory
    amount: Decimal
    starts_on: date | None
    title: str
    economic: bool
    disadvantaged_trainees: bool
    illustrative: bool
    in_kind: bool
    option: str
    currency: str
    stated: Decimal | None
    rate: Decimal | None
    rate_on: date | None
    rate_source: str
    vat_percent: Decimal | None
    vat_included: bool
    organisation: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a collaboration asks; without a row, what it asks by default."""

    rule_set: str
    project: dict[str, object]
    partners: dict[str, dict[str, object]]
    wanted: dict[str, object]


@dataclass(frozen=True, slots=True)
class Around:
    """A partner, or an organisation that is linked to one over any number of steps."""

    id: str
    slug: str
    name: str
    size_class: SizeClass


@dataclass(frozen=True, slots=True)
class OwnershipLink:
    id: str
    holder_id: str
    held_id: str
    percent: Decimal
    control: list[str]


@dataclass(frozen=True, slots=True)
class Aid:
    """Aid that a partner, or whoever is linked to one, received before."""

    id: str
    organisation_id: str
    member_state: str
    granted_on: date
    amount: Decimal
    basis: str
    cost_line_id: str | None
    eu_grant: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """An instrument of a partnership's catalogue."""

    id: str
    slug: str
    name: str
    programme: str
    kind: SourceKind
    source: str
    verified_on: date | None
    illustrative: bool
    territory: list[str]
    terms: dict[str, object]


@dataclass(frozen=True, slots=True)
class Window:
    """One call of an instrument."""

    instrument_id: str
    slug: str
    opens_on: date | None
    closes_on: date | None
    apply_on: date | None
    budget: Decimal | None
    months_to_award: int
    months_to_money: int


def _named(*names: str) -> Callable[..., Values]:
    return lambda *values: dict(zip(names, values, strict=True))


def _costs(keys: Keys) -> PlainSelect:
    cost, organisation = columns_of(CostLine), columns_of(Organisation)
    read = [cost[name] for name in Cost.__slots__ if name != "organisation"]
    by_key = select(cost.collaboration_id, *read, organisation.slug)
    return by_key.where(cost.collaboration_id.in_(keys), organisation.id == cost.organisation_id)


def _questions(keys: Keys) -> PlainSelect:
    question = columns_of(FundingQuestion)
    read = [question[name] for name in Question.__slots__]
    return select(question.collaboration_id, *read).where(question.collaboration_id.in_(keys))


def _around(keys: Keys) -> CTE:
    """Return the partners of each collaboration, and whoever is linked to them, as (key, id)."""
    member, link = columns_of(Member), columns_of(Ownership)
    partners = select(member.collaboration_id.label("key"), member.organisation_id.label("id"))
    reached = partners.where(member.collaboration_id.in_(keys), member.left_on.is_(None)).cte(recursive=True)
    other = case((link.holder_id == reached.c.id, link.held_id), else_=link.holder_id)
    linked = or_(link.holder_id == reached.c.id, link.held_id == reached.c.id)
    return reached.union(select(reached.c.key, other).where(linked))


def _organisations(keys: Keys) -> PlainSelect:
    around, organisation = _around(keys).c, columns_of(Organisation)
    read = [organisation[name] for name in Around.__slots__]
    return select(around.key, *read).where(organisation.id == around.id)


def _links(keys: Keys) -> PlainSelect:
    around, link = _around(keys).c, columns_of(Ownership)
    return select(around.key, *(link[name] for name in OwnershipLink.__slots__)).where(link.holder_id == around.id)


_YEAR = ("organisation_id", *YEAR_FIGURES)


def _accounts(keys: Keys) -> PlainSelect:
    around, accounts = _around(keys).c, columns_of(Accounts)
    return select(around.key, *(accounts[name] for name in _YEAR)).where(accounts.organisation_id == around.id)


def _aid(keys: Keys) -> PlainSelect:
    around, aid = _around(keys).c, columns_of(AidGranted)
    return select(around.key, *(aid[name] for name in Aid.__slots__)).where(aid.organisation_id == around.id)


def _instruments(keys: Keys) -> PlainSelect:
    instrument = columns_of(Instrument)
    read = [instrument[name] for name in Offered.__slots__]
    return select(instrument.partnership_id, *read).where(instrument.partnership_id.in_(keys))


def _windows(keys: Keys) -> PlainSelect:
    instrument, call = columns_of(Instrument), columns_of(Call)
    by_key = select(instrument.partnership_id, *(call[name] for name in Window.__slots__))
    return by_key.where(instrument.partnership_id.in_(keys), call.instrument_id == instrument.id)


COSTS = Reading(Cost, _costs)
QUESTIONS = Reading(Question, _questions)
AROUND = Reading(Around, _organisations)
LINKS = Reading(OwnershipLink, _links)
ACCOUNTS = Reading(_named(*_YEAR), _accounts)
AID = Reading(Aid, _aid)
INSTRUMENTS = Reading(Offered, _instruments)
WINDOWS = Reading(Window, _windows)


def case_reads(rows: Iterable[Collaboration]) -> dict[Reading[object], Sequence[str]]:
    listed = list(rows)
    keys, partnerships = [row.id for row in listed], [row.partnership_id for row in listed]
    of_rows = dict.fromkeys((PARTNERS, COSTS, QUESTIONS, AROUND, LINKS, ACCOUNTS, AID), keys)
    return {**of_rows, **dict.fromkeys((INSTRUMENTS, WINDOWS, DOCUMENTS), partnerships)}
