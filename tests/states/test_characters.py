"""Texts as they are kept: one form for what differs in form alone."""

import pytest

from states.characters import meaningless, tidied, tidy


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("Cafe\u0301", "Café"),
        ("A\u030angstro\u0308m", "Ångström"),
        ("\u212b \u2126", "Å Ω"),
        ("e\ufb03cient \ufb02ow", "efficient flow"),
        ("\uf0b7 one\n\uf0a7 two\n\uf0d8 three\n\u27a2 four\n\u2043 five", "• one\n• two\n• three\n• four\n• five"),
        ("a \uf0e0 b \uf0fc", "a → b ✓"),
        ("\u202a+32 2 123\u202c\u200e", "+32 2 123"),
        ("\u2066\u05d0\u05d1\u2069", "\u05d0\u05d1"),
        ("one\u2028two\u2029three\x85four\x0bfive", "one\ntwo\nthree\nfour\nfive"),
        ("zero\u200bwidth\ufeff\u2060 so\u00adft", "zerowidth soft"),
        ("it\x92s \x93so\x94 \x80 5", "it’s “so” € 5"),
        ("bell\x07 \x1b[0m del\x7f", "bell [0m del"),
        ("\u2714\ufe0f", "\u2714"),
        ("a\u200cb a\u200d", "ab a"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
        ("β-Tricalcium, Αθήνα, София, 中文, אבג", "β-Tricalcium, Αθήνα, София, 中文, אבג"),
        ("● yes ○ no ▪ x\u00a0y\tz\r\n", "● yes ○ no ▪ x\u00a0y\tz\r\n"),
    ],
)
def test_what_differs_in_form_alone_is_kept_in_one_form(pasted: str, kept: str) -> None:
    assert tidy(pasted) == kept
    assert tidy(kept) == kept


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("\ue000", "\ue000"),
        ("Apple \uf8ff", "\uf8ff"),
        ("\U000f0001", "\U000f0001"),
        ("half \ud83d", "\ud83d"),
        ("\uf0b7 a bullet", None),
        ("plain", None),
        ("\U0001f680", None),
    ],
)
def test_what_means_nothing_elsewhere_is_found(text: str, odd: str | None) -> None:
    assert meaningless(text) == odd


def test_texts_are_tidied_however_deep_they_lie() -> None:
    deep: object = ["e\u0301"]
    for _ in range(5000):
        deep = {"a\u0301": [deep]}

    found = tidied(deep)

    for _ in range(5000):
        assert isinstance(found, dict)
        (found,) = found["a\u0301"]
    assert found == ["é"]
    assert tidied({"n": 1, "b": None, "t": ["x", "\ufb01"]}) == {"n": 1, "b": None, "t": ["x", "fi"]}
