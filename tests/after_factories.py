"""A collaboration whose money is found: a chosen scenario of two funders and own means, for what comes after."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session

from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.implementation.progress import (
    accept_progress,
    hand_in,
    in_force,
    known_to,
    open_due_progress,
    write_progress,
)
from states.funding.awards.agreements import agreement_plan_of, end_agreement, plan_agreements, sign_agreement
from states.funding.service import SourceLine, UseLine, add_instrument, add_scenario, choose_scenario
from states.funding.tables import Instrument, Scenario, SourceKind, SourceStatus
from states.implementation.progress import ProgressContent, Spending
from states.implementation.results import ResultPlan, record_result
from states.protocol.queries import latest_versions
from tests.factories import World, a_collaboration_at

GRANT, LOAN, OWN = Decimal("500.00"), Decimal("200.10"), Decimal("300.00")


def an_instrument(world: World, slug: str, kind: SourceKind, *territory: str) -> Instrument:
    """Put an instrument of one region into the catalogue."""
    row = Instrument(
        partnership_id=world.partnership.id,
        slug=slug,
        name=slug.replace("-", " ").capitalize(),
        programme="ERDF",
        kind=kind,
        territory=list(territory),
    )
    add_instrument(world.session, row)
    return row


def a_financed_case(world: World, *, stage: str = "funding_scenario") -> tuple[Collaboration, Scenario]:
    """Return a collaboration with a chosen scenario: a grant to Gliwice, a loan to Marseille, own cash of Gliwice."""
    row = a_collaboration_at(world, stage)
    return row, a_chosen_scenario(world, row)


def a_chosen_scenario(world: World, row: Collaboration) -> Scenario:
    lead, partner = world.organisations["gliwice"].id, world.organisations["marseille"].id
    grant = an_instrument(world, "silesian-grant", SourceKind.GRANT, "PL22")
    loan = an_instrument(world, "paca-loan", SourceKind.LOAN, "FRL0")
    scenario = add_scenario(
        world.session,
        row,
        protocol_version_id=latest_versions(world.session, [row.id])[row.id].id,
        name="Grant and loan",
        uses=[UseLine(lead, "Equipment", GRANT + OWN), UseLine(partner, "Staff", LOAN)],
        sources=[
            SourceLine(lead, SourceKind.GRANT, SourceStatus.COMMITTED, GRANT, instrument_id=grant.id),
            SourceLine(partner, SourceKind.LOAN, SourceStatus.COMMITTED, LOAN, instrument_id=loan.id),
            SourceLine(lead, SourceKind.OWN_CASH, SourceStatus.COMMITTED, OWN),
        ],
    )
    return choose_scenario(world.session, scenario)


def a_running_case(world: World, *, began: date, days: int) -> Collaboration:
    """Return a collaboration whose grant and loan are signed, from a day for so many days."""
    row, _ = a_financed_case(world)
    agree_on_sources(world.session, row, began=began, days=days)
    return row


def agree_on_sources(session: Session, row: Collaboration, *, began: date, days: int) -> None:
    """Let each funder of the chosen scenario sign, from a day for so many days."""
    for one in plan_agreements(session, row):
        terms = replace(
            agreement_plan_of(one),
            funder=one.funder or "Funder",
            reference=f"A-{one.number}",
            agreed_on=min(began, today()),
            starts_on=began,
            ends_on=began + timedelta(days=days),
        )
        sign_agreement(session, row, one, terms, expected_version=one.version)


def wind_up(session: Session, row: Collaboration) -> None:
    """Let each partner report and the office accept it, every agreement end, and one target be reached."""
    for one in open_due_progress(session, row):
        on = min(known_to(session, one).lines, default="Equipment")
        write_progress(session, one, ProgressContent("Built.", 7, None, (Spending(on, Decimal("0.00")),)))
        hand_in(session, one, person_id=None)
        accept_progress(session, one, person_id=None)
    for agreement in in_force(session, row.id):
        end_agreement(session, agreement, on=today(), because="All was paid.")
    plan = ResultPlan("Laboratories", Decimal(2), achieved=Decimal(2), source="Seen.")
    record_result(session, plan, partnership_id=row.partnership_id, collaboration_id=row.id)
