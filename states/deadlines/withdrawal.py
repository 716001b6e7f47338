"""Take back what is planned but not yet handed over: the deadline is done, waived, moved, or waits for another."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from states.deadlines.mails import digest_values
from states.deadlines.states import REMINDER, SUPPRESS
from states.deadlines.tables import Deadline, Reminder, ReminderState, Why
from states.machines.stepping import step
from states.mail.ledger import withdraw_mails, withdraw_matching
from states.mail.tables import Mail, MailKind, MailState

_PLANNED = (
    select(Reminder)
    .where(
        col(Reminder.deadline_id).in_(bindparam("keys", expanding=True)),
        Reminder.state == ReminderState.PLANNED,
        ~(col(Reminder.escalation) & col(Reminder.deadline_id).in_(bindparam("handed_over", expanding=True))),
    )
    .with_for_update()
    .execution_options(populate_existing=True)
)
_SETTLED = frozenset({MailState.SENT, MailState.WITHDRAWN})
"""What becomes of a mail no more: there is nothing to take back."""


def withdraw_reminders(session: Session, whys: Mapping[str, Why]) -> None:
    """Suppress what is planned for these deadlines, by their ids with why; what a mail server may have already stays.

    Where one only changes hands, whoever is told of the delay is told all the same.
    """
    handed_over = [key for key, why in whys.items() if why is Why.REASSIGNED]
    # Whoever writes them into a digest is waited for; only then is it known in which.
    lines = session.exec(_PLANNED, params={"keys": list(whys), "handed_over": handed_over}).all()
    if not lines:
        return
    why_of = {line.mail_id: whys[line.deadline_id] for line in lines if line.mail_id is not None}
    mails = [mail for mail in _mails(session, why_of) if mail.state not in _SETTLED]
    digests = _locked(session, [mail.id for mail in mails if mail.kind is MailKind.DIGEST])
    keys: defaultdict[Why, list[str]] = defaultdict(list)
    for mail in mails:
        if mail.kind is MailKind.REMINDER:
            keys[why_of[mail.id]].append(mail.key)
    withdraw_matching(session, [(col(Mail.key).in_(found), why.value) for why, found in keys.items()])
    for line in lines:
        if line.mail_id is None or (line.mail_id in digests and digests[line.mail_id].state is MailState.WAITING):
            line.state, line.why, line.mail_id = step(REMINDER, line.state, SUPPRESS), whys[line.deadline_id], None
            session.add(line)
    session.flush()
    for digest in digests.values():
        why = why_of[digest.id]
        if digest.state is MailState.WAITING:
            _write_anew(session, digest, why)
        else:  # should it turn out not to have arrived, it is not sent as it was; see `digests.release`
            withdraw_mails(session, [digest.key], why=why.value)


def _mails(session: Session, keys: Collection[str]) -> Sequence[Mail]:
    return session.exec(select(Mail).where(col(Mail.id).in_(keys))).all() if keys else []


def _locked(session: Session, mail_ids: Collection[str]) -> dict[str, Mail]:
    """Return these mails, and keep them as they are until this transaction ends: none is handed over meanwhile."""
    if not mail_ids:
        return {}
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
