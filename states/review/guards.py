"""Guards on the advisory reviews."""

from states.errors import Refusal
from states.review.facts import ReviewFacts


def round_closed(facts: ReviewFacts, *, panel: str) -> Refusal | None:
    """A panel's round is over before anything follows from it."""
    last = facts.rounds.get(panel)
    if last is not None and last.closed:
        return None
    state = "has not been opened" if last is None else f"(number {last.number}) is still open"
    return Refusal(
        "round_not_closed",
        f"The round of panel {panel} {state}.",
        ("iag_secretary", "project_manager"),
        "rounds",
    )


def decided(facts: ReviewFacts, *, panel: str, outcomes: list[str]) -> Refusal | None:
    """The panel's last round has a released decision, confirmed by a second person, with one of these outcomes."""
    last = facts.rounds.get(panel)
    wanted = " or ".join(outcome.replace("_", " ") for outcome in outcomes)
    if last is None or last.outcome is None:
        return Refusal(
            "not_decided",
            f"Panel {panel} has no released decision; needed is: {wanted}.",
            ("iag_chair", "wgra_chair"),
            "rounds",
            ("a decision, prepared by one person, confirmed by another, released",),
        )
    if last.outcome.value in outcomes:
        return None
    return Refusal(
        "decided_otherwise",
        f"Panel {panel} decided {last.outcome.value.replace('_', ' ')}; needed is: {wanted}.",
        (),
        "rounds",
    )


def positions_stated(facts: ReviewFacts, *, panel: str) -> Refusal | None:
    """Every region of the consortium has said where it stands on its own money."""
    last = facts.rounds.get(panel)
    if last is None or not last.silent:
        return None
    return Refusal(
        "positions_missing",
        f"{len(last.silent)} region(s) of the consortium have not stated a position.",
        ("wgra_member",),
        "rounds",
        last.silent,
    )
