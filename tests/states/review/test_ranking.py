"""Ranking: weighted points first, then each rule of the chain, and which of them decided is said."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from states.review.ranking import BY_LESS_DEVELOPED, BY_POINTS, BY_SUBMISSION, Contender, Ranked, rank
from tests.states.review.room import CRITERIA, IAG

EARLY, LATE = datetime(2020, 5, 1, tzinfo=UTC), datetime(2020, 5, 2, tzinfo=UTC)


def _dossier(
    title: str, score: str = "4", *, less_developed: bool = False, at: datetime = EARLY, **other: str
) -> Contender:
    return Contender(title, title, {**dict.fromkeys(CRITERIA, score), **other}, less_developed, at)


def _shown(ranked: Sequence[Ranked]) -> list[tuple[int, str, str]]:
    return [(one.rank, one.contender.title, one.decided_by) for one in ranked]


def test_nothing_to_rank() -> None:
    assert rank([], panel=IAG) == []


def test_more_weighted_points_come_first() -> None:
    ranked = rank([_dossier("b"), _dossier("a", "4.5")], panel=IAG)
    assert _shown(ranked) == [(1, "a", ""), (2, "b", BY_POINTS)]
    assert [one.points for one in ranked] == [Decimal("29.25"), Decimal("26.00")]  # five times the score, and 1.5 times


def test_the_weight_ranks_and_the_threshold_does_not_know_it() -> None:
    money, market = _dossier("money", financing_plan="5"), _dossier("market", market="5")
    low = _dossier("low", "5", market="2.5")  # more points than either, and below one threshold
    ranked = rank([low, market, money], panel=IAG)
    assert _shown(ranked) == [(1, "money", ""), (2, "market", BY_POINTS), (3, "low", "thresholds")]
    assert [one.passed for one in ranked] == [True, True, False]
    assert ranked[2].points > ranked[0].points


def test_the_overall_threshold_is_unweighted() -> None:
    panel = IAG.model_copy(update={"overall": Decimal(25)})
    ranked = rank([_dossier("weighty", financing_plan="4.5"), _dossier("enough", market="5")], panel=panel)
    assert _shown(ranked) == [(1, "enough", ""), (2, "weighty", "thresholds")]


@pytest.mark.parametrize(
    ("behind", "before", "rule"),
    [
        # 0.5 on financing weighs 0.75: here market and team make up for 1 point of it, in half points.
        (
            _dossier("b", financing_plan="3", market="5", team="4.5"),
            _dossier("a"),
            "Feasibility of the financing plan",
        ),
        (
            _dossier("b", interregional_value="3.5", team="4.5"),
            _dossier("a"),
            "Interregional added value",
        ),
        (_dossier("b"), _dossier("a", less_developed=True), BY_LESS_DEVELOPED),
        (_dossier("b", at=LATE), _dossier("a"), BY_SUBMISSION),
    ],
)
def test_each_rule_of_the_chain_breaks_a_tie_and_is_named(behind: Contender, before: Contender, rule: str) -> None:
    for given in ([behind, before], [before, behind]):
        ranked = rank(given, panel=IAG)
        assert len({one.points for one in ranked}) == 1
        assert _shown(ranked) == [(1, "a", ""), (2, "b", rule)]


def test_an_earlier_rule_goes_before_a_later_one() -> None:
    first = _dossier("first", interregional_value="4.5", team="3.5", at=LATE)
    second = _dossier("second", less_developed=True, at=LATE)
    third = _dossier("third", at=EARLY)
    fourth = _dossier("fourth", at=LATE)
    assert _shown(rank([fourth, third, second, first], panel=IAG)) == [
        (1, "first", ""),
        (2, "second", "Interregional added value"),
        (3, "third", BY_LESS_DEVELOPED),
        (4, "fourth", BY_SUBMISSION),
    ]


def test_what_no_rule_parts_is_said_to_be_equal() -> None:
    assert _shown(rank([_dossier("a"), _dossier("b")], panel=IAG))[1] == (2, "b", "nothing: they are equal")


def test_without_a_chain_of_criteria_the_general_rules_decide() -> None:
    panel = IAG.model_copy(update={"tie_break": []})
    ranked = rank([_dossier("b", at=LATE), _dossier("a", interregional_value="3.5", team="4.5")], panel=panel)
    assert _shown(ranked) == [(1, "a", ""), (2, "b", BY_SUBMISSION)]
