"""Scores: the scale, mean and median, thresholds without weights, spread, and each status of a panel."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.review.definition import Aggregate, Criterion, Panel
from states.review.scoring import (
    PanelResult,
    PanelStatus,
    ScoresInvalid,
    checked_scores,
    panel_result,
    panel_status,
    partial_scores,
    wide_apart,
)
from tests.expect import places
from tests.factories import scores_of
from tests.states.review.room import CRITERIA, IAG

MEDIAN = IAG.model_copy(update={"aggregate": Aggregate.MEDIAN})
half_points = st.integers(0, 10).map(lambda number: str(Decimal(number) / 2))
evaluations = st.lists(st.fixed_dictionaries(dict.fromkeys(CRITERIA, half_points)), min_size=1, max_size=7)


def _scores(score: str, **other: str) -> dict[str, str]:
    return {**dict.fromkeys(CRITERIA, score), **other}


@pytest.mark.parametrize(
    ("given_score", "stored"), [("4", "4.0"), (3.5, "3.5"), (0, "0.0"), ("-0", "0.0"), ("5.00", "5.0"), ("1e0", "1.0")]
)
def test_a_score_on_the_scale_is_stored_in_steps(given_score: object, stored: str) -> None:
    scores, comments = scores_of()
    assert checked_scores({**scores, "market": given_score}, comments, panel=IAG)["market"] == stored


@pytest.mark.parametrize("wrong", ["4.3", "5.5", "-0.5", "", "x", "NaN", "sNaN", "Infinity", None, True, "1e999999"])
def test_a_score_off_the_scale_is_named(wrong: object) -> None:
    scores, comments = scores_of()
    with pytest.raises(ScoresInvalid) as caught:
        checked_scores({**scores, "market": wrong}, comments, panel=IAG)
    assert [(fault.place, fault.remedy) for fault in caught.value.faults] == [
        ("scores.market", "0 to 5 in steps of 0.5")
    ]


def test_every_fault_is_told_at_once() -> None:
    scores, comments = scores_of()
    scores |= {"market": "9", "seventh": "4"}
    del scores["team"]
    comments |= {"readiness": "short", "eighth": "A comment on nothing at all."}
    with pytest.raises(ScoresInvalid) as caught:
        checked_scores(scores, comments, panel=IAG)
    assert places(caught.value) == [
        "scores.seventh",
        "comments.eighth",
        "scores.market",
        "comments.readiness",
        "scores.team",
    ]


@pytest.mark.parametrize(("length", "enough"), [(19, False), (20, True)])
def test_a_comment_has_its_length_without_the_blanks_around_it(length: int, enough: bool) -> None:
    scores, comments = scores_of()
    comments["market"] = f"  {'x' * length}  "
    if enough:
        assert checked_scores(scores, comments, panel=IAG) == _scores("4.0")
    else:
        with pytest.raises(ScoresInvalid, match="19 of at least 20"):
            checked_scores(scores, comments, panel=IAG)


def test_a_draft_may_lack_scores_and_comments() -> None:
    assert partial_scores({"market": 3}, {}, panel=IAG) == {"market": "3.0"}


@pytest.mark.parametrize(("panel", "score"), [(IAG, "3.17"), (MEDIAN, "3.50")])
def test_mean_and_median(panel: Panel, score: str) -> None:
    given_scores = [_scores("1"), _scores("3.5"), _scores("5")]
    result = panel_result(given_scores, panel=panel)
    assert result is not None
    assert {str(one.score) for one in result.criteria} == {score}
    assert {one.spread for one in result.criteria} == {Decimal(4)}
    exact = Fraction(19, 6) if panel is IAG else Fraction(7, 2)
    assert (result.evaluations, result.exact) == (3, exact * 6)


def test_without_evaluations_there_is_no_result() -> None:
    assert panel_result([], panel=IAG) is None
    assert wide_apart([], panel=IAG) == []


@pytest.mark.parametrize(
    ("scores", "passed"),
    [
        (_scores("3"), True),
        (_scores("5", market="2.5"), False),
        (_scores("3", financing_plan="2.5"), False),
        (_scores("5", financing_plan="2.5"), False),  # its weight of 1.5 would lift it over 3
    ],
)
def test_thresholds_know_no_weights(scores: dict[str, str], passed: bool) -> None:
    result = panel_result([scores], panel=IAG)
    assert result is not None
    assert result.passed is passed


def test_the_overall_threshold_holds_beside_the_single_ones() -> None:
    panel = IAG.model_copy(update={"overall": Decimal("18.5")})
    enough, short = (panel_result([one], panel=panel) for one in (_scores("3", market="3.5"), _scores("3")))
    assert enough is not None
    assert short is not None
    assert (enough.passed, short.passed) == (True, False)


@pytest.mark.parametrize(("market", "apart"), [("4.5", []), ("5", ["market"])])
def test_more_than_one_and_a_half_points_lie_wide_apart(market: str, apart: list[str]) -> None:
    found = wide_apart([_scores("3"), _scores("3", market=market)], panel=IAG)
    assert [one.criterion.key for one in found] == apart


@pytest.mark.parametrize(
    ("scores", "awaited", "status"),
    [
        ([], 3, PanelStatus.NOT_STARTED),
        ([], 0, PanelStatus.NOT_STARTED),
        ([_scores("4")], 2, PanelStatus.IN_PROGRESS),
        ([_scores("1"), _scores("5")], 1, PanelStatus.IN_PROGRESS),
        ([_scores("4"), _scores("3")], 0, PanelStatus.POSITIVE),
        ([_scores("2"), _scores("2.5")], 0, PanelStatus.NEGATIVE),
        ([_scores("3.5"), _scores("2.5")], 0, PanelStatus.MIXED),
        ([_scores("4"), _scores("4", team="2")], 0, PanelStatus.CONFLICTING),
        ([_scores("1"), _scores("5")], 0, PanelStatus.CONFLICTING),
    ],
)
def test_the_status_of_a_panel(scores: list[dict[str, str]], awaited: int, status: PanelStatus) -> None:
    assert panel_status(scores, awaited=awaited, panel=IAG) is status


@given(evaluations)
def test_an_aggregate_lies_between_the_lowest_and_the_highest_whatever_the_order(rows: list[dict[str, str]]) -> None:
    for panel in (IAG, MEDIAN):
        result, turned = panel_result(rows, panel=panel), panel_result(rows[::-1], panel=panel)
        assert result is not None
        assert result == turned
        for one in result.criteria:
            values = [Decimal(row[one.criterion.key]) for row in rows]
            assert min(values) <= one.score <= max(values)
        assert abs(result.overall - sum(one.score for one in result.criteria)) <= Decimal("0.005") * (
            1 + len(result.criteria)
        )


def _three(*rows: tuple[str, str, str], overall: str) -> tuple[PanelResult, PanelStatus]:
    keys = ("excellence", "impact", "implementation")
    criteria = [Criterion(key=key, title=key, threshold=Decimal(3)) for key in keys]
    panel = IAG.model_copy(update={"criteria": criteria, "overall": Decimal(overall)})
    scores = [dict(zip(keys, row, strict=True)) for row in rows]
    result = panel_result(scores, panel=panel)
    assert result is not None
    return result, panel_status(scores, awaited=0, panel=panel)


@pytest.mark.parametrize(
    ("rows", "overall", "shown", "passed"),
    [
        ((("3", "3", "4"), ("3", "4", "3"), ("4", "3", "3")), "10", "10.00", True),
        ((("3", "3.5", "3.5"), ("3.5", "3", "3.5"), ("3.5", "3.5", "3")), "10", "10.00", True),
        ((("4", "4", "5"), ("4", "5", "4"), ("5", "4", "4")), "13", "13.00", True),
        ((("3.5", "4", "4"), ("4", "3.5", "4"), ("4", "4", "3.5")), "11.5", "11.50", True),
        ((("3", "3", "4"), ("3", "3", "4"), ("4", "3", "3")), "10", "10.00", True),
        ((*(("3.5", "3.5", "3") for _ in range(6)), ("3", "3.5", "3")), "10", "9.93", False),
        ((*(("3", "3", "4") for _ in range(200)), ("3", "3", "3.5")), "10", "9.99", False),  # 9.9975
    ],
)
def test_thresholds_are_held_against_exact_sums(
    rows: tuple[tuple[str, str, str], ...], overall: str, shown: str, passed: bool
) -> None:
    result, _ = _three(*rows, overall=overall)

    assert (str(result.overall), result.passed) == (shown, passed)
    assert (result.overall >= result.threshold) is passed


def test_a_mean_just_below_its_threshold_is_shown_below_it() -> None:
    rows = [("3", "4", "4")] * 200 + [("2.5", "4", "4")]

    result, _ = _three(*rows, overall="0")

    assert [(str(one.score), one.passed) for one in result.criteria] == [
        ("2.99", False),
        ("4.00", True),
        ("4.00", True),
    ]
