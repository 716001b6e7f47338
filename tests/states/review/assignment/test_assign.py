"""Assignments keep every rule, report what cannot be had, and stay the same when asked again."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from states.review.assignment.assign import (
    Assignment,
    Basis,
    Proposed,
    Requirement,
    Shortfall,
    ShortfallCode,
    TermsInvalid,
    affinity,
)
from tests.states.review.assignment.assignment_samples import (
    FINANCE,
    Panel,
    a_panel,
    conflict,
    dossier,
    fairness,
    person,
    seats,
)


def test_affinity_is_the_share_of_what_is_asked_for() -> None:
    asked = dossier("d", "imaging", "data")

    found = [
        affinity(person("a", "imaging", "finance"), asked, (FINANCE,)),
        affinity(person("b", "imaging"), asked),
        affinity(person("c", "textiles"), asked),
        affinity(person("d", "imaging"), dossier("e")),
    ]

    assert found == [66, 50, 0, 0]


def test_the_worst_off_dossier_comes_before_the_total() -> None:
    # The other way round the total would be 100, and y would get somebody who knows nothing of it.
    panel = Panel(
        (dossier("x", "a", "b", "c", "d", "e"), dossier("y", "a", "f")),
        (person("much", "a", "b", "c", "d", "e", most=1), person("little", "b", "c", most=1)),
    )

    found = panel.assigned()

    assert seats(found) == {("x", "little"), ("y", "much")}
    assert (found.worst, found.total, found.proven, found.shortfalls) == (40, 90, True, ())


def test_a_seat_says_why() -> None:
    panel = Panel(
        (dossier("x", "imaging", wanted=3, kept=("kept",)),),
        (person("kept"), person("pinned", "imaging"), person("new", "imaging", "finance")),
        requirements=(FINANCE,),
        pinned=(("x", "pinned"),),
    )

    found = panel.assigned().seats

    assert found == (
        Proposed("x", "kept", 0, ("The seat stands already.", "Knows 0 of 2 fields asked for."), Basis.KEPT),
        Proposed("x", "pinned", 50, ("Decided by hand.", "Knows 1 of 2 fields asked for: imaging."), Basis.PINNED),
        Proposed(
            "x",
            "new",
            100,
            ("Knows 2 of 2 fields asked for: finance, imaging.", "Brings the required expertise: finance."),
            Basis.CHOSEN,
        ),
    )


def test_loads_are_as_even_as_can_be() -> None:
    panel = Panel(
        tuple(dossier(key, "a") for key in "uvwx"),
        (person("busy", "a", load=2, most=9), person("idle", "a", most=9), person("other", "a", most=9)),
    )

    found = panel.assigned()

    assert sorted(one.person_id for one in found.seats) == ["idle", "idle", "other", "other"]


def test_a_required_expertise_comes_before_fit() -> None:
    panel = Panel(
        (dossier("x", "a", "b", "c", wanted=1),),
        (person("expert", "a", "b", "c"), person("banker", "finance")),
        requirements=(FINANCE,),
    )

    assert seats(panel.assigned()) == {("x", "banker")}


@pytest.mark.parametrize(("spread", "expected"), [(True, {"a1", "b"}), (False, {"a1", "a2"})])
def test_regions_are_spread_where_asked(spread: bool, expected: set[str]) -> None:
    panel = Panel(
        (dossier("x", "a", wanted=2),),
        (person("a1", "a", region="A"), person("a2", "a", region="A"), person("b", region="B")),
        spread_regions=spread,
    )

    found = panel.assigned()

    assert {one.person_id for one in found.seats} == expected
    assert found.shortfalls == ()


def test_the_region_of_a_seat_that_stands_counts() -> None:
    panel = Panel(
        (dossier("x", "a", wanted=2, kept=("a1",)),),
        (person("a1", "a", region="A"), person("a2", "a", region="A"), person("b", region="B")),
    )

    assert seats(panel.assigned()) == {("x", "a1"), ("x", "b")}


def test_what_cannot_be_had_is_a_shortfall_with_its_remedy() -> None:
    panel = Panel(
        (dossier("x", "a", wanted=3),),
        (person("one", "a", region="A"), person("two", "a", region="A"), person("full", "finance", load=1, most=1),
         person("own", "finance")),
        excluded=(conflict("own", "x"),),
        requirements=(FINANCE,),
    )  # fmt: skip

    found = panel.assigned()

    assert panel.faults(found) == []
    assert found.shortfalls == (
        Shortfall(
            "x",
            ShortfallCode.SEATS,
            "2 of 3 reviewers found. Of 2 others who could do it, 1 are excluded and 1 are full.",
            "Invite 1 more without a conflict, or raise the bound of somebody who is full.",
        ),
        Shortfall(
            "x",
            ShortfallCode.COMPOSITION,
            "0 of at least 1 reviewers with finance. Of 2 others who could do it, 1 are excluded and 1 are full.",
            "Invite somebody with finance without a conflict, or raise the bound of somebody who is full.",
        ),
        Shortfall(
            "x",
            ShortfallCode.REGIONS,
            "2 reviewers come from A.",
            "Invite somebody from another region, or accept it.",
        ),
    )


def test_as_few_seats_as_possible_stay_open() -> None:
    # By fit alone "both" would go to y, and x would have nobody.
    panel = Panel(
        (dossier("x", "a"), dossier("y", "b")),
        (person("both", "b", most=1), person("other", most=1)),
        excluded=(conflict("other", "x"),),
    )

    found = panel.assigned()

    assert (seats(found), found.shortfalls) == ({("x", "both"), ("y", "other")}, ())


def test_nobody_and_nothing_to_assign() -> None:
    nobody, nothing = Panel((dossier("x", "a", wanted=2),), ()), Panel((), (person("one", "a"),))

    assert [(short.code, short.message) for short in nobody.assigned().shortfalls] == [
        (ShortfallCode.SEATS, "0 of 2 reviewers found. Of 0 others who could do it, 0 are excluded and 0 are full.")
    ]
    assert (nothing.assigned().seats, nothing.assigned().proven) == ((), True)


def test_a_pinned_seat_stands_beyond_the_bound_and_is_reported() -> None:
    panel = Panel(
        (dossier("x", "a"), dossier("y", "a")),
        (person("one", "a", load=1, most=1), person("two")),
        pinned=(("x", "one"),),
    )

    found = panel.assigned()

    assert (seats(found), panel.faults(found)) == ({("x", "one"), ("y", "two")}, [])
    assert found.shortfalls == (
        Shortfall(
            "x",
            ShortfallCode.LOAD,
            "Reviewer one holds 2 seats, more than the bound of 1, as decided by hand.",
            "Take back a decision, or raise the bound.",
        ),
    )


@pytest.mark.parametrize(("kept", "pinned"), [(("own",), ()), ((), (("x", "own"),))], ids=["kept", "pinned"])
def test_a_conflict_takes_away_even_a_seat_that_stands(
    kept: tuple[str, ...], pinned: tuple[tuple[str, str], ...]
) -> None:
    panel = Panel(
        (dossier("x", "a", kept=kept),),
        (person("own", "a"), person("free")),
        excluded=(conflict("own", "x"),),
        pinned=pinned,
    )

    found = panel.assigned()

    assert (seats(found), found.exclusions) == ({("x", "free")}, panel.excluded)
    assert found.shortfalls == (
        Shortfall(
            "x",
            ShortfallCode.EXCLUDED,
            "Reviewer own cannot have the seat: Works for a partner.",
            "Choose somebody else by hand, or leave the seat to the proposal.",
        ),
    )


def test_an_exclusion_that_concerns_nobody_here_is_not_repeated() -> None:
    panel = Panel((dossier("x"),), (person("one"),), excluded=(conflict("one", "z"), conflict("gone", "x")))

    assert panel.assigned().exclusions == ()


def test_terms_that_contradict_themselves_are_refused_with_every_fault() -> None:
    panel = Panel((dossier("x", kept=("gone",)), dossier("x")), (person("one"), person("one")), pinned=(("y", "one"),))

    with pytest.raises(TermsInvalid) as refused:
        panel.assigned()

    assert list(map(str, refused.value.faults)) == [
        "candidates.one: is there twice",
        "dossiers.x: is there twice",
        "dossiers.x.kept: gone is no candidate",
        "pinned: one on y: there is no such candidate or dossier",
    ]


def test_a_dossier_with_more_ways_than_can_be_listed() -> None:
    # 14 affinities and 8 seats: 319,770 ways. The best eight know the most.
    topics = [f"t{number}" for number in range(13)]
    people = [person(f"p{known:02}", *topics[:known]) for known in range(14)]
    panel = Panel((dossier("x", *topics, wanted=8), dossier("y", wanted=1)), tuple(people))

    found = panel.assigned()

    assert sorted(one.person_id for one in found.seats if one.dossier_id == "x") == [f"p{n:02}" for n in range(6, 14)]
    assert (found.proven, panel.faults(found)) == (True, [])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_terms_give_the_same_answer(seed: int) -> None:
    panel = a_panel(seed, dossiers=12, candidates=15)

    first, second = panel.assigned(), panel.assigned()

    assert first == second
    assert (first.proven, panel.faults(first)) == (True, [])


def test_a_search_cut_short_still_answers_within_the_rules() -> None:
    panel = a_panel(3, dossiers=30, candidates=36)

    cut, whole = panel.assigned(seconds=0.01), panel.assigned()

    assert (cut.proven, panel.faults(cut), cut.shortfalls) == (False, [], ())
    assert (whole.proven, panel.faults(whole)) == (True, [])
    assert fairness(panel, cut) < fairness(panel, whole)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the solver's process by /proc")
def test_a_killed_solver_leaves_the_answer_of_simple_rules() -> None:
    panel, answers = a_panel(4), list[Assignment]()
    asking = threading.Thread(target=lambda: answers.append(panel.assigned()))

    asking.start()
    os.kill(_solver(asking), signal.SIGKILL)
    asking.join()

    assert [(one.proven, panel.faults(one), one.shortfalls) for one in answers] == [(False, [], ())]


def _solver(asking: threading.Thread) -> int:
    """Wait for the process that the thread starts; it works for half a second at least."""
    children = Path(f"/proc/self/task/{asking.native_id}/children")
    while asking.is_alive():
        for child in children.read_text(encoding="ascii").split():
            if b"assignment.solver" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        time.sleep(0.01)
    raise AssertionError("no solver was started")


def test_whoever_asks_never_loads_the_solver() -> None:
    asking = "import sys, states.review.assignment.assign; print([one for one in sys.modules if 'ortools' in one])"

    said = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=True).stdout

    assert said == "[]\n"


def test_the_check_finds_what_is_wrong() -> None:
    panel = Panel(
        (dossier("x", "a", kept=("kept",)), dossier("y", "a", wanted=2)),
        (person("kept", "a"), person("one", "a", region="A", most=1), person("two", region="A")),
        excluded=(conflict("two", "x"),),
        requirements=(Requirement("a", 2),),
    )
    right = panel.assigned()
    bad = (
        Proposed("x", "one", 100, (), Basis.CHOSEN),
        Proposed("x", "two", 0, (), Basis.CHOSEN),
        Proposed("y", "one", 90, (), Basis.CHOSEN),
        Proposed("y", "one", 100, (), Basis.CHOSEN),
    )

    assert panel.faults(right) == []
    assert panel.faults(replace(right, seats=bad, shortfalls=(), worst=1)) == [
        "two is excluded from x",
        "one holds 3 seats, more than 1",
        "x: the seats of ['kept'] should stand, and no others",
        "x: 2 reviewers, 1 are wanted",
        "x: composition falls short and is not reported",
        "x: regions falls short and is not reported",
        "y: somebody has two seats",
        "y: regions falls short and is not reported",
        "y: affinities should be [100, 100]",
        "worst and total should be 100 and 300",
    ]
