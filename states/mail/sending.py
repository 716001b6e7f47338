"""Hand mails over: lease a batch, offer some, settle what became of each, mark what nobody can know.

A mail is offered in a transaction that is committed before a mail server sees its text. So a runner that dies leaves
either a mail that waits, and is safe to send, or one that was offered, and is never sent again unasked.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy import select as plain
from sqlmodel import Session, col, exists, select

from states.clock import machine_now, now
from states.credentials.links import texts_of
from states.machines.bulk import leaves, stepped
from states.machines.definition import Move
from states.mail.ledger import drop_unwanted
from states.mail.states import DELIVER, FAIL, LOSE, OFFER, PUT_OFF, RECALL
from states.mail.tables import Mail, MailKind, MailPreference, MailState
from states.mail.windows import opening
from states.partners.tables import Person
from states.settings import settings
from states.storage import columns_of, table_of
from states.sweeps.apart import Failed, apart, attempt, listening, read_apart
from states.sweeps.service import said

_AT_ONCE = 500

# Minutes between the tries of a mail that a server puts off: about two days in all, as mail servers do it themselves.
PAUSES = (1, 5, 15, 30, 60, 120, 240, 360, 480, 720, 720)


class Result(StrEnum):
    """What became of a hand-over: `later` was not taken, of `unclear` nobody can know, `unwritten` had no text."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    UNWRITTEN = "unwritten"


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail in the hands of one runner, with what its text is made of and whom it goes to."""

    id: str
    kind: MailKind
    values: Mapping[str, object]
    message_id: str
    optional: bool
    attachment: str
    tries_failed: int
    recipient: str
    email: str
    language: str
    time_zone: str


_ACTED_BY_LINK = (
    *(MailKind.ROLE_GIVEN, MailKind.SIGN_OFF, MailKind.SECTION_GIVEN, MailKind.QUESTION),
    *(MailKind.PROGRESS_ASKED, MailKind.SIGN_IN),
)

# In the order of `DueMail`.
_OF_MAIL = ("id", "kind", "values", "message_id", "optional", "attachment", "tries_failed")
_OF_PERSON = ("label", "email", "language", "time_zone")


def deliverable(session: Session) -> bool:
    """Tell whether there is anything to lease at this moment: a cheap look before a delivery is started."""
    return session.exec(select(exists().where(_free()))).one()


def keep_quiet_hours(session: Session) -> None:
    """Put off what is due at an hour at which its reader may not be written to: a late try, or one after an outage."""
    query = select(Mail.id, Mail.person_id, Mail.site).where(_free(), col(Mail.site).is_not(None))
    mails: dict[tuple[str, str], list[str]] = defaultdict(list)
    for mail_id, person_id, site in session.exec(query.order_by(col(Mail.id))):
        mails[person_id, site or ""].append(mail_id)
    at = now()
    late: dict[datetime, list[str]] = defaultdict(list)
    for outcome in apart(list(mails), lambda some: _openings(session, some, at)):
        if isinstance(outcome, Failed):
            _fail_unread(session, mails[outcome.key], outcome.error)
        else:
            for key, instant in outcome.result.items():
                late[instant] += mails[key]
    for instant in late.keys() - {at}:
        for first in range(0, len(late[instant]), _AT_ONCE):
            some = late[instant][first : first + _AT_ONCE]
            _update(session, and_(col(Mail.id).in_(some), _free()), not_before=instant)


def _openings(session: Session, keys: Sequence[tuple[str, str]], at: datetime) -> dict[tuple[str, str], datetime]:
    """Return from when on each of these people may be written to at a site."""
    query = (
        select(Person.id, Person.time_zone, MailPreference)
        .join(MailPreference, col(MailPreference.person_id) == col(Person.id), isouter=True)
        .where(col(Person.id).in_({person_id for person_id, _ in keys}))
    )
    people = {person_id: (zone, found) for person_id, zone, found in session.exec(query)}
    opens = {}
    for person_id, nuts in keys:
        zone, found = people[person_id]
        preference = found or MailPreference(person_id=person_id)
        opens[person_id, nuts] = opening(at, preference=preference, time_zone=zone, nuts=nuts)
    return opens


def lease_mails(session: Session, *, runner: str, limit: int) -> list[DueMail]:
    """Take up to `limit` mails that are due for `runner`, the longest due first."""
    due = select(Mail.id).where(_free()).order_by(col(Mail.not_before), col(Mail.id)).limit(limit)
    # On PostgreSQL many runners neither wait for each other nor deadlock; and it would ask a mere subquery more than
    # once, for other rows each time. SQLite has one writer at a time and needs neither.
    chosen = due.with_for_update(skip_locked=True).cte("due").prefix_with("MATERIALIZED", dialect="postgresql")
    taken = session.execute(
        update(Mail)
        .where(col(Mail.id).in_(select(chosen.c.id)), _free())
        .values(leased_by=runner, leased_until=_lease_end())
        .returning(col(Mail.id))
        .execution_options(synchronize_session=False)
    ).scalars()
    keys = sorted(taken)
    with listening() as left_out:
        rows = read_apart("mail", keys, lambda some: _read(session, some))
    for one in left_out:
        _fail_unread(session, [one.key], one.error)
    return _with_links(session, [mail for _, mail in sorted(rows, key=lambda row: (row[0], row[1].id))])


def _with_links(session: Session, mails: Sequence[DueMail]) -> list[DueMail]:
    """Sign the links by which readers of these mails act: rows hold their ids alone, which open nothing."""
    named = {mail.id: _parts_of(mail.values.get("link")) for mail in mails if mail.kind in _ACTED_BY_LINK}
    texts = texts_of(session, [key for _, key, _ in named.values()])
    signed = {mail_id: f"{path}/{texts[key]}{query}" for mail_id, (path, key, query) in named.items() if key in texts}
    return [
        replace(mail, values={**mail.values, "link": signed[mail.id]}) if mail.id in signed else mail for mail in mails
    ]


def _parts_of(link: object) -> tuple[str, str, str]:
    """Return the path before the id of a link, the id, and the query behind it."""
    address, mark, query = str(link).partition("?")
    path, _, key = address.rpartition("/")
    return path, key, mark + query


def unsign_links(session: Session) -> int:
    """Take the signatures of links out of rows, where release 0.1.0 kept them; return how many there were."""
    mail = columns_of(Mail)
    rows = session.execute(plain(mail.id, mail["values"]).where(mail.kind.in_(_ACTED_BY_LINK))).all()
    signed = {key: values for key, values in rows if "." in str(values.get("link")).rpartition("/")[2]}
    for key, values in signed.items():
        path, _, text = str(values["link"]).rpartition("/")
        kept = {**values, "link": f"{path}/{text.partition('.')[0]}"}
        session.execute(update(Mail).where(col(Mail.id) == key).values({"values": kept}))
    return len(signed)


def readable(session: Session, key: str) -> DueMail | Failed[str]:
    """Return what a mail is written from, or what is wrong with its row."""
    return attempt(lambda: _read(session, [key])[0][1])


def _read(session: Session, keys: Sequence[str]) -> list[tuple[datetime, DueMail]]:
    mail, person = columns_of(Mail), columns_of(Person)
    read = plain(mail.not_before, *(mail[name] for name in _OF_MAIL), *(person[name] for name in _OF_PERSON))
    query = read.join_from(table_of(Mail), table_of(Person), person.id == mail.person_id).where(mail.id.in_(keys))
    return [(not_before, DueMail(*columns)) for not_before, *columns in session.execute(query)]


def _fail_unread(session: Session, keys: Collection[str], error: Exception) -> None:
    """Let mails fail whose rows, or whose readers', cannot be read: no day is better, and a manager mends it."""
    move, values = _outcome(Result.UNWRITTEN, 0)
    _update(session, col(Mail.id).in_(keys), move, last_error=said(error), **values)


def due_mail(row: Mail, person: Person) -> DueMail:
    """Return what is needed to write the mail as it goes out."""
    return DueMail(
        id=row.id,
        kind=row.kind,
        values=row.values,
        message_id=row.message_id,
        optional=row.optional,
        attachment=row.attachment,
        tries_failed=row.tries_failed,
        recipient=person.label,
        email=person.email,
        language=person.language,
        time_zone=person.time_zone,
    )


def offer(session: Session, mail_id: str, *, runner: str, via: str) -> datetime | None:
    """Note that a mail is handed over from now on; return the end of its new lease, in the machine's time.

    None if it was withdrawn meanwhile or another runner has it: then it must not be handed over.
    """
    until = _lease_end()
    own = _update(
        session,
        and_(col(Mail.id) == mail_id, _own(runner)),
        OFFER,
        via=via,
        leased_until=until,
    )
    return until if own else None


def record_handover(session: Session, mail: DueMail, *, runner: str, result: Result, error: str = "") -> bool:
    """Record what became of a hand-over; return False if the mail was no longer this runner's.

    A runner that hears the answer after its lease ended still knows best, unless somebody has resolved the mail.
    """
    move, values = _outcome(result, mail.tries_failed)
    own = and_(col(Mail.id) == mail.id, col(Mail.leased_by) == runner)
    recorded = _update(session, own, move, last_error=error, **values)
    drop_unwanted(session, [mail.id])
    return recorded


def offer_all(session: Session, keys: Sequence[str], *, runner: str, via: str) -> dict[str, datetime]:
    """Note that these are handed over from now on, as `offer` does; return the end of the lease of each that may be."""
    if not keys:
        return {}
    until = _lease_end()
    offered = session.execute(
        update(Mail)
        .where(col(Mail.id).in_(keys), _own(runner), leaves(col(Mail.state), OFFER))
        .values(state=stepped(col(Mail.state), OFFER), via=via, leased_until=until)
        .returning(col(Mail.id))
        .execution_options(synchronize_session=False)
    ).scalars()
    return dict.fromkeys(offered, until)


def record_sent(session: Session, mails: Sequence[DueMail], *, runner: str) -> None:
    """Record that a server took these; those that are no longer this runner's stay as somebody has resolved them."""
    if mails:
        move, values = _outcome(Result.SENT, 0)
        own = and_(col(Mail.id).in_([mail.id for mail in mails]), col(Mail.leased_by) == runner)
        _update(session, own, move, last_error="", **values)


def give_back(session: Session, *, runner: str, unbegun: Sequence[str] = ()) -> None:
    """End the leases of a runner on what it has not offered, and on those offered that it has not begun."""
    waiting = and_(col(Mail.leased_by) == runner, col(Mail.state) == MailState.WAITING)
    _update(session, waiting, leased_by=None, leased_until=None)
    if unbegun:
        own = and_(col(Mail.id).in_(unbegun), col(Mail.leased_by) == runner)
        _update(session, own, RECALL, leased_by=None, leased_until=None)
        drop_unwanted(session, unbegun)


def mark_unclear(session: Session) -> None:
    """Mark as uncertain what was offered by a runner that has not said in time what became of it."""
    lost = and_(col(Mail.state) == MailState.OFFERED, col(Mail.leased_until) < machine_now())
    _update(session, lost, LOSE, why="runner_lost")


def _outcome(result: Result, tries_failed: int) -> tuple[Move[MailState], dict[str, object]]:
    match result:
        case Result.SENT:
            return DELIVER, {"why": "", "sent_at": now(), "leased_until": None}
        case Result.REFUSED | Result.UNWRITTEN:
            return FAIL, {"why": result.value, "leased_until": None}
        case Result.UNCLEAR:
            return LOSE, {"why": "answer_lost", "leased_until": None}
        case Result.LATER if tries_failed >= len(PAUSES):
            return FAIL, {"why": "tries_used_up", "leased_until": None}
    return PUT_OFF, {
        "why": "",
        "tries_failed": tries_failed + 1,
        "not_before": now() + timedelta(minutes=PAUSES[tries_failed]),
        "leased_by": None,
        "leased_until": None,
    }


def _free() -> ColumnElement[bool]:
    return and_(
        col(Mail.state) == MailState.WAITING,
        col(Mail.not_before) <= now(),
        or_(col(Mail.leased_until).is_(None), col(Mail.leased_until) < machine_now()),
    )


def _own(runner: str) -> ColumnElement[bool]:
    return and_(col(Mail.leased_by) == runner, col(Mail.leased_until) >= machine_now())


def _lease_end() -> datetime:
    return machine_now() + timedelta(seconds=settings().mail_lease_seconds)


def _update(
    session: Session, where: ColumnElement[bool], move: Move[MailState] | None = None, **values: object
) -> bool:
    if move is not None:
        where = and_(where, leaves(col(Mail.state), move))
        values["state"] = stepped(col(Mail.state), move)
    found = session.execute(update(Mail).where(where).values(**values).execution_options(synchronize_session=False))
    return bool(found.rowcount)  # type: ignore[attr-defined]
