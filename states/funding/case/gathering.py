"""Gather the funding case of a collaboration from the rows: self-contained, so that it can be solved anywhere."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial

from sqlmodel import Session, col, select

from states.clock import today
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration, MemberPart
from states.funding.case.case import FundingCase, with_cohesion
from states.funding.case.reader import CaseInvalid, read_case
from states.funding.case.vocabulary import Cohesion, FinanceKind, PartnerKind
from states.funding.inputs.tables import Accounts, AidGranted, Call, CostLine, FundingQuestion, Ownership
from states.funding.queries import aid_to, coming, costs_of, instruments_of, ownership_around, windows_of
from states.funding.tables import Instrument
from states.partners.tables import Organisation, OrganisationKind, SizeClass
from states.places import cohesion

_KINDS = {
    OrganisationKind.SME: PartnerKind.ENTERPRISE,
    OrganisationKind.LARGE_ENTERPRISE: PartnerKind.ENTERPRISE,
    OrganisationKind.OTHER: PartnerKind.ENTERPRISE,  # without privilege until somebody says that it is non-profit
}
_WINDOW = "--"  # stands in no short name, so that the instrument is found again
LONGEST_KEY = 60  # as `case_terms.Key` has it


def case_of(session: Session, collaboration: Collaboration, *, on: date | None = None) -> FundingCase:
    """Return the case of a collaboration on a date (today), or raise `CaseInvalid` with all that is missing in it.

    Instruments whose terms nobody put in are left out; each window of a call is an instrument of its own. A window
    that has closed stays only where no other is left, so that the reason is told.
    """
    day = on or today()
    costs = costs_of(session, collaboration.id)
    if not costs:
        remedy = "record what the partners will spend: one line for each partner, site and activity"
        raise CaseInvalid(f"{collaboration.slug} has no cost lines", field="cost_items", remedy=remedy)
    question = session.get(FundingQuestion, collaboration.id) or FundingQuestion(collaboration_id=collaboration.id)
    entries = members_of(session, [collaboration.id])[collaboration.id]
    links, behind = ownership_around(session, [entry.organisation.id for entry in entries])
    who = {one.id: one for one in (*(entry.organisation for entry in entries), *behind)}
    accounts = list(session.exec(select(Accounts).where(col(Accounts.organisation_id).in_(who))))
    slugs = {line.id: line.slug for line in costs}
    tree = {
        "name": collaboration.title,
        "date": day,
        "rule_set": question.rule_set,
        "illustrative": collaboration.illustrative or any(line.illustrative for line in costs),
        "coordinator": next((e.organisation.slug for e in entries if e.member.part is MemberPart.LEAD), None),
        "project": question.project,
        "partners": [
            {
                **partner_of(entry.organisation, accounts=accounts, costs=costs),
                **question.partners.get(entry.organisation.slug, {}),
            }
            for entry in entries
        ],
        "enterprises": [_enterprise(one, accounts) for one in behind],
        "links": [_link(link, who) for link in links],
        "cost_items": [_cost(line, session.get_one(Organisation, line.organisation_id)) for line in costs],
        "instruments": list(_instruments(session, collaboration.partnership_id, day)),
        "aid_received": [_aid(one, who, slugs) for one in aid_to(session, who)],
        "wanted": question.wanted,
    }
    case = read_case(json.dumps(tree, default=str))
    return with_cohesion(case, partial(_cohesion, verified_only=case.wanted.verified_only))


def partner_of(
    row: Organisation, *, accounts: Sequence[Accounts] = (), costs: Iterable[CostLine] = ()
) -> dict[str, object]:
    """Return what is known of an organisation as a partner of a case, before what it declares itself."""
    kind = _KINDS.get(row.kind) or PartnerKind(row.kind)
    return {**_enterprise(row, accounts), "kind": kind, "sites": _sites(row, costs)}


def case_key(instrument: str, call: str) -> str:
    """Return the id that one window of an instrument has in a case; it takes at most `LONGEST_KEY` letters."""
    return f"{instrument}{_WINDOW}{call}"


def instrument_slug(case_id: str) -> str:
    """Return the short name of the catalogue's instrument from the id that one of its windows has in a case."""
    return case_id.partition(_WINDOW)[0]


def _enterprise(row: Organisation, accounts: Sequence[Accounts]) -> dict[str, object]:
    years = [
        one.model_dump(exclude={"id", "organisation_id"}, exclude_none=True)
        for one in sorted(accounts, key=lambda one: one.year)
        if one.organisation_id == row.id
    ]
    size = None if row.size_class is SizeClass.UNKNOWN else row.size_class
    return {"id": row.slug, "name": row.name, "size": size, "years": years}


def _cohesion(nuts: str, on: date, *, verified_only: bool) -> str | None:
    if cohesion.is_outermost(nuts):
        return Cohesion.OUTERMOST
    found = cohesion.classification(nuts, on=on)
    return found.category if found and (found.verified or not verified_only) else None


def _sites(row: Organisation, costs: Iterable[CostLine]) -> list[dict[str, object]]:
    codes = {row.nuts, *(line.nuts for line in costs if line.organisation_id == row.id)}
    return [{"id": code.lower(), "nuts": code} for code in sorted(codes)]


def _link(row: Ownership, who: dict[str, Organisation]) -> dict[str, object]:
    ends = {"holder": who[row.holder_id].slug, "held": who[row.held_id].slug}
    return {**ends, "percent": row.percent, "control": row.control}


def _cost(row: CostLine, organisation: Organisation) -> dict[str, object]:
    return {
        "id": row.slug,
        "partner": organisation.slug,
        "site": row.nuts.lower(),
        "activity": row.activity,
        "cost_category": row.cost_category,
        "amount": row.amount,
        "starts": row.starts_on,
        "title": row.title,
        "economic": row.economic,
        "disadvantaged_trainees": row.disadvantaged_trainees,
    }


def _aid(row: AidGranted, who: dict[str, Organisation], lines: dict[str, str]) -> dict[str, object]:
    return {
        "recipient": who[row.organisation_id].slug,
        "member_state": row.member_state,
        "granted_on": row.granted_on,
        "amount": row.amount,
        "basis": row.basis,
        "cost_item": lines.get(row.cost_line_id or ""),
        "eu_grant": row.eu_grant,
    }


def _instruments(session: Session, partnership_id: str, day: date) -> Iterable[dict[str, object]]:
    rows = [row for row in instruments_of(session, partnership_id) if row.terms]
    windows = windows_of(session, [row.id for row in rows])
    for row in rows:
        known = windows[row.id]
        for call in list(coming(known, on=day)) or known[-1:]:
            yield {**_terms(row), "id": case_key(row.slug, call.slug), "call": _call(call)}
        if not known:
            yield {**_terms(row), "id": row.slug}


def _terms(row: Instrument) -> dict[str, object]:
    kind = row.kind.value if row.kind.value in set(FinanceKind) else FinanceKind.GRANT.value
    return {
        "name": row.name,
        "programme": row.programme,
        "kind": kind,
        "source": row.source,
        "verified": row.verified_on is not None,
        "illustrative": row.illustrative,
        **row.terms,
    }


def _call(row: Call) -> dict[str, object]:
    return {
        "opens": row.opens_on,
        "closes": row.closes_on,
        "budget": row.budget,
        "months_to_award": row.months_to_award,
        "months_to_money": row.months_to_money,
    }
