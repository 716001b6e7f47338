"""What a text asks for, and that no text asks for anything but words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.search.words import LONGEST, Phrase, SearchInvalid, Words, folded, read_words


def _words(*words: str) -> Phrase:
    return Phrase(words)


def _begun(*words: str) -> Phrase:
    return Phrase(words, open=True)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("centre", Words((_begun("centre"),))),
        ("Centre for", Words((_words("centre"), _begun("for")))),
        ("rob* arm", Words((_begun("rob"), _begun("arm")))),
        ('"smart  REHAB" arm', Words((_words("smart", "rehab"), _begun("arm")))),
        ('arm "smart rehab"', Words((_words("arm"), _words("smart", "rehab")))),
        ("Smart-Rehab", Words((_begun("smart", "rehab"),))),
        ("arm -robot", Words((_words("arm"),), (_words("robot"),))),
        ("-robot arm", Words((_begun("arm"),), (_words("robot"),))),
        ("arm -robot*", Words((_words("arm"),), (_words("robot"),))),
        ('arm -"smart rehab"', Words((_words("arm"),), (_words("smart", "rehab"),))),
        ('"never closed', Words((_words("never", "closed"),))),
        ("Ελληνική", Words((_begun("elliniki"),))),
        ("Łódź - Żywiec", Words((_words("lodz"), _begun("zywiec")))),
        (
            "NEAR(a b) OR {title}: x*",
            Words((_words("near", "a"), _words("b"), _words("or"), _words("title"), _begun("x"))),
        ),
        ("3D\0 print", Words((_words("3d"), _begun("print")))),
    ],
)
def test_what_a_text_asks_for(text: str, asked: Words) -> None:
    assert read_words(text) == asked


@pytest.mark.parametrize(
    "text", ["", "   ", "a", "a b", "-centre", '""', "\0", "☃ 🤖", "\ud800", "-", '-"centre for"', "***"]
)
def test_a_text_that_asks_for_nothing_is_refused_by_its_field(text: str) -> None:
    with pytest.raises(SearchInvalid) as refused:
        read_words(text, field="query.q")

    assert [(fault.place, fault.message) for fault in refused.value.faults] == [
        ("query.q", "holds nothing to look for")
    ]


@pytest.mark.parametrize("text", ["x" * (LONGEST + 1), "x" * 10_000, "ab " * 21, "-ab " * 20 + "cd"])
def test_a_text_that_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(SearchInvalid) as refused:
        read_words(text)

    assert [(fault.place, fault.message) for fault in refused.value.faults] == [("q", "is too long")]


@given(st.text(st.characters(), max_size=LONGEST))
def test_nothing_but_letters_and_digits_is_left(text: str) -> None:
    try:
        asked = read_words(text)
    except SearchInvalid:
        return

    words = [word for phrase in (*asked.wanted, *asked.excluded) for word in phrase.words]
    assert [word for word in words if not word.isalnum()] == []
    assert all(phrase.words for phrase in (*asked.wanted, *asked.excluded))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=4))
def test_every_word_of_a_text_is_kept_as_a_query_reads_it(texts: list[str]) -> None:
    kept = folded(*texts)
    for text in texts:
        try:
            asked = read_words(f'"{text.replace(chr(34), " ")}"')
        except SearchInvalid:
            continue
        assert f" {' '.join(asked.wanted[0].words)} " in f" {kept} "


def test_umlauts_are_kept_in_both_spellings() -> None:
    assert folded("Universität Tübingen", "Bålsta") == "universitat tubingen universitaet tuebingen balsta baalsta"
