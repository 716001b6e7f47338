"""Out and in again without an edit is no difference, whatever stands in the protocol; and no text becomes a formula."""

import io
import re
from importlib import resources
from zipfile import ZipFile

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from states.protocol.content import Content, checked, digest
from states.protocol_files.base import Base
from states.protocol_files.interpreting import interpret
from states.protocol_files.reading import Format, read_protocol_file
from states.protocol_files.showing import Shown
from states.protocol_files.writing import write_file
from tests.factories import s3
from tests.laws import often
from tests.states.protocol_files.filed import CONTENT, ROW, differences, shown, taken_out

NASTY = [
    "",
    " ",
    "=1+1",
    "+49 30 1234",
    "-2",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    "0048",
    "1e5",
    "1.200",
    "2026-05-04",
    "TRUE",
    "#N/A",
    "😀 Ελληνικά עברית العربية",
    "a\tb\n\n\nc",
    " blanks at both ends ",
    "_x000D_ _x0041_",
    "a\rb\r\nc\x0bd\x0ce\u2028f\x85g",
    "bell \x07 and \x00 nothing \ufffe",
    "• one\n• two",
    "{#identity.acronym} {#note:12345678}",
    'Made from: {"form":"bankable-protocol-1"}',
    "SociÃ©tÃ©",
    "\u202eabc\u202c \ufeff",
    "<w:p>&amp;]]>",
    "'quoted",
]
texts = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
rows = st.lists(
    st.builds(lambda row, cells: {**row, **cells}, st.just(ROW), st.dictionaries(st.sampled_from(sorted(ROW)), texts)),
    max_size=3,
)
contents = st.fixed_dictionaries(
    {
        "identity": st.fixed_dictionaries({}, optional={"acronym": texts}),
        "plan": st.fixed_dictionaries({}, optional={"why": texts, "packages": rows}),
    }
)


@pytest.mark.parametrize("form", Format)
def test_a_file_that_nobody_edited_changes_nothing(form: Format) -> None:
    assert differences(taken_out(form)) == {}


@pytest.mark.parametrize("form", Format)
@settings(max_examples=often(200))
@given(content=contents)
@example(content={"identity": {"acronym": "\n".join(NASTY)}, "plan": {"why": "x" * 50_000, "packages": [ROW] * 40}})
@example(content={"identity": {}, "plan": {"packages": [ROW | dict.fromkeys(ROW, text) for text in NASTY]}})
def test_out_and_in_again_is_no_difference(form: Format, content: dict[str, Content]) -> None:
    assert differences(taken_out(form, content), content) == {}


def test_no_text_becomes_a_formula() -> None:
    content: dict[str, Content] = {
        "identity": {"acronym": "=1+1"},
        "plan": {"why": "\n".join(NASTY), "packages": [ROW | dict.fromkeys(ROW, text) for text in NASTY]},
    }

    with ZipFile(io.BytesIO(taken_out(Format.XLSX, content))) as package:
        sheets = [package.read(name).decode() for name in package.namelist() if "worksheets/sheet" in name]

    formulas = {found for sheet in sheets for found in re.findall(r"<f>(.*?)</f>", sheet)}
    assert {re.sub(r"\d+", "n", found) for found in formulas} == {"LEN(Cn)"}


def test_a_document_says_what_it_was_made_from_in_two_places() -> None:
    with ZipFile(io.BytesIO(taken_out(Format.DOCX))) as package:
        body, custom = (package.read(name).decode() for name in ("word/document.xml", "docProps/custom.xml"))

    said = shown(CONTENT).base.written().replace('"', "&#34;")
    assert (said in custom, said.replace("&#34;", '"') in body.replace("&quot;", '"')) == (True, True)


@pytest.mark.parametrize("form", Format)
def test_the_demonstrations_protocol_goes_out_and_in_again(form: Format) -> None:
    script = yaml.safe_load(resources.files("api.demo").joinpath("story.yaml").read_text(encoding="utf-8"))
    sections = s3().protocol
    content: dict[str, Content] = {
        one.key: checked(script["sections"].get(one.key, {}), section=one) for one in sections
    }
    base = Base("c0ffee", None, dict.fromkeys(content, 1), digest(content))

    filed = read_protocol_file(write_file(Shown("CfB", base, sections, content, {}, ()), form), sections)
    read = {one.key: interpret(filed, one, content[one.key]) for one in sections}

    assert sum(map(len, content.values())) > 20
    assert (filed.base, filed.faults, [fault for one in read.values() for fault in one.faults]) == (base, [], [])
    assert {key: found for key, one in read.items() if (found := one.changed(content[key]))} == {}
