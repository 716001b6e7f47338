"""Progress by period: opened when an agreement is signed, written, handed in, returned, accepted and corrected."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.consortium import leave
from states.crossings.implementation.drawdown import Basis, drawdown_of
from states.crossings.implementation.progress import (
    CHECK_DEADLINE,
    PROGRESS_DEADLINE,
    accept_progress,
    correct_progress,
    hand_in,
    open_due_progress,
    periods_of,
    return_progress,
    take_back,
    write_progress,
)
from states.deadlines.queries import open_deadlines_of
from states.errors import Refused
from states.funding.awards.agreements import agreement_plan_of, amend_agreement
from states.funding.awards.queries import agreements_of
from states.implementation.periods import periods_between
from states.implementation.progress import ProgressContent, ProgressInvalid, Reached, Receipt, Spending
from states.implementation.queries import progress_of
from states.implementation.tables import PartnerProgress, ProgressState
from states.lifecycle.move import move
from tests.after_factories import a_running_case
from tests.expect import codes, places
from tests.factories import a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

SAID = ProgressContent(
    done="The pilot line stands.",
    readiness=6,
    jobs=Decimal("1.50"),
    spent=(Spending("Staff", Decimal("120.10")),),
    indicators=(Reached("Prototypes tested", "3"),),
)


def of(session: Session, row: Collaboration, organisation_id: str, period: int = 1) -> list[PartnerProgress]:
    found = progress_of(session, [row.id])
    return [one for one in found if (one.organisation_id, one.period) == (organisation_id, period)]


def waiting(session: Session, row: PartnerProgress) -> list[str]:
    kinds = (PROGRESS_DEADLINE, CHECK_DEADLINE)
    return [kind for kind in kinds if open_deadlines_of(session, kind=kind, subject_id=row.id)]


def test_each_partner_reports_on_each_year_that_has_begun(session: Session) -> None:
    world = a_world(session)
    row = a_running_case(world, began=today() - timedelta(days=400), days=1095)

    opened = open_due_progress(session, row)
    again = open_due_progress(session, row)

    assert [one.number for one in periods_of(session, row)] == [1, 2, 3]
    assert sorted(one.period for one in opened) == [1, 1, 2, 2]
    assert again == []
    [late] = of(session, row, world.organisations["marseille"].id)
    [due] = open_deadlines_of(session, kind=PROGRESS_DEADLINE, subject_id=late.id)
    assert (due.owner_organisation_id, due.due_on > today() - timedelta(days=1)) == (late.organisation_id, True)


def test_an_amendment_moves_the_end_of_what_is_open(session: Session) -> None:
    world = a_world(session)
    row = a_running_case(world, began=today(), days=100)
    open_due_progress(session, row)
    grant, loan = agreements_of(session, row.id)
    for one in (grant, loan):
        longer = replace(agreement_plan_of(one), ends_on=today() + timedelta(days=200))
        amend_agreement(session, row, one, longer, because="Late.")
    open_due_progress(session, row)
    assert {one.ends_on for one in progress_of(session, [row.id])} == {today() + timedelta(days=200)}


def test_every_fault_is_said_at_its_place(session: Session) -> None:
    world = a_world(session)
    row = a_running_case(world, began=today(), days=400)
    open_due_progress(session, row)
    [mine] = of(session, row, world.organisations["marseille"].id)
    with pytest.raises(ProgressInvalid) as caught:
        write_progress(
            session,
            mine,
            ProgressContent(
                readiness=10,
                jobs=Decimal("-1"),
                spent=(
                    Spending(" ", Decimal(1)),
                    Spending("Staff", Decimal("0.001")),
                    Spending("Staff", Decimal(1)),
                ),
                received=(Receipt(1, today(), Decimal(1)), Receipt(2, today() - timedelta(days=1), Decimal(-1))),
                indicators=(Reached("", "1"), Reached("a", "1"), Reached("a", "2")),
            ),
        )
    assert places(caught.value) == [
        *("readiness", "jobs", "spent.1.on", "spent.2.amount", "spent.3.on"),
        *("received.1.agreement", "received.2.on", "received.2.amount", "indicators.1", "indicators.3.name"),
    ]
    with pytest.raises(ProgressInvalid) as unsaid:
        hand_in(session, mine, person_id=None)
    assert places(unsaid.value) == ["done", "spent", "readiness"]


def test_the_way_to_acceptance_and_its_correction(session: Session) -> None:
    world = a_world(session)
    row = a_running_case(world, began=today(), days=400)
    open_due_progress(session, row)
    partner, manager = world.people["partner"].id, world.people["project_manager"].id
    [mine] = of(session, row, world.organisations["marseille"].id)
    write_progress(session, mine, SAID)
    assert waiting(session, mine) == [PROGRESS_DEADLINE]
    hand_in(session, mine, person_id=partner)
    assert waiting(session, mine) == [CHECK_DEADLINE]
    take_back(session, mine)
    assert waiting(session, mine) == [PROGRESS_DEADLINE]
    hand_in(session, mine, person_id=partner)
    with pytest.raises(Refused) as own:
        accept_progress(session, mine, person_id=partner)
    return_progress(session, mine, question="Which prototypes?", person_id=manager)
    assert (mine.state, waiting(session, mine)) == (ProgressState.RETURNED, [PROGRESS_DEADLINE])
    hand_in(session, mine, person_id=partner)
    accept_progress(session, mine, person_id=manager)
    assert waiting(session, mine) == []
    with pytest.raises(Refused) as closed:
        write_progress(session, mine, SAID)
    correction = correct_progress(session, mine, because="An invoice was found.")
    with pytest.raises(Refused) as twice:
        correct_progress(session, mine, because="Another one.")
    assert drawdown_of(session, row).partners[1].spent == Decimal("120.10")
    write_progress(session, correction, replace(SAID, spent=(Spending("Staff", Decimal("130.20")),)))
    hand_in(session, correction, person_id=partner)
    accept_progress(session, correction, person_id=manager)

    assert (codes(own.value), codes(closed.value), codes(twice.value)) == (
        ["handed_in_by_oneself"],
        ["progress_elsewhere"],
        ["correction_under_way"],
    )
    assert [(one.revision, one.state) for one in of(session, row, mine.organisation_id)] == [
        (1, ProgressState.REPLACED),
        (2, ProgressState.ACCEPTED),
    ]
    assert drawdown_of(session, row).partners[1].spent == Decimal("130.20")


def test_who_leaves_hands_over_and_what_is_dropped_waits_no_more(session: Session) -> None:
    world = a_world(session)
    row = a_running_case(world, began=today(), days=400)
    open_due_progress(session, row)
    gliwice, marseille = world.organisations["gliwice"].id, world.organisations["marseille"].id
    [theirs] = of(session, row, marseille)

    def owners() -> list[str | None]:
        found = open_deadlines_of(session, kind=PROGRESS_DEADLINE, subject_id=theirs.id)
        return [one.owner_organisation_id for one in found]

    assert owners() == [marseille]
    leave(session, row, marseille, actor=world.manager)
    assert owners() == [gliwice]
    move(session, row.id, "drop", actor=world.manager, reason="The market is gone.")
    assert owners() == []
    move(session, row.id, "reopen", actor=world.manager, reason="It is back.")
    open_due_progress(session, row)
    assert owners() == [gliwice]


def test_planned_beside_received_adds_up(session: Session) -> None:
    world = a_world(session)
    row = a_running_case(world, began=today(), days=800)
    open_due_progress(session, row)
    [mine] = of(session, row, world.organisations["marseille"].id)
    write_progress(session, mine, replace(SAID, received=(Receipt(2, today(), Decimal("33.33")),)))
    hand_in(session, mine, person_id=None)
    assert drawdown_of(session, row).waiting == 2
    accept_progress(session, mine, person_id=None)

    found = drawdown_of(session, row)

    assert [one.basis for one in found.sources] == [Basis.EVENLY, Basis.EVENLY]
    for one in found.sources:
        assert sum(year.planned for year in one.years) + one.undated == one.standing.expected
    assert [one.received for one in found.sources] == [Decimal("0.00"), Decimal("33.33")]
    assert found.waiting == 1


@given(
    start=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    days=st.integers(0, 4000),
    months=st.integers(1, 36),
)
def test_periods_follow_each_other_without_a_gap(installation: object, start: date, days: int, months: int) -> None:
    end = start + timedelta(days=days)
    found = list(periods_between(start, end, months=months))
    assert (found[0].starts_on, found[-1].ends_on) == (start, end)
    for one, following in pairwise(found):
        assert one.ends_on + timedelta(days=1) == following.starts_on
    assert all(one.starts_on <= one.ends_on for one in found)
