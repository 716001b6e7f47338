"""What every page of an event stands under: the event, how its meetings are arranged, what may be done."""

from dataclasses import dataclass, field

from sqlmodel import Session

from api.pages.rights import Abilities
from states.matchmaking.event_day.programme import EventSlot
from states.matchmaking.event_day.setup import KINDS_WITH_MEETINGS, event_slots, sessions_of
from states.matchmaking.event_day.tables import BrokerageEvent
from states.partners.tables import PartnershipEvent
from states.rights.access import Actor


@dataclass(frozen=True, slots=True)
class EventHead:
    """An event as all its pages name it; `arranged` is null until somebody arranged its meetings."""

    row: PartnershipEvent
    can: Abilities
    arranged: BrokerageEvent | None
    slots: list[EventSlot] = field(default_factory=list)

    @property
    def meets(self) -> bool:
        """Tell whether events of this kind hold meetings at all."""
        return self.row.kind in KINDS_WITH_MEETINGS

    @property
    def zone(self) -> str:
        """Return by which clock its times are told."""
        return self.arranged.time_zone if self.arranged else self.row.time_zone or "Europe/Brussels"

    @property
    def sessions(self) -> list[tuple[str, list[EventSlot]]]:
        """Return the slots of each session under its title."""
        if self.arranged is None:
            return []
        return [
            (session.title, [slot for slot in self.slots if slot.session == number])
            for number, session in enumerate(sessions_of(self.arranged))
        ]

    @property
    def session_titles(self) -> list[tuple[int, str]]:
        """Return the sessions for a choice."""
        return list(enumerate(title for title, _ in self.sessions))


def event_head(session: Session, actor: Actor, event_id: str) -> EventHead:
    """Return what the pages of an event stand under."""
    row, arranged = session.get_one(PartnershipEvent, event_id), session.get(BrokerageEvent, event_id)
    return EventHead(row, Abilities(session, actor, row), arranged, event_slots(arranged) if arranged else [])
