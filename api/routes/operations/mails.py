"""Routes of the mail ledger: what was sent to whom, what was not, and what became of a mail of unknown fate."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from api.http.access import MAIL, Allowed, MailAccess
from api.http.dependencies import InPartnership, Tx, person_of
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import need_somebody
from api.http.paging import Page
from api.http.schemas import Input, Listing, Output
from documents.mails.message import text_of
from documents.mails.values import MailNotWritten
from states.mail.queries import NEWEST_FIRST, MailWanted, mails
from states.mail.resolving import resolve
from states.mail.sending import due_mail
from states.mail.tables import Mail, MailKind, MailState
from states.partners.tables import Person
from states.rights.access import Action, Actor

router = APIRouter(prefix="/mails", tags=["mails"], route_class=Idempotent)

Reader = Annotated[Actor, Depends(InPartnership(Action.READ_MAILS))]
Read = Annotated[MailAccess, Depends(Allowed(MAIL, Action.READ_MAILS))]
Resolve = Annotated[MailAccess, Depends(Allowed(MAIL, Action.RESOLVE_MAIL))]
_SIGNED = re.compile(r"/links/[\w./-]+")


class MailOut(Output):
    id: str
    kind: MailKind
    person_id: str
    person: str = Field(description="whom it goes to, by role")
    state: MailState
    why: str = Field(description="key of the reason for the state, where it needs one")
    optional: bool = Field(description="may be opted out of")
    created_at: datetime
    not_before: datetime
    tries_failed: int
    last_error: str
    sent_at: datetime | None
    message_id: str
    resolved_by: str


class WrittenMailOut(MailOut):
    email: str
    subject: str = Field(description="empty where the mail cannot be written")
    text: str = Field(description="as it is written now; a signed link is left out, for it is its reader's alone")


class ResolutionIn(Input):
    model_config = example(delivered=True)

    delivered: bool = Field(description="false: send it again, under the same Message-ID")


@router.get("")
def list_mails(
    session: Tx,
    actor: Reader,
    page: Page,
    state: MailState | None = None,
    kind: MailKind | None = None,
    person: Annotated[str | None, Query(description="the id of a person", max_length=40)] = None,
) -> Listing[MailOut]:
    """List the mails of the partnership, the newest first."""
    if person is not None:
        need_somebody(session, actor.partnership_id, person)
    wanted = MailWanted(actor.partnership_id, state, kind, person)
    return page.read(
        session,
        mails(wanted),
        *NEWEST_FIRST,
        show=lambda part: [MailOut(**_shown(row, whom)) for row, whom in part],
    )


@router.get("/{mail_id}")
def get_mail(found: Read) -> WrittenMailOut:
    """Read a mail as it is written now, and what became of it."""
    return _written(found.row, found.person)


@router.post("/{mail_id}/resolution")
def post_resolution(found: Resolve, sent: ResolutionIn, session: Tx, actor: Reader) -> WrittenMailOut:
    """Say what became of an uncertain mail, or send a failed one again once its cause is mended."""
    row = resolve(session, found.row.id, delivered=sent.delivered, by=person_of(actor))
    return _written(row, found.person)


def _shown(row: Mail, person: Person) -> dict[str, Any]:
    return row.model_dump(include=set(MailOut.model_fields)) | {"person": person.label}


def _written(row: Mail, person: Person) -> WrittenMailOut:
    subject = text = ""
    try:
        rendered = text_of(replace(due_mail(row, person), optional=False))
        subject, text = rendered.subject, _SIGNED.sub("/links/...", rendered.text)
    except MailNotWritten as error:
        text = error.message
    return WrittenMailOut(**_shown(row, person), email=person.email, subject=subject, text=text)
