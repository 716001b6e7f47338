"""What a proposal says of its reviews: the consensus, released decisions only, conditions with their state."""

from datetime import timedelta
from decimal import Decimal

import pytest

from documents.gathering import subject_of
from documents.proposal.approvals import reviews_of
from states import clock
from states.review.decisions import close_condition
from states.review.tables import ConditionState
from tests.documents.story import CONDITIONS, START, Story, agree_on, confirm, decide_on, prepare

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_scores_are_the_consensus_once_it_is_recorded(story: Story) -> None:
    subject = subject_of(story.session, story.row.id)
    (before,) = reviews_of(story.session, subject)

    agree_on(story, score="3.5", plan="3")
    (after,) = reviews_of(story.session, subject)

    assert (before.agreed, before.overall) == (False, Decimal("24.17"))  # five times 4 1/6, and 3 1/3
    assert (after.agreed, after.overall, after.evaluations) == (True, Decimal("20.5"), 3)
    assert [(one.lowest, one.highest) for one in after.criteria] == [(Decimal(4), Decimal("4.5"))] * 5 + [
        (Decimal("2.5"), Decimal(4))
    ]


def test_confirmed_decision_is_not_told_before_its_release(story: Story) -> None:
    agree_on(story)
    prepare(story)
    confirm(story)

    (review,) = reviews_of(story.session, subject_of(story.session, story.row.id))

    assert (review.decision, review.decided_on, review.conditions) == ("", None, ())


def test_conditions_stand_with_their_state(story: Story) -> None:
    decide_on(story)
    with clock.at(START + timedelta(days=40)):
        close_condition(
            story.session,
            story.opened,
            2,
            state=ConditionState.MET,
            evidence="Article 14 of the agreement.",
            person_id=story.person("iag_secretary"),
        )

    (review,) = reviews_of(story.session, subject_of(story.session, story.row.id))

    assert (review.decision, review.decided_on) == ("Endorsed with conditions", (START + timedelta(days=26)).date())
    assert [(one.number, one.text, one.state, one.evidence, one.closed_on) for one in review.conditions] == [
        (1, CONDITIONS[0], "open", "", None),
        (2, CONDITIONS[1], "met", "Article 14 of the agreement.", (START + timedelta(days=40)).date()),
    ]
