"""The end: results beside targets, what is open is named, and the guards of a playbook of one's own ask for it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlmodel import Session

from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.agreements import add_condition, settle_condition
from states.crossings.dossier import dossiers_of, gather
from states.crossings.implementation.closure import closure_of
from states.crossings.implementation.progress import accept_progress, hand_in, open_due_progress, write_progress
from states.funding.awards.agreements import end_agreement
from states.funding.awards.queries import agreements_of
from states.implementation.progress import ProgressContent, Spending
from states.implementation.queries import progress_of, results_of
from states.implementation.results import (
    ResultInvalid,
    ResultPlan,
    change_result,
    record_result,
    remove_result,
    result_plan_of,
)
from states.playbooks.guards import GUARDS
from tests.after_factories import a_financed_case, a_running_case
from tests.expect import places
from tests.factories import a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

CLOSING = (
    "sources_agreed",
    "agreements_ended",
    "agreement_conditions_settled",
    "progress_accepted",
    "results_reported",
    "changes_settled",
)


def refusals(session: Session, row: Collaboration) -> list[str]:
    """Return what the closing guards say, by the code of each that refuses."""
    [dossier] = dossiers_of(session, [row])
    gather([dossier], {row.id: ("closing", "implementation")})
    found = (GUARDS[name](dossier, {}) for name in CLOSING)
    return [one.code for one in found if one is not None]


def test_sources_wait_for_their_agreements(session: Session) -> None:
    world = a_world(session)
    row, _ = a_financed_case(world)
    assert refusals(session, row) == ["sources_not_agreed", "no_progress", "too_few_results"]
    assert closure_of(session, row).awards.unsigned == ("grant", "loan")


def test_what_is_open_is_named_until_nothing_is(session: Session) -> None:
    world = a_world(session)
    row = a_running_case(world, began=today(), days=300)
    open_due_progress(session, row)
    grant, loan = agreements_of(session, row.id)
    permit = add_condition(session, row, grant, text="Permit", due_on=None)
    case = {"partnership_id": row.partnership_id, "collaboration_id": row.id}
    tested = record_result(session, ResultPlan("Prototypes tested", Decimal(12), "pieces"), **case)
    assert refusals(session, row) == [
        "agreements_running",
        "agreement_conditions_open",
        "progress_not_accepted",
        "results_incomplete",
    ]
    found = closure_of(session, row)
    assert (found.open, found.awards.running, found.implementation.open_periods) == (5, (1, 2), ((1, 2),))

    with pytest.raises(ResultInvalid) as unexplained:
        change_result(session, tested, replace(result_plan_of(tested), achieved=Decimal("11.5")))
    assert places(unexplained.value) == ["source", "explanation"]
    told = replace(result_plan_of(tested), achieved=Decimal("11.5"), source="Test log", explanation="One rig was late.")
    change_result(session, tested, told)
    settle_condition(session, row, permit, waived=False, note="Filed.")
    for one in progress_of(session, [row.id]):
        spent = (Spending("Staff", Decimal("0.00")),)
        write_progress(session, one, ProgressContent(done="All.", readiness=7, spent=spent))
        hand_in(session, one, person_id=None)
        accept_progress(session, one, person_id=None)
    for agreement in (grant, loan):
        end_agreement(session, agreement, on=today(), because="All was paid.")

    assert refusals(session, row) == []
    assert closure_of(session, row).open == 0


def test_results_are_named_once_and_taken_out(session: Session) -> None:
    world = a_world(session)
    row, _ = a_financed_case(world)
    case = {"partnership_id": row.partnership_id, "collaboration_id": row.id}
    made = record_result(session, ResultPlan("Jobs", Decimal(2)), **case)
    with pytest.raises(ResultInvalid) as twice:
        record_result(session, ResultPlan("Jobs ", Decimal("0.00001")), **case)
    remove_result(session, made)
    assert places(twice.value) == ["indicator", "target"]
    assert results_of(session, row.id) == []
