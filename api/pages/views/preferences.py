"""How one wants to be written to, and when one is away."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.http.access import ABSENCE, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form
from api.pages.languages import NAMES
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.views.partnership import Own
from api.routes.people import absences, mail_preferences
from states.mail.preferences import LANGUAGES, preference_of
from states.mail.tables import MailKind
from states.partners.tables import Partnership
from states.rights.access import Action

router = APIRouter(prefix="/account")

Place = Annotated[Partnership, Depends(Own(Action.READ_PARTNERSHIP))]

# What comes whether one wants it or not has no switch; these are the kinds that one may do without.
OPTIONAL = (MailKind.REMINDER, MailKind.DIGEST, MailKind.EVENT)


@router.get("/mails")
def get_mails(request: Request, actor: mail_preferences.Insider, session: Tx) -> Response:
    """Show how one is written to."""
    return page(
        request,
        "preferences/mails.html",
        wishes=mail_preferences.get_mail_preferences(actor, session, UNANSWERED),
        version=preference_of(session, actor.person_id or "").version,
        offered=[(code, NAMES[code]) for code in LANGUAGES],
        kinds=OPTIONAL,
    )


@router.post("/mails")
def post_mails(sent: Form, actor: mail_preferences.Subscriber, session: Tx) -> Response:
    """Choose how to be written to; what waits against it is withdrawn."""
    kept = [one for one in sent.all("opted_out_besides") if one]
    said = sent.read(
        mail_preferences.MailPreferenceIn,
        digest="digest" in sent,
        opted_out=[kind.value for kind in OPTIONAL if kind.value not in sent.all("wanted")] + kept,
    )
    mail_preferences.put_mail_preferences(actor, said, session, UNANSWERED, must_match(sent.version))
    return lead_to("/account/mails", told="saved")


@router.get("/away")
def get_away(request: Request, row: Place, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show when one is away, and for the office who else is."""
    found = absences.list_absences(row, session, actor, lists.whole()).items
    return page(request, "preferences/away.html", absences=found, me=actor.person_id)


@router.post("/away")
def post_away(sent: Form, row: Place, session: Tx, actor: CurrentActor) -> Response:
    """Say from when until when one is away: deputies stand in on these days."""
    declared = absences.OwnDays()(row, actor)
    absences.post_absence(declared, sent.read(absences.AbsenceIn), session, actor, UNANSWERED)
    return lead_to("/account/away", told="saved")


@router.post("/away/{absence_id}")
def post_back(sent: Form, absence_id: str, session: Tx, actor: CurrentActor) -> Response:
    """Take an absence back that does not come about."""
    row = Allowed(ABSENCE, Action.DECLARE_ABSENCE)(session, actor, absence_id=absence_id)
    absences.delete_absence(row, must_match(sent.version), session)
    return lead_to("/account/away", told="gone")
