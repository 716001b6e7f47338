"""Rank the dossiers of a panel; where points tie, the playbook's chain of criteria decides, and which one is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from states.review.definition import Panel
from states.review.scoring import PanelResult, panel_result

BY_POINTS = "points"
BY_LESS_DEVELOPED = "participation of a less developed region"
BY_SUBMISSION = "earlier submission"


@dataclass(frozen=True, slots=True)
class Contender:
    """A reviewed dossier: its consensus (or aggregated) scores, such as 3.5 or 10/3, and what else may break a tie."""

    collaboration_id: str
    title: str
    scores: Mapping[str, str]
    less_developed: bool
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Ranked:
    """A contender's rank; `decided_by` says what put it behind the one before (empty for the first)."""

    rank: int
    contender: Contender
    points: Decimal
    passed: bool
    decided_by: str


def rank(contenders: Sequence[Contender], *, panel: Panel) -> list[Ranked]:
    """Rank by weighted points, ties by the playbook's criteria, then less developed regions, then earlier submission.

    Those below a threshold come after all that passed: weights rank, thresholds are unweighted.
    """
    results = [(one, panel_result([one.scores], panel=panel)) for one in contenders]
    keyed = sorted(
        ((_key(one, result, panel), one, result) for one, result in results if result is not None),
        key=lambda entry: entry[0],
    )
    reasons = ["thresholds", BY_POINTS, *_titles(panel), BY_LESS_DEVELOPED, BY_SUBMISSION]
    ranked: list[Ranked] = []
    for number, (key, one, result) in enumerate(keyed, start=1):
        before = keyed[number - 2][0] if number > 1 else None
        decided = "" if before is None else _decided(before, key, reasons)
        ranked.append(Ranked(number, one, result.weighted, result.passed, decided))
    return ranked


def _key(one: Contender, result: PanelResult, panel: Panel) -> tuple[Decimal | Fraction | float, ...]:
    ties = [-Fraction(one.scores[key]) for key in panel.tie_break]
    return (
        Decimal(not result.passed),
        -result.exact_weighted,
        *ties,
        Decimal(not one.less_developed),
        one.submitted_at.timestamp(),
    )


def _titles(panel: Panel) -> list[str]:
    titles = {criterion.key: criterion.title for criterion in panel.criteria}
    return [titles[key] for key in panel.tie_break]


def _decided(before: Sequence[object], key: Sequence[object], reasons: Sequence[str]) -> str:
    return next(
        (reason for reason, a, b in zip(reasons, before, key, strict=True) if a != b), "nothing: they are equal"
    )
