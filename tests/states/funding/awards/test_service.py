"""Submissions and agreements: each names what it is about; the moves ask for the newest."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from states.clock import today
from states.errors import Refused
from states.funding.awards.agreements import (
    AgreementPlan,
    agreement_plan_of,
    correct_agreement,
    record_agreement,
    remove_agreement,
)
from states.funding.awards.queries import agreements_of, submissions_of
from states.funding.awards.service import (
    AwardInvalid,
    AwardRefused,
    SubmissionPlan,
    correct_submission,
    record_submission,
    submission_plan_of,
    withdraw_submission,
)
from states.lifecycle.move import move
from tests.expect import codes, places
from tests.factories import a_collaboration_at, a_world, agree_on, submit_to_lender

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_submit_and_win_ask_for_them(session: Session) -> None:
    world = a_world(session)
    row, manager = a_collaboration_at(world, "bankable"), world.manager
    with pytest.raises(Refused) as unsaid:
        move(session, row.id, "submit", actor=manager)
    first = submit_to_lender(world, row)
    move(session, row.id, "submit", actor=manager)
    agree_on(world, row, first)
    second = submit_to_lender(world, row)
    with pytest.raises(Refused) as old:
        move(session, row.id, "win", actor=manager)
    granted = agree_on(world, row, second)
    assert (codes(unsaid.value), codes(old.value)) == (["no_submission"], ["no_grant_agreement"])
    assert move(session, row.id, "win", actor=manager).to_stage == "funded"
    assert [one.number for one in submissions_of(session, row.id)] == [1, 2]
    correct_agreement(session, row, granted, replace(agreement_plan_of(granted), reference="BR-8"))
    assert (granted.reference, granted.amount, granted.version) == ("BR-8", Decimal("500.00"), 2)


def test_every_fault_is_said_at_its_place(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "bankable")
    tomorrow, nothing = today() + timedelta(days=1), Decimal(0)
    with pytest.raises(AwardInvalid) as neither:
        record_submission(session, row, SubmissionPlan(nothing, tomorrow), protocol_version_id="v")
    nowhere = SubmissionPlan(Decimal(1), today(), instrument_id="no such instrument", call="2027")
    with pytest.raises(AwardInvalid) as unknown:
        record_submission(session, row, nowhere, protocol_version_id="v")
    with pytest.raises(AwardInvalid) as alone:
        record_submission(session, row, replace(nowhere, instrument_id=None, lender="A bank"), protocol_version_id="v")
    with pytest.raises(AwardInvalid) as blank:
        record_agreement(session, row, AgreementPlan("s", " ", "", nothing, tomorrow))
    assert places(neither.value) == ["lender", "amount", "submitted_on"]
    assert places(unknown.value) == ["instrument"]
    assert places(alone.value) == ["call"]
    assert places(blank.value) == ["funder", "reference", "amount", "agreed_on"]
    assert submissions_of(session, row.id) == []


def test_what_was_recorded_by_mistake_is_corrected_or_withdrawn(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "bankable")
    made, doubled = submit_to_lender(world, row), submit_to_lender(world, row)
    correct_submission(session, row, made, replace(submission_plan_of(made), lender="Another bank"))
    agreed = agree_on(world, row, doubled)
    with pytest.raises(AwardRefused) as caught:
        withdraw_submission(session, doubled)
    remove_agreement(session, agreed)
    withdraw_submission(session, doubled)
    assert codes(caught.value) == ["agreement_rests_on_it"]
    assert agreements_of(session, row.id) == []
    assert [one.lender for one in submissions_of(session, row.id)] == ["Another bank"]
