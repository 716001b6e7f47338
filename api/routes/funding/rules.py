"""Routes of the law: rule sets, aid maps and cohesion categories, those that ship and those that an office adds."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlmodel import Session

from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, InPartnership, Tx, person_of
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.problems import FaultOut
from api.http.schemas import Input, Line, Listing, Output
from states.clock import today
from states.errors import Invalid
from states.funding.rules.comparison import Difference
from states.funding.rules.documents import LONGEST, read_document
from states.funding.rules.overview import Entry, compare_keys, entries_of, entry_named, text_of
from states.funding.rules.queries import document_by_key, shelf_for
from states.funding.rules.service import (
    Signatory,
    add_document,
    put_in_force,
    supersede,
    verify_document,
    withdraw_document,
)
from states.funding.rules.tables import RuleDocument
from states.rights.access import Action, Actor, Scope, require

router = APIRouter(prefix="/rules", tags=["rules"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_RULES))]
Keeper = Annotated[Actor, Depends(InPartnership(Action.EDIT_RULES))]
Key = Annotated[str, Field(max_length=80, description="id of a document, alone or as id@version")]


@dataclass(frozen=True)
class OfDocument:
    """A document of the own office by its key."""

    action: Action

    def __call__(self, rules_key: Key, session: Tx, actor: CurrentActor) -> RuleDocument:
        """Return the row, or raise `Missing` or `Denied`."""
        require(actor, self.action, Scope(actor.partnership_id))
        return document_by_key(session, actor.partnership_id, rules_key)


Edit = Annotated[RuleDocument, Depends(OfDocument(Action.EDIT_RULES))]
Verify = Annotated[RuleDocument, Depends(OfDocument(Action.VERIFY_RULES))]


_A_MAP = """\
kind: aid_map
id: regional-map
version: 1
title: The regional aid map from 2028 on
legal_basis: The guidelines on regional State aid
source: the decision that approves it
valid_from: 2028-01-01
valid_to: 2034-12-31
aid_map:
  - id: map-pl22
    article: Aid map, PL22
    sentence: Large enterprises may have 40 percent there.
    nuts: PL22
    area: a
    percent: 40
"""


class RuleTextIn(Input):
    model_config = example(text=_A_MAP)

    text: str = Field(min_length=1, max_length=LONGEST, description="YAML, as docs/reference/rule-documents.md says")


class EndingIn(Input):
    model_config = example(reason="The Official Journal has corrected it.")

    reason: Line = Field(description="why; scenarios that rest on the document say it")


class RuleCheckOut(Output):
    key: str | None = Field(description="id@version; null where the document has faults")
    faults: list[FaultOut] = Field(description="all of them, each with its line and what to do")


class RuleDocumentOut(Output):
    """A document; `state` is `shipped` for what every office begins with."""

    key: str
    kind: str
    slug: str
    number: int
    title: str
    eli: str
    valid_from: date
    valid_to: date | None
    state: str
    holds: bool = Field(description="whether an award of today is under it")
    added_as: str = Field(description="the role of who added it")
    added_at: datetime | None
    verified_as: str = Field(description="the role of the second person who verified it")
    verified_at: datetime | None
    reason: str
    version: int = Field(description="of the row: the ETag; 0 of what is shipped")


class RuleDocumentWithTextOut(RuleDocumentOut):
    text: str = Field(description="YAML; what is shipped, as a document to begin one's own with")


class RuleDifferenceOut(Output):
    article: str = Field(description="id of the article, or code of the region; empty: of none")
    rule: str
    named: str
    change: str = Field(description="added, removed or changed")
    field: str
    before: str
    after: str


class RuleComparisonOut(Output):
    before: str
    after: str
    differences: list[RuleDifferenceOut]


@router.get("")
def list_rules(session: Tx, actor: Insider, page: Page) -> Listing[RuleDocumentOut]:
    """List rule sets, aid maps and cohesion categories: what ships, then the office's own, the newest version first."""
    rows = page.each(session, lambda: entries_of(session, actor.partnership_id, on=today()))
    return page.cut(rows, lambda one: one.key, show=lambda part: [_shown(one) for one in part])


@router.post("", status_code=201)
def post_rules(sent: RuleTextIn, session: Tx, actor: Keeper, answer: Answered) -> RuleDocumentOut:
    """Add a document as a draft; a second person verifies it before it can be put in force."""
    row = add_document(session, actor.partnership_id, sent.text, by=_signatory(actor))
    entry = entry_named(session, actor.partnership_id, f"{row.slug}@{row.number}", on=today())
    answer.created("get_rules", rules_key=entry.key)
    answer.tag(row.version)
    return _shown(entry)


@router.post("/checks")
def check_rules(sent: RuleTextIn, session: Tx, actor: Keeper) -> RuleCheckOut:
    """Check a document without keeping it: every fault at once, with its line and what to do."""
    try:
        found = read_document(sent.text, shelf=shelf_for(session, actor.partnership_id))
    except Invalid as invalid:
        return RuleCheckOut(key=None, faults=[FaultOut.of(fault) for fault in invalid.faults])
    return RuleCheckOut(key=f"{found.id}@{found.version}", faults=[])


@router.get("/{rules_key}")
def get_rules(rules_key: Key, session: Tx, actor: Insider, answer: Answered) -> RuleDocumentWithTextOut:
    """Read a document with its text, by id for the newest version, or by id@version."""
    entry = entry_named(session, actor.partnership_id, rules_key, on=today())
    answer.tag(entry.version)
    text = text_of(session, actor.partnership_id, entry)
    return RuleDocumentWithTextOut(**_shown(entry).model_dump(), text=text)


@router.post("/{rules_key}/verification")
def verify_rules(row: Verify, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered) -> RuleDocumentOut:
    """Confirm a draft against the official text; whoever added it cannot."""
    verify_document(session, row, by=_signatory(actor), expected_version=version)
    return _moved(session, row, answer)


@router.post("/{rules_key}/entry-into-force")
def put_rules_in_force(row: Edit, version: IfMatch, session: Tx, answer: Answered) -> RuleDocumentOut:
    """Put a verified document in force: cases rely on it for the days on which it holds."""
    put_in_force(session, row, expected_version=version)
    return _moved(session, row, answer)


@router.post("/{rules_key}/supersession")
def supersede_rules(row: Edit, version: IfMatch, sent: EndingIn, session: Tx, answer: Answered) -> RuleDocumentOut:
    """End a document in force because another text holds; scenarios that rest on it become stale with the reason."""
    supersede(session, row, reason=sent.reason, expected_version=version)
    return _moved(session, row, answer)


@router.post("/{rules_key}/withdrawal")
def withdraw_rules(row: Edit, version: IfMatch, sent: EndingIn, session: Tx, answer: Answered) -> RuleDocumentOut:
    """Withdraw a document that is wrong; scenarios that rest on it become stale with the reason."""
    withdraw_document(session, row, reason=sent.reason, expected_version=version)
    return _moved(session, row, answer)


@router.get("/{rules_key}/comparison")
def compare_rules(
    rules_key: Key,
    session: Tx,
    actor: Insider,
    other: Annotated[str, Query(alias="with", max_length=80, description="the document to compare it with")],
) -> RuleComparisonOut:
    """Tell what differs between two documents, article by article: rates, ceilings, thresholds, dates."""
    found = compare_keys(session, actor.partnership_id, rules_key, other)
    return RuleComparisonOut(before=rules_key, after=other, differences=[_difference(one) for one in found])


def _signatory(actor: Actor) -> Signatory:
    return Signatory(person_of(actor), actor.role.value)


def _shown(entry: Entry) -> RuleDocumentOut:
    return RuleDocumentOut.model_validate(entry)


def _moved(session: Session, row: RuleDocument, answer: Answered) -> RuleDocumentOut:
    answer.tag(row.version)
    return _shown(entry_named(session, row.partnership_id, f"{row.slug}@{row.number}", on=today()))


def _difference(one: Difference) -> RuleDifferenceOut:
    return RuleDifferenceOut.model_validate(one)
