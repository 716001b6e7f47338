"""Gather the funding case of a collaboration from the rows: self-contained, so that it can be solved anywhere."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Protocol

from sqlmodel import Session

from states.clock import today
from states.collaborations.queries import partners_of
from states.collaborations.tables import Collaboration, MemberPart
from states.errors import Fault
from states.funding.case.case import FundingCase
from states.funding.case.reader import CaseInvalid, read_case
from states.funding.case.rows import (
    ACCOUNTS,
    AID,
    AROUND,
    COSTS,
    INSTRUMENTS,
    LINKS,
    QUESTIONS,
    WINDOWS,
    Aid,
    Cost,
    Offered,
    OwnershipLink,
    Question,
    Values,
    Window,
    case_reads,
)
from states.funding.case.vocabulary import FinanceKind, PartnerKind
from states.funding.inputs.tables import FundingQuestion
from states.funding.money.worth import came_about
from states.funding.queries import closing_order, coming
from states.funding.rules.choice import settled
from states.funding.rules.library import Shelf
from states.funding.rules.queries import shelf_of
from states.partners.tables import OrganisationKind, SizeClass
from states.storage import Readings

_KINDS = {
    OrganisationKind.SME: PartnerKind.ENTERPRISE,
    OrganisationKind.LARGE_ENTERPRISE: PartnerKind.ENTERPRISE,
    OrganisationKind.OTHER: PartnerKind.ENTERPRISE,  # without privilege until somebody says that it is non-profit
}
_WINDOW = "--"  # stands in no short name, so that the instrument is found again
_MOST_STATED = 300
LONGEST_KEY = 60  # as `vocabulary.Key` has it
_NOTHING_ASKED = Question(FundingQuestion.model_fields["rule_set"].default, {}, {}, {})


class Enterprise(Protocol):
    """An organisation as far as a case is about it."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def size_class(self) -> SizeClass: ...


class Site(Enterprise, Protocol):
    """An organisation that takes part, at its site."""

    @property
    def kind(self) -> OrganisationKind: ...
    @property
    def nuts(self) -> str: ...


def case_of(session: Session, collaboration: Collaboration, *, on: date | None = None) -> FundingCase:
    """Return the case of a collaboration on a date (today), or raise `CaseInvalid` with all that is missing in it.

    Instruments whose terms nobody put in are left out; each window of a call is an instrument of its own. A window
    that has closed stays only where no other is left, so that the reason is told.
    """
    return case_and_shelf(session, collaboration, on=on)[0]


def case_and_shelf(
    session: Session, collaboration: Collaboration, *, on: date | None = None
) -> tuple[FundingCase, Shelf]:
    """Return the same with the texts of law that it is judged by."""
    read = Readings(session)
    read.load(case_reads([collaboration]))
    shelf = shelf_of(read, collaboration.partnership_id)
    return case_from(case_text(read, collaboration, on=on or today()), shelf), shelf


@lru_cache(maxsize=64)
def case_from(text: str, shelf: Shelf) -> FundingCase:
    """Return the case of the text that `case_text` made of its rows, or raise `CaseInvalid` with every fault.

    It names its set of rules, even if the question asks for that of the day.
    """
    return settled(read_case(text, own=shelf.categories), shelf)


def case_text(read: Readings, row: Collaboration, *, on: date) -> str:
    """Return the case as its rows are on a date, as JSON: the same text while nothing in it has changed.

    Raises `CaseInvalid` where nobody has said what the partners will spend, or from when on. A flat rate of nothing is
    no cost.
    """
    costs = sorted((cost for cost in read.of(COSTS, row.id) if cost.amount), key=lambda cost: cost.slug)
    if not costs:
        raise CaseInvalid("no_cost_lines", field="cost_items", remedy="record_costs", collaboration=row.slug)
    if undated := [line.slug for line in costs if line.starts_on is None]:
        remedy = "say_when_works_start"
        raise CaseInvalid(faults=[Fault(f"cost_items[{one}].starts", "missing", remedy=remedy) for one in undated])
    question = next(iter(read.of(QUESTIONS, row.id)), _NOTHING_ASKED)
    partners, around = partners_of(read, row.id), {one.id: one for one in read.of(AROUND, row.id)}
    behind = around.keys() - {one.id for one in partners}
    years = sorted(read.of(ACCOUNTS, row.id), key=lambda year: str(year["year"]))
    slugs = {key: one.slug for key, one in around.items()}
    lines = {line.id: line.slug for line in costs}
    tree = {
        "name": row.title,
        "date": on,
        "rule_set": question.rule_set,
        "illustrative": row.illustrative or any(line.illustrative for line in costs),
        "coordinator": next((one.slug for one in partners if one.part is MemberPart.LEAD), None),
        "project": question.project,
        "partners": [
            {
                **partner_of(one, years=_years(years, one.id), also_at=_places(costs, one.id)),
                **question.partners.get(one.slug, {}),
            }
            for one in partners
        ],
        "enterprises": [
            enterprise_of(around[key], _years(years, key)) for key in sorted(behind, key=lambda key: slugs[key])
        ],
        "links": [_link(link, slugs) for link in sorted(read.of(LINKS, row.id), key=lambda link: link.id)],
        "cost_items": [_cost(line) for line in costs],
        "instruments": list(_instruments(read, row.partnership_id, on)),
        "aid_received": [
            _aid(one, slugs, lines) for one in sorted(read.of(AID, row.id), key=lambda one: (one.granted_on, one.id))
        ],
        "wanted": question.wanted,
    }
    return json.dumps(tree, default=str)


def partner_of(row: Site, *, years: Sequence[Values] = (), also_at: Iterable[str] = ()) -> dict[str, object]:
    """Return what is known of an organisation as a partner of a case, before what it declares itself.

    `years` are its accounts, `also_at` the NUTS codes of further sites where it spends.
    """
    kind = partner_kind(row.kind)
    sites = [{"id": code.lower(), "nuts": code} for code in sorted({row.nuts, *also_at})]
    return {**enterprise_of(row, years), "kind": kind, "sites": sites}


def partner_kind(kind: OrganisationKind) -> PartnerKind:
    """Return what an organisation of this kind is as a partner of a case."""
    return _KINDS.get(kind) or PartnerKind(kind)


def case_key(instrument: str, call: str) -> str:
    """Return the id that one window of an instrument has in a case; it takes at most `LONGEST_KEY` letters."""
    return f"{instrument}{_WINDOW}{call}"


def instrument_slug(case_id: str) -> str:
    """Return the short name of the catalogue's instrument from the id that one of its windows has in a case."""
    return case_id.partition(_WINDOW)[0]


def _years(accounts: Iterable[Values], organisation_id: object) -> list[Values]:
    return [
        {name: value for name, value in year.items() if name != "organisation_id" and value is not None}
        for year in accounts
        if year["organisation_id"] == organisation_id
    ]


def _places(costs: Iterable[Cost], organisation_id: str) -> Iterator[str]:
    return (line.nuts for line in costs if line.organisation_id == organisation_id)


def enterprise_of(row: Enterprise, years: Sequence[Values]) -> dict[str, object]:
    """Return what is known of an organisation as an enterprise; `years` are its accounts."""
    size = None if row.size_class is SizeClass.UNKNOWN else row.size_class
    return {"id": row.slug, "name": row.name, "size": size, "years": years}


def _link(link: OwnershipLink, slugs: Mapping[str, str]) -> dict[str, object]:
    ends = {"holder": slugs[link.holder_id], "held": slugs[link.held_id]}
    return {**ends, "percent": link.percent, "control": link.control}


def _cost(line: Cost) -> dict[str, object]:
    return {
        "id": line.slug,
        "partner": line.organisation,
        "site": line.nuts.lower(),
        "activity": line.activity,
        "cost_category": line.cost_category,
        "amount": line.amount,
        "starts": line.starts_on,
        "title": line.title,
        "economic": line.economic,
        "disadvantaged_trainees": line.disadvantaged_trainees,
        "in_kind": line.in_kind,
        "stated": came_about(line)[:_MOST_STATED],
        "simplified": line.option,
    }


def _aid(aid: Aid, slugs: Mapping[str, str], lines: Mapping[str, str]) -> dict[str, object]:
    return {
        "recipient": slugs[aid.organisation_id],
        "member_state": aid.member_state,
        "granted_on": aid.granted_on,
        "amount": aid.amount,
        "basis": aid.basis,
        "cost_item": lines.get(aid.cost_line_id or ""),
        "eu_grant": aid.eu_grant,
    }


def _instruments(read: Readings, partnership_id: str, day: date) -> Iterator[dict[str, object]]:
    windows: dict[str, list[Window]] = {}
    for window in sorted(read.of(WINDOWS, partnership_id), key=closing_order):
        windows.setdefault(window.instrument_id, []).append(window)
    for one in sorted(read.of(INSTRUMENTS, partnership_id), key=lambda one: (one.name, one.id)):
        if not one.terms:
            continue
        known = windows.get(one.id, [])
        for call in list(coming(known, on=day)) or known[-1:]:
            yield {**_terms(one), "id": case_key(one.slug, call.slug), "call": _call(call)}
        if not known:
            yield {**_terms(one), "id": one.slug}


def _terms(one: Offered) -> dict[str, object]:
    kind = one.kind.value if one.kind.value in set(FinanceKind) else FinanceKind.GRANT.value
    return {
        "name": one.name,
        "programme": one.programme,
        "kind": kind,
        "source": one.source,
        "verified": one.verified_on is not None,
        "illustrative": one.illustrative,
        **one.terms,
    }


def _call(call: Window) -> dict[str, object]:
    return {
        "opens": call.opens_on,
        "closes": call.closes_on,
        "apply_on": call.apply_on,
        "budget": call.budget,
        "months_to_award": call.months_to_award,
        "months_to_money": call.months_to_money,
    }
