"""The officer of a case: whom its deadlines, mails and tasks reach, the deputy in absence, and hand-overs."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from states.clock import at, now, today
from states.collaborations.officers import (
    OfficerInvalid,
    assign_officer,
    case_officer,
    hand_over_cases,
    handing_over,
    looked_after_by,
    office_of,
)
from states.collaborations.tables import Collaboration
from states.crossings.people import end_role
from states.deadlines.planning import plan_reminders
from states.deadlines.queries import open_deadlines
from states.deadlines.service import reassign
from states.deadlines.tables import Deadline, Reminder
from states.lifecycle.move import move
from states.partners.absences import AbsenceInvalid, add_absence, change_absence, remove_absence
from states.partners.people import grant_role, person_by_email
from states.partners.queries import holders
from states.partners.tables import Person
from states.rights.access import Role
from tests.factories import World, a_collaboration, a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
WHY = "Knows the field."


def _colleague(world: World, name: str, role: Role = Role.PROJECT_MANAGER) -> Person:
    person = person_by_email(world.session, email=f"{name}@medtech.example.org", label=name)
    grant_role(world.session, world.partnership, person, role)
    world.people[name] = person
    return person


@pytest.fixture
def case(session: Session) -> tuple[World, Collaboration]:
    world = a_world(session)
    for name in ("ada", "ben"):
        _colleague(world, name)
    return world, a_collaboration(world)


def _assign(world: World, row: Collaboration, officer: str | None, deputy: str | None = None) -> None:
    ids = [world.people[name].id if name else None for name in (officer, deputy)]
    assign_officer(world.session, row, officer_id=ids[0], deputy_id=ids[1], reason=WHY, actor=world.manager)


def _deadline(world: World) -> Deadline:
    [row] = open_deadlines(world.session, world.partnership.id)
    return row


def _owner(world: World) -> tuple[str | None, str | None]:
    names = {person.id: name for name, person in world.people.items()}
    row = _deadline(world)
    return names.get(row.owner_person_id or ""), names.get(row.deputy_person_id or "")


def test_what_waits_for_the_office_waits_for_the_officer(case: tuple[World, Collaboration]) -> None:
    world, row = case
    found = [_owner(world)]
    _assign(world, row, "ada", "ben")
    found.append(_owner(world))
    move(world.session, row.id, "draft_outline", actor=world.manager)  # another deadline
    found.append(_owner(world))
    _assign(world, row, "ben")
    found.append(_owner(world))
    _assign(world, row, None)
    found.append(_owner(world))

    assert found == [(None, None), ("ada", "ben"), ("ada", "ben"), ("ben", None), (None, None)]


def test_what_was_handed_to_somebody_by_hand_stays_there(case: tuple[World, Collaboration]) -> None:
    world, row = case
    manager = world.people["project_manager"].id
    reassign(world.session, _deadline(world), person_id=manager, reason=WHY, actor=world.manager)
    _assign(world, row, "ada")
    assert _owner(world) == ("project_manager", None)


def test_a_secretary_leaves_to_the_managers_what_only_they_do(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _assign(world, row, "iag_secretary")
    assert _owner(world) == (None, None)
    _assign(world, row, "iag_secretary", "ada")
    assert _owner(world) == ("ada", None)


@pytest.mark.parametrize(
    ("officer", "deputy", "faults"),
    [
        ("iag_chair", None, [("officer", "not_of_the_office")]),
        ("ada", "partner", [("deputy", "not_of_the_office")]),
        ("ada", "ada", [("deputy", "deputy_of_oneself")]),
        (None, "ada", [("deputy", "deputy_of_nobody")]),
    ],
)
def test_who_is_no_officer(
    case: tuple[World, Collaboration], officer: str | None, deputy: str | None, faults: list[tuple[str, str]]
) -> None:
    world, row = case
    with pytest.raises(OfficerInvalid) as caught:
        _assign(world, row, officer, deputy)
    assert [(one.place, one.text.code) for one in caught.value.faults] == faults
    assert case_officer(world.session, row.id) is None


def _told(world: World) -> list[tuple[str, bool]]:
    """Plan the reminders on the day of the deadline, and return who is told then, and whether by escalation."""
    day = _deadline(world).due_on
    with at(now() + (day - today())):
        plan_reminders(world.session)
    query = select(Person.label, Reminder.escalation).join(Person, col(Person.id) == col(Reminder.person_id))
    lines = world.session.exec(query.where(Reminder.rung == 0, Reminder.planned_for == day))
    return sorted(lines)


def test_the_officer_is_reminded_and_in_absence_the_deputy(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _assign(world, row, "ada", "ben")
    add_absence(
        world.session,
        partnership_id=world.partnership.id,
        person_id=world.people["ada"].id,
        first_day=_deadline(world).due_on,
    )
    assert _told(world) == [("ben", False)]


def test_who_is_there_is_reminded_alone(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _assign(world, row, "ada", "ben")
    assert _told(world) == [("ada", False)]


def test_where_both_are_away_all_managers_are_told(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _assign(world, row, "ada", "ben")
    for name in ("ada", "ben"):
        key = world.people[name].id
        add_absence(
            world.session,
            partnership_id=world.partnership.id,
            person_id=key,
            first_day=today(),
            last_day=_deadline(world).due_on,
        )
    assert _told(world) == [("ada", True), ("ben", True), ("project_manager", True)]


def test_mails_to_the_office(case: tuple[World, Collaboration]) -> None:
    world, row = case
    names = {person.id: name for name, person in world.people.items()}

    def reached() -> list[str]:
        return sorted(names[key] for key in office_of(world.session, row, Role.IAG_SECRETARY, Role.PROJECT_MANAGER))

    found = [reached()]
    _assign(world, row, "ada", "ben")
    found.append(reached())
    away = add_absence(
        world.session, partnership_id=world.partnership.id, person_id=world.people["ada"].id, first_day=today()
    )
    found.append(reached())
    remove_absence(world.session, away)
    _assign(world, row, None)
    found.append(reached())

    assert found == [["iag_secretary"], ["ada"], ["ben"], ["iag_secretary"]]


def _cases(world: World, name: str | None) -> list[str]:
    where = looked_after_by(col(Collaboration.id), world.people[name].id if name else None)
    return sorted(world.session.exec(select(Collaboration.slug).where(where)))


def test_all_cases_of_somebody_go_over_at_once(case: tuple[World, Collaboration]) -> None:
    world, row = case
    other, third = a_collaboration(world, slug="other"), a_collaboration(world, slug="third")
    _assign(world, row, "ada", "ben")
    _assign(world, other, "ben", "ada")
    ada, ben = (world.people[name].id for name in ("ada", "ben"))

    planned = handing_over(world.session, world.partnership.id, person_id=ada, heir=ben)
    untouched = (_cases(world, "ada"), _cases(world, None))
    done = hand_over_cases(
        world.session, world.partnership.id, person_id=ada, heir=ben, reason=WHY, actor=world.manager
    )

    assert untouched == (["centre"], [third.slug])
    assert [(one.collaboration.slug, one.before, one.after) for one in planned] == [
        ("centre", (ada, ben), (ben, None)),
        ("other", (ben, ada), (ben, None)),
    ]
    assert done == planned
    assert (_cases(world, "ada"), _cases(world, "ben")) == ([], ["centre", "other"])


def test_in_absence_a_case_counts_as_the_deputys(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _assign(world, row, "ada", "ben")
    before = _cases(world, "ben")
    add_absence(world.session, partnership_id=world.partnership.id, person_id=world.people["ada"].id, first_day=today())
    assert (before, _cases(world, "ben"), _cases(world, "ada")) == ([], ["centre"], ["centre"])


def test_when_a_role_ends_the_deputy_steps_in_and_what_nobody_looks_after_is_named(
    case: tuple[World, Collaboration],
) -> None:
    world, row = case
    a_collaboration(world, slug="other")
    [other] = world.session.exec(select(Collaboration).where(Collaboration.slug == "other")).all()
    _assign(world, row, "ada", "ben")
    _assign(world, other, "ada")
    grants = {one.person.label: one.grant for one in holders(world.session, world.partnership.id, Role.PROJECT_MANAGER)}

    done = end_role(world.session, grants["ada"], actor=world.manager, reason="Has left.")

    assert (done.cases, done.unattended) == (2, ("other",))
    assert (_cases(world, "ben"), _cases(world, None)) == (["centre"], ["other"])
    owners = {one.collaboration_id: one.owner_person_id for one in open_deadlines(world.session, world.partnership.id)}
    assert owners == {row.id: world.people["ben"].id, other.id: None}


def test_who_is_of_the_office_by_another_role_keeps_the_cases(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _assign(world, row, "ada")
    _colleague(world, "ada", Role.IAG_SECRETARY)
    grants = {one.person.label: one.grant for one in holders(world.session, world.partnership.id, Role.PROJECT_MANAGER)}

    done = end_role(world.session, grants["ada"], actor=world.manager, reason="Is the secretary alone now.")

    assert (done.cases, done.unattended, _cases(world, "ada")) == (0, (), ["centre"])


@pytest.mark.parametrize(
    ("first", "last", "fault"),
    [
        (3, 1, ("last_day", "ends_before_it_begins")),
        (-3, -1, ("last_day", "away_in_the_past")),
        (0, 366, ("last_day", "away_too_long")),
        (9, 12, ("first_day", "away_already")),
    ],
)
def test_days_that_cannot_be_entered(
    case: tuple[World, Collaboration], first: int, last: int, fault: tuple[str, str]
) -> None:
    world, _ = case
    place, person = world.partnership.id, world.people["ada"].id
    days = [today() + timedelta(days=number) for number in (10, 20, first, last)]
    there = add_absence(world.session, partnership_id=place, person_id=person, first_day=days[0], last_day=days[1])
    with pytest.raises(AbsenceInvalid) as caught:
        add_absence(world.session, partnership_id=place, person_id=person, first_day=days[2], last_day=days[3])
    assert [(one.place, one.text.code) for one in caught.value.faults] == [fault]
    assert change_absence(world.session, there, last_day=days[0]).last_day == days[0]
