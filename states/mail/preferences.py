"""How a person wants to be written to: quiet hours, one digest a day, and what the person has opted out of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from zoneinfo import available_timezones

from sqlalchemy import or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from states.errors import Fault, Invalid, Stale
from states.machines.bulk import leaves, stepped
from states.mail.states import WITHDRAW
from states.mail.tables import Mail, MailKind, MailPreference
from states.partners.tables import Person
from states.storage import bump_version

LANGUAGES = ("en", "de", "fr", "it", "pl", "es")
OPTED_OUT = "opted_out"


class MailWishesInvalid(Invalid):
    """The wishes cannot be followed as they stand."""

    code = "mail_wishes_invalid"


@dataclass(frozen=True, slots=True)
class MailWishes:
    """What a person may choose; `opted_out` holds kinds of mails, or a kind and a deadline's (reminder.evaluation)."""

    quiet_from: time
    quiet_until: time
    digest: bool
    digest_at: int
    opted_out: Sequence[str]
    language: str
    time_zone: str


def preference_of(session: Session, person_id: str) -> MailPreference:
    """Return what a person has chosen; a row of defaults, not in the session and of version 0, if nothing yet."""
    found = session.exec(select(MailPreference).where(MailPreference.person_id == person_id)).one_or_none()
    return found or MailPreference(person_id=person_id, version=0)


def is_opted_out(preference: MailPreference, topic: str) -> bool:
    """Tell whether a person wants no mail of this topic: its kind covers every topic below it."""
    return topic in preference.opted_out or topic.partition(".")[0] in preference.opted_out


def change_preference(session: Session, person_id: str, wishes: MailWishes, *, expected: int) -> MailPreference:
    """Keep what a person wishes and withdraw what waits against it; raise `MailWishesInvalid` or `Stale`."""
    faults = _faults(wishes)
    if faults:
        raise MailWishesInvalid(faults=faults)
    row = _claimed(session, person_id, expected)
    row.quiet_from, row.quiet_until = wishes.quiet_from, wishes.quiet_until
    row.digest, row.digest_at = wishes.digest, wishes.digest_at
    row.opted_out = sorted(set(wishes.opted_out))
    person = session.get_one(Person, person_id)
    person.language, person.time_zone = wishes.language, wishes.time_zone
    session.add_all([row, person])
    _withdraw(session, row)
    session.flush()
    return row


def opt_out(session: Session, person_id: str, topic: str) -> MailPreference:
    """Opt a person out of a topic and withdraw what waits of it; a second time changes nothing."""
    row = preference_of(session, person_id)
    if not is_opted_out(row, topic):
        row = _claimed(session, person_id, row.version)
        row.opted_out = sorted({*row.opted_out, topic})
        session.add(row)
        session.flush()
    _withdraw(session, row)
    return row


def _claimed(session: Session, person_id: str, expected: int) -> MailPreference:
    """Return the row with its version raised, a new one where the person had none, or raise `Stale`."""
    row = preference_of(session, person_id)
    if row.version:
        bump_version(session, row, expected=expected)
        return row
    if expected:
        raise Stale("mail_preference", expected=expected, actual=0)
    row.version = 1
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Stale("mail_preference", expected=0, actual=1) from None
    return row


def _withdraw(session: Session, preference: MailPreference) -> None:
    """Withdraw the waiting mails of a person that the person may opt out of, and has."""
    topics = preference.opted_out
    session.execute(
        update(Mail)
        .where(
            col(Mail.person_id) == preference.person_id,
            leaves(col(Mail.state), WITHDRAW),
            col(Mail.optional),
            or_(col(Mail.topic).in_(topics), col(Mail.kind).in_([topic for topic in topics if topic in set(MailKind)])),
        )
        .values(state=stepped(col(Mail.state), WITHDRAW), why=OPTED_OUT, leased_by=None, leased_until=None)
        .execution_options(synchronize_session="fetch")
    )


def _faults(wishes: MailWishes) -> list[Fault]:
    faults = []
    if wishes.language not in LANGUAGES:
        faults.append(
            Fault("language", "language_not_offered", remedy="one_of", language=wishes.language, known=tuple(LANGUAGES))
        )
    if wishes.time_zone not in available_timezones():
        faults.append(
            Fault("time_zone", "zone_unknown", remedy="zone_iana_such_as_europe_brussels", zone=wishes.time_zone)
        )
    for topic in wishes.opted_out:
        if topic.partition(".")[0] not in set(MailKind):
            known = ", ".join(MailKind)
            faults.append(Fault("opted_out", "no_kind_mail", remedy="one_of_or_reminder", topic=topic, known=known))
    for name, wall in (("quiet_from", wishes.quiet_from), ("quiet_until", wishes.quiet_until)):
        if wall.tzinfo is not None:
            faults.append(Fault(name, "time_with_offset", remedy="time_your_own_clock_without_one", time=wall))
    if wishes.digest_at not in range(24):
        faults.append(Fault("digest_at", "no_hour", remedy="hour_of_day", hour=wishes.digest_at))
    return faults
