"""Whoever was not chosen is told why."""

import pytest

from states.errors import Missing
from states.review.assignment.assign import reasons
from tests.states.review.assignment.assignment_samples import FINANCE, Panel, conflict, dossier, person


def test_a_conflict_a_full_load_and_a_better_fit() -> None:
    panel = Panel(
        (dossier("x", "a", "b"), dossier("y", "c")),
        (
            person("best", "a", "b"),
            person("weaker", "a"),
            person("own", "a", "b"),
            person("full", "a", "b", load=3),
            person("elsewhere", "c", load=1, most=2),
        ),
        excluded=(conflict("own", "x"), conflict("own", "x", "Declined."), conflict("own", "y")),
    )

    assert reasons(panel.assigned(), "x") == {
        "weaker": "Reviewer best fits better by 50 points.",
        "own": "Works for a partner. Declined.",
        "full": "Holds 3 of at most 3 seats already.",
        "elsewhere": "Holds 2 of at most 2 seats, with Dossier y in this proposal.",
    }


def test_an_equal_fit() -> None:
    panel = Panel((dossier("x", "a"),), (person("one", "a"), person("two", "a", load=1)))

    assert reasons(panel.assigned(), "x") == {
        "two": "Reviewer one fits as well, and the loads would be no more even the other way round."
    }


def test_a_rule_of_composition_and_of_regions() -> None:
    panel = Panel(
        (dossier("x", "a", "b", wanted=2),),
        (person("banker", "finance", region="B"), person("one", "a", "b", region="A"),
         person("two", "a", "b", region="A", load=1)),
        requirements=(FINANCE,),
    )  # fmt: skip
    alone = Panel((dossier("x", "a"),), panel.candidates[:2], requirements=(FINANCE,))

    assert reasons(panel.assigned(), "x") == {
        "two": "Reviewer one fits as well, and the loads would be no more even the other way round."
    }
    assert reasons(alone.assigned(), "x") == {
        "one": "No seat could be changed: Reviewer banker brings the required expertise finance."
    }


def test_the_region_of_another() -> None:
    panel = Panel(
        (dossier("x", "a", wanted=2, kept=("kept",)),),
        (person("kept", "a", region="A"), person("same", "a", region="A"), person("other", region="B")),
    )

    assert reasons(panel.assigned(), "x") == {
        "same": "No seat could be changed: the region A has a reviewer of this dossier already."
    }


def test_seats_that_stand() -> None:
    panel = Panel((dossier("x", "a", kept=("kept",)),), (person("kept"), person("better", "a")))

    assert reasons(panel.assigned(), "x") == {"better": "Every seat stands already, or was decided by hand."}


def test_no_such_dossier() -> None:
    with pytest.raises(Missing, match="There is no dossier 'z' here"):
        reasons(Panel((dossier("x"),), (person("one"),)).assigned(), "z")
