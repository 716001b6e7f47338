"""Two texts word by word: the runs make both again, and say no more than what changed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from states.changes.words import RunKind, compare_texts
from tests.laws import often

TEXTS = st.text(st.sampled_from("ab c,.\né"), max_size=40)


@settings(max_examples=often(200))
@given(TEXTS, TEXTS)
def test_the_runs_make_both_texts_again(before: str, after: str) -> None:
    runs = compare_texts(before, after)

    assert "".join(run.text for run in runs if run.kind is not RunKind.ADDED) == before
    assert "".join(run.text for run in runs if run.kind is not RunKind.REMOVED) == after
    assert all(run.text for run in runs)
    assert (before == after) == all(run.kind is RunKind.SAME for run in runs)


def test_what_changed_is_told_by_whole_words() -> None:
    told = [
        (run.kind.value, run.text) for run in compare_texts("Ten rigs in Gliwice.", "Twelve rigs in Gliwice, leased.")
    ]

    assert told == [
        ("removed", "Ten"),
        ("added", "Twelve"),
        ("same", " rigs in Gliwice"),
        ("added", ", leased"),
        ("same", "."),
    ]


def test_two_words_side_by_side_are_one_change() -> None:
    told = [(run.kind.value, run.text) for run in compare_texts("old grey rigs", "new green rigs")]

    assert told == [("removed", "old grey"), ("added", "new green"), ("same", " rigs")]


def test_long_texts_are_compared_by_their_lines() -> None:
    before = "".join(f"line {number} of many\n" for number in range(1_000))
    after = before.replace("line 500 of", "line five hundred of")

    told = [run for run in compare_texts(before, after) if run.kind is not RunKind.SAME]

    assert [(run.kind, run.text) for run in told] == [
        (RunKind.REMOVED, "line 500 of many\n"),
        (RunKind.ADDED, "line five hundred of many\n"),
    ]
