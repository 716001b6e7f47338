"""What a recorded scenario means in money over the years: its financial plan, and every figure of it."""

import json
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from states.clock import now
from states.errors import Fault, Invalid, Stale
from states.funding.case.case import FundingCase, FundingScenario
from states.funding.finance.indicators import (
    GrantEquivalent,
    Indicators,
    Region,
    grant_equivalents,
    indicators,
    regions,
)
from states.funding.finance.plan import Plan
from states.funding.finance.planning import plan_of_mix
from states.funding.finance.reading import PlanInvalid
from states.funding.finance.sensitivity import Sensitivity, sensitivity, variables
from states.funding.finance.simulation import Simulation, Spread, simulate
from states.funding.finance.statements import Statements, statements
from states.funding.inputs.assumptions import Assumptions, assumption_faults
from states.funding.inputs.tables import FinancialAssumptions, SolvedCase
from states.funding.tables import Scenario
from states.storage import bump_version

UNWRITTEN = 0


class NoFinances(Invalid):
    """The scenario lacks what a financial plan is made from; each fault says what, and what to do."""

    code = "no_finances"


@dataclass(frozen=True, slots=True)
class Finances:
    """A plan with its statements and figures; `simulation` is None where nobody said what is uncertain."""

    case: FundingCase
    given: Assumptions
    plan: Plan
    statements: Statements
    indicators: Indicators
    aid: tuple[GrantEquivalent, ...]
    regions: tuple[Region, ...]
    sensitivity: tuple[Sensitivity, ...]
    simulation: Simulation | None


def finances(case: FundingCase, mix: FundingScenario, given: Assumptions) -> Finances:
    """Compute every figure of a mix, in about a second; raise `PlanInvalid` with every fault of the assumptions."""
    plan = plan_of_mix(case, mix, given)
    made, known = statements(plan), variables(plan)
    draws = given.draws
    spreads = [Spread(o.variable, o.low, o.high, o.likely) for o in given.uncertain if o.variable in known]
    return Finances(
        case=case,
        given=given,
        plan=plan,
        statements=made,
        indicators=indicators(plan, made),
        aid=tuple(grant_equivalents(plan, made)),
        regions=tuple(regions(plan)),
        sensitivity=tuple(sensitivity(plan, measure=draws.measure)),
        simulation=simulate(plan, spreads, seed=draws.seed, runs=draws.runs, measure=draws.measure)
        if spreads
        else None,
    )


def finances_of(session: Session, row: Scenario) -> Finances:
    """Compute the figures of a recorded scenario on its frozen case; raise `NoFinances` or `PlanInvalid`."""
    kept = assumptions_of(session, row.collaboration_id)
    if row.solved_case_id is None or kept is None:
        raise NoFinances(faults=list(_lacking(row, kept)))
    return _computed(*map(json.dumps, (session.get_one(SolvedCase, row.solved_case_id).case, row.mix, kept.content)))


# It depends on nothing but these texts, and proposal, teaser, comparison and briefings all show it.
@lru_cache(maxsize=32)
def _computed(case: str, mix: str, given: str) -> Finances:
    return finances(
        FundingCase.model_validate_json(case),
        FundingScenario.model_validate_json(mix),
        Assumptions.model_validate_json(given),
    )


def _lacking(row: Scenario, kept: FinancialAssumptions | None) -> list[Fault]:
    faults = []
    if row.solved_case_id is None:
        faults.append(Fault("scenario", "made_by_hand", remedy="take_mix_of_the_case", scenario=row.name))
    if kept is None:
        faults.append(Fault("assumptions", "no_assumptions", remedy="say_what_earned_lent_and_written_off"))
    return faults


def assumptions_of(session: Session, collaboration_id: str) -> FinancialAssumptions | None:
    """Return what is assumed of a collaboration's future, if anybody has said it."""
    query = select(FinancialAssumptions).where(FinancialAssumptions.collaboration_id == collaboration_id)
    return session.exec(query).one_or_none()


def keep_assumptions(
    session: Session, collaboration_id: str, given: Assumptions, *, expected_version: int
) -> FinancialAssumptions:
    """Replace the assumptions; raise `PlanInvalid` with every fault in themselves, `Stale` for another version.

    Whether they fit a case is asked when a plan is made: costs may be recorded later. Version 0 where there are none.
    """
    if faults := assumption_faults(given):
        raise PlanInvalid(faults=faults)
    row = assumptions_of(session, collaboration_id)
    if row is None and expected_version != UNWRITTEN:
        raise Stale("financial_assumptions", expected=expected_version, actual=UNWRITTEN)
    if row is None:
        row = FinancialAssumptions(collaboration_id=collaboration_id, content={})
    else:
        bump_version(session, row, expected=expected_version)
    row.content, row.changed_at = given.model_dump(mode="json"), now()
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:  # somebody else said it first, for the first time
        raise Stale("financial_assumptions") from error
    return row
