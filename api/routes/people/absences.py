"""Routes of the days on which people are away: who stands in is named with each case."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlmodel import Session, col

from api.http.access import ABSENCE, PARTNERSHIP, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import people_by_email
from api.http.paging import Page
from api.http.schemas import Input, Listing, Output
from states.clock import today
from states.partners.absences import ORDERS, add_absence, change_absence, find_absences, remove_absence
from states.partners.queries import person_labels
from states.partners.tables import Absence, Partnership
from states.rights.access import Action, Scope, may, require
from states.storage.paging import sorted_by

router = APIRouter(tags=["people"], route_class=Idempotent)

Place = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_PARTNERSHIP))]
Read = Annotated[Absence, Depends(Allowed(ABSENCE, Action.READ_ABSENCES))]
Change = Annotated[Absence, Depends(Allowed(ABSENCE, Action.DECLARE_ABSENCE))]


class OwnDays:
    """Let through who may enter own days at least; of whom the days are is seen once they are read."""

    action = Action.DECLARE_ABSENCE

    def __call__(self, row: Place, actor: CurrentActor) -> Partnership:
        """Return the partnership, or raise `Denied`."""
        require(actor, self.action, Scope(row.id, person_id=actor.person_id))
        return row


Declared = Annotated[Partnership, Depends(OwnDays())]


class AbsenceIn(Input):
    model_config = example(first_day="2027-07-05", last_day="2027-07-23")

    person: str | None = Field(default=None, max_length=300, description="e-mail address; null: yourself")
    first_day: date
    last_day: date | None = Field(default=None, description="included; null: that one day")


class AbsencePatch(Input):
    model_config = example(last_day="2027-07-16")

    first_day: date | None = None
    last_day: date | None = None


class AbsenceOut(Output):
    id: str
    person_id: str
    person: str = Field(description="who, by role")
    first_day: date
    last_day: date
    version: int


@router.get("/partnerships/{partnership}/absences")
def list_absences(row: Place, session: Tx, actor: CurrentActor, page: Page) -> Listing[AbsenceOut]:
    """List who is away today or later, the first to be away first: the office sees everybody, others themselves."""
    every = may(actor, Action.READ_ABSENCES, Scope(row.id))
    query = find_absences(row.id, person_id=None if every else actor.person_id or "", since=today())
    return page.read(
        session, query, *sorted_by(ORDERS, "first_day", col(Absence.id)), show=lambda rows: _shown(session, rows)
    )


@router.post("/partnerships/{partnership}/absences", status_code=201)
def post_absence(row: Declared, sent: AbsenceIn, session: Tx, actor: CurrentActor, answer: Answered) -> AbsenceOut:
    """Register days on which somebody is away: oneself, or for a manager anybody. Deputies stand in on these days."""
    named = people_by_email(session, row.id, {"person": sent.person})
    person_id = named.get("person") or person_of(actor)
    require(actor, Action.DECLARE_ABSENCE, Scope(row.id, person_id=person_id))
    made = add_absence(
        session, partnership_id=row.id, person_id=person_id, first_day=sent.first_day, last_day=sent.last_day
    )
    answer.created("get_absence", absence_id=made.id)
    answer.tag(made.version)
    return _shown(session, [made])[0]


@router.get("/absences/{absence_id}")
def get_absence(row: Read, session: Tx, answer: Answered) -> AbsenceOut:
    """Read an absence; its ETag is what a change sends back as If-Match."""
    answer.tag(row.version)
    return _shown(session, [row])[0]


@router.patch("/absences/{absence_id}")
def patch_absence(row: Change, version: IfMatch, sent: AbsencePatch, session: Tx, answer: Answered) -> AbsenceOut:
    """Change from when and until when somebody is away; what is left out stays."""
    change_absence(session, row, first_day=sent.first_day, last_day=sent.last_day, expected_version=version)
    answer.tag(row.version)
    return _shown(session, [row])[0]


@router.delete("/absences/{absence_id}", status_code=204)
def delete_absence(row: Change, version: IfMatch, session: Tx) -> Response:
    """Take an absence back that does not come about."""
    remove_absence(session, row, expected_version=version)
    return Response(status_code=204)


def _shown(session: Session, rows: Sequence[Absence]) -> list[AbsenceOut]:
    labels = person_labels(session, {row.person_id for row in rows})
    return [AbsenceOut(**row.model_dump(include=_SHOWN), person=labels[row.person_id]) for row in rows]


_SHOWN = set(AbsenceOut.model_fields) & set(Absence.model_fields)
