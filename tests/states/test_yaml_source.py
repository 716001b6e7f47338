"""YAML with lines: the repository's files read as by pyyaml, YAML 1.2 for users, and no text ends in a traceback."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from states.yaml_source import DEEPEST, Listed, Mapped, line_of, read_yaml

ROOT = Path(__file__).parents[2]
FOLDERS = ("api", "docs", "flows", "states", "tests")
FILES = [Path("prefect.yaml")] + [
    path.relative_to(ROOT)
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".yaml", ".md"}
]


def _texts(path: Path) -> list[str]:
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL) if path.suffix == ".md" else [text]


ALIAS = "stands in more than one place by an alias"  # our own files may have them; they are read by pyyaml


def _same(ours: object, theirs: object) -> object:
    """Give our tree with plain floats, and what an alias stands for taken from theirs."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return {key: _same(value, theirs.get(key)) for key, value in ours.items()}
    if isinstance(ours, list) and isinstance(theirs, list):
        return [_same(*pair) for pair in zip(ours, theirs, strict=True)]
    if ours is None and isinstance(theirs, dict | list):
        return theirs
    return float(ours) if isinstance(ours, Decimal) else ours


@pytest.mark.parametrize("path", [path for path in FILES if _texts(path)], ids=str)
def test_every_yaml_of_the_repository_reads_as_by_pyyaml(path: Path) -> None:
    for text in _texts(path):
        (tree, faults), expected = read_yaml(text), yaml.safe_load(text)
        assert {fault.message for fault in faults} <= {ALIAS}
        assert _same(tree, expected) == expected


def test_words_and_times_stay_texts_and_numbers_exact() -> None:
    tree, faults = read_yaml("states: [no, on, NO, y]\nat: 9:30\ndeep: 010\nrate: 0.10\nlarge: 1e3\nday: 2026-11-22")

    assert isinstance(tree, Mapped)
    assert faults == []
    assert (tree["states"], tree["at"], tree["deep"]) == (["no", "on", "NO", "y"], "9:30", 10)
    assert (str(tree["rate"]), tree["large"], str(tree["day"])) == ("0.10", Decimal(1000), "2026-11-22")


def test_every_entry_knows_its_line() -> None:
    tree, _ = read_yaml("a:\n  - 1\n  - {b: 2,\n     c: 3}\nd: 4\n")

    paths = (("a",), ("a", 0), ("a", 1), ("a", 1, "c"), ("a", 1, "e"), ("a", 7), ("d", "e"))
    assert [line_of(tree, path) for path in paths] == [1, 2, 3, 4, 3, 1, 5]
    assert isinstance(tree, Mapped)
    assert isinstance(tree["a"], Listed)


def test_all_faults_come_together_and_the_rest_is_read() -> None:
    tree, faults = read_yaml("a: &x [1]\nb: *x\na: 2\n? [c]\n: 3\nd: !odd e\nf: 5", source="my.yaml")

    assert list(map(str, faults)) == [
        "my.yaml:1: stands in more than one place by an alias (write it out)",
        "my.yaml:3: 'a' stands here twice (see line 1)",
        "my.yaml:4: a key is a word, not a list or a mapping (write a plain key)",
        "my.yaml:6: 'e' cannot be read (put it in quotes)",
    ]
    assert tree == {"a": 2, "b": None, "d": "e", "f": 5}


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "{a: " * 5000, "- " * 5000, "".join(f"{' ' * depth}a:\n" for depth in range(3000))],
    ids=["open", "mappings", "lists", "lines"],
)
def test_what_is_nested_too_deeply_is_one_fault(text: str) -> None:
    tree, (fault,) = read_yaml(text)

    assert tree is None
    assert str(fault) == f"{fault.place}: is nested more than {DEEPEST} deep (write it flatter)"
    assert fault.place.startswith("line ")


def test_an_anchor_named_twice_is_no_fault_of_scalars() -> None:
    assert read_yaml("a: &x 1\nb: &x 2\nc: *x") == ({"a": 1, "b": 2, "c": 2}, [])


OPEN = "line 2: follows on a bracket that is not closed, or lacks a comma (close the bracket, or write the comma)"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [b\nc: 1", OPEN),
        ("a: {b: 1\nc: 2", OPEN),
        ("a: b: c", "line 1: has a colon where none can stand (mend the indentation or the quotes)"),
        ("a: 1\n\tb: 2", "line 2: begins with a tab (indent with blanks)"),
        ("a: @b", "line 1: has a word that begins with a sign of YAML (put it in quotes)"),
        ('a: "open', "line 1: lies in a quote that is not closed (close the quote)"),
        ("a: *b", "line 1: names an alias that is not there (write it out)"),
        ("a: 1\n---\nb: 2", "line 2: ends before a second document begins (give one document)"),
        ("- a\nb: 1", "line 2: does not follow from the lines above it (mend the indentation or the quotes)"),
        ("%YAML 9", "line 1: is no YAML that can be read (mend the indentation or the quotes)"),
        ("a: \x00", "line 1: holds a character that no YAML has (take the character out)"),
    ],
)
def test_what_is_no_yaml_is_said_in_our_own_words(text: str, says: str) -> None:
    tree, faults = read_yaml(text)

    assert (tree, [str(fault) for fault in faults]) == (None, [says])
