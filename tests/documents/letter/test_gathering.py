"""The letter to the partners: the released decision, and nobody who took part in it."""

import pytest
from sqlmodel import Session

from documents.letter.context import gather
from documents.render import render
from states.archive.tables import DocumentKind
from states.crossings.review.rounds import open_requested_round
from states.errors import Missing
from states.review.positions import Stance, state_position
from states.review.service import close_round
from states.review.tables import Outcome, PriorityMatch, Willingness
from tests.documents.story import (
    CONDITIONS,
    LABELS,
    REASONS,
    SCORED,
    SECRETS,
    Story,
    agree_on,
    comment_of,
    confirm,
    decide_on,
    prepare,
    text_of,
)
from tests.factories import a_collaboration_at, a_world, clear, decide, s3

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_tells_the_decision_and_what_comes_next(story: Story) -> None:
    decide_on(story)

    letter = gather(story.session, subject_id=story.opened.id)

    assert (letter.outcome, letter.reasons, letter.conditions, letter.signed_by) == (
        "Endorsed with conditions",
        REASONS,
        CONDITIONS,
        "IAG chair",
    )
    assert [(one.name, one.role) for one in letter.addressees] == [
        ("gliwice", "lead partner"),
        ("marseille", "partner"),
    ]
    assert letter.next_steps == (
        "The collaboration may now move on to: Review by the Working Group of Regional Authorities.",
        "Each condition stays open until it is recorded as met or waived; send what shows it, by its number.",
        "The decision holds for version 1 of the investment protocol. A new version is a new round.",
    )


@pytest.mark.parametrize(
    ("outcome", "first"),
    [
        (
            Outcome.ENDORSE,
            "The collaboration may now move on to: Review by the Working Group of Regional Authorities.",
        ),
        (Outcome.REVISE, "The collaboration may go back to: Investment protocol."),
        (Outcome.REJECT, "Version 1 of the investment protocol is not taken further."),
    ],
)
def test_next_step_follows_the_outcome(outcome: Outcome, first: str, story: Story) -> None:
    decide_on(story, outcome=outcome)

    letter = gather(story.session, subject_id=story.opened.id)

    assert (letter.next_steps[0], letter.conditions) == (first, ())


def test_conditions_of_regions_and_the_departure_from_them_are_told(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "wgra_review")
    opened = open_requested_round(session, row.id, "wgra")
    for name, willingness, condition in (
        ("upper-silesia", Willingness.IF, "A second rig in Gliwice."),
        ("paca", Willingness.YES, ""),
    ):
        clear(world, row, opened, name)
        stance = Stance(willingness, PriorityMatch.FULL, condition=condition)
        region, person_id = world.regions[name], world.people[name].id
        state_position(session, opened, person_id=person_id, region=region, stance=stance)
    close_round(session, opened, panel=s3().panels["wgra"])
    decide(world, row, opened)

    letter = gather(session, subject_id=opened.id)

    assert [(one.region, one.willingness, one.condition) for one in letter.regions] == [
        ("paca", Willingness.YES, ""),
        ("upper-silesia", Willingness.IF, "A second rig in Gliwice."),
    ]
    assert letter.departure == (
        "The positions of the regions recommend: Endorsed with conditions. Decided was: Endorsed."
    )
    printed = text_of(render(DocumentKind.DECISION_LETTER, letter))
    said = ("A second rig in Gliwice.", letter.departure, "If you object", f"Reference: {row.slug} / wgra / 1")
    assert [one for one in said if one not in printed] == []


def test_a_reason_is_told_that_departs_from_nothing_the_regions_said(story: Story) -> None:
    decide_on(story)
    letter = gather(story.session, subject_id=story.opened.id)

    printed = text_of(render(DocumentKind.DECISION_LETTER, letter))
    assert letter.departure == ""
    assert letter.departs_because != ""
    assert f"What it departs from, and why. {letter.departs_because}" in printed


def test_gives_nobody_away(story: Story) -> None:
    decide_on(story)

    printed = text_of(render(DocumentKind.DECISION_LETTER, gather(story.session, subject_id=story.opened.id)))

    planted = [*LABELS.values(), *SECRETS, *map(comment_of, SCORED), "What all of them say of it.", "4.5", "3.5", "2.5"]
    assert REASONS in printed
    assert [secret for secret in planted if secret in printed] == []


def test_pending_decision_has_no_letter(story: Story) -> None:
    refused = []
    for step in (agree_on, prepare, confirm):
        step(story)
        with pytest.raises(Missing) as caught:
            gather(story.session, subject_id=story.opened.id)
        refused.append(str(caught.value))

    assert refused == [f"There is no released decision of review round '{story.opened.id}' here."] * 3
