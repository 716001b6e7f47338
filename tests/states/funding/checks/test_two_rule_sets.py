"""A mix whose awards are under two sets of rules, recorded: each award is judged under the set of its own day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from states import clock
from states.collaborations.tables import Collaboration
from states.errors import Invalid
from states.funding.case.case import FundingCase, FundingScenario
from states.funding.case.vocabulary import BY_DATE
from states.funding.catalogue.loading import Catalogue, load_catalogue
from states.funding.checks.scenario_legality import record_mix, review_scenario
from states.funding.inputs.tables import SolvedCase
from states.funding.rules.library import kept_set
from states.funding.rules.service import withdraw_document
from states.funding.rules.tables import RuleDocument, RuleText
from states.funding.tables import Scenario
from states.partners.tables import SizeClass
from tests.expect import places
from tests.factories import World, a_collaboration, a_world
from tests.rule_documents import in_force, successor
from tests.states.funding.builders import ON, case, instrument, item, partner, scenario

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

LEAD = "medtech-gliwice"
OLD, NEW = "old--2026", "new--2027"


@pytest.fixture(autouse=True)
def _on_the_day_of_the_case() -> Iterator[None]:
    with clock.at(datetime(ON.year, ON.month, ON.day, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def world(session: Session) -> World:
    world = a_world(session)
    grants = [
        {"slug": slug, "name": slug.title(), "programme": "Regional", "kind": "grant", "territory": ["DE"]}
        for slug in ("old", "new")
    ]
    load_catalogue(session, world.partnership.id, Catalogue.model_validate({"instruments": grants}))
    return world


def the_case(rule_set: str = BY_DATE) -> FundingCase:
    """A large enterprise's industrial research: 50 percent under the set of 2026, 60 under the one of 2027."""
    return case(
        rule_set=rule_set,
        partners=(partner(LEAD, SizeClass.LARGE, years=()),),
        cost_items=(item("first", of=LEAD), item("second", of=LEAD)),
        instruments=(
            instrument(OLD, call={"closes": date(2026, 12, 10)}),
            instrument(NEW, call={"closes": date(2027, 2, 10)}),
        ),
    )


def a_mix(first: str, second: str, rule_set: str = "eu-2023") -> FundingScenario:
    money = {("first", OLD): first, ("second", NEW): second}
    own = {key: str(Decimal(1_000_000) - Decimal(amount)) for (key, _), amount in money.items()}
    return scenario(money, own=own).model_copy(update={"rule_set": rule_set})


def record(world: World, row: Collaboration, mix: FundingScenario, rule_set: str = BY_DATE) -> Scenario:
    return record_mix(world.session, row, the_case(rule_set), mix, protocol_version_id="version")


@pytest.fixture
def later(world: World) -> RuleDocument:
    return in_force(world, successor())


def test_each_award_is_recorded_under_the_set_of_its_own_day(world: World, later: RuleDocument) -> None:
    made = record(world, a_collaboration(world), a_mix("500000.00", "600000.00"))

    frozen = world.session.get_one(SolvedCase, made.solved_case_id)
    kept = kept_set(world.session.get_one(RuleText, frozen.rules_text).text)
    assert (frozen.rule_set, [one.id for one in kept.each]) == ("eu-2023", ["eu-2023", "eu-2027"])
    assert frozen.fingerprint == kept.fingerprint == made.mix["fingerprint"]
    assert [kept.at(day).id for day in (date(2026, 12, 10), date(2027, 2, 10))] == ["eu-2023", "eu-2027"]
    assert review_scenario(world.session, a_row(world, made), made).breaches == []


def a_row(world: World, made: Scenario) -> Collaboration:
    return world.session.get_one(Collaboration, made.collaboration_id)


@pytest.mark.parametrize(
    ("first", "second", "named"),
    [
        ("500000.01", "600000.00", "first"),  # the set of 2027 would let it pass
        ("500000.00", "600000.01", "second"),
        ("600000.00", "500000.00", "first"),
    ],
)
def test_a_cent_too_much_under_either_set_is_refused(
    world: World, later: RuleDocument, first: str, second: str, named: str
) -> None:
    with pytest.raises(Invalid) as refused:
        record(world, a_collaboration(world), a_mix(first, second))

    assert places(refused.value) == ["GBER Art. 25"]
    assert named in str(refused.value)
    assert world.session.exec(select(Scenario)).all() == []


def test_under_one_set_by_name_all_awards_are_judged_by_it(world: World, later: RuleDocument) -> None:
    row = a_collaboration(world)

    with pytest.raises(Invalid, match="second"):
        record(world, row, a_mix("500000.00", "600000.00"), "eu-2023")
    with pytest.raises(Invalid, match="Not yet in force on 2026-12-10, the day of the award"):
        record(world, row, a_mix("500000.00", "600000.00", "eu-2027"), "eu-2027")


def test_without_the_later_set_the_last_known_one_holds_for_both(world: World) -> None:
    with pytest.raises(Invalid, match="second"):
        record(world, a_collaboration(world), a_mix("500000.00", "600000.00"))


def test_what_was_recorded_holds_under_the_rules_that_were_kept(world: World, later: RuleDocument) -> None:
    """Its own law stays as it was; that a set of it was withdrawn makes it stale, and says so."""
    made = record(world, a_collaboration(world), a_mix("500000.00", "600000.00"))

    withdraw_document(world.session, later, reason="The text was not the one adopted.")
    reviewed = review_scenario(world.session, a_row(world, made), made)

    assert reviewed.breaches == []
    assert any("The text was not the one adopted." in one for one in reviewed.stale)
