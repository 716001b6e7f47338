"""What was asked for outside and what was agreed on: submissions, agreements with their terms and conditions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.schemas import Input
from api.pages.forms import OWN_FORM, UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.routes.funding import agreement_conditions, awards
from api.routes.funding import agreements as routes
from api.routes.funding.instruments import list_instruments
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.crossings.rights.agreements import lead_scope
from states.crossings.rights.collaborations import blinding_of
from states.errors import Missing
from states.funding.awards.states import AgreementState
from states.funding.queries import instruments_of, windows_of
from states.funding.tables import SourceKind
from states.rights.access import Action, Actor, may

router = APIRouter(prefix="/cases/{collaboration_id}")


@dataclass(frozen=True, slots=True)
class Act:
    """What is done with an agreement by a form of its own; `states` in which it is, `fields` in their order."""

    schema: type[Input]
    route: Callable[..., object]
    states: frozenset[AgreementState]
    fields: Sequence[str]


_PLANNED, _SIGNED, _ENDED = AgreementState.PLANNED, AgreementState.SIGNED, AgreementState.ENDED
_TERMS = ("amount", "starts_on", "ends_on", "evidence")
_EMPTIED = ("starts_on", "ends_on", "evidence")
ACTS = {
    "signature": Act(
        routes.AgreementSignatureIn,
        routes.post_agreement_signature,
        frozenset({_PLANNED}),
        ("reference", "agreed_on", *_TERMS),
    ),
    "amendments": Act(
        routes.AgreementAmendmentIn,
        routes.post_agreement_amendment,
        frozenset({_SIGNED}),
        ("agreed_on", "reference", *_TERMS, "because"),
    ),
    "correction": Act(
        routes.GrantAgreementPatch,
        routes.patch_agreement,
        frozenset({_PLANNED, _SIGNED}),
        ("funder", "reference", "agreed_on", *_TERMS),
    ),
    "ending": Act(routes.AgreementEndingIn, routes.post_agreement_ending, frozenset({_SIGNED}), ("on", "because")),
    "reopening": Act(routes.AgreementReasonIn, routes.post_agreement_reopening, frozenset({_ENDED}), ("because",)),
    "withdrawal": Act(
        routes.AgreementReasonIn, routes.post_agreement_withdrawal, frozenset({_PLANNED, _SIGNED}), ("because",)
    ),
}


def _edits(session: Session, actor: Actor, row: Collaboration) -> bool:
    return may(actor, Action.EDIT_AGREEMENTS, lead_scope(session, row))


@router.get("/agreements")
def get_agreements_page(
    request: Request, row: routes.Insider, session: Tx, actor: CurrentActor, lists: Lists
) -> Response:
    """Show to whom the case was submitted, what was agreed on with each funder, and how far both are apart."""
    can = Abilities(session, actor, row)
    whole = can("read_funding_case")
    return page(
        request,
        "funding/agreements.html",
        case=row,
        title=blinding_of(session, actor, row).text(row.title),
        can=can,
        edits=_edits(session, actor, row),
        submissions=awards.list_submissions(row, session, lists.whole()).items if whole else [],
        standing=routes.get_agreed_sources(row, session) if whole else None,
        agreements=routes.list_agreements(row, session, actor, lists.whole()).items,
    )


@router.get("/submissions")
def get_submission_page(request: Request, row: awards.Edit, session: Tx) -> Response:
    """Show the form by which a submission is recorded."""
    found = instruments_of(session, row.partnership_id)
    windows = windows_of(session, [one.id for one in found])
    calls = [(f"{one.slug}/{call.slug}", f"{one.name}: {call.slug}") for one in found for call in windows[one.id]]
    return page(request, "funding/submission.html", case=row, calls=calls)


@router.post("/submissions")
def post_submission_page(sent: Form, row: awards.Edit, session: Tx) -> Response:
    """Say to which call or lender the proposal goes."""
    instrument, _, call = sent.get("call").partition("/")
    said = sent.read(awards.SubmissionIn, instrument=instrument or None, call=call)
    awards.post_submission(row, said, session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/agreements", told="submitted")


@router.post("/submissions/{number}/withdrawal")
def post_submission_withdrawal(sent: Form, row: awards.Edit, number: int, session: Tx) -> Response:
    """Withdraw a submission that was recorded by mistake."""
    awards.delete_submission(row, number, must_match(sent.version), session)
    return lead_to(f"/cases/{row.id}/agreements", told="withdrawn")


@router.post("/agreements/planning", dependencies=[OWN_FORM])
def post_planning_page(row: routes.Edit, session: Tx) -> Response:
    """Prepare an agreement for each source that has none."""
    routes.post_agreement_planning(row, session)
    return lead_to(f"/cases/{row.id}/agreements", told="planned")


@router.get("/agreements/new")
def get_new_agreement(request: Request, row: routes.Edit, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show the form by which a signed agreement is recorded."""
    whole = Abilities(session, actor, row)("read_funding_case")
    submitted = awards.list_submissions(row, session, lists.whole()).items if whole else []
    return page(
        request,
        "funding/agreement_new.html",
        case=row,
        submissions=[(one.number, f"{one.number}: {one.instrument or one.lender}") for one in submitted],
        members=[(one.organisation.slug, one.organisation.name) for one in members_of(session, [row.id])[row.id]],
        instruments=[(one.slug, one.name) for one in list_instruments(session, actor, lists.whole()).items],
        kinds=list(SourceKind),
    )


@router.post("/agreements/new")
def post_new_agreement(sent: Form, row: routes.Edit, session: Tx) -> Response:
    """Record a signed agreement."""
    made = routes.post_grant_agreement(row, sent.read(routes.GrantAgreementIn), session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/agreements/{made.number}", told="recorded")


@router.get("/agreements/{number}")
def get_agreement_page(
    request: Request, found: routes.Read, row: routes.Insider, session: Tx, actor: CurrentActor, lists: Lists
) -> Response:
    """Show an agreement by its terms in force, those before, and what the funder asks for."""
    one = routes.get_agreement(found, session, row, UNANSWERED)
    edits = _edits(session, actor, row)
    return page(
        request,
        "funding/agreement.html",
        case=row,
        one=one,
        acts=[name for name, act in ACTS.items() if edits and one.state in act.states],
        edits=edits,
        terms=routes.list_agreement_terms(found, session, lists.whole()).items,
        conditions=agreement_conditions.list_agreement_conditions(found, session, lists.whole()).items,
    )


@router.post("/agreements/{number}/conditions")
def post_condition_page(sent: Form, row: routes.Edit, number: int, session: Tx) -> Response:
    """Record what the funder asks for."""
    agreement_conditions.post_agreement_condition(
        row, number, sent.read(agreement_conditions.AgreementConditionIn), session, UNANSWERED
    )
    return lead_to(f"/cases/{row.id}/agreements/{number}", told="condition")


@router.get("/agreements/{number}/conditions/{condition}")
def get_condition_page(
    request: Request, found: routes.Read, row: routes.Insider, condition: int, session: Tx, actor: CurrentActor
) -> Response:
    """Show a condition of a funder, and the form by which it is settled or asked for again."""
    one = agreement_conditions.get_agreement_condition(found, condition, session, UNANSWERED)
    edits = _edits(session, actor, row)
    return page(request, "funding/condition.html", case=row, agreement=found.number, one=one, edits=edits)


@router.post("/agreements/{number}/conditions/{condition}")
def post_settlement_page(sent: Form, row: routes.Edit, number: int, condition: int, session: Tx) -> Response:
    """Settle a condition, or ask for it again."""
    version = must_match(sent.version)
    if sent.get("do") == "reopen":
        again = sent.read(agreement_conditions.AgreementConditionReopeningIn)
        agreement_conditions.post_agreement_condition_reopening(
            row, number, condition, version, again, session, UNANSWERED
        )
    else:
        settled = sent.read(agreement_conditions.AgreementSettlementIn)
        agreement_conditions.post_agreement_condition_settlement(
            row, number, condition, version, settled, session, UNANSWERED
        )
    return lead_to(f"/cases/{row.id}/agreements/{number}", told="condition")


@router.get("/agreements/{number}/{act}")
def get_act_page(request: Request, found: routes.Read, row: routes.Edit, act: str, session: Tx) -> Response:
    """Show the form of what may be done with an agreement."""
    one = routes.get_agreement(found, session, row, UNANSWERED)
    return page(request, "funding/agreement_act.html", case=row, one=one, name=act, act=_act(act))


@router.post("/agreements/{number}/{act}")
def post_act_page(sent: Form, row: routes.Edit, number: int, act: str, session: Tx) -> Response:
    """Do it."""
    known = _act(act)
    kept: dict[str, Any] = {"keep_empty": tuple(name for name in _EMPTIED if name in known.fields)}
    said = sent.read(known.schema, **kept)
    known.route(row, number, must_match(sent.version), said, session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/agreements/{number}", told="done")


def _act(name: str) -> Act:
    if name not in ACTS:
        raise Missing("agreement", name)
    return ACTS[name]
