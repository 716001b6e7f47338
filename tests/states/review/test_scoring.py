"""Scores: on the scale or refused; aggregated as the playbook says; weights rank and never decide."""

from decimal import Decimal

import pytest

from states.review.definition import Panel
from states.review.scoring import ScoresInvalid, checked_scores, panel_result
from tests.expect import places
from tests.factories import s3

KEYS = [criterion.key for criterion in s3().panels["iag"].criteria]


def _panel(**rules: object) -> Panel:
    criteria = [
        {"key": "market", "title": "Market", "threshold": 3},
        {"key": "team", "title": "Team", "threshold": 3, "weight": 2},
    ]
    plain = {"title": "Panel", "kind": "scores", "members": "iag_member", "chair": "iag_chair", "due": 5}
    return Panel.model_validate({**plain, "criteria": criteria, **rules})


@pytest.mark.parametrize(
    ("raw", "stored"), [("0", "0.0"), ("-0", "0.0"), (4, "4.0"), (4.5, "4.5"), ("4.50", "4.5"), (Decimal(5), "5.0")]
)
def test_half_points_from_0_to_5(raw: object, stored: str) -> None:
    assert checked_scores({"market": raw, "team": "3"}, {}, panel=_panel()) == {"market": stored, "team": "3.0"}


@pytest.mark.parametrize("raw", ["4.3", "5.5", "-0.5", "NaN", "Infinity", "good", "", None, True, "1e999"])
def test_what_is_not_on_the_scale(raw: object) -> None:
    with pytest.raises(ScoresInvalid) as caught:
        checked_scores({"market": raw, "team": "3"}, {}, panel=_panel())
    assert [str(fault) for fault in caught.value.faults] == [
        f"scores.market: {raw} is not on the scale (0 to 5 in steps of 0.5)"
    ]


@pytest.mark.parametrize(
    ("step", "raw", "stored"),
    [("0.25", "4.25", "4.25"), ("1", "4.0", "4"), ("0.1", "4.3", "4.3"), ("0.05", "4.05", "4.05")],
)
def test_the_playbook_sets_the_step(step: str, raw: str, stored: str) -> None:
    assert checked_scores({"market": raw, "team": raw}, {}, panel=_panel(step=step))["market"] == stored


def test_all_faults_come_at_once() -> None:
    scores: dict[str, object] = dict.fromkeys(KEYS, "4")
    del scores["team"]
    scores |= {"market": "4.3", "beauty": "5"}
    with pytest.raises(ScoresInvalid) as caught:
        checked_scores(scores, {"charm": "Much."}, panel=s3().panels["iag"])
    assert places(caught.value) == ["scores.beauty", "comments.charm", "scores.market", "scores.team"]


def _result(*scores: tuple[str, str], **rules: object) -> tuple[list[str], str, str, bool]:
    result = panel_result([{"market": m, "team": t} for m, t in scores], panel=_panel(**rules))
    assert result is not None
    return [str(one.score) for one in result.criteria], str(result.overall), str(result.weighted), result.passed


def test_nothing_without_evaluations() -> None:
    assert panel_result([], panel=_panel()) is None


def test_the_mean_is_rounded_half_up_to_a_hundredth() -> None:
    assert _result(("4", "3"), ("4", "3.5"), ("3", "3.5")) == (["3.67", "3.33"], "7.00", "10.33", True)
    eighths = [("3.5", "3")] + [("3", "3")] * 3 + [("4", "3")] * 4
    assert _result(*eighths)[0] == ["3.56", "3.00"]  # 3.5625
    assert _result(("0.5", "3"), *[("0", "3")] * 99)[0] == ["0.01", "3.00"]  # 0.005


def test_the_median_is_deaf_to_an_outlier() -> None:
    assert _result(("0", "3"), ("4", "3"), ("5", "3.5"), aggregate="median")[0] == ["4.00", "3.00"]
    assert _result(("3", "3"), ("3.5", "3"), aggregate="median")[0] == ["3.25", "3.00"]


def test_a_threshold_is_met_by_what_equals_it() -> None:
    assert _result(("3", "3"))[3]
    assert not _result(("2.5", "5"))[3]


def test_a_weight_ranks_and_never_lifts_over_a_threshold() -> None:
    assert _result(("3", "3"), overall="6.5") == (["3.00", "3.00"], "6.00", "9.00", False)
    heavy = {"key": "market", "title": "Market", "threshold": 4, "weight": 10}
    assert not _result(("3.5", "5"), criteria=[heavy, {"key": "team", "title": "Team"}])[3]


def test_the_spread_is_highest_less_lowest() -> None:
    result = panel_result([{"market": "2", "team": "3"}, {"market": "4.5", "team": "3"}], panel=_panel())
    assert result is not None
    assert [one.spread for one in result.criteria] == [Decimal("2.5"), Decimal(0)]
    assert result.evaluations == 2


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"criteria": []}, "a panel that scores needs criteria"),
        ({"criteria": [{"key": "a", "title": "A"}] * 2}, "two criteria have one key"),
        ({"criteria": [{"key": "a", "title": "A", "threshold": 6}]}, "threshold is above the maximum of 5"),
        ({"overall": 11}, "overall threshold is above what all criteria together can give"),
    ],
)
def test_a_panel_that_contradicts_itself(rules: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _panel(**rules)
