"""The catalogues of papers hold what templates, code and words say now, and speak of what the English does."""

import ast
import re
from collections.abc import Sequence

import pytest
from babel.messages.catalog import Message
from jinja2 import FileSystemLoader

from documents.catalogues import TRANSLATED, template
from documents.files import HOUSE
from documents.languages import FILES
from documents.render import environment

TRANS = re.compile(r"{%-?\s*trans\b.*?endtrans\s*-?%}", re.DOTALL)
TAG = re.compile(r"<!?/?[a-z|][^<>]*>|&[a-z]+;", re.IGNORECASE)
WORDS_OF_ANY_LANGUAGE = {"DSCR", "EUR", "SHA", "sha"}
SAYING = {"_", "gettext", "ngettext", "pgettext", "npgettext", "marked"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


Text = str | Sequence[str] | None


def forms(text: Text) -> Sequence[str]:
    return [text] if isinstance(text, str) else text or ()


def named(text: Text) -> set[str]:
    return {name for form in forms(text) for name in PLACEHOLDER.findall(form)}


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_holds_what_the_papers_say_and_nothing_else(language: str) -> None:
    assert FILES.path(language).read_bytes() == FILES.in_step(language, template()), (
        "run `python -m documents.catalogues`"
    )
    assert [message.id for message in FILES.untranslated(language)] == []


def test_no_template_says_a_text_that_is_not_marked() -> None:
    """Words stand in templates only inside `_()` and its kin: no text between tags, none in a title or label."""
    bare = {}
    for name in environment().list_templates(extensions=["html"]):
        if not name.startswith("mails/"):
            source, *_ = FileSystemLoader(HOUSE).get_source(environment(), name)
            tokens = environment().lex(TRANS.sub("", source))
            data = "".join(text if kind == "data" else "|" for _, kind, text in tokens)
            found = set(re.findall(r"[A-Za-z]{3,}", TAG.sub("|", data))) - WORDS_OF_ANY_LANGUAGE
            if found:
                bare[name] = found

    assert bare == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_left_to_translate(language: str) -> None:
    assert [one.id for one in FILES.read(language) if one.id and not all(forms(one.string) or [""])] == []


def test_no_text_is_said_inside_an_f_string() -> None:
    """Before Python 3.12 an f-string is one token, in which nobody finds what there is to translate."""
    found = [
        f"{file.relative_to(HOUSE)}:{part.lineno}"
        for file in HOUSE.rglob("*.py")
        for part in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(part, ast.JoinedStr)
        for call in ast.walk(part)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in SAYING
        if any(isinstance(one, ast.Constant) for one in call.args)
    ]

    assert found == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_parameters_of_the_english_text(language: str) -> None:
    translated: list[Message] = [one for one in FILES.read(language) if one.id and any(forms(one.string))]

    assert [one.id for one in translated if not named(one.string) <= named(one.id)] == []
    # A single text says all of it; of plural forms the one may leave the number out.
    assert [one.id for one in translated if isinstance(one.id, str) and named(one.string) != named(one.id)] == []
