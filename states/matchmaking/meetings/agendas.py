"""Agendas by mail: when a timetable is published, one mail to each person whose agenda is not as it was told before."""

from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import Session, col, select

from states.mail.addresses import address
from states.mail.ledger import NewMail, enter_mails
from states.mail.tables import Mail, MailKind
from states.matchmaking.event_day.programme import EventSlot
from states.matchmaking.event_day.queries import PLACED, PartyEntry, coming, meetings_of, parties_of
from states.matchmaking.event_day.setup import event_slots
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting
from states.matchmaking.mails import speakers_of, speaking_for, table_name
from states.partners.tables import PartnershipEvent, Person

Values = dict[str, object]
ATTACHED = "agenda:"
"""How a mail's attachment names the meetings of an event, before the event's id."""


def tell_agendas(session: Session, event: BrokerageEvent, *, timetable_id: str) -> None:
    """Tell everybody who has a place when, where and with whom, and who had one that it has none any more.

    Whose agenda of this event is as it was told last is not written to again.
    """
    told = _told(session, event)
    agendas = _agendas(session, event)
    emptied = {key: values | {"meetings": []} for key, values in told.items() if key not in agendas}
    kind = MailKind.AGENDA_PUBLISHED
    enter_mails(
        session,
        kind,
        [
            NewMail(
                f"{kind.value}:{timetable_id}:{person_id}",
                person_id,
                event.partnership_id,
                values,
                attachment=f"{ATTACHED}{event.id}",
            )
            for person_id, values in (agendas | emptied).items()
            if told.get(person_id) != values
        ],
    )


def _told(session: Session, event: BrokerageEvent) -> dict[str, Values]:
    """Return by person what was told last of this event."""
    query = select(Mail).where(Mail.partnership_id == event.partnership_id, col(Mail.kind) == MailKind.AGENDA_PUBLISHED)
    rows = session.exec(query.order_by(col(Mail.created_at), col(Mail.id)))
    return {row.person_id: dict(row.values) for row in rows if row.values["link"] == _link(event)}


def _agendas(session: Session, event: BrokerageEvent) -> dict[str, Values]:
    placed = meetings_of(session, event.id, PLACED)
    parties = {key: coming(entries) for key, entries in parties_of(session, [row.id for row in placed]).items()}
    people, slots = speaking_for(session, event.partnership_id), event_slots(event)
    meetings: dict[str, list[tuple[Meeting, PartyEntry]]] = {}
    speaking: dict[str, Person] = {}
    for row in sorted(placed, key=lambda one: (one.slot or 0, one.id)):
        for entry in parties[row.id]:
            for person in speakers_of(people, entry.participant):
                meetings.setdefault(person.id, []).append((row, entry))
                speaking[person.id] = person
    name = session.get_one(PartnershipEvent, event.id).name
    return {
        key: {
            "event": name,
            "organisation": own[0][1].organisation.name,
            "time_zone": event.time_zone,
            "meetings": _lines(own, parties, slots, language=speaking[key].language),
            "link": _link(event),
        }
        for key, own in meetings.items()
    }


def _lines(
    own: Iterable[tuple[Meeting, PartyEntry]],
    parties: Mapping[str, Sequence[PartyEntry]],
    slots: Sequence[EventSlot],
    *,
    language: str,
) -> list[Values]:
    return [_line(slots[row.slot or 0], row, entry, parties[row.id], language=language) for row, entry in own]


def _line(slot: EventSlot, row: Meeting, own: PartyEntry, entries: Iterable[PartyEntry], *, language: str) -> Values:
    table = None if row.table_number is None else table_name(row.table_number, language=language)
    return {
        "organisation": ", ".join(one.organisation.name for one in entries if one.party.id != own.party.id),
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "place": ", ".join(part for part in (table, row.link) if part),
    }


def _link(event: BrokerageEvent) -> str:
    return address(f"events/{event.id}/meetings")
