"""One poisoned row among good ones: every sweep there is serves the good ones, says which one fails, and goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from flows.catalogue import FLOWS
from flows.delivery import UNDELIVERED
from flows.funding import CLOSINGS, REVIEWS
from flows.reminders import DIGEST, REMIND
from flows.reports import DRAFT, OPEN
from flows.reviews import CLOSE_DUE
from flows.sweep import Sweep, sweep
from flows.timetables import INTERESTS, MEETINGS, PROFILES
from states import clock
from states.deadlines.tables import Deadline, Reminder, ReminderState, Why
from states.funding.catalogue.calls import CallPlan, add_call
from states.funding.catalogue.loading import Catalogue, load_catalogue
from states.funding.tables import SourceKind
from states.implementation.tables import PartnerProgress
from states.mail.tables import Mail, MailKind, MailPreference, MailState
from states.matchmaking.interests.service import Statement, express_interest
from states.partners.tables import Person
from states.protocol.queries import latest_versions
from states.reporting.tables import ProgressReport
from states.rights.access import Role
from states.storage import begin, new_id
from states.sweeps.queries import find_faults
from states.sweeps.service import retry_fault
from states.sweeps.tables import SweepFault
from tests.factories import World, a_collaboration_at, a_scenario, a_world, agree_on, open_iag, submit_to_lender
from tests.meeting_factories import BEFORE, DAY, a_brokerage_event, a_participant, a_published_profile, a_request

START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
LADDER: list[dict[str, object]] = [{"days": days, "to": ["owner"]} for days in (-10, 0)]
Arrange = Callable[[Session], list[str]]


def a_deadline(world: World, person: str) -> Deadline:
    opened = START - timedelta(days=1)
    row = Deadline(
        partnership_id=world.partnership.id,
        kind="evaluation",
        subject_id=new_id(),
        title=f"Of {person}",
        owner_role=Role.IAG_MEMBER,
        owner_person_id=world.people[person].id,
        ladder=LADDER,
        due_on=START.date(),
        date_revised_at=opened,
        opened_at=opened,
        changed_at=opened,
        next_check_at=START,
    )
    world.session.add(row)
    world.session.flush()
    return row


MEMBERS = [f"iag_member {number}" for number in (1, 2, 3)]


def deadlines(session: Session) -> list[str]:
    world = a_world(session)
    return [a_deadline(world, person).id for person in MEMBERS]


def digests(session: Session) -> list[str]:
    world, found = a_world(session), []
    for person in MEMBERS:
        key = world.people[person].id
        session.add(MailPreference(person_id=key, digest=True))
        session.add(
            Reminder(
                deadline_id=a_deadline(world, person).id,
                date_revision=1,
                person_id=key,
                rung=0,
                planned_for=START.date(),
                state=ReminderState.PLANNED,
                why=Why.DIGEST,
                at=START,
            )
        )
        found.append(key)
    return sorted(found)


def rounds(session: Session) -> list[str]:
    world = a_world(session)
    found = [open_iag(world, a_collaboration_at(world, "iag_review", slug=slug)) for slug in ("one", "two", "three")]
    for row in found:
        row.due_on = START.date() - timedelta(days=1)
    return [row.id for row in found]


def partnerships(session: Session) -> list[str]:
    return [a_world(session, slug=slug).partnership.id for slug in ("one", "two", "three")]


def meetings(session: Session) -> list[str]:
    with clock.at(BEFORE):
        world = a_world(session)
        event = a_brokerage_event(world)
        people = [a_participant(world, event, who) for who in ("gliwice", "katowice", "marseille")]
        pairs = [(people[one], people[other]) for one, other in ((0, 1), (0, 2), (1, 2))]
        return [a_request(world, event, *pair).id for pair in pairs]


def interests(session: Session) -> list[str]:
    world, found = a_world(session), []
    said = Statement("We make implants.", "Tests on implants", "Three series delivered.")
    with clock.at(START - timedelta(days=60)):
        for who in ("gliwice", "katowice", "gliwice"):
            profile = a_published_profile(world, who)
            sender = world.organisations["marseille"]
            person_id = world.people["observer"].id
            found.append(express_interest(session, profile, said, sender=sender, person_id=person_id).id)
    return found


def profiles(session: Session) -> list[str]:
    with clock.at(START - timedelta(days=600)):
        world = a_world(session)
        return [a_published_profile(world, who).id for who in ("gliwice", "katowice", "marseille")]


def instruments(session: Session) -> list[str]:
    world = a_world(session)
    kept = [
        {"slug": slug, "name": slug, "programme": "Regional", "kind": SourceKind.GRANT, "territory": ["PL22"]}
        | {"terms": {"basis": ["eu_direct"], "rates": [{"percent": 50}]}}
        | {"calls": [{"slug": "first", "closes_on": "2026-02-01"}]}
        for slug in ("one", "two", "three")
    ]
    with clock.at(START - timedelta(days=60)):
        rows = load_catalogue(session, world.partnership.id, Catalogue.model_validate({"instruments": kept}))
        for row in rows:
            add_call(session, row, CallPlan("second", closes_on=date(2027, 2, 1)))
    return [row.id for row in rows]


def scenarios(session: Session) -> list[str]:
    world, found = a_world(session), []
    for slug in ("one", "two", "three"):
        row = a_collaboration_at(world, "funding_scenario", slug=slug)
        a_scenario(world, row, latest_versions(session, [row.id])[row.id])
        found.append(row.id)
    return found


def with_agreements(session: Session) -> list[str]:
    world, found = a_world(session), []
    for slug in ("one", "two", "three"):
        row = a_collaboration_at(world, "funding_scenario", slug=slug)
        agree_on(world, row, submit_to_lender(world, row))
        found.append(row.id)
    return sorted(found)


def failed_mails(session: Session) -> list[str]:
    found = []
    for slug in ("one", "two", "three"):
        world = a_world(session, slug=slug)
        key = new_id()
        session.add(
            Mail(
                key=key,
                kind=MailKind.EVENT,
                topic="event",
                partnership_id=world.partnership.id,
                person_id=world.people["observer"].id,
                values={},
                message_id=key,
                created_at=START,
                not_before=START,
                state=MailState.FAILED,
            )
        )
        found.append(world.partnership.id)
    return found


def is_due_no_more(one: Sweep[Any], key: str) -> bool:
    with begin(read_only=True) as session:
        return key not in one.due(session)


def has_a_report(_: Sweep[Any], key: str) -> bool:
    with begin(read_only=True) as session:
        return session.exec(select(ProgressReport).where(ProgressReport.partnership_id == key)).first() is not None


def has_progress(_: Sweep[Any], key: str) -> bool:
    with begin(read_only=True) as session:
        return (
            session.exec(select(PartnerProgress.id).where(PartnerProgress.collaboration_id == key)).first() is not None
        )


@dataclass(frozen=True)
class Trial:
    """A sweep, three rows that are due, and what poisons one of them: a column, by a statement in plain SQL."""

    sweep: Sweep[Any]
    arrange: Arrange
    column: str
    value: object
    where: str = "id = :key"
    served: Callable[[Sweep[Any], str], bool] = is_due_no_more
    at: datetime = START

    def was(self, key: str) -> object:
        """Return what stands in the column of a row."""
        table, _, column = self.column.partition(".")
        with begin(read_only=True) as session:
            return session.execute(text(f"SELECT {column} FROM {table} WHERE {self.where}"), {"key": key}).scalar()

    def put(self, key: str, value: object) -> None:
        """Put a value into the column of a row."""
        table, _, column = self.column.partition(".")
        with begin() as session:
            changed = text(f"UPDATE {table} SET {column} = :value WHERE {self.where}")
            session.execute(changed, {"value": value, "key": key})


TRIALS = {
    "deadline": Trial(REMIND, deadlines, "deadline.due_on", date(9999, 12, 31)),
    "digest": Trial(DIGEST, digests, "deadline.owner_role", "emperor", where="owner_person_id = :key"),
    "round": Trial(CLOSE_DUE, rounds, "review_round.phase", "dancing"),
    "report": Trial(DRAFT, partnerships, "partnership.kind", "kingdom", served=has_a_report),
    "progress": Trial(
        OPEN, with_agreements, "agreement.starts_on", "infinity", where="collaboration_id = :key", served=has_progress
    ),
    "meeting": Trial(MEETINGS, meetings, "meeting.requested_at", "infinity", at=DAY),
    "interest": Trial(INTERESTS, interests, "interest.sent_at", "infinity"),
    "profile": Trial(PROFILES, profiles, "profile.type", "wish"),
    "instrument": Trial(CLOSINGS, instruments, "instrument.kind", "gold"),
    "scenario": Trial(REVIEWS, scenarios, "scenario.created_at", "infinity", where="collaboration_id = :key"),
    "undelivered": Trial(
        UNDELIVERED,
        failed_mails,
        "person.label",
        "",
        where="id IN (SELECT person_id FROM mail WHERE partnership_id = :key)",
    ),
}


def faults() -> list[SweepFault]:
    with begin(read_only=True) as session:
        return list(session.exec(find_faults()))


def test_each_sweep_has_its_trial_and_each_flow_by_the_clock_its_sweeps() -> None:
    modules = {spec.module for spec in FLOWS}
    there = {
        id(value) for module in modules for value in vars(import_module(module)).values() if isinstance(value, Sweep)
    }
    assert there == {id(trial.sweep) for trial in TRIALS.values()}
    # What fails with one mail stands in its own row, and with one file in the list of unfit files.
    by_the_clock = {spec.name for spec in FLOWS if spec.every}
    assert by_the_clock - {trial.sweep.name for trial in TRIALS.values()} == {"deliver", "heal_documents"}


@pytest.mark.parametrize("name", TRIALS)
def test_one_poisoned_row_is_left_out_and_said_and_comes_after_it_was_mended(simulated_clock: Path, name: str) -> None:
    trial = TRIALS[name]
    with begin() as session:
        keys = trial.arrange(session)
    clock.set_simulated(trial.at)
    _, wrong, _ = keys
    right = [key for key in keys if key != wrong]
    before = trial.was(wrong)
    trial.put(wrong, trial.value)

    for _ in range(2):
        sweep(trial.sweep)

    assert [trial.served(trial.sweep, key) for key in right] == [True, True]
    assert not trial.served(trial.sweep, wrong)
    (fault,) = faults()
    assert (fault.sweep, fault.noun, fault.subject_id, fault.times) == (trial.sweep.name, trial.sweep.noun, wrong, 1)
    assert fault.partnership_id is not None

    trial.put(wrong, before)
    with begin() as session:
        retry_fault(session, fault.id)
    sweep(trial.sweep)
    assert (trial.served(trial.sweep, wrong), faults()) == (True, [])


@pytest.mark.parametrize("name", ["deadline", "digest"])
def test_who_cannot_be_read_is_left_out_and_nothing_is_lost(simulated_clock: Path, name: str) -> None:
    """A reader is no row of the sweep: it is read beside, and without its own the others' are planned and written."""
    trial = TRIALS[name]
    zone = Trial(trial.sweep, trial.arrange, "person.time_zone", "Mars/Olympus", where="label = :key")
    with begin() as session:
        trial.arrange(session)
    clock.set_simulated(trial.at)
    before = zone.was(MEMBERS[1])
    zone.put(MEMBERS[1], zone.value)

    sweep(trial.sweep)

    assert [(fault.sweep, fault.noun) for fault in faults()] == [(trial.sweep.name, "role_grant")]
    with begin(read_only=True) as session:
        written = set(session.exec(select(Person.label).join(Mail, col(Mail.person_id) == col(Person.id))))
        waiting = session.exec(select(Reminder).where(Reminder.state == ReminderState.PLANNED)).all()
    assert written == {MEMBERS[0], MEMBERS[2]} | ({"project_manager"} if name == "deadline" else set())
    if name == "digest":
        assert len(waiting) == 3
    zone.put(MEMBERS[1], before)
    sweep(trial.sweep)
    assert faults() == []
    if name == "digest":
        with begin(read_only=True) as session:
            assert len(session.exec(select(Mail)).all()) == 3
