"""Ways through the shipped playbook that pass every stage, with everything on them that a move has to look after."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlmodel import Session, select

from states.clock import today
from states.collaborations.service import edit_collaboration
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.followers import followed
from states.crossings.merging import name_target
from states.crossings.review.rounds import open_requested_round
from states.crossings.scenarios.choice import choose
from states.funding.awards.queries import submissions_of
from states.funding.case.case import FundingScenario
from states.funding.case.gathering import case_of
from states.funding.case.vocabulary import Activity
from states.funding.catalogue.loading import Catalogue, load_catalogue
from states.funding.checks.scenario_legality import record_mix
from states.funding.inputs.accounts import Holding, YearAccounts, record_accounts, record_holding
from states.funding.inputs.tables import AidGranted, CostLine, FundingQuestion
from states.lifecycle.move import move
from states.partners.tables import Organisation, Partnership, Person, Region, WorkingArea
from states.protocol.queries import latest_versions
from states.review.decisions import close_condition, confirm_decision, prepare_decision, release_decision
from states.review.positions import Stance, state_position
from states.review.queries import conditions_of, rounds_of
from states.review.service import close_round
from states.review.tables import ConditionState, Outcome, PriorityMatch, ReviewRound, Willingness
from states.rights.access import Role
from tests.after_factories import agree_on_sources, wind_up
from tests.factories import (
    World,
    a_collaboration,
    a_plan,
    agree_on,
    answer_iag,
    clear,
    commit,
    fill_protocol,
    freeze,
    fulfil,
    open_iag,
    s3,
    sign,
    submit_to_lender,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""Before the call of the catalogue opens."""

LATER = datetime(2027, 1, 20, 12, tzinfo=UTC)
"""While it is open, and people are reminded of what has waited since `NOW`."""

_SILESIA = {
    "slug": "silesia",
    "name": "Silesian vouchers",
    "programme": "Regional",
    "kind": "grant",
    "territory": ["PL22"],
    "terms": {"basis": ["eu_direct"], "whom": {"territory": ["PL22"]}, "rates": [{"percent": 50}]},
    "calls": [{"slug": "2027", "opens_on": "2027-01-04", "closes_on": "2027-03-31"}],
}
_MIX = {
    "name": "Best",
    "rule_set": "eu-2023",
    "allocations": [{"item": "rigs", "instrument": "silesia--2027", "amount": "500.00"}],
    "own": {"rigs": "500.10"},
}


def a_catalogue(world: World) -> None:
    """Put one regional call into the catalogue, and figures of whoever stands behind a partner."""
    load_catalogue(world.session, world.partnership.id, Catalogue.model_validate({"instruments": [_SILESIA]}))
    holder, held = world.organisations["katowice"], world.organisations["gliwice"]
    record_holding(world.session, holder, held, Holding(Decimal(20)))
    record_accounts(world.session, holder, 2025, YearAccounts(headcount=Decimal(9)))
    record_accounts(world.session, held, 2025, YearAccounts(headcount=Decimal(20)))
    world.session.add(
        AidGranted(
            organisation_id=held.id,
            member_state="PL",
            granted_on=date(2025, 6, 2),
            amount=Decimal("100.00"),
            basis="de_minimis",
        )
    )
    world.session.flush()


def _nothing(world: World, row: Collaboration) -> None:
    """A new collaboration goes on as it is."""


def _outline(world: World, row: Collaboration) -> None:
    edit_collaboration(world.session, row, summary="A shared centre.", working_area=world.area)


def _protocol(world: World, row: Collaboration) -> None:
    fill_protocol(world, row)
    freeze(world, row)


def _iag(world: World, row: Collaboration) -> None:
    with followed(world.session, row):
        _decide(world, row, answer_iag(world, row))


def _wgra(world: World, row: Collaboration) -> None:
    with followed(world.session, row):
        opened = open_requested_round(world.session, row.id, "wgra")
        for name in ("upper-silesia", "paca"):
            clear(world, row, opened, name)
            stance = Stance(Willingness.YES, PriorityMatch.FULL, maximum_rate=Decimal(60))
            person_id, region = world.people[name].id, world.regions[name]
            state_position(world.session, opened, person_id=person_id, region=region, stance=stance)
        close_round(world.session, opened, panel=s3().panels["wgra"])
        _decide(world, row, opened)


def _decide(world: World, row: Collaboration, opened: ReviewRound) -> None:
    panel = s3().panels[opened.panel]
    secretary, chair = world.people["iag_secretary"].id, world.people[panel.chair.value].id
    prepare_decision(
        world.session,
        opened,
        person_id=secretary,
        outcome=Outcome.ENDORSE_WITH_CONDITIONS,
        reasons="Thresholds are met.",
        departure="The market has changed since.",
        conditions=["Name a data officer.", "Show the letters."],
        panel=panel,
    )
    confirm_decision(world.session, opened, person_id=chair, panel=panel)
    release_decision(world.session, opened, person_id=secretary, panel=panel, collaboration=row)


def _funding(world: World, row: Collaboration) -> None:
    session = world.session
    declared: dict[str, object] = {"difficulty": {"insolvent": False, "rescue_aid": False}, "recovery_order": False}
    cost = CostLine(
        collaboration_id=row.id,
        slug="rigs",
        organisation_id=world.organisations["gliwice"].id,
        nuts="PL229",
        activity=Activity.OTHER,
        amount=Decimal("1000.10"),
        starts_on=date(2027, 9, 1),
    )
    partners = {f"medtech-{name}": declared for name in ("gliwice", "marseille")}
    session.add_all([cost, FundingQuestion(collaboration_id=row.id, partners=partners)])
    session.flush()
    version, mix = latest_versions(session, [row.id])[row.id], FundingScenario.model_validate(_MIX)
    made = record_mix(session, row, case_of(session, row), mix, protocol_version_id=version.id)
    choose(session, row, made)
    commit(world, made)
    a_plan(world, row)
    with followed(session, row):
        _close_conditions(world, row)
    fulfil(session, row, by=world.manager, second=world.actor(Role.IAG_SECRETARY))


def _close_conditions(world: World, row: Collaboration) -> None:
    secretary = world.people["iag_secretary"].id
    for opened in rounds_of(world.session, [row.id]):
        for one in conditions_of(world.session, opened.id):
            close_condition(
                world.session,
                opened,
                one.number,
                state=ConditionState.MET,
                evidence="Seen.",
                person_id=secretary,
            )


def _signed(world: World, row: Collaboration) -> None:
    with followed(world.session, row):
        sign(world, row)
    submit_to_lender(world, row)


def _agreed(world: World, row: Collaboration) -> None:
    agree_on(world, row, submissions_of(world.session, row.id)[-1])


def _all_agreed(world: World, row: Collaboration) -> None:
    agree_on_sources(world.session, row, began=today(), days=400)


def _done(world: World, row: Collaboration) -> None:
    wind_up(world.session, row)


def _merging(world: World, row: Collaboration) -> None:
    name_target(world.session, row, a_collaboration(world, slug="target", sites=("katowice", "gliwice")))


def _open_round(world: World, row: Collaboration) -> None:
    with followed(world.session, row):
        clear(world, row, open_iag(world, row), "iag_member 1")


@dataclass(frozen=True)
class Leg:
    """A stage on a way, what is done there, and the move by which the way goes on; the last one has none."""

    stage: str
    prepare: Callable[[World, Collaboration], None] = field(default=_nothing, repr=False)
    move: str = ""
    by: Role = Role.PROJECT_MANAGER


THROUGH = (
    Leg("matchmaking", move="draft_outline"),
    Leg("outline", _outline, "start_protocol"),
    Leg("investment_protocol", move="apply_for_assistance"),
    Leg("technical_assistance", move="assistance_granted"),
    Leg("investment_protocol", _protocol, "submit_to_iag"),
    Leg("iag_review", _iag, "pass_to_wgra", Role.IAG_CHAIR),
    Leg("wgra_review", _wgra, "endorse", Role.WGRA_CHAIR),
    Leg("funding_scenario", _funding, "park"),
    Leg("parked", move="drop"),
    Leg("dropped", move="reopen"),
    Leg("parked", move="resume"),
    Leg("funding_scenario", move="declare_bankable"),
    Leg("bankable", _signed, "submit"),
    Leg("submitted", move="put_on_reserve"),
    Leg("reserve", _agreed, "win"),
    Leg("funded", _all_agreed, "implement"),
    Leg("implementing", _done, "complete"),
    Leg("completed"),
)
"""To the end, once parked, dropped and taken up again while the partners' signatures are awaited."""

REJECTED = (
    *THROUGH[:2],
    Leg("investment_protocol", _protocol, "submit_to_iag"),
    Leg("iag_review", _open_round, "reject", Role.IAG_CHAIR),
    Leg("rejected", move="take_up_again"),
    Leg("investment_protocol", _merging, "merge"),
    Leg("merged"),
)
"""Rejected while a round is open, and merged in the end."""


def goes(session: Session, key: str, leg: Leg) -> None:
    """Let a collaboration go on to the next leg."""
    move(session, key, leg.move, actor=world_of(session).actor(leg.by), reason="So.")


def world_of(session: Session) -> World:
    """Return the world as it stands in a database."""
    return World(
        session,
        session.exec(select(Partnership)).one(),
        regions={row.slug: row for row in session.exec(select(Region))},
        organisations={row.name: row for row in session.exec(select(Organisation))},
        people={row.label: row for row in session.exec(select(Person))},
        area=session.exec(select(WorkingArea)).one(),
    )
