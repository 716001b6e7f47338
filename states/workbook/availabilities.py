"""The sheet of availabilities: who takes part in an event, how, and when not."""

from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from states.matchmaking.event_day.participants import (
    LABEL_LENGTH,
    Delegate,
    edit_participant,
    register,
    seat_participant,
    validate_participant,
)
from states.matchmaking.event_day.setup import event_slots
from states.matchmaking.event_day.tables import Attendance, BrokerageEvent, EventMode, Participant, ParticipantState
from states.partners.tables import Organisation, OrganisationKind, PartnershipEvent
from states.workbook.cells import FLAG, MANY, WHOLE, Unreadable, choice
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.times import SPAN_FORM, read_slots, write_slots
from states.workbook.world import World

_DESCRIBED = {"attendance", "cluster", "unavailable"}
_SEATED = {"booth", "most_meetings"}


class Availabilities(Sheet[Participant]):
    """Delegates of organisations at events; each is validated by the organiser before meetings are asked for."""

    name = "availabilities"
    says = "Who takes part in an event, on site or online, and when they have no time."
    handle = ("event", "organisation", "participant")
    columns = (
        Column(name="event", required=True, key=True, refers="events", example="Spring brokerage event", width=34),
        Column(name="organisation", required=True, key=True, refers="organisations", example="acme"),
        Column(name="participant", required=True, key=True, note="function, not a name", example="head of research"),
        Column(name="attendance", kind=choice(Attendance), required=True, example="on_site", width=12),
        Column(
            name="unavailable",
            kind=replace(MANY, says=f"{MANY.says}: {SPAN_FORM}, by the clock of the event"),
            example="2026-05-04 09:00 - 10:30",
            width=34,
        ),
        Column(name="person", note="address, where there is one", refers="people", example="research@acme.example"),
        Column(name="cluster", note="short name of the cluster it came by", refers="organisations"),
        Column(name="booth", kind=WHOLE, note="number of a table of its own", width=10),
        Column(name="most_meetings", kind=WHOLE, note="empty: as for everybody", width=12),
        Column(
            name="state",
            kind=choice(ParticipantState, empty=ParticipantState.REGISTERED),
            note="a new one is registered, or validated as well",
            example="validated",
            width=12,
        ),
        Column(name="illustrative", kind=FLAG, note="made up for a demonstration", example="yes", width=11),
    )

    def rows(self, world: World) -> Iterable[Participant]:
        event, organisation = world.event_titles, world.slug_of
        rows = world.participants.values()
        return sorted(rows, key=lambda row: (event[row.event_id], organisation.get(row.organisation_id, ""), row.label))

    def values_of(self, world: World, row: Participant) -> Values:
        setup = world.setups[row.event_id]
        return row.model_dump() | {
            "event": world.event_titles[row.event_id],
            "organisation": world.slug_of.get(row.organisation_id, ""),
            "participant": row.label,
            "unavailable": write_slots(row.unavailable, event_slots(setup), ZoneInfo(setup.time_zone)),
            "person": world.email_of.get(row.person_id or "", ""),
            "cluster": world.slug_of.get(row.cluster_id or "", ""),
        }

    def find(self, world: World, line: Line) -> Participant | None:
        event, pair = world.event(line), world.members.get(line.text("organisation"))
        if event is None or pair is None:
            return None
        found = world.participants.get((event.id, pair[0].id, line.text("participant")))
        if found is not None and line.text("state") in ("", ParticipantState.REGISTERED.value):
            line.values["state"] = found.state.value  # whoever is past what a line asks for is left there
        return found

    def refer(self, world: World, line: Line) -> None:
        world.person(line, "person")
        event = world.event(line)
        setup = world.setups.get(event.id) if event else None
        if event is not None and setup is None:
            if ("events", event.name) in world.doubtful:
                line.waits = True
            else:
                line.fault("event", "has_no_meetings", remedy="give_mode_in_sheet_events")
        if setup is None or not line.many("unavailable"):
            return
        zone, slots = ZoneInfo(setup.time_zone), event_slots(setup)
        try:
            line.values["unavailable"] = write_slots(read_slots(line.many("unavailable"), slots, zone), slots, zone)
        except Unreadable as error:
            line.note("unavailable", error.fault)

    def check(self, world: World, line: Line, row: Participant | None) -> None:
        world.organisation(line, "organisation")
        event, cluster = world.event(line), world.organisation(line, "cluster")
        if cluster is not None and cluster.kind is not OrganisationKind.CLUSTER:
            line.fault("cluster", "no_cluster", remedy="name_cluster_or_leave_empty")
        if len(line.text("participant")) > LABEL_LENGTH:
            line.fault("participant", "too_long", remedy="at_most_characters", most=LABEL_LENGTH)
        setup = world.setups.get(event.id) if event else None
        attendance = line.text("attendance")
        if setup is not None and attendance and setup.mode.value not in (EventMode.HYBRID.value, attendance):
            line.fault("attendance", "does_not_fit_event", remedy="mode_of_event", mode=setup.mode)
        _check_seat(world, line, setup, row)
        _check_state(line, row)

    def keep(self, world: World, line: Line, row: Participant | None) -> Participant:
        event, organisation = _whereabouts(world, line)
        setup, delegate = world.setups[event.id], _delegate(world, line, world.setups[event.id])
        new = row is None
        if row is None:
            row = register(world.session, setup, organisation, delegate, illustrative=line.flag("illustrative"))
            world.participants[event.id, organisation.id, row.label] = row
            world.participant_by_id[row.id] = row
        elif _DESCRIBED & {*line.changed}:
            edit_participant(world.session, setup, row, delegate)
        row.person_id, row.illustrative = delegate.person_id, line.flag("illustrative")
        booth, most = line.whole("booth"), line.whole("most_meetings")
        if (new and (booth, most) != (None, None)) or (not new and _SEATED & {*line.changed}):
            seat_participant(world.session, setup, row, booth=booth, most_meetings=most)
        if row.state is ParticipantState.REGISTERED and line.text("state") == ParticipantState.VALIDATED.value:
            validate_participant(world.session, row, accepted=True)
        return row


def _whereabouts(world: World, line: Line) -> tuple[PartnershipEvent, Organisation]:
    event = world.event(line)
    assert event is not None  # a line whose event is unknown has a fault
    return event, world.members[line.text("organisation")][0]


def _delegate(world: World, line: Line, setup: BrokerageEvent) -> Delegate:
    person, cluster = world.people.get(line.text("person").casefold()), world.members.get(line.text("cluster"))
    return Delegate(
        label=line.text("participant"),
        attendance=Attendance(line.text("attendance")),
        person_id=person.id if person else None,
        cluster=cluster[0] if cluster else None,
        unavailable=read_slots(line.many("unavailable"), event_slots(setup), ZoneInfo(setup.time_zone)),
    )


def _check_seat(world: World, line: Line, setup: BrokerageEvent | None, row: Participant | None) -> None:
    booth, most = line.whole("booth"), line.whole("most_meetings")
    if booth is not None and setup is not None:
        taken = {one.booth for one in world.participants.values() if one is not row and one.event_id == setup.id}
        if booth < 1:
            line.fault("booth", "no_table", remedy="one_or_more")
        if booth in taken:
            line.fault("booth", "booth_taken", remedy="choose_another_table")
    if most is not None and most < 0:
        line.fault("most_meetings", "negative", remedy="zero_or_more_or_leave_empty")


def _check_state(line: Line, row: Participant | None) -> None:
    wanted = line.text("state")
    if row is None:
        if wanted not in ("", ParticipantState.REGISTERED.value, ParticipantState.VALIDATED.value):
            line.fault("state", "not_a_first_state", remedy="registered_or_validated")
    elif "state" in line.changed and (row.state.value, wanted) != ("registered", "validated"):
        line.fault("state", "does_not_follow", remedy="do_in_event", state=row.state)
