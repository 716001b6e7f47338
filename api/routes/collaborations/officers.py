"""Routes of who looks after a case: the officer, the deputy, and all cases of somebody handed over at once."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlmodel import Session

from api.http.access import COLLABORATION, PARTNERSHIP, Allowed
from api.http.conditional import UNWRITTEN, Answered, MaybeMatch, need_match
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import people_by_email
from api.http.schemas import Input, Named, Output, Prose
from states.clock import today
from states.collaborations.officers import (
    CHARGES,
    OFFICE,
    HandedCase,
    assign_officer,
    case_officer,
    hand_over_cases,
    handing_over,
    in_charge,
)
from states.collaborations.tables import CaseOfficer, Collaboration
from states.partners.absences import away
from states.partners.queries import person_labels
from states.partners.tables import Partnership
from states.rights.access import Action
from states.storage import Readings

router = APIRouter(tags=["collaborations"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROGRESS))]
Assign = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.ASSIGN_OFFICER))]
AssignAll = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.ASSIGN_OFFICER))]


class OfficerPatch(Input):
    model_config = example(person="project_manager@medtech.example.org", reason="Knows the field.")

    person: str | None = Field(
        default=None, max_length=300, description="e-mail address of who looks after the case; null: nobody any more"
    )
    deputy: str | None = Field(default=None, max_length=300, description="e-mail address of who steps in; null: nobody")
    reason: Prose


class NamedPersonOut(Output):
    id: str
    label: str = Field(description="who, by role")


class OfficerOut(Output):
    officer: NamedPersonOut | None
    deputy: NamedPersonOut | None
    acting: NamedPersonOut | None = Field(
        description="whom the case's work reaches today: the deputy while the officer is away; null: all of the office"
    )
    version: int = Field(description="send it as If-Match with a change; 0: nobody was named yet")


class HandoverIn(Input):
    model_config = example(person="project_manager@medtech.example.org", reason="Leaves at the end of the month.")

    person: str = Field(max_length=300, description="e-mail address of whose cases go over")
    to: str | None = Field(
        default=None, max_length=300, description="e-mail address of who takes them; null: each deputy steps in"
    )
    reason: Prose


class HandedCaseOut(Output):
    collaboration_id: str
    slug: Named
    officer_before: str | None
    deputy_before: str | None
    officer: str | None = Field(description="afterwards; null: nobody looks after it")
    deputy: str | None


class HandoverOut(Output):
    dry_run: bool
    cases: list[HandedCaseOut]


@router.get("/collaborations/{collaboration_id}/officer")
def get_officer(row: Read, session: Tx, answer: Answered) -> OfficerOut:
    """Read who of the office looks after a case, and whom its work reaches today."""
    case = case_officer(session, row.id)
    answer.tag(UNWRITTEN if case is None else case.version)
    return _shown(session, row, case)


@router.patch("/collaborations/{collaboration_id}/officer")
def patch_officer(
    row: Assign, version: MaybeMatch, sent: OfficerPatch, session: Tx, actor: CurrentActor, answer: Answered
) -> OfficerOut:
    """Say who looks after a case, or who steps in; who is left out stays, and null ends it.

    What waits in the case for the office waits for the new one, who is told at once. The first time nothing is sent as
    If-Match, or "0".
    """
    case = case_officer(session, row.id)
    need_match("case_officer", version, case)
    places = {"person": "officer_id", "deputy": "deputy_id"}
    wanted = {place: getattr(case, column, None) for place, column in places.items()}
    given = sent.model_dump(include={*places} & sent.model_fields_set)
    wanted |= dict.fromkeys(given) | people_by_email(session, row.partnership_id, given)
    case = assign_officer(
        session,
        row,
        officer_id=wanted["person"],
        deputy_id=wanted["deputy"],
        reason=sent.reason,
        actor=actor,
        expected_version=version if case is not None else None,
    )
    answer.tag(case.version)
    return _shown(session, row, case)


@router.post("/partnerships/{partnership}/officer-handovers")
def post_officer_handover(
    row: AssignAll,
    sent: HandoverIn,
    session: Tx,
    actor: CurrentActor,
    dry_run: Annotated[bool, Query(description="tell what would go over, change nothing")] = False,
) -> HandoverOut:
    """Hand all cases of somebody over: those looked after and those stepped in for."""
    people = people_by_email(session, row.id, {"person": sent.person, "to": sent.to})
    of, heir = people["person"], people.get("to")
    if dry_run:
        found = handing_over(session, row.id, person_id=of, heir=heir)
    else:
        found = hand_over_cases(session, row.id, person_id=of, heir=heir, reason=sent.reason, actor=actor)
    return HandoverOut(dry_run=dry_run, cases=_handed(session, found))


def _shown(session: Session, row: Collaboration, case: CaseOfficer | None) -> OfficerOut:
    if case is None:
        return OfficerOut(officer=None, deputy=None, acting=None, version=UNWRITTEN)
    labels = person_labels(session, [key for key in (case.officer_id, case.deputy_id) if key])
    charges = Readings(session).of(CHARGES, row.id)
    acting = in_charge(charges, *OFFICE, away=away(session, row.partnership_id, on=today()))
    named = {key: NamedPersonOut(id=key, label=label) for key, label in labels.items()}
    return OfficerOut(
        officer=named.get(case.officer_id or ""),
        deputy=named.get(case.deputy_id or ""),
        acting=named[acting[0]] if acting else None,
        version=case.version,
    )


def _handed(session: Session, found: list[HandedCase]) -> list[HandedCaseOut]:
    labels = person_labels(session, {key for one in found for key in (*one.before, *one.after) if key})
    return [
        HandedCaseOut(
            collaboration_id=one.collaboration.id,
            slug=one.collaboration.slug,
            officer_before=labels.get(one.before[0] or ""),
            deputy_before=labels.get(one.before[1] or ""),
            officer=labels.get(one.after[0] or ""),
            deputy=labels.get(one.after[1] or ""),
        )
        for one in found
    ]
