"""What failed and what waits: messages that flows answer, rows that a sweep leaves out, mails; each tried again."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.http.dependencies import Tx
from api.http.paging import Page
from api.pages.forms import OWN_FORM, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.routes.operations import faults, mails, outbox, reminders
from states.deadlines.ledger import LineStatus
from states.mail.tables import MailState
from states.outbox.states import MessageState

router = APIRouter(prefix="/operations")

_MOST = 50


@router.get("")
def get_operations_page(request: Request, session: Tx, actor: outbox.Reader, lists: Lists) -> Response:
    """Show what failed, and what is tried again by itself."""

    def sent(state: MailState) -> list[mails.MailOut]:
        return mails.list_mails(session, actor, lists.first(_MOST), state=state, person=None).items

    def told(state: MessageState) -> list[outbox.OutboxMessageOut]:
        return outbox.list_outbox(session, actor, lists.first(_MOST), state=state, collaboration=None).items

    return page(
        request,
        "operations/operations.html",
        dead=told(MessageState.DEAD),
        again=[one for one in told(MessageState.OPEN) if one.tries_failed or one.tries_broken_off],
        faults=faults.list_faults(session, actor, lists.first(_MOST)).items,
        mails=[*sent(MailState.UNCERTAIN), *sent(MailState.FAILED)],
    )


@router.post("/outbox-messages/{outbox_id}/retry", dependencies=[OWN_FORM])
def post_message_retry(row: outbox.Retry, session: Tx) -> Response:
    """Try a message again at once."""
    outbox.post_retry(row, session)
    return lead_to("/operations", told="retry")


@router.post("/faults/{fault_id}/retry", dependencies=[OWN_FORM])
def post_row_retry(row: faults.Retry, session: Tx) -> Response:
    """Let a row be tried with the next sweep."""
    faults.post_fault_retry(row, session)
    return lead_to("/operations", told="retry")


@router.get("/mails")
def get_mails_page(request: Request, session: Tx, actor: mails.Reader, cut: Page, state: str = "") -> Response:
    """List the mails of the partnership, the newest first."""
    wanted = MailState(state) if state in set(MailState) else None
    return page(
        request,
        "operations/mails.html",
        listed=mails.list_mails(session, actor, cut, state=wanted, person=None),
        state=state,
        states=list(MailState),
    )


@router.get("/mails/{mail_id}")
def get_mail_page(request: Request, found: mails.Read) -> Response:
    """Show a mail as it is written now, and what became of it."""
    return page(request, "operations/mail.html", mail=mails.get_mail(found), resolvable=_RESOLVABLE)


@router.post("/mails/{mail_id}")
def post_mail_page(sent: Form, found: mails.Resolve, session: Tx, actor: mails.Reader) -> Response:
    """Say what became of a mail, or send it again."""
    said = sent.read(mails.ResolutionIn)
    mails.post_resolution(found, said, session, actor)
    return lead_to(f"/operations/mails/{found.row.id}", told="saved")


_RESOLVABLE = frozenset({MailState.UNCERTAIN, MailState.FAILED})


@router.get("/reminders")
def get_reminders_page(
    request: Request,
    session: Tx,
    actor: reminders.Reader,
    cut: Page,
    lists: Lists,
    status: str = "",
    days: Annotated[int, Query(ge=0, le=reminders.MOST_DAYS)] = 14,
) -> Response:
    """Show which reminders went out or did not, and why; and which would go out in the next days."""
    wanted = LineStatus(status) if status in set(LineStatus) else None
    return page(
        request,
        "operations/reminders.html",
        ledger=reminders.list_ledger(session, actor, cut, None, None, wanted),
        ahead=reminders.list_foreseen(session, actor, lists.whole(), days, None, None),
        chosen=status,
        statuses=list(LineStatus),
        days=days,
    )
