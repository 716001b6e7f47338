"""What a decision departs from: the panel's scores, the regions' positions, or a condition that a region set."""

import pytest

from states.review.departures import Advice, Departure
from states.review.recommendation import Recommendation
from states.review.tables import Outcome

ON_CONDITION = Recommendation(Outcome.ENDORSE_WITH_CONDITIONS, ("Silesia: a lower price",), ())


@pytest.mark.parametrize(
    ("advice", "outcome", "conditions", "departures"),
    [
        (Advice(None, None), Outcome.REJECT, (), []),
        (Advice(True, None), Outcome.ENDORSE, (), []),
        (Advice(True, None), Outcome.REVISE, (), [Departure.THRESHOLDS_MET]),
        (Advice(False, None), Outcome.REJECT, (), []),
        (Advice(False, None), Outcome.ENDORSE_WITH_CONDITIONS, ("x",), [Departure.THRESHOLD_MISSED]),
        (Advice(None, ON_CONDITION), Outcome.ENDORSE_WITH_CONDITIONS, ("Silesia: a lower price", "More."), []),
        (Advice(None, ON_CONDITION), Outcome.ENDORSE_WITH_CONDITIONS, ("More.",), [Departure.CONDITIONS]),
        (Advice(None, ON_CONDITION), Outcome.ENDORSE, (), [Departure.POSITIONS]),
    ],
)
def test_what_a_decision_departs_from(
    advice: Advice, outcome: Outcome, conditions: tuple[str, ...], departures: list[Departure]
) -> None:
    assert advice.departures(outcome, conditions) == departures
