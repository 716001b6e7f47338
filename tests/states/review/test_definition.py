"""What a playbook may say of a panel: contradictions are told when it is read."""

import pytest
from pydantic import ValidationError

from states.review.definition import Panel, Phase
from tests.states.review.room import IAG


def _panel(**changes: object) -> Panel:
    return Panel.model_validate({**IAG.model_dump(), **changes})


def test_the_panel_of_the_s3_playbook_is_sound() -> None:
    assert _panel() == IAG
    assert [phase.value for phase in IAG.phases] == ["individual", "consensus", "panel", "decision", "release"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"criteria": [], "tie_break": [], "overall": 0}, "needs criteria"),
        ({"criteria": [{"key": "market", "title": "One"}, {"key": "market", "title": "Two"}]}, "one key"),
        ({"maximum": 2}, "above the maximum of 2"),
        ({"overall": 31}, "above what all criteria together can give"),
        ({"phases": ["individual", "panel", "consensus", "decision", "release"]}, "in the order"),
        ({"phases": ["individual", "individual", "decision", "release"]}, "each once"),
        ({"phases": ["consensus", "decision", "release"]}, "every round has the phases"),
        ({"tie_break": ["fame"]}, "names no criterion: fame"),
        ({"quorum": 6}, "quorum of 6 cannot be had from 5 seats"),
        ({"spread": -1}, "greater than or equal to 0"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_panel_that_contradicts_itself(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        _panel(**changes)


def test_a_panel_goes_through_the_phases_that_it_declares() -> None:
    short = _panel(phases=["individual", "decision", "release"])
    assert [IAG.phase_after(phase) for phase in IAG.phases] == [*IAG.phases[1:], Phase.RELEASE]
    assert [short.phase_after(phase) for phase in short.phases] == [Phase.DECISION, Phase.RELEASE, Phase.RELEASE]
