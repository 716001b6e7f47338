"""How a person wants to be written to: quiet hours, one digest a day, and what the person has opted out of."""

from sqlmodel import Session, select

from states.mail.tables import MailPreference


def preference_of(session: Session, person_id: str) -> MailPreference:
    """Return what a person has chosen; a row of defaults, not in the session and of version 0, if nothing yet."""
    found = session.exec(select(MailPreference).where(MailPreference.person_id == person_id)).one_or_none()
    return found or MailPreference(person_id=person_id, version=0)


def is_opted_out(preference: MailPreference, topic: str) -> bool:
    """Tell whether a person wants no mail of this topic: its kind covers every topic below it."""
    return topic in preference.opted_out or topic.partition(".")[0] in preference.opted_out
