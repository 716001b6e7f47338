"""Guards on the reviews, and the facts that they are asked about."""

import pytest
from sqlmodel import Session

from states.crossings.review.rounds import open_requested_round
from states.review.facts import ReviewFacts, RoundFacts, facts_of
from states.review.guards import decided, positions_stated, round_closed
from states.review.positions import Stance, state_position
from states.review.service import close_round
from states.review.tables import Outcome, PriorityMatch, Willingness
from states.storage import Readings
from tests.factories import a_collaboration, a_collaboration_at, a_world, answer_wgra, clear, decide, s3

ENDORSED = ["endorse", "endorse_with_conditions"]


def _facts(*, closed: bool = True, outcome: Outcome | None = None, silent: tuple[str, ...] = ()) -> ReviewFacts:
    return ReviewFacts({"iag": RoundFacts("r", 2, "v", closed, outcome, silent)})


def test_a_closed_round() -> None:
    still_open, none = round_closed(_facts(closed=False), panel="iag"), round_closed(_facts(), panel="wgra")
    assert round_closed(_facts(), panel="iag") is None
    assert still_open is not None
    assert none is not None
    assert still_open.message == "Round 2 of panel iag is still open."
    assert none.message == "No round of panel wgra has been opened yet."


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (ReviewFacts({}), "not_decided"),
        (_facts(), "not_decided"),
        (_facts(outcome=Outcome.REVISE), "decided_otherwise"),
        (_facts(outcome=Outcome.ENDORSE), None),
        (_facts(outcome=Outcome.ENDORSE_WITH_CONDITIONS), None),
    ],
)
def test_a_decision_with_a_wanted_outcome(facts: ReviewFacts, code: str | None) -> None:
    refusal = decided(facts, panel="iag", outcomes=ENDORSED)
    assert (refusal.code if refusal else None) == code


def test_every_region_has_spoken() -> None:
    refusal = positions_stated(_facts(silent=("a", "b")), panel="iag")
    assert positions_stated(_facts(), panel="iag") is None
    assert positions_stated(ReviewFacts({}), panel="iag") is None
    assert refusal is not None
    assert (refusal.code, refusal.missing) == ("positions_missing", ("a", "b"))


def test_facts_are_of_the_last_round_of_each_panel(session: Session) -> None:
    world = a_world(session)
    row, other = a_collaboration_at(world, "wgra_review"), a_collaboration(world, slug="other")
    first = answer_wgra(world, row)
    decide(world, row, first, outcome=Outcome.REVISE)
    second = open_requested_round(session, row.id, "wgra")
    stance = Stance(Willingness.NO, PriorityMatch.NONE)
    paca = world.regions["paca"]
    clear(world, row, second, "paca")
    state_position(session, second, person_id=world.people["paca"].id, region=paca, stance=stance)
    close_round(session, second, panel=s3().panels["wgra"])
    read = Readings(session)
    facts = facts_of(read, row)
    assert facts_of(read, other) == ReviewFacts({})
    assert set(facts.rounds) == {"iag", "wgra"}
    assert facts.rounds["iag"].outcome is Outcome.ENDORSE
    assert facts.rounds["wgra"] == RoundFacts(
        second.id, 2, second.protocol_version_id, True, None, (world.regions["upper-silesia"].id,)
    )
