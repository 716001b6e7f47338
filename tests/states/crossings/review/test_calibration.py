"""A panel's dossiers are ranked by what was agreed on last, with the rule that decided each place."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from states import clock
from states.collaborations.tables import Collaboration
from states.crossings.review.calibration import ranking_of
from states.protocol.service import freeze_version, write_section
from states.review.consensus import record_consensus
from states.review.definition import Phase
from states.review.ranking import BY_SUBMISSION
from states.review.service import close_round
from tests.factories import (
    REVIEWERS,
    World,
    a_collaboration_at,
    a_world,
    answer_iag,
    clear,
    evaluate,
    open_iag,
    s3,
    scores_of,
)

PANEL = s3().panels["iag"]
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _agreed(world: World, slug: str, *, day: int, **scores: str) -> Collaboration:
    """Return a collaboration whose IAG round ended in 4 on every criterion, but for these."""
    with clock.at(START + timedelta(days=day)):
        row = a_collaboration_at(world, "iag_review", slug=slug)
        opened = open_iag(world, row)
        for name in REVIEWERS:
            clear(world, row, opened, name)
            evaluate(world, row, opened, name)
        close_round(world.session, opened, panel=PANEL)
        given, comments = scores_of("4")
        record_consensus(
            world.session,
            opened,
            scores=given | scores,
            comments=comments,
            minority_views=(),
            person_id=world.people["iag_secretary"].id,
            panel=PANEL,
        )
    return row


def test_ties_go_by_the_playbooks_criteria_then_by_submission(session: Session) -> None:
    world = a_world(session)
    late = _agreed(world, "late", day=3)
    early = _agreed(world, "early", day=1)
    plan = _agreed(world, "plan", day=4, financing_plan="5", investment_case="3.5", market="3")
    value = _agreed(world, "value", day=5, interregional_value="5", market="3")
    below = _agreed(world, "below", day=2, financing_plan="5", market="2.5", team="5")

    ranked = ranking_of(session, world.partnership.id, "iag", panel=PANEL)

    assert [(one.contender.collaboration_id, one.points, one.decided_by) for one in ranked] == [
        (plan.id, Decimal("26.00"), ""),
        (value.id, Decimal("26.00"), "Feasibility of the financing plan"),
        (early.id, Decimal("26.00"), "Interregional added value"),
        (late.id, Decimal("26.00"), BY_SUBMISSION),
        (below.id, Decimal("27.00"), "thresholds"),
    ]
    assert [one.passed for one in ranked] == [True, True, True, True, False]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_ranking_of_an_instant_leaves_out_what_came_later(session: Session) -> None:
    world = a_world(session)
    first = _agreed(world, "first", day=1)
    _agreed(world, "second", day=3)

    ranked = ranking_of(session, world.partnership.id, "iag", panel=PANEL, until=START + timedelta(days=2))

    assert [one.contender.collaboration_id for one in ranked] == [first.id]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_last_round_of_a_dossier_counts(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    answer_iag(world, row, score="3")
    write_section(session, row, "object", {"what": "Another", "services": "x"}, sections=s3().protocol)
    freeze_version(session, row)
    answer_iag(world, row, score="4")

    ranked = ranking_of(session, world.partnership.id, "iag", panel=PANEL)

    assert [one.points for one in ranked] == [Decimal("26.00")]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_panel_without_a_consensus_ranks_by_its_evaluations_once_closed(session: Session) -> None:
    world = a_world(session)
    phases = [phase for phase in PANEL.phases if phase is not Phase.CONSENSUS]
    bare = PANEL.model_copy(update={"phases": phases})
    row = a_collaboration_at(world, "iag_review")
    opened = open_iag(world, row)
    for name, score in zip(REVIEWERS, ("3", "4", "5"), strict=True):
        clear(world, row, opened, name)
        evaluate(world, row, opened, name, score=score)

    before = ranking_of(session, world.partnership.id, "iag", panel=bare)
    close_round(session, opened, panel=bare)
    after = ranking_of(session, world.partnership.id, "iag", panel=bare)

    assert (before, [(one.points, one.decided_by) for one in after]) == ([], [(Decimal("26.00"), "")])


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_scores_by_other_criteria_are_not_compared(session: Session) -> None:
    world = a_world(session)
    answer_iag(world, a_collaboration_at(world, "iag_review"))
    newer = PANEL.model_copy(update={"criteria": PANEL.criteria[:5], "tie_break": []})

    assert ranking_of(session, world.partnership.id, "iag", panel=newer) == []


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_another_partnerships_dossiers_are_not_ranked(session: Session) -> None:
    world, other = a_world(session), a_world(session, slug="other")
    answer_iag(other, a_collaboration_at(other, "iag_review", slug="theirs"))

    assert ranking_of(session, world.partnership.id, "iag", panel=PANEL) == []
