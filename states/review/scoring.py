"""Scores: checked against the panel, aggregated, held against thresholds. Pure functions on Decimal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from math import floor
from statistics import median

from states.errors import Fault, Invalid
from states.review.definition import Aggregate, Criterion, Panel


class ScoresInvalid(Invalid):
    """The scores do not fit the panel's criteria and scale."""

    code = "scores_invalid"


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """A panel's score on one criterion, in points; `spread` is highest less lowest."""

    criterion: Criterion
    exact: Fraction
    spread: Decimal

    @property
    def score(self) -> Decimal:
        """The score as it is shown."""
        return _shown(self.exact, self.criterion.threshold)

    @property
    def passed(self) -> bool:
        """Tell whether the threshold is met; the weight plays no part."""
        return self.exact >= Fraction(self.criterion.threshold)


@dataclass(frozen=True, slots=True)
class PanelResult:
    """The panel's scores: by criterion, their unweighted sum for the threshold, the weighted one for ranking.

    Sums are those of the exact scores: what is shown of them may differ by some hundredths.
    """

    criteria: tuple[CriterionResult, ...]
    evaluations: int
    threshold: Decimal

    @property
    def exact(self) -> Fraction:
        """The unweighted sum."""
        return sum((result.exact for result in self.criteria), Fraction(0))

    @property
    def exact_weighted(self) -> Fraction:
        """The weighted sum, by which proposals are ranked."""
        return sum((result.exact * Fraction(result.criterion.weight) for result in self.criteria), Fraction(0))

    @property
    def overall(self) -> Decimal:
        """The unweighted sum as it is shown."""
        return _shown(self.exact, self.threshold)

    @property
    def weighted(self) -> Decimal:
        """The weighted sum as it is shown."""
        return _rounded(self.exact_weighted)

    @property
    def passed(self) -> bool:
        """Tell whether every threshold, and the overall one, is met."""
        return self.exact >= Fraction(self.threshold) and all(result.passed for result in self.criteria)


def partial_scores(scores: Mapping[str, object], comments: Mapping[str, str], *, panel: Panel) -> dict[str, str]:
    """Return the scores of a draft as stored text: each on the scale; any criterion may still be missing."""
    stored, faults = _read(scores, comments, panel)
    if faults:
        raise ScoresInvalid(faults=faults)
    return stored


def checked_scores(scores: Mapping[str, object], comments: Mapping[str, str], *, panel: Panel) -> dict[str, str]:
    """Return the scores as stored text, or raise `ScoresInvalid` with every fault.

    Every criterion has one score from 0 to the panel's maximum in its step (Horizon Europe: half points to 5),
    and a comment of the length that the playbook asks for.
    """
    stored, faults = _read(scores, comments, panel)
    for criterion in panel.criteria:
        if criterion.key not in scores:
            faults.append(
                Fault(f"scores.{criterion.key}", "missing", remedy="scale", most=panel.maximum, step=panel.step)
            )
        length = len(comments.get(criterion.key, "").strip())
        if length < panel.comment:
            faults.append(
                Fault(
                    f"comments.{criterion.key}",
                    "comment_too_short",
                    remedy="say_what_score_rests_on",
                    length=length,
                    least=panel.comment,
                )
            )
    if faults:
        raise ScoresInvalid(faults=faults)
    return stored


def _read(
    scores: Mapping[str, object], comments: Mapping[str, str], panel: Panel
) -> tuple[dict[str, str], list[Fault]]:
    keys = [criterion.key for criterion in panel.criteria]
    faults = [
        Fault(f"{part}.{key}", "no_criterion_panel", remedy="criteria_are", keys=tuple(keys))
        for part, given in (("scores", scores), ("comments", comments))
        for key in given
        if key not in keys
    ]
    stored: dict[str, str] = {}
    for key in keys:
        if key not in scores:
            continue
        score = _score(scores[key], panel)
        if score is None:
            faults.append(
                Fault(
                    f"scores.{key}",
                    "not_on_scale",
                    remedy="scale",
                    score=str(scores[key]),
                    most=panel.maximum,
                    step=panel.step,
                )
            )
        else:
            stored[key] = str(score)
    return stored, faults


def _score(raw: object, panel: Panel) -> Decimal | None:
    try:
        score = Decimal(str(raw))
    except InvalidOperation:
        return None
    fits = score.is_finite() and 0 <= score <= panel.maximum and score % panel.step == 0
    return abs(score).quantize(panel.step) if fits else None  # a zero has no sign


def panel_result(scores: Sequence[Mapping[str, str]], *, panel: Panel) -> PanelResult | None:
    """Aggregate the evaluations as the playbook says; None where there is none yet."""
    if not scores:
        return None
    results = []
    for criterion in panel.criteria:
        given = [Fraction(one[criterion.key]) for one in scores]
        middle = median(given) if panel.aggregate is Aggregate.MEDIAN else sum(given, Fraction(0)) / len(given)
        results.append(CriterionResult(criterion, middle, _rounded(max(given) - min(given))))
    return PanelResult(criteria=tuple(results), evaluations=len(scores), threshold=panel.overall)


def wide_apart(scores: Sequence[Mapping[str, str]], *, panel: Panel) -> list[CriterionResult]:
    """Return the criteria on which the reviewers lie further apart than the playbook lets pass without discussion."""
    result = panel_result(scores, panel=panel)
    return [one for one in result.criteria if one.spread > panel.spread] if result else []


class PanelStatus(StrEnum):
    """Where a panel stands, computed from its evaluations."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    MIXED = "mixed"
    CONFLICTING = "conflicting"


def panel_status(scores: Sequence[Mapping[str, str]], *, awaited: int, panel: Panel) -> PanelStatus:
    """Compute the status: reviewers who agree, who differ (mixed), or who lie so far apart that they must talk."""
    if not scores:
        return PanelStatus.NOT_STARTED
    if awaited:
        return PanelStatus.IN_PROGRESS
    if wide_apart(scores, panel=panel):
        return PanelStatus.CONFLICTING
    verdicts = {result.passed for one in scores if (result := panel_result([one], panel=panel))}
    if len(verdicts) > 1:
        return PanelStatus.MIXED
    return PanelStatus.POSITIVE if verdicts == {True} else PanelStatus.NEGATIVE


def _rounded(points: Fraction) -> Decimal:
    return Decimal(floor(points * 100 + Fraction(1, 2))).scaleb(-2)


def _shown(points: Fraction, threshold: Decimal) -> Decimal:
    """Round half up to the hundredth, but never up to a threshold that is not met."""
    rounded = _rounded(points)
    missed = points < Fraction(threshold) <= Fraction(rounded)
    return Decimal(floor(points * 100)).scaleb(-2) if missed else rounded
