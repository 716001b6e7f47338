"""A later fact breaks a scenario: what it touches is looked at again, and a move never passes what holds no longer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from states import clock
from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.scenarios.choice import choose
from states.crossings.scenarios.regional_commitments import objections
from states.crossings.scenarios.revalidation import due_reviews, revalidate_scenarios, touched_by
from states.errors import Refused
from states.funding.catalogue.loading import set_terms
from states.funding.inputs.accounts import Holding, YearAccounts, end_holding, record_accounts, record_holding
from states.funding.inputs.tables import Ownership
from states.funding.queries import instruments_of
from states.funding.tables import Scenario
from states.lifecycle.available_moves import lifecycle_view
from states.lifecycle.move import move
from states.outbox.tables import OutboxMessage
from states.partners.organisations import edit_organisation, profile_of
from states.partners.tables import Membership, OrganisationKind
from states.review.positions import Stance, state_position
from states.review.tables import PriorityMatch, Willingness
from states.storage import Readings
from tests.after_factories import agree_on_sources
from tests.expect import by_name, codes
from tests.factories import World, a_collaboration, a_collaboration_at, a_world, open_rounds
from tests.states.crossings.scenarios.test_choice import NOW, SILESIA, Desk, _answer, desk_of


@pytest.fixture(autouse=True)
def _before_the_call_opens() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def desk(session: Session) -> Desk:
    world = a_world(session)
    session.add_all(
        Membership(partnership_id=world.partnership.id, organisation_id=row.id) for row in world.organisations.values()
    )
    return desk_of(world, a_collaboration(world))


def last_event(session: Session, name: str) -> OutboxMessage:
    found = session.exec(select(OutboxMessage).where(OutboxMessage.name == name)).all()
    return max(found, key=lambda event: event.sequence or 0)


def told(session: Session) -> list[str]:
    found = session.exec(select(OutboxMessage).where(OutboxMessage.name == "scenario.stale")).all()
    return [event.payload["scenario"] for event in found]


def test_what_holds_is_left_alone_and_its_day_noted(session: Session, desk: Desk) -> None:
    row = choose(session, desk.row, desk.record())
    version, looked = row.version, due_reviews(session)

    assert (revalidate_scenarios(session, desk.row.id), told(session), row.stale) == ([], [], [])
    assert (row.reviewed_on, row.version, looked) == (NOW.date(), version, [])
    with clock.at(NOW.replace(day=NOW.day + 1)):
        assert due_reviews(session) == [desk.row.id]


def test_other_terms_break_what_rests_on_them_and_it_is_told_once(session: Session, desk: Desk) -> None:
    row = choose(session, desk.row, desk.record())
    (instrument,) = instruments_of(session, desk.world.partnership.id)
    set_terms(session, instrument, {**SILESIA["terms"], "rates": [{"percent": 20}]})  # type: ignore[dict-item]

    touched = touched_by(session, last_event(session, "instrument.changed"))
    found = [revalidate_scenarios(session, key) for key in (*touched, *touched)]

    assert (touched, found, told(session)) == ([desk.row.id], [[row.id], []], [row.id])


def test_nobody_is_told_once_each_funder_has_signed(session: Session, desk: Desk) -> None:
    row = choose(session, desk.row, desk.record())
    agree_on_sources(session, desk.row, began=today(), days=400)
    (instrument,) = instruments_of(session, desk.world.partnership.id)
    set_terms(session, instrument, {**SILESIA["terms"], "rates": [{"percent": 20}]})  # type: ignore[dict-item]

    found = revalidate_scenarios(session, desk.row.id)

    assert (found, told(session), row.breaches + row.stale != []) == ([row.id], [], True)


def test_one_that_holds_again_says_so_and_tells_when_it_breaks_anew(session: Session, desk: Desk) -> None:
    row = choose(session, desk.row, desk.record())
    (instrument,) = instruments_of(session, desk.world.partnership.id)
    for percent in (20, 50, 20):
        set_terms(session, instrument, {**SILESIA["terms"], "rates": [{"percent": percent}]})  # type: ignore[dict-item]
        revalidate_scenarios(session, desk.row.id)

    assert told(session) == [row.id, row.id]


def test_accounts_of_whoever_stands_behind_a_partner_touch_its_collaborations(session: Session, desk: Desk) -> None:
    choose(session, desk.row, desk.record())
    holder, held = desk.world.organisations["katowice"], desk.world.organisations["gliwice"]
    link = record_holding(session, holder, held, Holding(Decimal(60)))
    record_accounts(session, holder, 2025, YearAccounts(headcount=Decimal(900)))
    by_accounts = touched_by(session, last_event(session, "organisation.changed"))
    end_holding(session, link)

    last_two = session.exec(select(OutboxMessage).where(OutboxMessage.name == "organisation.changed")).all()[-2:]
    assert by_accounts == [desk.row.id]
    assert sorted(touched_by(session, event) for event in last_two) == [[], [desk.row.id]]
    assert session.exec(select(Ownership)).all() == []


def test_an_organisation_tells_what_rules_ask_of_it_and_no_more(session: Session, desk: Desk) -> None:
    row = desk.world.organisations["gliwice"]
    profile = profile_of(row)
    edit_organisation(session, row, replace(profile, name="Gliwice Implants"))
    before = session.exec(select(OutboxMessage).where(OutboxMessage.name == "organisation.changed")).all()
    edit_organisation(session, row, replace(profile, kind=OrganisationKind.CLUSTER))

    assert before == []
    assert last_event(session, "organisation.changed").payload == {"organisation": row.id}


@pytest.fixture
def asked(session: Session) -> tuple[World, Desk, Scenario]:
    """A WGRA round is open, and a scenario that counts on Upper Silesia was chosen before its position."""
    world = a_world(session)
    desk = desk_of(world, a_collaboration_at(world, "wgra_review"))
    return world, desk, choose(session, desk.row, desk.record())


def test_a_region_that_says_no_breaks_the_chosen_scenario(
    session: Session, asked: tuple[World, Desk, Scenario]
) -> None:
    world, desk, row = asked
    _answer(world, desk.row, Willingness.NO)

    touched = touched_by(session, last_event(session, "review.position_stated"))
    found = [one for key in touched for one in revalidate_scenarios(session, key)]
    _restate(world, desk.row, Stance(Willingness.YES, PriorityMatch.FULL))
    revalidate_scenarios(session, desk.row.id)

    assert (touched, found, told(session), row.stale) == ([desk.row.id], [row.id], [row.id], [])


def _restate(world: World, row: Collaboration, stance: Stance) -> None:
    (opened,) = [one for one in open_rounds(world.session) if one.collaboration_id == row.id]
    person, region = world.people["upper-silesia"].id, world.regions["upper-silesia"]
    state_position(world.session, opened, person_id=person, region=region, stance=stance)


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"maximum_amount": Decimal("499.99")}, "region_amount"),
        ({"maximum_amount": Decimal("500.00")}, None),
        ({"maximum_rate": Decimal("49.99")}, "region_rate"),
        ({"maximum_rate": Decimal("50.00")}, None),
        ({"window_opens": date(2027, 4, 1)}, "region_window"),
        ({"window_closes": date(2027, 3, 30)}, "region_window"),
        ({"window_opens": date(2027, 3, 31), "window_closes": date(2027, 3, 31)}, None),
    ],
)
def test_a_scenario_keeps_within_window_rate_and_amount_of_a_position(
    session: Session, asked: tuple[World, Desk, Scenario], stated: dict[str, Decimal], code: str | None
) -> None:
    world, desk, row = asked
    _answer(world, desk.row, Willingness.YES)
    _restate(world, desk.row, Stance(Willingness.YES, PriorityMatch.FULL, **stated))  # type: ignore[arg-type]

    found = [refusal.code for refusal in objections(Readings(session), desk.row, row.id)]

    assert found == ([] if code is None else [code])
    if code is not None:
        with pytest.raises(Refused) as refused:
            choose(session, desk.row, row)
        assert [reason.code for reason in refused.value.reasons] == [code]


def test_a_move_looks_at_the_scenario_before_any_event_is_answered(session: Session) -> None:
    world = a_world(session)
    desk = desk_of(world, a_collaboration_at(world, "funding_scenario"))
    row = choose(session, desk.row, desk.record())
    (instrument,) = instruments_of(session, world.partnership.id)
    set_terms(session, instrument, {**SILESIA["terms"], "rates": [{"percent": 20}]})  # type: ignore[dict-item]

    with pytest.raises(Refused) as refused:
        move(session, desk.row.id, "declare_bankable", actor=world.manager)

    shown = by_name(lifecycle_view(session, desk.row, actor=world.manager))["declare_bankable"]
    assert "scenario_stale" in codes(refused.value)
    assert shown.refusals == refused.value.reasons
    assert row.stale == []  # what is refused leaves nothing: the sweep writes it down, and tells
