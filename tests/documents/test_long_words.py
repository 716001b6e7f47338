"""A word without end costs no more to lay out than its letters in words of a usual length."""

import pytest
from weasyprint import HTML

from documents.characters import break_words
from tests.limited import linux, within


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>short words stay</p>", "<p>short words stay</p>"),
        (f"<p>{'a' * 250}</p>", f"<p>{'a' * 250}</p>"),
        (f"<p>{'a' * 251}</p>", f"<p>{'a' * 100} {'a' * 100} {'a' * 51}</p>"),
        (f"<p>{'&amp;' * 200}</p>", f"<p>{'&amp;' * 200}</p>"),
        (f"<p>{'&amp;' * 251}</p>", f"<p>{'&amp;' * 100} {'&amp;' * 100} {'&amp;' * 51}</p>"),
        (f'<img alt="{"a" * 300}">x', f'<img alt="{"a" * 300}">x'),
        (f"<style>{'a' * 300}</style>", f"<style>{'a' * 300}</style>"),
        (f"<td>{'ö' * 300} b</td>", f"<td>{'ö' * 100} {'ö' * 100} {'ö' * 100} b</td>"),
    ],
)
def test_only_what_is_too_long_is_broken(text: str, expected: str) -> None:
    assert break_words(text) == expected


@linux
@pytest.mark.parametrize(
    "word",
    ["a" * 19_000, "&amp;" * 19_000, "ß-" * 9_500, "0" * 60_000, pytest.param("字" * 19_000, marks=pytest.mark.long)],
)
def test_a_word_without_end_is_laid_out(word: str) -> None:
    page = break_words(f"<p lang=en style='hyphens: auto'>{word}</p><table><tr><td>{word}</td><td>b</td></tr></table>")

    assert within(1_024, lambda: len(HTML(string=page).render().pages), processor=60) >= 1
