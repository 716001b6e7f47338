"""Resolve mails of unknown fate: they were delivered, or they are sent again under the same Message-ID."""

import re
from dataclasses import dataclass

from sqlmodel import Session, col, select

from states.clock import now
from states.errors import Refusal, Refused
from states.mail.queries import mail_by_id, uncertain_mails
from states.mail.tables import Mail, MailState

BY_SMTP, BY_FOLDER = "smtp", "folder"
BY_LOG = "log"


@dataclass(frozen=True, slots=True)
class Resolved:
    """How many were delivered, and how many are sent again."""

    delivered: int
    again: int


class MailNotOpen(Refused):
    """What became of the mail is known, or it was never handed over."""

    code = "mail_not_open"


class LogOfOthers(Refused):
    """The log knows none of our mails, so that it proves nothing."""

    code = "log_of_others"


def resolve(session: Session, mail_id: str, *, delivered: bool, by: str) -> Mail:
    """Record what became of an uncertain mail, as `by` (a person's id, log, folder) knows; or raise `MailNotOpen`.

    What was not delivered waits again. So does a failed mail, once its cause is mended.
    """
    row, _ = mail_by_id(session, mail_id)
    may_go_again = row.state is MailState.FAILED and not delivered
    if row.state is not MailState.UNCERTAIN and not may_go_again:
        reason = f"This mail is {row.state.value}: only an uncertain one is resolved, only a failed one sent again."
        raise MailNotOpen([Refusal("mail_not_open", reason, where=f"mails/{mail_id}")])
    row.resolved_by, row.leased_by, row.leased_until = by, None, None
    if delivered:
        row.state, row.why, row.sent_at = MailState.SENT, "found_delivered", now()
    else:
        row.state, row.why, row.not_before = MailState.WAITING, "sent_again", now()
        row.attempts, row.told_at = 0, None
    session.add(row)
    session.flush()
    return row


def resolve_by_log(session: Session, text: str) -> Resolved:
    """Resolve every mail of unknown fate by a mail server's log: delivered if the server says that it took it.

    Raise `LogOfOthers` where the log knows none of the mails that this installation sent: then it is another server's,
    or of another day, and silence in it says nothing.
    """
    uncertain = uncertain_mails(session, via=BY_SMTP)
    delivered = [row for row in uncertain if _took(text, row.message_id)]
    if uncertain and not delivered and not _knows_ours(session, text):
        reason = "No Message-ID of a mail that was sent from here stands in this log: take the log of the mail server."
        raise LogOfOthers([Refusal("log_of_others", reason)])
    for row in uncertain:
        resolve(session, row.id, delivered=row in delivered, by=BY_LOG)
    return Resolved(delivered=len(delivered), again=len(uncertain) - len(delivered))


def _took(log: str, message_id: str) -> bool:
    """Tell whether a server took a message for delivery, by its log.

    Postfix notes a Message-ID while the text still comes in, and a queue manager's line only once it has all of it.
    """
    if message_id not in log:
        return False
    queued = re.findall(rf"cleanup\[\d+\]: (\w+): message-id=<?{re.escape(message_id)}", log)
    return not queued or any(re.search(rf"qmgr\[\d+\]: {key}: from=", log) for key in queued)


def _knows_ours(session: Session, text: str) -> bool:
    sent = session.exec(select(Mail.message_id).where(col(Mail.state) == MailState.SENT, col(Mail.via) == BY_SMTP))
    return any(message_id in text for message_id in sent)
