"""Scenarios: to the cent or not at all, of partners and instruments that exist; one is chosen."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from states.collaborations.service import remove_member
from states.collaborations.tables import Collaboration
from states.errors import Invalid, Missing, Stale
from states.funding.facts import FundingFacts, ScenarioFacts, facts_of
from states.funding.guards import gap_at_most, scenario_chosen
from states.funding.queries import instruments_of, lines_of, scenario_by_id, scenarios_of
from states.funding.service import ScenarioInvalid, SourceLine, UseLine, add_instrument, add_scenario, choose_scenario
from states.funding.tables import Instrument, Scenario, Source, SourceKind, SourceStatus, Use
from states.storage import Readings, begin
from tests.expect import places, race
from tests.factories import World, a_collaboration, a_world


@dataclass
class Desk:
    """A world with a collaboration to be funded."""

    world: World
    row: Collaboration

    def use(self, amount: str, *, by: str = "gliwice") -> UseLine:
        return UseLine(self.world.organisations[by].id, "Equipment", Decimal(amount))

    def source(self, amount: str, *, by: str = "gliwice", instrument: str | None = None) -> SourceLine:
        key = self.world.organisations[by].id
        return SourceLine(key, SourceKind.GRANT, SourceStatus.APPLIED, Decimal(amount), instrument)

    def add(
        self, uses: list[UseLine], sources: list[SourceLine], *, name: str = "Grants", gap: str = "0.00"
    ) -> Scenario:
        return add_scenario(
            self.world.session,
            self.row,
            protocol_version_id="version",
            name=name,
            uses=uses,
            sources=sources,
            gap=Decimal(gap),
        )

    def instrument(self, *, slug: str = "fund", **known: object) -> Instrument:
        return Instrument(
            partnership_id=self.world.partnership.id,
            slug=slug,
            name=slug,
            programme="ERDF",
            kind=SourceKind.GRANT,
            **known,  # type: ignore[arg-type]
        )


@pytest.fixture
def desk(session: Session) -> Desk:
    world = a_world(session)
    return Desk(world, a_collaboration(world))


def test_a_scenario_keeps_its_lines_in_their_order(session: Session, desk: Desk) -> None:
    fund = add_instrument(session, desk.instrument())
    made = desk.add(
        [desk.use("0.10"), desk.use("999999999999.90", by="marseille")],
        [desk.source("0.03", instrument=fund.id), desk.source("999999999999.95", by="marseille")],
        gap="0.02",
    )
    session.expire_all()
    lines = lines_of(session, [made])[0]
    assert [(use.position, use.amount) for use in lines.uses] == [(1, Decimal("0.10")), (2, Decimal("999999999999.90"))]
    assert [(one.position, one.amount, one.instrument_id) for one in lines.sources] == [
        (1, Decimal("0.03"), fund.id),
        (2, Decimal("999999999999.95"), None),
    ]
    assert (lines.scenario.gap, lines.scenario.chosen) == (Decimal("0.02"), False)


@pytest.mark.parametrize(
    ("source", "gap", "message"),
    [
        ("1000.09", "0.00", "uses are EUR 1,000.10, sources with the gap EUR 1,000.09: EUR 0.01 apart"),
        ("1000.11", "0.00", "uses are EUR 1,000.10, sources with the gap EUR 1,000.11: EUR -0.01 apart"),
        ("1000.09", "0.02", "uses are EUR 1,000.10, sources with the gap EUR 1,000.11: EUR -0.01 apart"),
    ],
)
def test_one_cent_off_is_named(session: Session, desk: Desk, source: str, gap: str, message: str) -> None:
    with pytest.raises(ScenarioInvalid) as caught:
        desk.add([desk.use("1000.10")], [desk.source(source)], gap=gap)
    assert [(fault.place, fault.message) for fault in caught.value.faults] == [("sources", message)]
    assert [session.exec(select(table)).all() for table in (Scenario, Use, Source)] == [[], [], []]


@pytest.mark.parametrize("amount", ["-1", "0", "0.001", "NaN", "Infinity", "1e30", "90000000000000000.01"])
def test_an_amount_that_is_none(desk: Desk, amount: str) -> None:
    with pytest.raises(ScenarioInvalid) as caught:
        desk.add([desk.use("1"), desk.use(amount)], [desk.source(amount)])
    assert places(caught.value) == ["uses[2].amount", "sources[1].amount"]


@pytest.mark.parametrize("gap", ["-0.01", "0.001", "NaN"])
def test_a_gap_that_is_none(desk: Desk, gap: str) -> None:
    with pytest.raises(ScenarioInvalid) as caught:
        desk.add([desk.use("1")], [desk.source("1")], gap=gap)
    assert places(caught.value) == ["gap"]


def test_all_faults_come_at_once(session: Session, desk: Desk) -> None:
    desk.add([desk.use("1")], [desk.source("1")])
    other = a_world(session, slug="energy")
    foreign = add_instrument(session, Desk(other, desk.row).instrument())
    remove_member(session, desk.row, desk.world.organisations["marseille"].id)
    with pytest.raises(ScenarioInvalid) as caught:
        desk.add(
            [desk.use("1", by="katowice"), desk.use("-1", by="marseille")], [desk.source("5", instrument=foreign.id)]
        )
    assert places(caught.value) == [
        "name",
        "uses[1].organisation",
        "uses[2].organisation",
        "uses[2].amount",
        "sources[1].instrument",
    ]
    assert len(scenarios_of(session, desk.row.id)) == 1


def test_a_scenario_of_nothing(desk: Desk) -> None:
    with pytest.raises(ScenarioInvalid) as caught:
        desk.add([], [])
    assert places(caught.value) == ["uses"]


def test_choosing_another_leaves_the_first(session: Session, desk: Desk) -> None:
    first = desk.add([desk.use("1")], [desk.source("1")])
    second = desk.add([desk.use("2")], [desk.source("1")], name="Loan", gap="1.00")
    read = second.version
    choose_scenario(session, first)
    choose_scenario(session, second, expected_version=read)
    session.expire_all()
    assert [(row.name, row.chosen) for row in scenarios_of(session, desk.row.id)] == [("Grants", False), ("Loan", True)]
    chosen = ScenarioFacts(second.id, "Loan", "version", Decimal("1.00"))
    assert facts_of(Readings(session), desk.row) == FundingFacts(2, chosen)


def test_choosing_touches_no_other_collaboration(session: Session, desk: Desk) -> None:
    other = Desk(desk.world, a_collaboration(desk.world, slug="other"))
    theirs, ours = other.add([desk.use("1")], [desk.source("1")]), desk.add([desk.use("1")], [desk.source("1")])
    choose_scenario(session, theirs)
    choose_scenario(session, ours)
    session.expire_all()
    assert (theirs.chosen, ours.chosen) == (True, True)


def test_an_older_reader_chooses_nothing(session: Session, desk: Desk) -> None:
    row = desk.add([desk.use("1")], [desk.source("1")])
    with pytest.raises(Stale):
        choose_scenario(session, row, expected_version=row.version - 1)
    assert not row.chosen


@pytest.mark.usefixtures("installation")
def test_two_who_choose_at_once_leave_one_chosen() -> None:
    with begin() as session:
        world = a_world(session)
        desk = Desk(world, a_collaboration(world))
        keys = [desk.add([desk.use("1")], [desk.source("1")], name=name).id for name in ("One", "Two")]
        collaboration = desk.row.id

    def choose(key: str) -> str:
        with begin() as session:
            return choose_scenario(session, scenario_by_id(session, key)).id

    outcomes = race(*(lambda key=key: choose(key) for key in keys))
    with begin() as session:
        chosen = [row.chosen for row in scenarios_of(session, collaboration)]
    assert (outcomes, sorted(chosen)) == (keys, [False, True])


@pytest.mark.parametrize(
    ("known", "place"),
    [
        ({"maximum_rate": Decimal(0)}, "maximum_rate"),
        ({"maximum_rate": Decimal("100.01")}, "maximum_rate"),
        ({"maximum_amount": Decimal(0)}, "maximum_amount"),
        ({"maximum_amount": Decimal("0.001")}, "maximum_amount"),
    ],
)
def test_an_instrument_that_makes_no_sense(session: Session, desk: Desk, known: dict[str, object], place: str) -> None:
    with pytest.raises(Invalid) as caught:
        add_instrument(session, desk.instrument(**known))  # type: ignore[arg-type]
    assert places(caught.value) == [place]
    assert instruments_of(session, desk.world.partnership.id) == []


def test_an_instrument_has_one_short_name_in_its_partnership(session: Session, desk: Desk) -> None:
    other = Desk(a_world(session, slug="energy"), desk.row)
    add_instrument(session, desk.instrument(slug="b", maximum_rate=Decimal(100)))
    add_instrument(session, desk.instrument(slug="a"))
    add_instrument(session, other.instrument(slug="a"))
    with pytest.raises(Invalid) as caught:
        add_instrument(session, desk.instrument(slug="a", maximum_rate=Decimal(-1)))
    assert places(caught.value) == ["slug", "maximum_rate"]
    assert [row.slug for row in instruments_of(session, desk.world.partnership.id)] == ["a", "b"]


def test_a_scenario_that_is_not_there(session: Session) -> None:
    with pytest.raises(Missing):
        scenario_by_id(session, "nothing")


def test_guards() -> None:
    gap = FundingFacts(1, ScenarioFacts("s", "Loan", "v", Decimal("0.01")))
    none_chosen, too_wide = scenario_chosen(FundingFacts(2, None)), gap_at_most(gap, euro=0)
    assert scenario_chosen(gap) is None
    assert gap_at_most(gap, euro=1) is None
    assert gap_at_most(FundingFacts(2, None), euro=0) is None
    assert none_chosen is not None
    assert too_wide is not None
    assert none_chosen.message == "None of 2 funding scenarios is chosen."
    assert (too_wide.code, *map(str, too_wide.missing)) == ("funding_gap", "sources for EUR 0.01")
