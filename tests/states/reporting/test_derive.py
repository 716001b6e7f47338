"""Figures of a half-year, derived from a small partnership's records."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session

from states.clock import now
from states.collaborations.tables import Collaboration, Member
from states.partners.queries import events_of
from states.partners.tables import Partnership
from states.reporting.definition import form
from states.reporting.derive import Directions, derive
from states.reporting.figures import EdgeFigure, Figures
from states.reporting.period import Period
from states.reporting.queries import Records, records
from tests.states.reporting.conftest import REASON

PERIOD = Period(2020, 1)
DIRECTIONS: Directions = {
    ("s3@1", "outline", "start_protocol"): "forward",
    ("s3@1", "investment_protocol", "rework"): "back",
    ("s3@1", "matchmaking", "drop"): "out",
}

pytestmark = pytest.mark.usefixtures("collaborations")


def derived(session: Session, partnership: Partnership, *, as_of: date = PERIOD.ends) -> Figures:
    return derive(records(session, partnership, period=PERIOD, as_of=as_of), directions=DIRECTIONS)


def test_regions_and_areas_come_from_the_registry(session: Session, partnership: Partnership) -> None:
    figures = derived(session, partnership)

    assert [region.written for region in figures.leading_regions] == ["Upper Silesia (PL), PL22"]
    assert [region.name for region in figures.participating_regions] == ["Upper Silesia", "Rhône", "Tuscany"]
    assert [(one.name, one.in_charge, one.involved, one.other_actors) for one in figures.working_areas] == [
        ("Implants", ("Upper Silesia",), ("Tuscany",), "a hospital")
    ]
    assert [one.name for one in figures.other_entities] == ["cluster", "firm"]


def test_a_region_counts_in_the_half_year_in_which_it_took_part(session: Session, partnership: Partnership) -> None:
    period = Period(2019, 1)

    found = records(session, partnership, period=period, as_of=period.ends)

    assert sorted(region.slug for region in found.regions) == ["rhone", "scotland", "tuscany", "upper-silesia"]


@pytest.mark.parametrize(
    ("as_of", "past", "planned"),
    [
        (date(2020, 6, 30), ["Plenary 2019", "Open day", "Steering"], ["Mid-year plenary"]),
        (date(2020, 3, 30), ["Plenary 2019"], ["Open day", "Steering", "Mid-year plenary"]),
        (date(2020, 3, 31), ["Plenary 2019", "Open day"], ["Steering", "Mid-year plenary"]),
    ],
)
def test_an_event_is_past_when_its_last_possible_day_is_over(
    session: Session, partnership: Partnership, as_of: date, past: list[str], planned: list[str]
) -> None:
    figures = derived(session, partnership, as_of=as_of)

    assert [event.name for event in figures.past_events] == past
    assert sorted(event.name for event in figures.planned_events) == sorted(planned)


def test_a_cancelled_event_is_neither_past_nor_planned(session: Session, partnership: Partnership) -> None:
    for event in events_of(session, partnership.id):
        event.cancelled_at = now() if event.name in ("Steering", "Mid-year plenary") else None
        session.add(event)

    figures = derived(session, partnership)

    assert [event.name for event in figures.past_events] == ["Plenary 2019", "Open day"]
    assert figures.planned_events == ()


def test_moves_of_the_half_year_are_listed_and_sorted_by_direction(session: Session, partnership: Partnership) -> None:
    progress = derived(session, partnership).progress

    assert [(move.collaboration, move.on, move.to_stage, move.direction, move.reason) for move in progress.moves] == [
        ("Centre", date(2020, 1, 10), "investment_protocol", "forward", ""),
        ("Dropped", date(2020, 2, 5), "dropped", "out", REASON),
        ("Centre", date(2020, 6, 30), "outline", "back", "The scope was too wide."),
    ]
    assert progress.by_direction == {"back": 1, "forward": 1, "out": 1}
    assert progress.opened == ("New",)


@pytest.mark.parametrize(
    ("as_of", "by_stage"),
    [
        (date(2020, 1, 9), {"matchmaking": 1, "outline": 1}),
        (date(2020, 6, 29), {"dropped": 1, "investment_protocol": 1, "matchmaking": 1}),
        (date(2020, 6, 30), {"dropped": 1, "matchmaking": 1, "outline": 1}),
    ],
)
def test_collaborations_stand_where_they_stood_on_the_day(
    session: Session, partnership: Partnership, as_of: date, by_stage: dict[str, int]
) -> None:
    assert derived(session, partnership, as_of=as_of).progress.by_stage == by_stage


def test_a_move_that_no_playbook_explains_has_no_direction(session: Session, partnership: Partnership) -> None:
    known = records(session, partnership, period=PERIOD, as_of=PERIOD.ends)

    progress = derive(known, directions={}).progress

    assert (len(progress.moves), {move.direction for move in progress.moves}, progress.by_direction) == (3, {""}, {})


def test_joint_work_names_leads_and_initiatives(session: Session, partnership: Partnership) -> None:
    joint = derived(session, partnership).joint_work

    assert [(one.title, one.stage, one.lead) for one in joint.collaborations] == [
        ("Dropped", "dropped", "cluster"),
        ("Centre", "outline", "cluster"),
        ("New", "matchmaking", "laboratory"),
    ]
    assert [(one.name, one.lead, one.running) for one in joint.initiatives] == [("AI4Diag", "A cluster", True)]


def test_business_counts_members_and_partners_once(session: Session, partnership: Partnership) -> None:
    business = derived(session, partnership).business

    assert business.by_kind == {"authority": 1, "cluster": 1, "sme": 1, "university": 1}
    assert (business.organisations, business.sme_share, business.illustrative) == (4, Decimal("25.0"), 0)


def test_regions_that_share_a_collaboration_are_edges(session: Session, partnership: Partnership) -> None:
    network = derived(session, partnership).cooperation

    assert network.edges == (
        EdgeFigure(first="Rhône", second="Tuscany", collaborations=1),
        EdgeFigure(first="Rhône", second="Upper Silesia", collaborations=2),
    )
    assert (network.regions, network.connected) == (3, 3)


@pytest.mark.parametrize(("as_of", "edges"), [(date(2020, 4, 30), 2), (date(2020, 5, 1), 1)])
def test_a_member_counts_until_it_left(
    session: Session, partnership: Partnership, left_early: Member, as_of: date, edges: int
) -> None:
    assert len(derived(session, partnership, as_of=as_of).cooperation.edges) == edges


def test_eu13_regions_are_named(session: Session, partnership: Partnership) -> None:
    eu13 = derived(session, partnership).eu13

    assert (eu13.regions, eu13.countries, eu13.justification_needed) == (("Upper Silesia",), ("PL",), False)


@pytest.mark.parametrize(("day", "names"), [(date(2020, 1, 31), ()), (date(2020, 2, 1), ("Scotland",))])
def test_the_united_kingdom_is_outside_from_its_withdrawal_on(
    session: Session, partnership: Partnership, day: date, names: tuple[str, ...]
) -> None:
    known = records(session, partnership, period=Period(2019, 1), as_of=date(2019, 6, 30))

    outside = derive(replace(known, as_of=day), directions={}).outside_union

    assert (outside.names, outside.participants) == (names, len(names))


def test_outreach_counts_events_of_the_half_year(session: Session, partnership: Partnership) -> None:
    outreach = derived(session, partnership).outreach

    assert (outreach.activities, outreach.names) == (1, ("Open day",))


def test_an_empty_partnership_has_figures_too(partnership: Partnership) -> None:
    nothing: tuple[()] = ()
    empty = Records(partnership, PERIOD, PERIOD.ends, nothing, nothing, nothing, nothing, nothing, nothing)

    figures = derive(empty, directions={})

    assert (figures.business.sme_share, figures.cooperation.edges, figures.progress.by_stage) == (None, (), {})
    assert figures.eu13.justification_needed


def test_figures_are_read_back_as_they_were_stored(
    session: Session, partnership: Partnership, collaborations: dict[str, Collaboration]
) -> None:
    figures = derived(session, partnership)
    figure_of = form().figure_of

    stored = figures.by_question(figure_of)

    assert sorted(stored) == sorted(figure_of)
    assert Figures.read(stored, figure_of) == figures
