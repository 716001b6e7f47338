"""The flows of the mail ledger: `deliver` hands over what is due, `escalate` tells of what did not arrive."""

import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from socket import gethostname

from prefect import flow
from sqlmodel import Session

from documents.mails.message import invite_of, subject_of, write
from documents.mails.values import values_of
from flows.acting import as_clock
from flows.lines import Desk, Settled
from flows.post import Posts, lies_in_folder, posts
from flows.stopping import going
from flows.subjects import run_name
from flows.sweep import Sweep, sweep
from states.mail.addresses import address
from states.mail.escalation import partnerships_untold, take_untold, tell
from states.mail.resolving import resolve_by_folder
from states.mail.sending import (
    DueMail,
    Result,
    deliverable,
    give_back,
    keep_quiet_hours,
    lease_mails,
    mark_unclear,
    offer_all,
    record_handover,
    record_sent,
)
from states.mail.tables import MailKind
from states.settings import settings
from states.storage import begin, new_id

log = logging.getLogger(__name__)


@flow(name="deliver", flow_run_name=run_name)
@as_clock
def deliver() -> dict[str, int]:
    """Hand over every mail that is due and count what became of each; many at once never send one mail twice.

    Where the mail server takes nothing the flow fails, all mails wait as they were, and the next run tries again.
    """
    _prepare()
    runner = f"{gethostname()}:{os.getpid()}:{new_id()[:8]}"
    told: Counter[str] = Counter()
    if not _is_anything_due():
        return {}
    with posts() as opened:  # first of all: while there is none, no mail is leased
        while going() and _is_anything_due():
            batch = _send_batch(opened, runner)
            if not batch:  # another runner has what is left
                break
            told += batch
    log.info("delivered %s", dict(told))
    return dict(told)


@flow(name="escalate", flow_run_name=run_name)
@as_clock
def escalate() -> dict[str, int]:
    """Tell project managers once of the mails that failed or of whose fate nobody knows."""
    return {"told": sum(sweep(UNDELIVERED))}


def _tell_managers(session: Session, partnerships: Sequence[str]) -> int:
    found = take_untold(session, partnerships)
    for one in found:
        values = values_of(
            MailKind.UNDELIVERED,
            whom=one.recipient,
            subject=subject_of(one.mail, language=one.manager.language) if one.mail else one.kind,
            reason=one.reason,
            others=one.others,
            link=address("mails"),
        )
        tell(session, one, values=values)
    return len(found)


UNDELIVERED = Sweep("escalate", "partnership", partnerships_untold, _tell_managers, at_once=1)


def _prepare() -> None:
    """Mark what a dead runner left, look for it in the folder, and put off what would go out at a quiet hour."""
    with begin() as session:
        keep_quiet_hours(session)
        mark_unclear(session)
        resolve_by_folder(session, lies_there=lies_in_folder)


def _is_anything_due() -> bool:
    with begin(read_only=True) as session:
        return deliverable(session)


def _send_batch(opened: Posts, runner: str) -> Counter[str]:
    """Lease a batch and hand it over; what was not offered is given back."""
    with begin() as session:
        batch = lease_mails(session, runner=runner, limit=settings().mail_batch)
    desk = Desk(opened.for_mails(len(batch)), write=_message, settle=partial(_settle, runner, opened.via))
    try:
        desk.hand_over(batch)
    finally:
        with begin() as session:
            give_back(session, runner=runner, unbegun=desk.unbegun)
    return desk.told


def _message(mail: DueMail) -> EmailMessage:
    if not mail.attachment:
        return write(mail)
    with begin(read_only=True) as session:
        return write(mail, invite_of(session, mail))


def _settle(runner: str, via: str, results: Settled, asking: Sequence[str]) -> Mapping[str, datetime]:
    """Record what became of some mails, and offer others: those that are still to go out, each with its lease's end."""
    with begin() as session:
        sent = [mail for mail, handed in results if handed.result is Result.SENT]
        record_sent(session, sent, runner=runner)
        for mail, handed in results:
            if handed.result is not Result.SENT:
                record_handover(session, mail, runner=runner, result=handed.result, error=handed.error)
        return offer_all(session, asking, runner=runner, via=via)
