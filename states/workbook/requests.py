"""The sheet of requests for meetings."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlmodel import select

from states.matchmaking.event_day.tables import (
    Meeting,
    MeetingParty,
    MeetingState,
    Participant,
    ParticipantState,
    PartyAnswer,
)
from states.matchmaking.meetings.requests import PRIORITIES, TEXT_LENGTH, Wish, answer_request, request_meeting
from states.matchmaking.meetings.states import AGREED
from states.workbook.cells import MANY, TEXT, WHOLE, choice
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import World


class MeetingRequests(Sheet[Meeting]):
    """Requests for meetings; one that was accepted elsewhere comes in as accepted."""

    name = "meeting_requests"
    says = "Who wants to meet whom, about what, and how much. Places and outcomes are not brought in."
    handle = ("reference",)
    columns = (
        Column(name="reference", note="empty for a new request: it is given one", width=20),
        Column(name="event", required=True, key=True, refers="events", example="Spring brokerage event", width=34),
        Column(name="organisation", required=True, key=True, refers="organisations", example="acme", note="who asks"),
        Column(name="participant", required=True, key=True, note="function of who asks", example="head of research"),
        Column(
            name="guests",
            kind=replace(MANY, says=f"{MANY.says}: organisation / function"),
            required=True,
            key=True,
            example="technology-park / head of laboratory",
            width=40,
        ),
        Column(name="subject", required=True, key=True, example="Sensors for river basins", width=34),
        Column(name="priority", kind=WHOLE, required=True, note="1 to 5; 5 is most wanted", example=4, width=9),
        Column(name="message", kind=TEXT, width=40),
        Column(name="profile", note="reference of the profile it is about", refers="profiles", width=20),
        Column(
            name="state",
            kind=choice(MeetingState, empty=MeetingState.REQUESTED),
            note="a new one is requested, or accepted by all guests as well",
            example="requested",
            width=12,
        ),
    )

    def rows(self, world: World) -> Iterable[Meeting]:
        words = {row.id: _words(self.values_of(world, row)) for row in world.meetings.values()}
        return sorted(world.meetings.values(), key=lambda row: (row.requested_at, str(words[row.id]), row.id))

    def values_of(self, world: World, row: Meeting) -> Values:
        asked = [party for party in world.parties[row.id] if party.asked]
        asker = world.participant_by_id[asked[0].participant_id]
        profile = world.profile_by_id.get(row.profile_id or "")
        return row.model_dump() | {
            "reference": row.id,
            "event": world.event_titles[row.event_id],
            "organisation": world.slug_of.get(asker.organisation_id, ""),
            "participant": asker.label,
            "guests": _guests_of(world, world.parties[row.id]),
            "profile": profile.reference if profile else "",
        }

    def find(self, world: World, line: Line) -> Meeting | None:
        """Return the meeting of that reference, or the newest with these people and this subject; see `_reach`."""
        found = world.meetings.get(line.text("reference"))
        if found is None:
            alike = self._by_words(world).get(_words(line.values), [])
            found = alike[-1] if alike else None
        if found is not None:
            line.values["reference"] = found.id
            _reach(line, found)
        return found

    def refer(self, world: World, line: Line) -> None:
        world.event(line)
        guests = (re.sub(r"\s*/\s*", " / ", one, count=1) for one in line.many("guests"))
        if "guests" in line.values:
            line.values["guests"] = tuple(sorted(dict.fromkeys(guests)))

    def check(self, world: World, line: Line, row: Meeting | None) -> None:
        world.organisation(line, "organisation")
        parties = self._parties(world, line)
        if line.text("profile") and world.profiles.get(line.text("profile")) is None:
            world.missing(line, "profile", "profiles", world.profiles)
        if line.ok("priority") and line.whole("priority") not in PRIORITIES:
            line.fault("priority", "no_priority", remedy="one_to_five_wanted")
        for name in ("subject", "message"):
            if len(line.text(name)) > TEXT_LENGTH:
                line.fault(name, "too_long", remedy="at_most_characters", most=TEXT_LENGTH)
        if row is not None:
            _check_change(line, row)
            return
        if line.text("reference") and not re.fullmatch("[0-9a-f]{32}", line.text("reference")):
            line.fault("reference", "no_reference_of_a_meeting", remedy="leave_empty_for_new_request")
        if line.word("state", MeetingState) not in (None, MeetingState.REQUESTED, MeetingState.ACCEPTED):
            line.fault("state", "not_a_first_state_of_a_request", remedy="requested_or_accepted")
        profile = world.profiles.get(line.text("profile"))
        if profile and parties and profile.organisation_id not in {one.organisation_id for one in parties}:
            line.fault("profile", "belongs_none_them", remedy="profile_who_meets_or_none")

    def keep(self, world: World, line: Line, row: Meeting | None) -> Meeting:
        asker, *guests = self._parties(world, line)
        event = world.setups[asker.event_id]
        if row is None:
            wish = Wish(
                subject=line.text("subject"),
                priority=line.whole("priority") or 0,
                message=line.text("message"),
                profile=world.profiles.get(line.text("profile")),
            )
            row = request_meeting(world.session, event, wish, asker=asker, guests=guests, late=True)
            world.meetings[row.id] = row
            parties = select(MeetingParty).where(MeetingParty.meeting_id == row.id)
            world.parties[row.id] = list(world.session.exec(parties))
            self._by_words(world).setdefault(_words(line.values), []).append(row)
        if row.state is MeetingState.REQUESTED and line.text("state") == MeetingState.ACCEPTED.value:
            for party in world.parties[row.id]:
                if party.answer is PartyAnswer.WAITING:
                    answer_request(world.session, event, row, party, accepted=True)
        return row

    def _by_words(self, world: World) -> dict[tuple[object, ...], list[Meeting]]:
        if world.meetings_by_words is None:
            world.meetings_by_words = {}
            for row in world.meetings.values():
                world.meetings_by_words.setdefault(_words(self.values_of(world, row)), []).append(row)
        return world.meetings_by_words

    def _parties(self, world: World, line: Line) -> list[Participant]:
        """Return who asks, then the guests; note those who do not take part."""
        event = world.event(line)
        if event is None or not line.ok("event", "organisation", "participant", "guests"):
            return []
        wanted = [("participant", line.text("organisation"), line.text("participant"))]
        for guest in line.many("guests"):
            slug, _, label = guest.partition(" / ")
            wanted.append(("guests", slug, label))
        found = []
        for column, slug, label in wanted:
            pair = world.members.get(slug)
            one = world.participants.get((event.id, pair[0].id, label)) if pair else None
            if one is not None and one.state is ParticipantState.VALIDATED:
                found.append(one)
            elif ("availabilities", f"{line.text('event')}\n{slug}\n{label}") in world.doubtful:
                line.waits = True
            elif one is not None:
                line.fault(
                    column,
                    "participant_not_validated",
                    remedy="validate_participant_first",
                    slug=slug,
                    label=label,
                    state=one.state,
                )
            else:
                line.fault(column, "participant_elsewhere", remedy="add_line_availabilities", slug=slug, label=label)
        return found


def _words(values: Values) -> tuple[object, ...]:
    """Return what tells one request from another: the event, who asks whom, and about what."""
    return tuple(values.get(name) for name in ("event", "organisation", "participant", "guests", "subject"))


def _guests_of(world: World, parties: Sequence[MeetingParty]) -> tuple[str, ...]:
    guests = [world.participant_by_id[party.participant_id] for party in parties if not party.asked]
    return tuple(sorted(f"{world.slug_of.get(one.organisation_id, '')} / {one.label}" for one in guests))


def _reach(line: Line, row: Meeting) -> None:
    """A line asks for a state; a meeting that is past it is left there."""
    wanted = line.word("state", MeetingState) or MeetingState.REQUESTED
    if wanted is MeetingState.REQUESTED or (wanted is MeetingState.ACCEPTED and row.state in AGREED):
        line.values["state"] = row.state.value


def _check_change(line: Line, row: Meeting) -> None:
    """A request stays as it was asked; only that it was accepted can be brought in later."""
    for name in line.changed:
        if name != "state":
            line.fault(name, "request_is_fixed", remedy="withdraw_and_ask_anew")
        elif (row.state.value, line.text("state")) != (MeetingState.REQUESTED.value, MeetingState.ACCEPTED.value):
            line.fault("state", "does_not_follow", remedy="do_in_event", state=row.state)
