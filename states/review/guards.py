"""Guards on the advisory reviews."""

from collections.abc import Sequence

from states.errors import Refusal
from states.review.facts import ReviewFacts
from states.review.queries import OpenCondition
from states.review.states import DecisionState
from states.texts import Text


def round_closed(facts: ReviewFacts, *, panel: str) -> Refusal | None:
    """A panel's round is over before anything follows from it."""
    last = facts.rounds.get(panel)
    if last is not None and last.closed:
        return None
    mend, title = ("iag_secretary", "project_manager"), facts.called(panel)
    if last is None:
        return Refusal("round_not_closed", text="round_not_opened", panel=title, mend_by=mend, where="rounds")
    return Refusal("round_not_closed", panel=title, number=last.number, mend_by=mend, where="rounds")


_NEXT_HANDS = {
    None: ("not_prepared_yet", ("iag_secretary",)),
    DecisionState.PREPARED: ("not_confirmed_yet", ("iag_chair", "wgra_chair")),
    DecisionState.CONFIRMED: ("not_released_yet", ("iag_secretary", "iag_chair", "wgra_chair")),
}


def decided(facts: ReviewFacts, *, panel: str, outcomes: list[str]) -> Refusal | None:
    """The panel's last round has a released decision, confirmed by a second person, with one of these outcomes."""
    last, title = facts.rounds.get(panel), facts.called(panel)
    if last is None or last.outcome is None:
        text, mend = _NEXT_HANDS[None if last is None else last.decision]
        return Refusal(
            "not_decided",
            text=text,
            panel=title,
            outcomes=tuple(outcomes),
            mend_by=mend,
            where="rounds",
            missing=(Text("missing", "decision"),),
        )
    if last.outcome.value in outcomes:
        return None
    return Refusal(
        "decided_otherwise",
        panel=title,
        outcome=last.outcome.value,
        outcomes=tuple(outcomes),
        where="rounds",
    )


def conditions_closed(conditions: Sequence[OpenCondition]) -> Refusal | None:
    """Every condition of a released decision is met, or waived with a reason."""
    if not conditions:
        return None
    return Refusal(
        "conditions_open",
        count=len(conditions),
        mend_by=("project_manager", "iag_secretary"),
        where="rounds",
        missing=tuple(Text("missing", "condition", number=one.number, panel=one.panel) for one in conditions),
    )


def positions_stated(facts: ReviewFacts, *, panel: str) -> Refusal | None:
    """Every region of the consortium has said where it stands on its own money."""
    last = facts.rounds.get(panel)
    if last is None or not last.silent:
        return None
    return Refusal(
        "positions_missing",
        count=len(last.silent),
        mend_by=("wgra_member",),
        where="rounds",
        missing=last.silent,
    )
