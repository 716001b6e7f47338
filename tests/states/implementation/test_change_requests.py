"""Changes of what was agreed on: who must agree by the rules, what they saw is what is frozen, and its redline."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.implementation import changes
from states.deadlines.queries import open_deadlines_of
from states.errors import Refused
from states.implementation.change_requests import (
    ALWAYS,
    ChangeInvalid,
    ChangePlan,
    Difference,
    Wanted,
    approvers,
    change_description,
    change_plan_of,
    current_approvals,
    describe_change,
)
from states.implementation.definition import Approver, ChangeRule, ChangeTerms
from states.implementation.states import CHANGE_REQUEST
from states.implementation.tables import ChangeRequest, ChangeState, KindOfChange
from states.protocol.queries import version_numbers, versions_of
from states.protocol.service import write_section
from tests.after_factories import a_running_case
from tests.expect import codes, places
from tests.factories import World, a_world, content_of, s3

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

SHIFT = ChangePlan(
    KindOfChange.BUDGET_SHIFT,
    "More for staff",
    "The rigs were cheaper.",
    (Difference("Staff, EUR", "200.10", "300.10"),),
    Decimal("100.00"),
)


def described(world: World, row: Collaboration, plan: ChangePlan = SHIFT) -> ChangeRequest:
    case = {"partnership_id": row.partnership_id, "collaboration_id": row.id}
    return describe_change(world.session, plan, **case, person_id=world.people["partner"].id)


def rewrite(world: World, row: Collaboration, rows: int) -> None:
    section = next(one for one in s3().protocol if any(field.columns for field in one.fields))
    content = content_of(section, rows=rows)
    write_section(world.session, row, section.key, content, sections=s3().protocol)


def test_who_must_agree_hangs_on_the_share(installation: object) -> None:
    terms, agreements = ChangeTerms(), ["a", "b"]

    def asked(kind: KindOfChange, shifted: str = "0") -> list[Wanted]:
        return approvers(terms, kind=kind, shifted=Decimal(shifted), budget=Decimal(1000), agreement_ids=agreements)

    office = Wanted(None, ALWAYS)
    assert asked(KindOfChange.BUDGET_SHIFT, "200.00") == [office]
    assert asked(KindOfChange.BUDGET_SHIFT, "200.01") == [office, Wanted("a", "above 20 %"), Wanted("b", "above 20 %")]
    assert asked(KindOfChange.DATES) == [office, Wanted("a", ALWAYS), Wanted("b", ALWAYS)]
    assert asked(KindOfChange.OTHER) == [office]
    own = ChangeTerms(rules=[ChangeRule(kind=KindOfChange.DATES, by=Approver.FUNDERS)])
    assert approvers(own, kind=KindOfChange.DATES, shifted=None, budget=Decimal(1), agreement_ids=["a"]) == [
        Wanted("a", ALWAYS)
    ]
    assert approvers(own, kind=KindOfChange.DATES, shifted=None, budget=Decimal(1), agreement_ids=[]) == [office]


def test_a_shift_is_approved_and_frozen_as_it_was_seen(session: Session) -> None:
    world = a_world(session)
    row = a_running_case(world, began=today(), days=800)
    before = versions_of(session, row.id)[-1]
    made = described(world, row, replace(SHIFT, shifted=Decimal("300.00")))
    rewrite(world, row, 2)

    changes.ask(session, row, made)
    office, grant, loan = current_approvals(session, made)
    assert (made.budget, office.agreement_id) == (Decimal("1000.10"), None)
    assert len(open_deadlines_of(session, kind=changes.APPROVAL_DEADLINE, subject_id=loan.id)) == 1
    rewrite(world, row, 3)
    manager = world.people["project_manager"].id
    with pytest.raises(Refused) as other:
        changes.answer(session, row, made, office, agrees=True, reason="", person_id=manager)
    rewrite(world, row, 2)
    with pytest.raises(Refused) as own:
        changes.answer(session, row, made, office, agrees=True, reason="", person_id=world.people["partner"].id)
    for approval in (office, grant, loan):
        changes.answer(session, row, made, approval, agrees=True, reason="", person_id=manager)

    after = versions_of(session, row.id)[-1]
    assert (codes(other.value), codes(own.value)) == (["draft_is_another_now"], ["asked_for_by_oneself"])
    assert (made.state, made.from_version_id, made.to_version_id) == (ChangeState.CARRIED_OUT, before.id, after.id)
    assert (after.number, after.sha256) == (before.number + 1, made.draft_sha256)
    expected = f"/collaborations/{row.id}/protocol/compare?from={before.number}&to={after.number}"
    assert changes.redline_of(made, version_numbers(session, [row.id])) == expected
    assert open_deadlines_of(session, kind=changes.APPROVAL_DEADLINE, subject_id=loan.id) == []


def test_one_refusal_refuses_and_a_revision_asks_anew(session: Session) -> None:
    world = a_world(session)
    row = a_running_case(world, began=today(), days=800)
    dates = ChangePlan(KindOfChange.DATES, "Later", "Delivery.", (Difference("End", "2028", "2029"),))
    made = described(world, row, dates)
    changes.ask(session, row, made)
    office, grant, loan = current_approvals(session, made)
    with pytest.raises(ChangeInvalid) as why:
        changes.answer(session, row, made, grant, agrees=False, reason=" ", person_id=None)
    changes.answer(session, row, made, office, agrees=True, reason="", person_id=None)
    changes.answer(session, row, made, grant, agrees=False, reason="The fund closes.", person_id=None)
    assert (places(why.value), made.state, made.closed_because) == (
        ["reason"],
        ChangeState.REFUSED,
        "The fund closes.",
    )
    assert open_deadlines_of(session, kind=changes.APPROVAL_DEADLINE, subject_id=loan.id) == []
    with pytest.raises(Refused):
        change_description(session, made, dates)
    changes.revise(session, made)
    change_description(session, made, replace(change_plan_of(made), title="A little later"))
    changes.ask(session, row, made)
    with pytest.raises(Refused) as former:
        changes.answer(session, row, made, loan, agrees=True, reason="", person_id=None)
    for approval in current_approvals(session, made):
        changes.answer(session, row, made, approval, agrees=True, reason="", person_id=None)
    assert (codes(former.value), made.state) == (["not_asked_now"], ChangeState.APPROVED)
    assert changes.redline_of(made, version_numbers(session, [row.id])) is None  # no section changed
    changes.carry_out(session, row, made)
    assert (made.state, made.to_version_id) == (ChangeState.CARRIED_OUT, None)


def test_it_is_withdrawn_and_every_fault_is_said(session: Session) -> None:
    world = a_world(session)
    row = a_running_case(world, began=today() - timedelta(days=3), days=800)
    with pytest.raises(ChangeInvalid) as blank:
        described(world, row, ChangePlan(KindOfChange.BUDGET_SHIFT, "", " ", (), Decimal(0)))
    with pytest.raises(ChangeInvalid) as same:
        described(world, row, replace(SHIFT, kind=KindOfChange.OTHER, differences=(Difference(" ", "1", "1"),)))
    made = described(world, row)
    changes.ask(session, row, made)
    changes.withdraw(session, made, because="Nobody wants it.")
    assert places(blank.value) == ["title", "because", "differences", "shifted"]
    assert places(same.value) == ["differences.1.what", "differences.1.after", "shifted"]
    assert (made.state, CHANGE_REQUEST.states[made.state]) == (ChangeState.WITHDRAWN, "Withdrawn")
    assert [
        one
        for approval in current_approvals(session, made)
        for one in open_deadlines_of(session, kind=changes.APPROVAL_DEADLINE, subject_id=approval.id)
    ] == []
