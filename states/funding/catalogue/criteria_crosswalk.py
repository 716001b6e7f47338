"""The crosswalk of criteria: each payer's criteria, scales and thresholds beside the partnership's common set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self

from pydantic import Field, model_validator

from states.funding.case.vocabulary import CaseModel, Key
from states.shapes import Unfit

Points = Annotated[Decimal, Field(ge=0, max_digits=7, decimal_places=2)]
_SHOWN = Decimal("0.01")


class Criterion(CaseModel):
    """One criterion of a payer: 0 to `most` points (None: not published), passed from `threshold` on.

    `common` names those of the partnership's criteria that answer it; with none, nobody has evaluated it yet.
    """

    key: Key
    title: str = Field(min_length=1, max_length=200)
    most: Annotated[Points, Field(gt=0)] | None = None
    threshold: Points | None = None
    weight: Annotated[Decimal, Field(gt=0)] = Decimal(1)
    common: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.threshold is not None and (self.most is None or self.threshold > self.most):
            raise Unfit("threshold_beyond_scale", threshold=self.threshold)
        return self


@dataclass(frozen=True, slots=True)
class CommonCriterion:
    """A criterion of the partnership's panel: 0 to `most` points, passed from `threshold` on."""

    key: str
    title: str
    most: Decimal
    threshold: Decimal


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a payer judges: its criteria, and the least plain sum of their points (None: not published)."""

    payer: str
    criteria: tuple[Criterion, ...]
    overall: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    """What the common evaluation says on one criterion of a payer; `gap` tells why it does not say it.

    `points` are on the payer's scale, to a hundredth; `passed` is None where it cannot be said.
    """

    criterion: Criterion
    points: Decimal | None
    passed: bool | None
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Reuse:
    """What one evaluation is worth to a payer; `passed` is None where a criterion is open or a scale is unknown."""

    payer: str
    lines: tuple[Converted, ...]
    overall: Decimal | None
    passed: bool | None
    unasked: tuple[str, ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        """What stands against taking the evaluation over as it is."""
        return tuple(f"{line.criterion.title}: {line.gap}" for line in self.lines if line.gap)


@dataclass(frozen=True, slots=True)
class Cell:
    """One criterion of a payer beside a common one: its threshold on the common scale, and whether it asks more."""

    payer: str
    criterion: Criterion
    threshold: Decimal | None
    stricter: bool


def beside(common: Sequence[CommonCriterion], schemes: Sequence[Scheme]) -> dict[str, list[Cell]]:
    """Return, by key of each common criterion, what the payers ask in its place."""
    return {
        one.key: [
            _cell(one, scheme.payer, criterion)
            for scheme in schemes
            for criterion in scheme.criteria
            if one.key in criterion.common
        ]
        for one in common
    }


def _cell(common: CommonCriterion, payer: str, criterion: Criterion) -> Cell:
    if criterion.threshold is None or criterion.most is None:
        return Cell(payer, criterion, None, stricter=False)
    there = Fraction(criterion.threshold) / Fraction(criterion.most) * Fraction(common.most)
    return Cell(payer, criterion, _shown(there), stricter=there > Fraction(common.threshold))


def reuse(common: Sequence[CommonCriterion], scores: Mapping[str, Decimal], scheme: Scheme) -> Reuse:
    """Convert scores on the common criteria to a payer's scale: in proportion, the mean where several answer one.

    Whether a threshold is met is decided before rounding. Weights play no part in it.
    """
    shares = {one.key: Fraction(scores[one.key]) / Fraction(one.most) for one in common if one.key in scores}
    asked = {key for criterion in scheme.criteria for key in criterion.common}
    exact = [_mean([shares[key] for key in one.common if key in shares]) for one in scheme.criteria]
    lines = tuple(_convert(one, share, shares) for one, share in zip(scheme.criteria, exact, strict=True))
    unasked = tuple(one.title for one in common if one.key not in asked)
    total = Fraction(0)
    for criterion, share, line in zip(scheme.criteria, exact, lines, strict=True):
        if line.gap or criterion.most is None or share is None:
            failed = any(one.passed is False for one in lines)
            return Reuse(scheme.payer, lines, None, False if failed else None, unasked)
        total += share * Fraction(criterion.most)
    passed = all(line.passed is not False for line in lines) and total >= Fraction(scheme.overall or 0)
    return Reuse(scheme.payer, lines, _shown(total), passed if lines else None, unasked)


def as_common(scheme: Scheme, points: Mapping[str, Decimal], common: Sequence[CommonCriterion]) -> dict[str, Decimal]:
    """Return what a payer's own evaluation says on the common criteria, so that others can take it over in turn."""
    found = {}
    for one in common:
        shares = [
            Fraction(points[criterion.key]) / Fraction(criterion.most)
            for criterion in scheme.criteria
            if one.key in criterion.common and criterion.most is not None and criterion.key in points
        ]
        if (share := _mean(shares)) is not None:
            found[one.key] = _shown(share * Fraction(one.most))
    return found


def _convert(criterion: Criterion, share: Fraction | None, shares: Mapping[str, Fraction]) -> Converted:
    if not criterion.common:
        return Converted(criterion, None, None, "the common evaluation does not ask it")
    if open_keys := [key for key in criterion.common if key not in shares]:
        return Converted(criterion, None, None, f"not scored yet: {', '.join(open_keys)}")
    if criterion.most is None or share is None:
        return Converted(criterion, None, None, "its scale is not published")
    reached = share * Fraction(criterion.most)
    passed = None if criterion.threshold is None else reached >= Fraction(criterion.threshold)
    return Converted(criterion, _shown(reached), passed)


def _mean(shares: Sequence[Fraction]) -> Fraction | None:
    return sum(shares, Fraction(0)) / len(shares) if shares else None


def _shown(points: Fraction) -> Decimal:
    """Cut to a hundredth, so that what is shown is never more than what was reached."""
    return (Decimal(points.numerator) / Decimal(points.denominator)).quantize(_SHOWN, rounding="ROUND_DOWN")
