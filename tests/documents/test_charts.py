"""Charts: what they draw, and what they say to whoever cannot see them."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from documents.charts import journey, scores, sources_and_uses
from documents.drawing import in_two_lines, room_for, spread
from documents.parts import HistoryLine
from documents.proposal.scenario import Amount
from documents.review.rounds import ScoredCriterion
from states.playbooks.definition import Direction


def amount(name: str, value: str) -> Amount:
    return Amount(name=name, amount=Decimal(value))


def test_sources_and_uses_are_told_to_the_cent() -> None:
    drawn = sources_and_uses([amount("Rigs", "1000.10")], [amount("Grant", "600.05")], Decimal("400.05"))

    title = re.search(r"<title>(.*?)</title>", drawn)
    assert title is not None
    assert title[1].replace("\u00a0", " ").replace("\u202f", " ") == (
        "Uses, EUR 1 000.10: Rigs EUR 1 000.10. Sources: Grant EUR 600.05; Gap, not yet financed EUR 400.05."
    )


def test_columns_are_equally_high() -> None:
    uses = [amount("A", "700.00"), amount("B", "300.00")]
    drawn = sources_and_uses(uses, [amount("C", "1000.00")], Decimal(0))

    assert re.findall(r'<rect x="(\d+)" y="24" width="88" height="(\d+)"', drawn) == [("228", "126"), ("324", "180")]


@pytest.mark.parametrize(("gap", "dashed"), [("0.00", 0), ("1.00", 1)])
def test_gap_alone_is_hatched(gap: str, dashed: int) -> None:
    drawn = sources_and_uses([amount("A", "10.00")], [amount("B", "9.00")], Decimal(gap))

    assert drawn.count("stroke-dasharray") == dashed


def test_many_sources_are_folded_into_others() -> None:
    many = [amount(f"S{number}", "10.00") for number in range(60)]

    drawn = sources_and_uses([amount("A", "600.00")], many, Decimal(0))

    assert "54 others" in drawn
    assert drawn.count("<rect") == 1 + 7


def test_empty_plan_is_said_so() -> None:
    assert "No uses and no sources are planned." in sources_and_uses([], [], Decimal(0))


def criterion(score: str) -> ScoredCriterion:
    value = Decimal(score)
    return ScoredCriterion(name="Market", score=value, lowest=value, highest=value, threshold=Decimal(3))


@pytest.mark.parametrize(
    ("score", "said"),
    [("3.0", "Market 3.0 (threshold 3.0, passed)"), ("2.5", "Market 2.5 (threshold 3.0, below threshold)")],
)
def test_scores_say_whether_the_threshold_is_met(score: str, said: str) -> None:
    assert f"<title>Scores from 0 to 5: {said}.</title>" in scores([criterion(score)], Decimal(5))


def test_score_below_its_threshold_is_hatched() -> None:
    below, reached = (scores([criterion(score)], Decimal(5)) for score in ("2.5", "3.0"))

    assert (below.count("stroke-dasharray"), reached.count("stroke-dasharray")) == (1, 0)


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def move(on: int, start: str, end: str, direction: Direction = Direction.FORWARD) -> HistoryLine:
    return HistoryLine(at=day(on), move="m", from_stage=start, to_stage=end, direction=direction, by_role="chair")


def test_journey_tells_every_move() -> None:
    history = [move(1, "Idea", "Outline"), move(9, "Outline", "Idea", Direction.BACK)]

    drawn = journey(history, ["Idea", "Outline"], day(1), day(20)).replace("\u00a0", " ")

    title = re.search(r"<title>(.*?)</title>", drawn)
    assert title is not None
    assert title[1] == (
        "Moves between stages since 1 Jan 2026: 1 Jan 2026 forward from Idea to Outline; "
        "9 Jan 2026 back from Outline to Idea."
    )
    assert drawn.count('fill="#ffffff" stroke="#12466b"') == 1 + 1  # one ring for the move back, one in the key


def test_journey_shows_stages_that_the_lifecycle_does_not_list() -> None:
    drawn = journey([move(1, "Idea", "Elsewhere")], ["Idea"], day(1), day(2))

    assert ">Elsewhere</text>" in drawn


def test_journey_without_a_move() -> None:
    drawn = journey([], ["Idea"], day(1), day(2)).replace("\u00a0", " ")

    assert "Moves between stages since 1 Jan 2026: none yet." in drawn


def test_journey_shows_the_time_before_the_first_move() -> None:
    drawn = journey([move(11, "Idea", "Outline")], ["Idea", "Outline"], day(1), day(21))

    stays = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="8"', drawn)
    assert stays[:2] == [("206", "199"), ("405", "199")]  # ten days in each stage, side by side


def test_names_stand_on_two_lines_at_most() -> None:
    assert in_two_lines("Own cash", width=206) == ["Own cash"]
    assert in_two_lines("Review by the Working Group of Regional Authorities", width=206) == [
        "Review by the Working Group of",
        "Regional Authorities",
    ]
    assert in_two_lines("one two " * 10, width=115) == ["one two one two one", "two one two one two…"]


def test_names_have_the_room_that_they_need() -> None:
    long = "Begutachtung durch die Arbeitsgruppe der regionalen Behörden"
    assert room_for(["Own cash"], least=196) == 196
    assert in_two_lines(long, width=196)[1].endswith("…")
    assert in_two_lines(long, width=room_for(["Own cash", long], least=196)) == [
        "Begutachtung durch die Arbeitsgruppe",
        "der regionalen Behörden",
    ]
    assert room_for(["one two " * 40], least=196) < 340  # no more than half of the picture


def test_labels_keep_their_distance_within_the_frame() -> None:
    assert spread([10, 11, 12, 95], gap=10, top=5, bottom=90) == [10, 20, 30, 90]
