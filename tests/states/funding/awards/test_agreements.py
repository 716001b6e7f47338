"""Agreements: planned from the scenario, signed, amended with the former terms kept, ended; sums to the cent."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from states.archive.tables import DocumentClass
from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.agreements import (
    CONDITION_DEADLINE,
    add_condition,
    change_condition,
    open_conditions,
    reopen_condition,
    settle_condition,
    withdraw_agreement,
)
from states.deadlines.queries import open_deadlines_of
from states.errors import Refused, Stale
from states.funding.awards.agreements import (
    agreement_plan_of,
    amend_agreement,
    correct_agreement,
    end_agreement,
    plan_agreements,
    record_agreement,
    remove_agreement,
    reopen_agreement,
    sign_agreement,
)
from states.funding.awards.queries import agreements_of, terms_of
from states.funding.awards.service import AwardInvalid
from states.funding.awards.sources import sources_standing
from states.funding.awards.states import AgreementState, agreement_state
from states.funding.awards.tables import Agreement, AgreementConditionState
from states.funding.tables import SourceKind
from tests.after_factories import GRANT, LOAN, a_financed_case
from tests.expect import codes, places
from tests.factories import World, a_collaboration_at, a_piece_of_evidence, a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def signed(world: World, row: Collaboration, agreement: Agreement) -> Agreement:
    plan = replace(
        agreement_plan_of(agreement),
        reference=f"A-{agreement.number}",
        agreed_on=today(),
        starts_on=today(),
        ends_on=today() + timedelta(days=729),
    )
    return sign_agreement(world.session, row, agreement, plan, expected_version=agreement.version)


def test_one_is_planned_for_each_source_that_a_funder_pays(session: Session) -> None:
    world = a_world(session)
    row, _ = a_financed_case(world)

    grant, loan = plan_agreements(session, row)
    again = plan_agreements(session, row)

    assert [(one.funder, one.amount, agreement_state(one)) for one in (grant, loan)] == [
        ("Silesian grant", GRANT, AgreementState.PLANNED),
        ("Paca loan", LOAN, AgreementState.PLANNED),
    ]
    assert (loan.source_kind, loan.organisation_id) == (SourceKind.LOAN, world.organisations["marseille"].id)
    assert again == []
    assert [(one.expected, one.agreed) for one in sources_standing(session, row.id)] == [
        (GRANT, Decimal("0.00")),
        (LOAN, Decimal("0.00")),
    ]


def test_without_a_chosen_scenario_none_is_planned(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "funding_scenario")
    with pytest.raises(Refused) as caught:
        plan_agreements(session, row)
    assert codes(caught.value) == ["no_scenario_chosen_yet"]


def test_what_is_agreed_stands_beside_what_is_expected(session: Session) -> None:
    world = a_world(session)
    row, _ = a_financed_case(world)
    grant, loan = plan_agreements(session, row)
    signed(world, row, grant)
    correct_agreement(session, row, grant, replace(agreement_plan_of(grant), amount=GRANT - Decimal("0.01")))
    signed(world, row, loan)
    other = replace(agreement_plan_of(grant), source_kind=SourceKind.EQUITY, instrument_id=None, amount=Decimal("7.00"))
    record_agreement(session, row, other)

    standing = sources_standing(session, row.id)

    assert [(one.numbers, one.apart) for one in standing] == [
        ((1,), Decimal("-0.01")),
        ((2,), Decimal("0.00")),
        ((3,), Decimal("7.00")),
    ]


def test_an_amendment_keeps_the_former_terms(session: Session) -> None:
    world = a_world(session)
    row, _ = a_financed_case(world)
    grant, _ = plan_agreements(session, row)
    with pytest.raises(Refused) as planned:
        amend_agreement(session, row, grant, agreement_plan_of(grant), because="Later.")
    signed(world, row, grant)
    before = agreement_plan_of(grant)
    with pytest.raises(AwardInvalid) as nothing:
        amend_agreement(session, row, grant, before, because=" ")
    longer = replace(before, ends_on=today() + timedelta(days=900), amount=Decimal("450.00"))

    amend_agreement(session, row, grant, longer, because="The pilot line came late.")

    [former] = terms_of(session, grant.id)
    assert codes(planned.value) == ["agreement_elsewhere"]
    assert places(nothing.value) == ["because", "terms"]
    assert (former.number, former.amount, former.ends_on) == (1, GRANT, before.ends_on)
    assert (former.replaced_because, grant.amount) == ("The pilot line came late.", Decimal("450.00"))
    with pytest.raises(Refused) as past:
        remove_agreement(session, grant)
    assert codes(past.value) == ["agreement_has_a_past"]


def test_every_fault_of_a_signature_is_said_at_its_place(session: Session) -> None:
    world = a_world(session)
    row, _ = a_financed_case(world)
    grant, _ = plan_agreements(session, row)
    letter = a_piece_of_evidence(world, row, kind="letter_of_support", evidence_class=DocumentClass.CONFIDENTIAL)
    wrong = replace(
        agreement_plan_of(grant),
        funder=" ",
        amount=Decimal("0.001"),
        agreed_on=today() + timedelta(days=1),
        starts_on=today(),
        ends_on=today() - timedelta(days=1),
        evidence_id=letter.id,
        organisation_id=world.organisations["katowice"].id,
        instrument_id="none",
    )
    with pytest.raises(AwardInvalid) as caught:
        sign_agreement(session, row, grant, wrong, expected_version=grant.version)
    with pytest.raises(AwardInvalid) as unsigned:
        correct_agreement(session, row, grant, replace(agreement_plan_of(grant), agreed_on=today()))
    expected = ["funder", "reference", "amount", "agreed_on", "ends_on", "organisation", "instrument", "evidence"]
    assert places(caught.value) == expected
    assert places(unsigned.value) == ["agreed_on"]
    with pytest.raises(Stale):
        sign_agreement(session, row, grant, replace(wrong, **_right(world, row)), expected_version=7)


def _right(world: World, row: Collaboration) -> dict[str, Any]:
    paper = a_piece_of_evidence(world, row, kind="agreement", content=b"%PDF-1.7 signed")
    return {
        "funder": "Region",
        "reference": "A-1",
        "amount": GRANT,
        "agreed_on": today(),
        "ends_on": today(),
        "organisation_id": world.organisations["gliwice"].id,
        "instrument_id": None,
        "evidence_id": paper.id,
    }


def test_it_ends_is_reopened_and_withdrawn_with_why(session: Session) -> None:
    world = a_world(session)
    row, _ = a_financed_case(world)
    grant, loan = plan_agreements(session, row)
    signed(world, row, grant)
    with pytest.raises(AwardInvalid) as early:
        end_agreement(session, grant, on=today() + timedelta(days=1), because="")
    end_agreement(session, grant, on=today(), because="All was paid.")
    ended = agreement_state(grant)
    reopen_agreement(session, grant, because="A tranche is open.")
    withdraw_agreement(session, loan, because="The bank does not lend.")
    [anew] = plan_agreements(session, row)

    assert places(early.value) == ["because", "on"]
    assert (ended, agreement_state(grant)) == (AgreementState.ENDED, AgreementState.SIGNED)
    assert (agreement_state(loan), loan.closed_because) == (AgreementState.WITHDRAWN, "The bank does not lend.")
    assert (anew.number, anew.source_kind) == (3, SourceKind.LOAN)
    remove_agreement(session, anew)
    assert [one.number for one in agreements_of(session, row.id)] == [1, 2]


def test_a_condition_with_a_day_waits_for_whoever_receives_the_money(session: Session) -> None:
    world = a_world(session)
    row, _ = a_financed_case(world)
    _, loan = plan_agreements(session, row)
    day = today() + timedelta(days=30)
    permit = add_condition(session, row, loan, text="Building permit", due_on=day)
    plain = add_condition(session, row, loan, text="Logo of the fund", due_on=None)

    def waiting() -> list[tuple[object, object]]:
        found = open_deadlines_of(session, kind=CONDITION_DEADLINE, subject_id=permit.id)
        return [(one.owner_organisation_id, one.due_on) for one in found]

    marseille = world.organisations["marseille"].id
    assert waiting() == [(marseille, day)]
    assert open_deadlines_of(session, kind=CONDITION_DEADLINE, subject_id=plain.id) == []
    change_condition(session, row, loan, permit, text="Building permit", due_on=day + timedelta(days=9))
    assert waiting() == [(marseille, day + timedelta(days=9))]
    settle_condition(session, row, permit, waived=False, note="Filed on Monday.")
    assert (permit.state, waiting()) == (AgreementConditionState.MET, [])
    with pytest.raises(Refused) as twice:
        settle_condition(session, row, permit, waived=True, note="No more.")
    assert codes(twice.value) == ["condition_elsewhere"]
    reopen_condition(session, row, loan, permit, note="It is of another site.")
    assert waiting() == [(marseille, day + timedelta(days=9))]
    assert [one.number for one in open_conditions(session, loan)] == [1, 2]
    withdraw_agreement(session, loan, because="The bank does not lend.")
    assert waiting() == []
