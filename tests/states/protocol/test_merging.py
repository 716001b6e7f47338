"""The first law: for any two edits by two people of one base, nothing that either wrote is lost."""

import re
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from states.protocol.content import Row
from states.protocol.definition import Column, FieldSpec, SectionSpec
from states.protocol.merging import Conflict, merge, merge_texts

SECTION = SectionSpec(
    key="plan",
    title="Plan",
    fields=[
        FieldSpec(key="text", title="Text"),
        FieldSpec(key="steps", title="Steps", columns=[Column(key=key, title=key) for key in ("step", "when", "who")]),
    ],
)
Edits = list[tuple[str, int]]
EDITS = st.lists(st.tuples(st.sampled_from(["insert", "remove", "change"]), st.integers(0, 30)), max_size=4)


def _edited(words: list[str], edits: Edits, by: str) -> list[str]:
    found = list(words)
    for number, (kind, at) in enumerate(edits):
        place = at % (len(found) + 1)
        fresh = [] if kind == "remove" else [f"{by}{number}"]
        found[place : place + (kind != "insert")] = fresh
    return found


@given(st.integers(0, 20), EDITS, EDITS)
def test_no_word_of_either_is_lost(length: int, mine: Edits, others: Edits) -> None:
    base = [f"w{number}" for number in range(length)]
    yours, theirs = _edited(base, mine, "y"), _edited(base, others, "t")

    merged = merge_texts(*(" ".join(words) for words in (base, yours, theirs)))

    if merged is not None:
        words = merged.split()
        fresh = [set(found) - set(base) for found in (yours, theirs)]
        assert set(words) == (set(base) & set(yours) & set(theirs)) | fresh[0] | fresh[1]
        assert [word for word in words if word in yours] == [word for word in yours if word in words]
        assert [word for word in words if word in theirs] == [word for word in theirs if word in words]


@given(st.text("ab \n", max_size=12), st.text("ab \n", max_size=12))
def test_who_alone_changed_a_text_has_it(base: str, changed: str) -> None:
    assert merge_texts(base, changed, base) == merge_texts(base, base, changed) == changed
    assert merge_texts(base, changed, changed) == changed


@given(st.text("ab ", max_size=10), st.text("ab ", max_size=10), st.text("ab ", max_size=10))
def test_two_merge_to_the_same_whoever_comes_first(base: str, yours: str, theirs: str) -> None:
    assert merge_texts(base, yours, theirs) == merge_texts(base, theirs, yours)


ROW_EDITS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "step", "when", "who", "move"]), st.integers(0, 30)), max_size=4
)


def _rows(rows: list[Row], edits: Edits, by: str) -> list[Row]:
    found = [dict(row) for row in rows]
    for number, (kind, at) in enumerate(edits):
        place, fresh = at % (len(found) + 1), f"{by}{number}"
        if kind == "add":
            found.insert(place, {"step": f"step {fresh}", "when": fresh, "who": "x"})
        elif place < len(found) and kind == "remove":
            del found[place]
        elif place < len(found) and kind == "move":
            found.append(found.pop(place))
        elif place < len(found):
            found[place] = found[place] | {kind: fresh}
    return found


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from _texts(one)
        case list():
            for one in value:
                yield from _texts(one)
        case Conflict():
            yield from (*_texts(value.yours), *_texts(value.theirs))


@given(st.integers(0, 5), ROW_EDITS, ROW_EDITS, st.booleans())
def test_no_row_or_cell_of_either_is_lost(length: int, mine: Edits, others: Edits, alike: bool) -> None:
    base: list[Row] = [{"step": "s" if alike else f"s{n}", "when": f"w{n}", "who": "x"} for n in range(length)]
    yours, theirs = _rows(base, mine, "y"), _rows(base, others, "t")

    merged = merge(SECTION, base={"steps": base}, yours={"steps": yours}, theirs={"steps": theirs})

    written = set(_texts(yours)) | set(_texts(theirs))
    kept = set(_texts(list(merged.content.values()))) | {text for one in merged.conflicts for text in _texts(one)}
    assert {text for text in written if re.search(r"[yt]\d", text)} <= kept
    if not merged.conflicts:
        rows = merged.content.get("steps", [])
        whens = [{row["when"] for row in state} for state in (base, yours, theirs)]
        for gone in (whens[0] - whens[1]) | (whens[0] - whens[2]):
            assert gone not in {row["when"] for row in rows}  # type: ignore[attr-defined]


@given(ROW_EDITS)
def test_who_alone_changed_a_table_has_it(edits: Edits) -> None:
    base: list[Row] = [{"step": f"s{n}", "when": f"w{n}", "who": "x"} for n in range(4)]
    changed = _rows(base, edits, "y")

    for yours, theirs in ((changed, base), (base, changed), (changed, changed)):
        merged = merge(SECTION, base={"steps": base}, yours={"steps": yours}, theirs={"steps": theirs})
        assert (merged.content, merged.conflicts) == ({"steps": changed}, ())


def test_words_apart_and_cells_apart_are_merged() -> None:
    base = {"text": "A bench for tests of hip stems.", "steps": [{"step": "build", "when": "2027", "who": "us"}]}
    yours = {"text": "A new bench for tests of hip stems.", "steps": [{"step": "build", "when": "2028", "who": "us"}]}
    theirs = {"text": "A bench for tests of hip and knee.", "steps": [{"step": "build", "when": "2027", "who": "all"}]}

    merged = merge(SECTION, base=base, yours=yours, theirs=theirs)

    assert merged.conflicts == ()
    assert merged.content == {
        "text": "A new bench for tests of hip and knee.",
        "steps": [{"step": "build", "when": "2028", "who": "all"}],
    }


def test_what_touches_holds_both() -> None:
    row = {"step": "build", "when": "2027", "who": "us"}
    base = {"text": "In 2027.", "steps": [row]}
    yours = {"text": "In 2028.", "steps": []}
    theirs = {"text": "In 2029.", "steps": [row | {"when": "2030"}]}

    merged = merge(SECTION, base=base, yours=yours, theirs=theirs)

    assert merged.conflicts == (
        Conflict("plan.text", "In 2027.", "In 2028.", "In 2029."),
        Conflict("plan.steps[build]", row, None, row | {"when": "2030"}),
    )
    assert merged.content == theirs


def test_a_text_of_one_word_many_times_is_compared_as_a_whole() -> None:
    base = "a " * 3000
    assert merge_texts(base, f"x {base}", f"{base}y") is None
