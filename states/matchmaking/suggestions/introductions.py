"""From a suggestion to an expression of interest, or at an event to a request for a meeting, in one step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from sqlmodel import Session

from states.clock import today
from states.errors import Refusal, Refused
from states.matchmaking.event_day.queries import meetings_with, participants_of, parties_of
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, Participant
from states.matchmaking.interests.service import Statement, express_interest
from states.matchmaking.meetings.occupancy import free_slots
from states.matchmaking.meetings.requests import Wish, request_meeting
from states.matchmaking.meetings.states import MEETING
from states.matchmaking.profiles.tables import Interest, Profile
from states.matchmaking.suggestions.cards import Card
from states.matchmaking.suggestions.filters import bars
from states.matchmaking.suggestions.gather import cards
from states.matchmaking.suggestions.lookups import covered
from states.matchmaking.suggestions.suggest import Suggestions
from states.partners.tables import Organisation
from states.texts import Value

USUAL_PRIORITY = 3


class NothingSuggested(Refused):
    """Nothing is suggested here, or not these two to each other."""

    code = "nothing_suggested"


@dataclass(frozen=True, slots=True)
class Introduction:
    """A suggestion for a participant: its own profile and that one's place in the profile's list (from 0).

    `guests` are whom to ask, those with most free slots in common first.
    """

    profile_id: str
    place: int
    score: float
    guests: tuple[Participant, ...]


def need_in_force(found: Suggestions, profile: Profile) -> None:
    """Raise `NothingSuggested` for a profile that is not public."""
    if profile.id not in found.cards:
        _refuse("profile_not_public", text="profile_not_matched", profile=profile.reference)


def introductions(
    session: Session, event: BrokerageEvent, participant: Participant, found: Suggestions
) -> list[Introduction]:
    """Return whom a participant should still ask at an event, the best first.

    `found` is for the event's pool. Left out is who has no free slot in common with the participant, or a meeting or
    request with it already. Raises `NothingSuggested` where its organisation has no public profile.
    """
    own = [key for key, card in found.cards.items() if card.organisation == participant.organisation_id]
    free = free_slots(session, event)
    if not own and free.get(participant.id):
        _refuse("no_profile")
    guests = _guests(session, event, participant, free)
    entries = [
        Introduction(key, place, score, guests[other])
        for key in own
        for place, (column, score, _) in enumerate(found.picks.get(key, ()))
        for other in [found.views[found.cards[key].side].others[column].organisation]
        if other in guests
    ]
    return sorted(entries, key=lambda one: (-one.score, one.profile_id, one.place))


def ask_suggested(
    session: Session,
    event: BrokerageEvent,
    participant: Participant,
    profile: Profile,
    *,
    message: str = "",
    priority: int = USUAL_PRIORITY,
    late: bool = False,
) -> Meeting:
    """Ask whoever of the profile's organisation has most free slots in common for a meeting about the profile.

    Without a message it says what brings the two together. Raises `NothingSuggested` where something bars it.
    """
    own, other = _pair(cards(session, event.partnership_id, event_id=event.id), participant.organisation_id, profile)
    guests = _guests(session, event, participant, free_slots(session, event)).get(profile.organisation_id)
    if not guests:
        _refuse("nobody_free")
    wish = Wish(subject=profile.title, priority=priority, message=message or opening(own, other), profile=profile)
    return request_meeting(session, event, wish, asker=participant, guests=guests[:1], late=late)


def take_up(
    session: Session,
    own: Profile,
    other: Profile,
    *,
    person_id: str,
    message: str = "",
    role_proposed: str = "",
) -> Interest:
    """Express the interest of one profile's organisation in the other; what is not said is taken from both profiles.

    Raises `NothingSuggested` where something bars it.
    """
    found = cards(session, own.partnership_id, organisations=(own.organisation_id, other.organisation_id))
    pool = [card for card in found if card.id in (own.id, other.id)]
    mine, theirs = _pair(pool, own.organisation_id, other)
    statement = Statement(
        message or opening(mine, theirs), role_proposed or own.partner_role or own.title, evidence=own.reference
    )
    sender = session.get_one(Organisation, own.organisation_id)
    return express_interest(session, other, statement, sender=sender, person_id=person_id)


def opening(own: Card, other: Card) -> str:
    """Say in a sentence what brings two cards together: the keywords that both name, or come near."""
    met = [one.keyword for one in covered(own.keywords, other.keywords, tree=own.tree) if one.by is not None]
    about = ", ".join(own.tree.label(code) for code in met)
    return f"Our profiles meet in: {about}." if about else "Our profiles were suggested to each other."


def _pair(pool: Sequence[Card], organisation_id: str, profile: Profile) -> tuple[Card, Card]:
    """Return the organisation's card that nothing keeps apart from the profile's, the one that covers most of it."""
    other = next((card for card in pool if card.id == profile.id), None)
    fitting = [
        card for card in pool if other and card.organisation == organisation_id and not bars(card, other, on=today())
    ]
    if other is None or not fitting:
        # The same words for every bar: a declared competition is nobody else's business.
        _refuse("not_suggested")
    return max(
        fitting, key=lambda card: sum(one.credit for one in covered(card.keywords, other.keywords, tree=card.tree))
    ), other


def _guests(
    session: Session, event: BrokerageEvent, participant: Participant, free: Mapping[str, frozenset[int]]
) -> dict[str, tuple[Participant, ...]]:
    """Return by organisation whom a participant may still ask, those with most free slots in common first."""
    own = free.get(participant.id, frozenset())
    known = set(_known(session, participant))
    found: dict[str, list[tuple[int, Participant]]] = {}
    for row, _ in participants_of(session, event.id):
        common = len(own & free.get(row.id, frozenset()))
        if common and row.organisation_id != participant.organisation_id and row.id not in known:
            found.setdefault(row.organisation_id, []).append((common, row))
    return {
        key: tuple(row for _, row in sorted(rows, key=lambda pair: (-pair[0], pair[1].label, pair[1].id)))
        for key, rows in found.items()
    }


def _known(session: Session, participant: Participant) -> Iterator[str]:
    rows = [row for row in meetings_with(session, participant.id) if row.state in MEETING.live]
    for entries in parties_of(session, [row.id for row in rows]).values():
        yield from (entry.participant.id for entry in entries)


def _refuse(code: str, *, text: str = "", **parameters: Value) -> NoReturn:
    reason = Refusal(code, text=text, mend_by=("partner",), where="profiles", missing=(), **parameters)
    raise NothingSuggested([reason])
