"""Who is told by mail of requests, answers, agendas and expressions of interest: each fact once to each person.

Where a participant has an account of its own it is told; else everybody who speaks for its organisation.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlmodel import Session

from states.mail.addresses import address
from states.mail.ledger import enter_mail
from states.mail.tables import MailKind
from states.matchmaking.event_day.queries import PartyEntry, parties_of, tells_places
from states.matchmaking.event_day.setup import event_slots
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, MeetingParty, Participant
from states.matchmaking.profiles.tables import Interest, Profile
from states.partners.queries import Holder, holders
from states.partners.tables import Organisation, PartnershipEvent, Person
from states.rights.access import Role

_TABLE = {"en": "table", "de": "Tisch", "fr": "table", "it": "tavolo", "pl": "stolik", "es": "mesa"}


def tell_request(session: Session, row: Meeting) -> None:
    """Tell everybody who is asked to a meeting."""
    entries = parties_of(session, [row.id])[row.id]
    asker = next(entry for entry in entries if entry.party.asked)
    for entry in entries:
        if not entry.party.asked:
            values = _meeting(session, row, asker, entry) | {
                "message": row.message or row.subject,
                "until": row.expires_at.isoformat(),
            }
            _tell(session, row, MailKind.MEETING_REQUEST, entry, key=entry.party.id, values=values)


def tell_answer(session: Session, row: Meeting, party: MeetingParty, *, accepted: bool) -> None:
    """Tell whoever asked for a meeting what a guest answered."""
    entries = parties_of(session, [row.id])[row.id]
    asker = next(entry for entry in entries if entry.party.asked)
    guest = next(entry for entry in entries if entry.party.id == party.id)
    values = _meeting(session, row, asker, guest) | {"answer": _answer(accepted)}
    _tell(session, row, MailKind.MEETING_ANSWER, asker, key=party.id, values=values)


def tell_outcome_asked(session: Session, row: Meeting, entries: Sequence[PartyEntry], *, until: date) -> None:
    """Ask everybody who was at a meeting what came of it."""
    name = session.get_one(PartnershipEvent, row.event_id).name
    for entry in entries:
        others = (one.organisation.name for one in entries if one is not entry)
        values = {
            "event": name,
            "organisation": entry.organisation.name,
            "met": ", ".join(others),
            "until": until.isoformat(),
            "link": address(f"meetings/{row.id}/outcomes"),
        }
        _tell(session, row, MailKind.OUTCOME_ASKED, entry, key=entry.party.id, values=values)


def tell_interest(session: Session, row: Interest, profile: Profile) -> None:
    """Tell the host of a profile who is interested, and why."""
    values = {
        "organisation": session.get_one(Organisation, row.sender_id).name,
        "about": f"{profile.reference}: {profile.title}",
        "message": row.message,
        "until": row.answer_due_on.isoformat(),
        "link": address(f"interests/{row.id}"),
    }
    _tell_organisation(session, row, MailKind.INTEREST_RECEIVED, row.host_id, values=values)


def tell_interest_answer(session: Session, row: Interest, profile: Profile, *, accepted: bool) -> None:
    """Tell the sender whether the host is interested."""
    values = {
        "organisation": session.get_one(Organisation, row.host_id).name,
        "about": f"{profile.reference}: {profile.title}",
        "answer": _answer(accepted),
        "link": address(f"interests/{row.id}"),
    }
    _tell_organisation(session, row, MailKind.INTEREST_ANSWERED, row.sender_id, values=values)


def table_name(number: int, *, language: str) -> str:
    """Return what a table is called, in English where the language is not one of the five."""
    return f"{_TABLE.get(language, _TABLE['en'])} {number}"


def _meeting(session: Session, row: Meeting, asker: PartyEntry, guest: PartyEntry) -> dict[str, object]:
    """Return what both mails of a request say, and its place where that is told already."""
    event = session.get_one(BrokerageEvent, row.event_id)
    told: dict[str, object] = {
        "event": session.get_one(PartnershipEvent, row.event_id).name,
        "asking": asker.organisation.name,
        "asked": guest.organisation.name,
        "link": address(f"meetings/{row.id}"),
    }
    if row.slot is not None and tells_places(event):
        slot = event_slots(event)[row.slot]
        told |= {"starts_at": slot.starts_at.isoformat(), "ends_at": slot.ends_at.isoformat()}
        told |= {"time_zone": event.time_zone}
    return told


def _answer(accepted: bool) -> str:
    return "accepted" if accepted else "declined"


def speaking_for(session: Session, partnership_id: str) -> Mapping[str, Sequence[Holder]]:
    """Return who speaks for each organisation, by its id."""
    found: dict[str, list[Holder]] = {}
    for holder in holders(session, partnership_id, Role.PARTNER):
        found.setdefault(holder.grant.organisation_id or "", []).append(holder)
    return found


def speakers_of(people: Mapping[str, Collection[Holder]], participant: Participant) -> list[Person]:
    """Return who is told of what concerns a participant: itself, else everybody who speaks for its organisation."""
    speaking = {holder.person.id: holder.person for holder in people.get(participant.organisation_id, ())}
    own = speaking.get(participant.person_id or "")
    return [own] if own else list(speaking.values())


def _tell(
    session: Session, row: Meeting, kind: MailKind, entry: PartyEntry, *, key: str, values: Mapping[str, object]
) -> None:
    for person in speakers_of(speaking_for(session, row.partnership_id), entry.participant):
        enter_mail(
            session,
            kind,
            key=f"{kind.value}:{key}:{person.id}",
            person_id=person.id,
            partnership_id=row.partnership_id,
            values=values,
        )


def _tell_organisation(
    session: Session, row: Interest, kind: MailKind, organisation_id: str, *, values: Mapping[str, object]
) -> None:
    for holder in speaking_for(session, row.partnership_id).get(organisation_id, ()):
        enter_mail(
            session,
            kind,
            key=f"{kind.value}:{row.id}:{holder.person.id}",
            person_id=holder.person.id,
            partnership_id=row.partnership_id,
            values=values,
        )
