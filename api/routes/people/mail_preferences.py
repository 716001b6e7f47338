"""Routes of how one wants to be written to, and of the link by which fewer mails are asked for with one click."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session

from api.http.conditional import Answered, IfMatch
from api.http.dependencies import InPartnership, Tx, person_of
from api.http.examples import example
from api.http.schemas import Input, Line, Output, TimeOfDay
from states.changes import act_as
from states.credentials.links import LinkPurpose, subject_of
from states.mail.preferences import (
    LANGUAGES,
    MailWishes,
    change_preference,
    is_opted_out,
    opt_out,
    preference_of,
)
from states.mail.queries import mail_by_id
from states.mail.tables import Mail
from states.partners.tables import Person
from states.rights.access import Action, Actor
from states.rights.authors import Author, Via

router = APIRouter(tags=["me"])

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Subscriber = Annotated[Actor, Depends(InPartnership(Action.SUBSCRIBE))]


class MailPreferenceIn(Input):
    model_config = example(
        quiet_from="19:00:00",
        quiet_until="08:00:00",
        digest=True,
        digest_at=8,
        opted_out=[],
        language="en",
        time_zone="Europe/Warsaw",
    )

    quiet_from: TimeOfDay = Field(description="local time from which reminders wait; the same as quiet_until: never")
    quiet_until: TimeOfDay = Field(description="local time; on days off they wait too")
    digest: bool = Field(description="the reminders of a day in one mail")
    digest_at: int = Field(ge=0, le=23, description="local hour")
    opted_out: list[Line] = Field(
        max_length=50,
        description="kinds of mail, or of a deadline (reminder.evaluation); what is law comes still",
    )
    language: Line = Field(description=f"one of {', '.join(LANGUAGES)}")
    time_zone: Line = Field(description="IANA name, such as Europe/Brussels")


class MailPreferenceOut(Output):
    quiet_from: TimeOfDay
    quiet_until: TimeOfDay
    digest: bool
    digest_at: int
    opted_out: list[str]
    language: str
    time_zone: str


class UnsubscribeOut(Output):
    topic: str = Field(description="the kind of mail, or of deadline, that the link switches off")
    opted_out: bool = Field(description="whether it is switched off; a POST to this address does it, with no body")


@router.get("/me/mail-preferences")
def get_mail_preferences(actor: Insider, session: Tx, answer: Answered) -> MailPreferenceOut:
    """Read how one is written to: the defaults, of version 0, until one chooses."""
    return _present(session, person_of(actor), answer)


@router.put("/me/mail-preferences")
def put_mail_preferences(
    actor: Subscriber, sent: MailPreferenceIn, session: Tx, answer: Answered, version: IfMatch
) -> MailPreferenceOut:
    """Choose how to be written to; what waits against it is withdrawn."""
    change_preference(session, person_of(actor), MailWishes(**sent.model_dump()), expected=version)
    return _present(session, person_of(actor), answer)


def unsubscribed(token: str, session: Tx) -> Mail:
    """Return the mail that the link stands in, whose person acts; or raise `LinkForged` or `Missing`."""
    mail = mail_by_id(session, subject_of(token, purpose=LinkPurpose.UNSUBSCRIBE))[0]
    act_as(session, Author(Via.LINK, mail.id, partnership_id=mail.partnership_id, person_id=mail.person_id))
    return mail


ByLink = Annotated[Mail, Depends(unsubscribed)]


@router.get("/unsubscribe/{token}")
def get_unsubscribe(mail: ByLink, session: Tx) -> UnsubscribeOut:
    """Read what the link of a mail switches off; reading it changes nothing, for mail scanners follow every link."""
    return _unsubscribed(session, mail)


@router.post("/unsubscribe/{token}")
def post_unsubscribe(mail: ByLink, session: Tx) -> UnsubscribeOut:
    """Switch mails of this kind off with one click (RFC 8058); a second time changes nothing."""
    opt_out(session, mail.person_id, mail.topic)
    return _unsubscribed(session, mail)


def _present(session: Session, person_id: str, answer: Answered) -> MailPreferenceOut:
    row, person = preference_of(session, person_id), session.get_one(Person, person_id)
    answer.tag(row.version)
    shown = row.model_dump(include=set(MailPreferenceOut.model_fields))
    return MailPreferenceOut(**shown, language=person.language, time_zone=person.time_zone)


def _unsubscribed(session: Session, mail: Mail) -> UnsubscribeOut:
    return UnsubscribeOut(topic=mail.topic, opted_out=is_opted_out(preference_of(session, mail.person_id), mail.topic))
