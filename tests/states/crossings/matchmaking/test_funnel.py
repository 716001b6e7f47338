"""From the request to the money: what came of meetings, by event, cluster and region."""

from dataclasses import asdict, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, col, select

from states.clock import at
from states.collaborations.queries import members_of
from states.crossings.matchmaking.funnel import FunnelBy, FunnelLine, funnel
from states.deadlines.tables import Deadline, DeadlineState
from states.errors import Missing
from states.funding.service import SourceLine, UseLine, add_scenario, choose_scenario
from states.funding.tables import SourceKind, SourceStatus
from states.lifecycle.move import move
from states.lifecycle.opening import Origin, open_from_meeting, open_with_origin
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, NextStep, Participant
from states.matchmaking.meetings.outcomes import record_outcome
from states.matchmaking.meetings.placing import cancel_meeting
from states.matchmaking.meetings.requests import expire_requests
from states.matchmaking.meetings.states import MeetingRefused
from states.matchmaking.service import contact_plan_of, correct_contact, record_contact, withdraw_contact
from states.matchmaking.states import ContactClosed
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.partners.tables import Organisation, OrganisationKind, PartnershipEvent
from states.protocol.service import freeze_version
from tests.expect import codes
from tests.factories import World, a_world, contacts_behind, fill_protocol, step_to
from tests.meeting_factories import (
    DAY,
    a_brokerage_event,
    a_held_meeting,
    a_meeting,
    a_participant,
    a_request,
    party,
)

on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def _people(world: World, event: BrokerageEvent) -> list[Participant]:
    return [a_participant(world, event, who) for who in ("gliwice", "marseille", "katowice")]


def _figures(line: FunnelLine) -> tuple[object, ...]:
    return tuple(asdict(line).values())[2:]


def test_every_step_is_counted(session: Session) -> None:
    world = a_world(session)
    event = a_brokerage_event(world)
    people = _people(world, event)
    others = [a_participant(world, event, who, label="b") for who in ("gliwice", "marseille", "katowice")]
    a_request(world, event, others[0], others[1])
    with at(DAY + timedelta(days=1)):
        expire_requests(session)
    cancel_meeting(session, event, a_meeting(world, event, others[0], others[2]), by=None, reason="Ill.")
    quiet = a_held_meeting(world, event, others[1], others[2])
    record_outcome(session, quiet, party(world, quiet, others[1]), rating=2, next_step=NextStep.NONE, person_id=None)
    called = a_held_meeting(world, event, people[0], people[2])
    record_outcome(session, called, party(world, called, people[2]), rating=4, next_step=NextStep.CALL, person_id=None)
    fruitful = a_held_meeting(world, event, people[0], people[1])
    _paid(world, fruitful)

    found = funnel(session, world.partnership.id, by=FunnelBy.EVENT)

    assert _figures(found.total) == (5, 4, 3, 2, 1, 1, 1, Decimal("300.50"))
    assert [(line.key, line.title, _figures(line)) for line in found.lines] == [
        (event.id, "Medtech days", _figures(found.total))
    ]


def _paid(world: World, meeting: Meeting) -> None:
    """Let a collaboration come of a meeting, freeze its protocol, and find it money, not all of it sure."""
    row = open_from_meeting(world.session, world.partnership, meeting, slug="bone", title="Bone")
    step_to(world, row, "outline")
    step_to(world, row, "investment_protocol")
    fill_protocol(world, row)
    version = freeze_version(world.session, row)
    own = world.organisations["gliwice"].id
    amounts = {
        SourceStatus.SIGNED: Decimal("200.25"),
        SourceStatus.COMMITTED: Decimal("100.25"),
        SourceStatus.APPLIED: Decimal("700"),
    }
    scenario = add_scenario(
        world.session,
        row,
        protocol_version_id=version.id,
        name="Own money",
        uses=[UseLine(own, "Equipment", Decimal("1000.50"))],
        sources=[SourceLine(own, SourceKind.OWN_CASH, status, amount) for status, amount in amounts.items()],
    )
    choose_scenario(world.session, scenario)


@on_sqlite
def test_a_meeting_counts_in_each_region_and_cluster_that_it_joins(session: Session) -> None:
    world = a_world(session)
    event, other = a_brokerage_event(world), a_brokerage_event(world, name="Other days")
    cluster = Organisation(slug="cluster", name="Cluster", kind=OrganisationKind.CLUSTER, country="PL", nuts="PL22A")
    session.add(cluster)
    session.flush()
    gliwice, marseille, katowice = _people(world, event)
    gliwice.cluster_id = cluster.id
    a_request(world, event, gliwice, marseille)
    a_request(world, event, gliwice, katowice)
    a_request(world, other, *[a_participant(world, other, who) for who in ("marseille", "katowice")])

    def requested(by: FunnelBy, event_id: str | None = None) -> tuple[dict[str, int], int]:
        found = funnel(session, world.partnership.id, by=by, event_id=event_id)
        return {line.key: line.requested for line in found.lines}, found.total.requested

    assert requested(FunnelBy.EVENT) == ({event.id: 2, other.id: 1}, 3)
    assert requested(FunnelBy.REGION) == ({"upper-silesia": 3, "paca": 2}, 3)
    assert requested(FunnelBy.CLUSTER) == ({"cluster": 2, "": 3}, 3)
    assert requested(FunnelBy.REGION, event.id) == ({"upper-silesia": 2, "paca": 1}, 2)
    with pytest.raises(Missing):
        requested(FunnelBy.EVENT, "nothing")


@on_sqlite
def test_one_step_from_a_held_meeting_to_a_collaboration(session: Session) -> None:
    world = a_world(session)
    event = a_brokerage_event(world)
    people = _people(world, event)
    meeting, planned = a_held_meeting(world, event, people[1], people[0]), a_meeting(world, event, people[0], people[2])

    row = open_from_meeting(session, world.partnership, meeting, slug="bone", title="Bone", summary="A coating.")
    with pytest.raises(ContactClosed) as twice:
        open_from_meeting(session, world.partnership, meeting, slug="bone-2", title="Bone")
    with pytest.raises(MeetingRefused) as early:
        open_from_meeting(session, world.partnership, planned, slug="bone-3", title="Bone")
    with pytest.raises(Missing):
        open_from_meeting(session, a_world(session, slug="elsewhere").partnership, meeting, slug="b", title="Bone")

    members = [(entry.organisation.name, entry.member.part.value) for entry in members_of(session, [row.id])[row.id]]
    [contact] = contacts_behind(session, row.id)
    asked = session.exec(select(Deadline.state).where(col(Deadline.kind).startswith("follow_up")))
    assert members == [("marseille", "lead"), ("gliwice", "partner")]
    assert (contact.id, contact.event_id, contact.held_on) == (meeting.contact_id, event.id, DAY.date())
    assert (codes(twice.value), codes(early.value)) == (["contact_taken"], ["not_held"])
    assert (row.stage, set(asked)) == ("matchmaking", {DeadlineState.DONE})
    assert move(session, row.id, "draft_outline", actor=world.manager).to_stage == "outline"


@on_sqlite
def test_recorded_contacts_count_with_what_came_of_them(session: Session) -> None:
    world = a_world(session)
    event = a_brokerage_event(world)
    there = a_held_meeting(world, event, *_people(world, event)[:2])
    open_from_meeting(session, world.partnership, there, slug="bone", title="Bone")
    for kind in ContactKind:
        _came_from(world, kind)
    planned = _recorded(world, ContactStatus.REQUESTED, event=session.get_one(PartnershipEvent, event.id))
    withdraw_contact(session, _recorded(world, ContactStatus.HELD), reason="Recorded twice.")

    def counted(event_id: str | None = None) -> list[tuple[object, ...]]:
        found = funnel(session, world.partnership.id, by=FunnelBy.EVENT, event_id=event_id)
        return [(line.title, *_figures(line)[:5]) for line in (*found.lines, found.total)]

    here, elsewhere = ("Medtech days", 2, 1, 1, 1, 1), ("at no event", 2, 2, 1, 1, 2)
    assert counted() == [here, elsewhere, ("total", 4, 3, 2, 2, 3)]
    assert counted(event.id) == [here, ("total", *here[1:])]
    by_region = funnel(session, world.partnership.id, by=FunnelBy.REGION)
    assert {line.key: line.collaborations for line in by_region.lines} == {"paca": 3, "upper-silesia": 3}
    withdraw_contact(session, planned, reason="It was never asked for.")
    correct_contact(session, _behind(world), replace(contact_plan_of(_behind(world)), event_id=None))
    assert counted(event.id) == [("Medtech days", 1, 1, 1, 1, 1), ("total", 1, 1, 1, 1, 1)]


def _came_from(world: World, kind: ContactKind) -> None:
    lead, partner = (world.organisations[who] for who in ("gliwice", "marseille"))
    slug, origin = kind.value.replace("_", "-"), Origin(kind, "Coatings", DAY.date())
    open_with_origin(world.session, world.partnership, origin, lead=lead, partners=[partner], slug=slug, title="Coat")


def _recorded(world: World, status: ContactStatus, *, event: PartnershipEvent | None = None) -> Contact:
    return record_contact(
        world.session,
        partnership_id=world.partnership.id,
        kind=ContactKind.MEETING,
        requester=world.organisations["gliwice"],
        host=world.organisations["marseille"],
        subject="Coatings",
        status=status,
        event=event,
        held_on=DAY.date(),
    )


def _behind(world: World) -> Contact:
    """Return the contact of the meeting from which a collaboration came."""
    return world.session.exec(select(Contact).join(Meeting, col(Meeting.contact_id) == col(Contact.id))).one()
