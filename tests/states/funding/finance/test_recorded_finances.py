"""The figures of a recorded scenario: on its frozen case, by assumptions that are kept with a version."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from states import clock
from states.collaborations.tables import Collaboration
from states.errors import Stale
from states.funding.finance.indicators import Region
from states.funding.finance.reading import PlanInvalid
from states.funding.finance.scenario_finances import NoFinances, assumptions_of, finances_of, keep_assumptions
from states.funding.queries import costs_of
from states.funding.tables import Scenario
from states.protocol.queries import latest_versions
from tests.expect import places
from tests.factories import World, a_collaboration, a_lawful_scenario, a_scenario, a_world, fill_protocol, freeze
from tests.states.funding.plan_samples import ASSET, MADE_UP, given

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

YEAR = clock.today().year + 1
HORIZON = {"first_year": YEAR, "years": 6, "prices": "real", "price_year": YEAR, **MADE_UP}


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def row(world: World) -> Collaboration:
    return a_collaboration(world)


@pytest.fixture
def scenario(world: World, row: Collaboration) -> Scenario:
    fill_protocol(world, row)
    return a_lawful_scenario(world, row, freeze(world, row))


def test_figures_stand_on_the_frozen_case(session: Session, row: Collaboration, scenario: Scenario) -> None:
    keep_assumptions(session, row.id, given(horizon=HORIZON, lives=[{**ASSET, "in_service": None}]), expected_version=0)
    (line,) = costs_of(session, row.id)
    line.amount = Decimal("7777.77")
    session.add(line)
    session.flush()

    found = finances_of(session, scenario)

    assert found.regions == (Region("PL22", Decimal("1000.10"), Decimal(0), Decimal(0)),)
    assert [one.fixed_assets for one in found.statements.balance][:2] == [Decimal("800.08"), Decimal("600.06")]
    assert found.given.lives[0].life == 5


def test_without_case_or_assumptions_it_says_what_is_missing(
    session: Session, world: World, row: Collaboration, scenario: Scenario
) -> None:
    by_hand = a_scenario(world, row, latest_versions(session, [row.id])[row.id])

    with pytest.raises(NoFinances) as nothing:
        finances_of(session, by_hand)
    with pytest.raises(NoFinances) as unassumed:
        finances_of(session, scenario)

    assert places(nothing.value) == ["scenario", "assumptions"]
    assert places(unassumed.value) == ["assumptions"]


def test_assumptions_are_kept_with_a_version_and_the_day(session: Session, row: Collaboration) -> None:
    first = keep_assumptions(session, row.id, given(), expected_version=0)
    assert (first.version, assumptions_of(session, row.id)) == (1, first)
    with clock.at(clock.now() + timedelta(days=3)):
        changed = keep_assumptions(session, row.id, given(lives=[ASSET]), expected_version=1)
        assert (changed.version, changed.changed_at) == (2, clock.now())

    for version in (0, 1):
        with pytest.raises(Stale):
            keep_assumptions(session, row.id, given(), expected_version=version)
    assert changed.content["lives"] != []


def test_the_first_assumptions_have_no_version_before_them(session: Session, row: Collaboration) -> None:
    with pytest.raises(Stale):
        keep_assumptions(session, row.id, given(), expected_version=1)

    assert assumptions_of(session, row.id) is None


def test_assumptions_that_contradict_themselves_are_not_kept(session: Session, row: Collaboration) -> None:
    with pytest.raises(PlanInvalid) as refused:
        keep_assumptions(session, row.id, given(lives=[ASSET, ASSET]), expected_version=0)

    assert places(refused.value) == ["lives"]
    assert assumptions_of(session, row.id) is None
