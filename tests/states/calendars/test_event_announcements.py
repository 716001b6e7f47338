"""Who is told of an event, of what, when, and how often; and what can no longer be changed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from icalendar import Calendar
from sqlmodel import Session, col, select

from documents.mails.values import read
from states.calendars.attachments import event_attachment
from states.calendars.event_announcements import EventRefused, announce_event, cancel_event, change_event
from states.clock import at
from states.deadlines.service import FromAnchor, Owner, open_deadline
from states.deadlines.tables import Anchor, Deadline
from states.errors import Missing, Stale
from states.mail.sending import Result, lease_mails, offer, record_handover
from states.mail.tables import Mail, MailKind, MailPreference, MailState
from states.partners.event_plans import EventPlan, plan_of
from states.partners.people import grant_role
from states.partners.registry_faults import RegistryInvalid
from states.partners.tables import EventKind, PartnershipEvent
from states.rights.access import Role
from tests.expect import codes, places
from tests.factories import World, a_world

MONDAY = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)  # by day, in working hours where everybody is
PLAN = EventPlan(
    "Matchmaking day",
    EventKind.BROKERAGE,
    starts_at=datetime(2026, 10, 24, 9, 0, tzinfo=UTC),
    ends_at=datetime(2026, 10, 24, 15, 0, tzinfo=UTC),
    time_zone="Europe/Warsaw",
    place="Gliwice",
)
CHAIRS = (Role.IAG_CHAIR, Role.WGRA_CHAIR)


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with at(MONDAY):
        yield a_world(session)


sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def mails(world: World, *states: MailState) -> list[Mail]:
    query = select(Mail).where(col(Mail.state).in_(states or (MailState.WAITING,)))
    return list(world.session.exec(query.order_by(col(Mail.key))))


def said(world: World) -> dict[str, object]:
    """Return what the waiting mails say of the event, by the label of the person."""
    labels = {person.id: label for label, person in world.people.items()}
    return {labels[mail.person_id]: mail.values["change"] for mail in mails(world)}


def deliver(world: World) -> None:
    """Hand every waiting mail to a mail server that takes it."""
    for due in lease_mails(world.session, runner="runner", limit=100):
        assert offer(world.session, due.id, runner="runner", via="smtp")
        record_handover(world.session, due, runner="runner", result=Result.SENT)
    world.session.expire_all()


def announced(world: World, plan: EventPlan = PLAN, *, audience: tuple[Role, ...] = CHAIRS) -> PartnershipEvent:
    return announce_event(world.session, world.partnership, plan, audience=audience)


def test_everybody_is_told_once(world: World) -> None:
    row = announced(world, audience=())

    assert said(world) == dict.fromkeys(world.people, "announced")
    assert {mail.kind for mail in mails(world)} == {MailKind.EVENT}
    assert {mail.attachment for mail in mails(world)} == {f"event:{row.id}"}


@sqlite
def test_a_mail_holds_what_its_text_needs(world: World) -> None:
    row = announced(world, audience=(Role.IAG_CHAIR,))

    (mail,) = mails(world)
    assert mail.key == f"event:{row.id}:{world.people['iag_chair'].id}:0"
    assert (mail.optional, mail.topic, mail.not_before) == (True, "event.brokerage", MONDAY)
    assert read(MailKind.EVENT, mail.values).model_dump(mode="json") == {
        "change": "announced",
        "changed": [],
        "reason": "",
        "title": "Matchmaking day",
        "starts_at": "2026-10-24T11:00:00+02:00",
        "ends_at": "2026-10-24T17:00:00+02:00",
        "time_zone": "Europe/Warsaw",
        "place": "Gliwice",
        "link": f"http://127.0.0.1:8400/api/v1/partnerships/medtech/events/{row.id}",
    }


@sqlite
def test_an_event_of_which_only_the_day_is_known_is_told_with_its_day(world: World) -> None:
    announced(world, EventPlan("Fair", EventKind.OUTREACH, held_on="2026-11-03", illustrative=True))

    assert {(str(one.values["title"]), one.values["starts_at"]) for one in mails(world)} == {
        ("Fair (illustrative)", "2026-11-03")
    }


@sqlite
@pytest.mark.parametrize("held_on", ["2026-09-06", "2019", "November 2026"])
def test_of_the_past_and_of_what_has_no_day_nobody_is_told(world: World, held_on: str) -> None:
    announced(world, EventPlan("Fair", EventKind.OUTREACH, held_on=held_on))

    assert mails(world) == []


@sqlite
def test_a_person_with_two_roles_has_one_mail(world: World) -> None:
    grant_role(world.session, world.partnership, world.people["iag_chair"], Role.OBSERVER)

    announced(world, audience=(Role.IAG_CHAIR, Role.OBSERVER))

    assert said(world) == {"iag_chair": "announced", "observer": "announced"}


@sqlite
def test_whoever_wants_no_mail_of_events_has_none_sent(world: World) -> None:
    world.session.add(MailPreference(person_id=world.people["iag_chair"].id, opted_out=["event.brokerage"]))
    world.session.flush()

    announced(world)

    assert said(world) == {"wgra_chair": "announced"}
    assert [mail.why for mail in mails(world, MailState.WITHDRAWN)] == ["opted_out"]


@sqlite
def test_nobody_is_woken_but_for_what_is_about_to_begin(world: World) -> None:
    with at(datetime(2026, 10, 22, 21, 0, tzinfo=UTC)):  # a Thursday, 23:00 in Brussels; the event is on Saturday
        announced(world)
    with at(datetime(2026, 10, 23, 21, 0, tzinfo=UTC)):
        announced(world, replace(PLAN, name="Second day"))

    begins = {str(mail.values["title"]): mail.not_before for mail in mails(world)}
    assert begins == {
        "Matchmaking day": datetime(2026, 10, 23, 5, 0, tzinfo=UTC),
        "Second day": datetime(2026, 10, 23, 21, 0, tzinfo=UTC),
    }


def test_a_change_is_told_with_what_changed(world: World) -> None:
    row = announced(world)
    deliver(world)

    later = replace(plan_of(row), ends_at=datetime(2026, 10, 24, 16, 0, tzinfo=UTC), place="Katowice")
    change_event(world.session, row, later)

    assert said(world) == {"iag_chair": "changed", "wgra_chair": "changed"}
    assert [mail.values["changed"] for mail in mails(world)] == [["time", "place"]] * 2
    assert (row.version, row.sequence) == (2, 1)
    assert [mail.key.rpartition(":")[2] for mail in mails(world)] == ["1", "1"]


def test_what_waits_of_an_earlier_plan_is_not_sent_any_more(world: World) -> None:
    row = announced(world)

    change_event(world.session, row, replace(plan_of(row), place="Katowice"))

    assert said(world) == {"iag_chair": "announced", "wgra_chair": "announced"}
    assert [(mail.why, mail.values["place"]) for mail in mails(world, MailState.WITHDRAWN)] == [
        ("moved", "Gliwice")
    ] * 2
    assert {mail.values["place"] for mail in mails(world)} == {"Katowice"}


@sqlite
def test_a_change_that_changes_nothing_is_told_to_nobody(world: World) -> None:
    row = announced(world)
    deliver(world)

    change_event(world.session, row, plan_of(row))

    assert mails(world) == []


@sqlite
def test_more_roles_may_be_told_later(world: World) -> None:
    row = announced(world)
    waiting = {mail.key for mail in mails(world)}

    change_event(world.session, row, plan_of(row), audience=(Role.OBSERVER,))

    assert said(world) == dict.fromkeys(("iag_chair", "wgra_chair", "observer"), "announced")
    assert waiting < {mail.key for mail in mails(world)}
    assert row.audience == ["iag_chair", "wgra_chair", "observer"]


@sqlite
def test_all_roles_stay_all_roles(world: World) -> None:
    row, chairs = announced(world, audience=()), announced(world, replace(PLAN, name="Second day"))

    change_event(world.session, row, plan_of(row), audience=(Role.OBSERVER,))
    change_event(world.session, chairs, plan_of(chairs), audience=())

    assert (row.audience, chairs.audience) == ([], [])


def test_a_cancellation_is_told_to_those_who_heard_of_it(world: World) -> None:
    row = announced(world)
    deliver(world)
    change_event(world.session, row, plan_of(row), audience=(Role.OBSERVER,))

    cancel_event(world.session, row, reason=" The hall is shut. ")

    assert said(world) == {"iag_chair": "cancelled", "wgra_chair": "cancelled"}
    assert {mail.values["reason"] for mail in mails(world)} == {"The hall is shut."}
    assert [mail.why for mail in mails(world, MailState.WITHDRAWN)] == ["moved"]  # the observer heard nothing


@sqlite
def test_an_attachment_is_the_event_as_it_stands_for_one_person(world: World) -> None:
    row = announced(world)
    first = event_attachment(world.session, row.id, attendee="chair@example.org")
    cancel_event(world.session, row, reason="The hall is shut.")
    second = event_attachment(world.session, row.id, attendee="chair@example.org")

    shown = [Calendar.from_ical(body) for body, _ in (first, second)]
    assert [method for _, method in (first, second)] == ["REQUEST", "CANCEL"]
    assert [str(one["METHOD"]) for one in shown] == ["REQUEST", "CANCEL"]
    assert [one.events[0].decoded("SEQUENCE") for one in shown] == [0, 1]
    assert [str(one.events[0]["STATUS"]) for one in shown] == ["CONFIRMED", "CANCELLED"]
    assert {str(one.events[0]["UID"]) for one in shown} == {f"event-{row.id}@bankable"}
    assert {str(one.events[0]["ATTENDEE"]) for one in shown} == {"mailto:chair@example.org"}


@sqlite
@pytest.mark.parametrize("held_on", ["", "2026"])
def test_there_is_no_attachment_for_what_has_no_day(world: World, held_on: str) -> None:
    plan = EventPlan("Fair", EventKind.OUTREACH, held_on=held_on)
    key = announced(world, plan).id if held_on else "unknown"

    with pytest.raises(Missing):
        event_attachment(world.session, key, attendee="chair@example.org")


@sqlite
def test_what_is_over_or_cancelled_stays_as_it_is(world: World) -> None:
    over = announced(world, EventPlan("Fair", EventKind.OUTREACH, held_on="2026-09-06"))
    gone = announced(world)
    cancel_event(world.session, gone, reason="The hall is shut.")

    with pytest.raises(EventRefused) as of_the_past:
        cancel_event(world.session, over, reason="Too late.")
    with pytest.raises(EventRefused) as again:
        cancel_event(world.session, gone, reason="Once more.")
    with pytest.raises(EventRefused) as changed:
        change_event(world.session, gone, PLAN)

    assert [codes(one.value) for one in (of_the_past, again, changed)] == [
        ["event_ended"],
        ["event_ended"],
        ["event_cancelled"],
    ]
    assert (over.version, gone.version) == (1, 2)


@sqlite
def test_a_record_of_the_past_is_mended_without_a_mail(world: World) -> None:
    row = announced(world, EventPlan("Fair", EventKind.OUTREACH, held_on="2019"))

    change_event(world.session, row, replace(plan_of(row), held_on="2019-10-24"))

    assert (row.held_on, mails(world)) == ("2019-10-24", [])


@sqlite
def test_what_stands_in_calendars_keeps_a_day(world: World) -> None:
    row, unknown = announced(world), announced(world, EventPlan("Fair", EventKind.OUTREACH, held_on="2027"))

    with pytest.raises(RegistryInvalid) as caught:
        change_event(world.session, row, EventPlan(PLAN.name, PLAN.kind, held_on="November 2026"))
    change_event(world.session, unknown, replace(plan_of(unknown), held_on="May 2027"))

    assert (places(caught.value), row.held_on, unknown.held_on) == (["held_on"], "2026-10-24", "2027-05")


@sqlite
def test_what_is_put_into_the_past_is_told_to_nobody(world: World) -> None:
    row = announced(world)

    change_event(world.session, row, EventPlan(PLAN.name, PLAN.kind, held_on="2026-09-01"))

    assert (row.held_on, mails(world)) == ("2026-09-01", [])


@sqlite
def test_a_cancelled_event_may_be_announced_anew(world: World) -> None:
    first = announced(world)
    cancel_event(world.session, first, reason="The hall is shut.")

    second = announced(world)

    assert said(world) == {"iag_chair": "announced", "wgra_chair": "announced"}
    assert (first.held_on, first.id != second.id) == (second.held_on, True)


@sqlite
def test_a_cancellation_needs_a_reason(world: World) -> None:
    row = announced(world)

    with pytest.raises(RegistryInvalid) as caught:
        cancel_event(world.session, row, reason=" ")

    assert (places(caught.value), row.cancelled_at, row.version) == (["reason"], None, 1)


@sqlite
def test_of_two_changes_of_one_version_the_second_is_stale(world: World) -> None:
    row = announced(world)
    change_event(world.session, row, replace(PLAN, place="Katowice"), expected_version=1)

    with pytest.raises(Stale):
        change_event(world.session, row, replace(PLAN, place="Lyon"), expected_version=1)


@sqlite
def test_deadlines_that_hang_on_the_event_move_with_it(world: World) -> None:
    row = announced(world)
    anchor = world.session.exec(select(Anchor).where(Anchor.subject_id == row.id)).one()
    deadline = open_deadline(
        world.session,
        kind="outcome",
        subject_id=row.id,
        title="Tell what came of it",
        partnership_id=world.partnership.id,
        owner=Owner(Role.PARTNER),
        due=FromAnchor(anchor, 5),
        ladder=[],
    )
    before = deadline.due_on

    change_event(
        world.session,
        row,
        replace(PLAN, starts_at=datetime(2026, 11, 7, 9, tzinfo=UTC), ends_at=datetime(2026, 11, 7, 15, tzinfo=UTC)),
    )

    moved = world.session.get_one(Deadline, deadline.id)  # the eleventh of November is a holiday in Brussels
    assert (before, moved.due_on, moved.sequence) == (date(2026, 10, 30), date(2026, 11, 16), 1)
    assert (anchor.day, anchor.at_time, anchor.time_zone) == (date(2026, 11, 7), time(10, 0), "Europe/Warsaw")
