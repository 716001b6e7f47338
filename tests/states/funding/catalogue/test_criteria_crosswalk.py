"""The crosswalk: one evaluation on other payers' scales, what it is worth there, and what is missing."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from states.funding.catalogue.criteria_crosswalk import (
    Cell,
    CommonCriterion,
    Converted,
    Criterion,
    Reuse,
    Scheme,
    as_common,
    beside,
    reuse,
)

FIVE, THREE = Decimal(5), Decimal(3)
COMMON = [
    CommonCriterion("readiness", "Readiness", FIVE, THREE),
    CommonCriterion("market", "Market", FIVE, THREE),
    CommonCriterion("team", "Team", FIVE, THREE),
]
SCORES = {"readiness": Decimal(4), "market": Decimal("3.5"), "team": Decimal(3)}


def asked(key: str, *common: str, most: str | None = "10", threshold: str | None = "6") -> Criterion:
    return Criterion.model_validate(
        {"key": key, "title": key.title(), "most": most, "threshold": threshold, "common": common}
    )


def test_scores_are_converted_in_proportion_and_several_by_their_mean() -> None:
    science, effect = asked("science", "readiness"), asked("effect", "market", "team", most="20", threshold="13.01")

    found = reuse(COMMON, SCORES, Scheme("Silesia", (science, effect), overall=Decimal(21)))

    assert found == Reuse(
        "Silesia",
        (
            Converted(science, Decimal("8.00"), passed=True),
            Converted(effect, Decimal("13.00"), passed=False),
        ),
        Decimal("21.00"),
        False,
        (),
    )


def test_the_overall_threshold_counts_beside_the_single_ones() -> None:
    scheme = Scheme("Silesia", (asked("science", "readiness"),), overall=Decimal("8.01"))

    assert (reuse(COMMON, SCORES, scheme).overall, reuse(COMMON, SCORES, scheme).passed) == (Decimal("8.00"), False)


def test_a_threshold_is_met_before_rounding_and_shown_points_are_never_too_many() -> None:
    scores = {"readiness": Decimal(2), "market": Decimal(2), "team": Decimal(1)}  # a third of fifteen
    third = asked("all", "readiness", "market", "team", most="10", threshold="3.33")

    found = reuse(COMMON, scores, Scheme("Silesia", (third,)))

    assert (found.lines[0].points, found.lines[0].passed, found.passed) == (Decimal("3.33"), True, True)


def test_gaps_are_named_and_leave_the_result_open() -> None:
    climate, relevance = asked("climate"), asked("relevance", "readiness", most=None, threshold=None)
    unscored = asked("economy", "value")

    found = reuse(COMMON, SCORES, Scheme("Union", (climate, relevance, unscored)))

    assert found.gaps == (
        "Climate: the common evaluation does not ask it",
        "Relevance: its scale is not published",
        "Economy: not scored yet: value",
    )
    assert (found.overall, found.passed, found.unasked) == (None, None, ("Market", "Team"))


def test_a_criterion_that_fails_decides_though_another_is_open() -> None:
    scheme = Scheme("Union", (asked("climate"), asked("science", "readiness", threshold="9")))

    assert reuse(COMMON, SCORES, scheme).passed is False


def test_a_payer_without_criteria_says_nothing() -> None:
    assert reuse(COMMON, SCORES, Scheme("Bank", ())).passed is None


def test_thresholds_stand_beside_the_common_ones_on_their_scale() -> None:
    hard, soft = asked("science", "readiness", threshold="8"), asked("effect", "readiness", threshold=None)

    found = beside(COMMON, [Scheme("Silesia", (hard, soft))])

    assert found == {
        "readiness": [
            Cell("Silesia", hard, Decimal("4.00"), stricter=True),
            Cell("Silesia", soft, None, stricter=False),
        ],
        "market": [],
        "team": [],
    }


def test_a_payers_own_evaluation_is_taken_over_by_another() -> None:
    ours = Scheme("Silesia", (asked("science", "readiness"), asked("effect", "market", most="20", threshold="10")))
    theirs = Scheme("Provence", (asked("projet", "readiness", "market", most="20", threshold="13"),))

    common = as_common(ours, {"science": Decimal(7), "effect": Decimal(12)}, COMMON)

    assert common == {"readiness": Decimal("3.50"), "market": Decimal("3.00")}
    assert reuse(COMMON, common, theirs).passed is True


def test_a_threshold_without_a_scale_that_reaches_it_is_refused() -> None:
    for most in (None, "5"):
        with pytest.raises(ValidationError, match="threshold 6 needs a scale that reaches it"):
            asked("science", most=most, threshold="6")
