"""Take back what is planned but not yet handed over: the deadline is done, waived, moved, or waits for another."""

from datetime import date

from sqlmodel import Session, col, select

from states.deadlines.mails import digest_values
from states.deadlines.states import REMINDER, SUPPRESS
from states.deadlines.tables import Deadline, Reminder, ReminderState, Why
from states.machines.stepping import step
from states.mail.ledger import withdraw_mails
from states.mail.tables import Mail, MailKind, MailState


def withdraw_reminders(session: Session, deadline: Deadline, *, why: Why) -> None:
    """Suppress the deadline's planned reminders; what a mail server may have already stays as it is.

    Where it only changes hands, whoever is told of the delay is told all the same.
    """
    query = select(Reminder).where(Reminder.deadline_id == deadline.id, Reminder.state == ReminderState.PLANNED)
    if why is Why.REASSIGNED:
        query = query.where(~col(Reminder.escalation))
    # Whoever writes them into a digest is waited for; only then is it known in which.
    lines = session.exec(query.with_for_update().execution_options(populate_existing=True)).all()
    mails = {
        mail.id: mail for mail in session.exec(select(Mail).where(col(Mail.id).in_({one.mail_id for one in lines})))
    }
    digests = _digests(session, {key for key, mail in mails.items() if mail.kind is MailKind.DIGEST})
    withdraw_mails(session, [mail.key for mail in mails.values() if mail.kind is MailKind.REMINDER], why=why.value)
    for line in lines:
        if line.mail_id is None or (line.mail_id in digests and digests[line.mail_id].state is MailState.WAITING):
            line.state, line.why, line.mail_id = step(REMINDER, line.state, SUPPRESS), why, None
            session.add(line)
    session.flush()
    for digest in digests.values():
        if digest.state is MailState.WAITING:
            _write_anew(session, digest, why)
        else:  # should it turn out not to have arrived, it is not sent as it was; see `digests.release`
            withdraw_mails(session, [digest.key], why=why.value)


def _digests(session: Session, mail_ids: set[str]) -> dict[str, Mail]:
    """Return these mails, and keep them as they are until this transaction ends: none is handed over meanwhile."""
    query = (
        select(Mail)
        .where(col(Mail.id).in_(mail_ids))
        .order_by(col(Mail.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {mail.id: mail for mail in session.exec(query)}


def _write_anew(session: Session, digest: Mail, why: Why) -> None:
    """Leave out of a waiting digest what was withdrawn; a digest of nothing is not sent."""
    query = (
        select(Reminder, Deadline)
        .join(Deadline, col(Deadline.id) == col(Reminder.deadline_id))
        .where(Reminder.mail_id == digest.id)
    )
    lines = session.exec(query).all()
    if not lines:
        withdraw_mails(session, [digest.key], why=why.value)
        return
    digest.values = digest_values(lines, on=date.fromisoformat(str(digest.values["day"])))
    digest.leased_by = digest.leased_until = None  # whoever has leased it holds the old text
    session.add(digest)
    session.flush()
