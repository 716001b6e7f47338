"""What hangs on the date of something else moves with it: the closing of a call, an event of the partnership."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlmodel import Session, select

from states import clock
from states.calendars.event_announcements import announce_event, cancel_event, change_event
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.followers import counting_on, followed
from states.crossings.deadlines.sync import sync_deadlines
from states.crossings.dossier import Dossier
from states.deadlines.tables import DeadlineState
from states.funding.case.gathering import case_of
from states.funding.catalogue.calls import Closing, set_closing
from states.funding.service import add_instrument, choose_scenario
from states.funding.tables import Instrument, Scenario, SourceKind
from states.lifecycle.move import move
from states.partners.event_plans import EventPlan, plan_of
from states.partners.tables import EventKind
from states.playbooks.definition import Playbook
from states.playbooks.editions import Edition
from states.protocol.queries import latest_versions
from states.rights.access import Role
from states.storage import Readings
from tests.factories import (
    World,
    a_collaboration_at,
    a_cost_line,
    a_lawful_scenario,
    a_plan,
    a_scenario,
    a_world,
    commit,
    fulfil,
    s3,
    sign,
    submit_to_lender,
)
from tests.states.crossings.deadlines.waiting import NOON, SQLITE, TODAY, ended, waiting


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def _counting_on_a_call(world: World, row: Collaboration, closing: Closing) -> Instrument:
    call = add_instrument(
        world.session,
        Instrument(
            partnership_id=world.partnership.id,
            slug="call",
            name="The call",
            programme="Test",
            kind=SourceKind.GRANT,
            terms={"basis": ["market"], "rates": [{"percent": 100}]},
        ),
        closing=closing,
    )
    version = latest_versions(world.session, [row.id])[row.id]
    with clock.at(NOON - timedelta(days=10)):  # what is closed on the day of the choice was open then
        a_cost_line(world, row)
        (payer,) = case_of(world.session, row).instruments
        scenario = a_lawful_scenario(world, row, version, name="By the call", payer=payer.id)
    with followed(world.session, row):
        choose_scenario(world.session, scenario)
    return call


CLOSES = Closing(date(2020, 9, 15), time(17), "Europe/Brussels")


def test_a_call_that_moves_takes_the_deadline_along_until_the_submission(world: World) -> None:
    with clock.at(NOON):
        row = a_collaboration_at(world, "funding_scenario")
        call = _counting_on_a_call(world, row, CLOSES)
        one = waiting(world, row, "call_closing")[0]
        assert (one.due_on, one.due_time, one.time_zone, one.legal) == (
            CLOSES.day,
            CLOSES.at_time,
            "Europe/Brussels",
            True,
        )

        with counting_on(world.session, call):
            set_closing(world.session, call, replace(CLOSES, day=date(2020, 10, 1)))
        moved = one.due_on
        chosen = select(Scenario).where(Scenario.collaboration_id == row.id, Scenario.chosen)
        commit(world, world.session.exec(chosen).one())
        a_plan(world, row)
        fulfil(world.session, row, by=world.manager, second=world.actor(Role.IAG_SECRETARY))
        move(world.session, row.id, "declare_bankable", actor=world.manager)
        sign(world, row)
        submit_to_lender(world, row)
        move(world.session, row.id, "submit", actor=world.manager)

    assert (moved, one.state, row.stage) == (date(2020, 10, 1), DeadlineState.DONE, "submitted")


@SQLITE
def test_who_counts_on_a_call_has_a_deadline_as_soon_as_its_date_is_known_and_as_long(world: World) -> None:
    with clock.at(NOON):
        row = a_collaboration_at(world, "funding_scenario")
        call = _counting_on_a_call(world, row, Closing(None))
        unknown = waiting(world, row, "call_closing")

        with counting_on(world.session, call):
            set_closing(world.session, call, CLOSES)
        known = waiting(world, row, "call_closing")
        with followed(world.session, row):
            choose_scenario(world.session, a_scenario(world, row, latest_versions(world.session, [row.id])[row.id]))

    assert (unknown, [one.due_on for one in known]) == ([], [CLOSES.day])
    assert (waiting(world, row, "call_closing"), ended(world, row, "call_closing")) == ([], ["cancelled"])


@SQLITE
def test_a_call_that_has_closed_opens_no_deadline(world: World) -> None:
    with clock.at(NOON):
        row = a_collaboration_at(world, "funding_scenario")
        _counting_on_a_call(world, row, Closing(TODAY - timedelta(days=1)))

        assert waiting(world, row, "call_closing") == []


def _due_of_sign_offs(world: World, row: Collaboration, **term: object) -> set[tuple[date, bool]]:
    """Ask for the sign-offs anew under another term: when each is due, and whether it hangs on another date."""
    for one in waiting(world, row, "sign_off"):
        one.state = DeadlineState.CANCELLED
    world.session.flush()
    terms = {kind.value: old.model_dump() for kind, old in s3().deadlines.items()}
    terms["sign_off"] |= term
    playbook = Playbook.model_validate(s3().model_dump(by_alias=True) | {"deadlines": terms})
    sync_deadlines(world.session, Dossier(row, Edition("", playbook), Readings(world.session)))
    found = [one for one in waiting(world, row, "sign_off") if one.nuts == "PL229"]
    return {(one.due_on, one.anchor_id is not None) for one in found}


@SQLITE
@pytest.mark.parametrize(
    ("day", "due_on", "hangs"),
    [
        (date(2020, 6, 15), date(2020, 6, 5), True),  # Corpus Christi, 11 June, is free in Poland
        (date(2020, 3, 4), date(2020, 3, 23), False),  # five working days before it are past: fifteen from today
    ],
)
def test_a_term_hangs_on_a_call_where_that_leaves_time(world: World, day: date, due_on: date, hangs: bool) -> None:
    with clock.at(NOON):
        row = a_collaboration_at(world, "funding_scenario")
        _counting_on_a_call(world, row, Closing(day))

        assert _due_of_sign_offs(world, row, anchor="call", delta=-5) == {(due_on, hangs)}


@SQLITE
def test_a_term_hangs_on_the_next_event_of_its_kind(world: World) -> None:
    with clock.at(NOON):
        row = a_collaboration_at(world, "iag_review")
        plans = [
            EventPlan("Past", EventKind.PLENARY, held_on="2020-02-03"),
            EventPlan("Other", EventKind.OUTREACH, held_on="2020-03-16"),
            EventPlan("Called off", EventKind.PLENARY, held_on="2020-04-20"),
            EventPlan("Next", EventKind.PLENARY, held_on="2020-05-18"),
        ]
        _, _, called_off, event = [announce_event(world.session, world.partnership, plan) for plan in plans]
        cancel_event(world.session, called_off, reason="The hall is closed.")

        first = _due_of_sign_offs(world, row, anchor="event", event="plenary", delta=-1)
        plan = replace(plan_of(event), held_on="2020-05-25")
        change_event(world.session, event, plan)

    assert first == {(date(2020, 5, 15), True)}
    assert {one.due_on for one in waiting(world, row, "sign_off") if one.nuts == "PL229"} == {date(2020, 5, 22)}
