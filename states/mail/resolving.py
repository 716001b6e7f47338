"""Resolve mails of unknown fate: they were delivered, or they are sent again under the same Message-ID."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import Session, col, select

from states.changes import record
from states.clock import now
from states.errors import Refusal, Refused, Stale
from states.machines.bulk import leaves, stepped
from states.machines.stepping import need
from states.mail.ledger import drop_unwanted
from states.mail.queries import HandedOver, mail_by_id, uncertain_mails
from states.mail.states import FIND, MAIL, SEND_AGAIN
from states.mail.tables import Mail, MailState

BY_SMTP, BY_FOLDER = "smtp", "folder"
BY_LOG = "log"


@dataclass(frozen=True, slots=True)
class Resolved:
    """How many were delivered, and how many are sent again."""

    delivered: int
    again: int


class LogOfOthers(Refused):
    """The log knows none of our mails, so that it proves nothing."""

    code = "log_of_others"


def resolve(session: Session, mail_id: str, *, delivered: bool, by: str) -> Mail:
    """Record what became of an uncertain mail, as `by` (a person's id, log, folder) knows; or raise `MailNotOpen`.

    What was not delivered goes out again, at once and at any hour. So does a failed mail, once its cause is mended.
    """
    row, _ = mail_by_id(session, mail_id)
    resolved = _resolve(session, row, delivered=delivered, by=by)
    session.refresh(row)
    if not resolved:
        need(MAIL, row.state, FIND if delivered else SEND_AGAIN, where=f"mails/{mail_id}")
        raise Stale("mail")  # somebody else had it in this instant, and it is open again
    return row


def resolve_by_log(session: Session, text: str) -> Resolved:
    """Resolve every mail of unknown fate by a mail server's log: delivered if the server says that it took it.

    Raise `LogOfOthers` where the log knows none of the mails that this installation sent: then it is another server's,
    or of another day, and silence in it says nothing.
    """
    uncertain = uncertain_mails(session, via=BY_SMTP)
    if uncertain and not _knows_ours(session, text):
        raise LogOfOthers([Refusal("log_of_others")])
    return _resolve_all(session, uncertain, took=lambda row: _took(text, row.message_id), by=BY_LOG)


def resolve_by_folder(session: Session, *, lies_there: Callable[[str], bool]) -> Resolved:
    """Resolve what was being written into the folder: it is known by its Message-ID whether it lies there."""
    uncertain = uncertain_mails(session, via=BY_FOLDER)
    return _resolve_all(session, uncertain, took=lambda row: lies_there(row.message_id), by=BY_FOLDER)


def _resolve_all(
    session: Session, rows: Sequence[HandedOver], *, took: Callable[[HandedOver], bool], by: str
) -> Resolved:
    """Resolve each, but for those that somebody else has resolved at the same time."""
    found: Counter[bool] = Counter()
    for row in rows:
        delivered = took(row)
        found[delivered] += _resolve(session, row, delivered=delivered, by=by)
    return Resolved(delivered=found[True], again=found[False])


def _resolve(session: Session, row: Mail | HandedOver, *, delivered: bool, by: str) -> bool:
    """Resolve a mail; of two at once, only the first does: otherwise the second might send it twice."""
    move = FIND if delivered else SEND_AGAIN
    if delivered:
        values: dict[str, object] = {"why": "found_delivered", "sent_at": now()}
    else:
        again = {"tries_failed": 0, "told_at": None, "not_before": now(), "site": None}
        values = {"why": "sent_again", **again}
    done = session.execute(
        update(Mail)
        .where(col(Mail.id) == row.id, leaves(col(Mail.state), move))
        .values(state=stepped(col(Mail.state), move), resolved_by=by, leased_by=None, leased_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    resolved = bool(done.rowcount)  # type: ignore[attr-defined]
    if resolved and by != BY_FOLDER:
        place = row.partnership_id
        (after,) = move.ends
        record(session, "mail", row.id, field="state", before=row.state, after=after, partnership_id=place)
    drop_unwanted(session, [row.id])
    return resolved


def _took(log: str, message_id: str) -> bool:
    """Tell whether a server took a message for delivery, by its log.

    Postfix notes a Message-ID while the text still comes in, and a queue manager's line only once it has all of it.
    """
    if message_id not in log:
        return False
    queued = re.findall(rf"cleanup\[\d+\]: (\w+): message-id=<?{re.escape(message_id)}", log)
    return not queued or any(re.search(rf"qmgr\[\d+\]: {key}: from=", log) for key in queued)


def _knows_ours(session: Session, text: str) -> bool:
    handed_over = (MailState.SENT, MailState.UNCERTAIN)
    ours = session.exec(select(Mail.message_id).where(col(Mail.state).in_(handed_over), col(Mail.via) == BY_SMTP))
    return any(message_id in text for message_id in ours)
