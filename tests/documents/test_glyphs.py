"""Characters that the fonts can draw, what is put for those that they cannot, and stand-ins for the rest."""

import io
import json
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader
from weasyprint import HTML

from documents.assets import SCHEME, AssetFetcher
from documents.catalogue import PAPERS
from documents.characters import StandIns, settle, undrawable
from documents.files import HOUSE
from documents.fonts import FONTS, drawable, font
from documents.render import render
from states.archive.tables import DocumentKind

# As people paste them; none may keep a paper from being printed.
PASTED = {
    "Greek letters": "\u03b2-tricalcium phosphate, TNF-\u03b1, 300 \u03bcm, \u0394p",
    "Greek name": "\u0391\u03b8\u03ae\u03bd\u03b1, \u1f08\u03b8\u1fc6\u03bd\u03b1\u03b9",
    "Cyrillic names": "\u0421\u043e\u0444\u0438\u044f, \u041a\u0438\u0457\u0432, \u040a\u0435\u0433\u043e\u0448",
    "bullets of a word processor": "\uf0b7 one \uf0a7 two \uf0d8 three \u27a2 four \u25aa five \u25e6 six \u2043 seven",
    "ligatures of a PDF": "e\ufb03cient \ufb01nancing of \ufb02ow",
    "marks of direction": "\u202a+32 2 123\u202c \u200e\u2066x\u2069",
    "breaks of a web page": "one\u2028two\u2029three\x85four\x0bfive",
    "controls": "it\x92s \x07 \x1b[0m \x7f",
    "signs": "10\u207b\u00b3 A \u21d2 B 37 \u2103 \u2714\ufe0f \u20b4 \u2262 \u338f \U0001d400 \uff21",
    "pictures": "\U0001f680 \U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f \U0001f1ea\U0001f1fa 1\ufe0f\u20e3",
    "other scripts": "\u4e2d\u6587 \u05d0\u05d1\u05d2 \u0639\u0631\u0628\u064a \u0e01\u0e33 \u0939\u093f\u0928",
    "marks on letters": "e\u0301 x\u0300 A\u030a Z\u0351\u036b\u0343\u036a",
    "private use": "\ue000 \uf8ff \U000f0001",
    "no characters": "\ufffe \ufffd \ufdd0",
}


FEW_SENTENCES = {DocumentKind.FUNNEL_REPORT}
# One page has no place for a list of them.
COUNTS_THEM = {DocumentKind.TEASER: "Numbered squares stand for 16 pieces of text"}


def test_look_alikes_are_put_for_what_the_fonts_lack() -> None:
    assert settle("10\u200a000 non\u2011stop e\ufb03cient a\u0301 37 \u2103 \uff21 \u338f") == (
        "10\u202f000 non-stop efficient \u00e1 37 \u00b0C A kg"
    )


def test_settled_typography_can_be_drawn() -> None:
    typed = "\u2009\u200a\u2007\u2002\u2003\u2011\u2010\u2015\u25cf\u25cb\u2714\u2116\u00ad\u200b\ufeff\t\r\u3000"

    assert undrawable(typed) == []


def test_each_run_that_cannot_be_drawn_has_one_number() -> None:
    stand_ins = StandIns()

    assert stand_ins.put("中文 a 🙂 中文 \u05d0") == "\u25a1\u00b9 a \u25a1\u00b2 \u25a1\u00b9 \u25a1\u00b3"
    assert stand_ins.told == [
        ("\u25a1\u00b9", "U+4E2D CJK UNIFIED IDEOGRAPH-4E2D, U+6587 CJK UNIFIED IDEOGRAPH-6587"),
        ("\u25a1\u00b2", "U+1F642 SLIGHTLY SMILING FACE"),
        ("\u25a1\u00b3", "U+05D0 HEBREW LETTER ALEF"),
    ]


@pytest.mark.parametrize("name", [name for name in FONTS if "sans" in name])
def test_each_cut_of_the_sans_serif_draws_whatever_is_drawn(name: str) -> None:
    assert set(TTFont(io.BytesIO(font(name))).getBestCmap()) >= drawable()


@pytest.mark.parametrize("name", sorted(FONTS))
def test_a_cut_is_static(name: str) -> None:
    tables = TTFont(io.BytesIO(font(name)))

    assert not {"fvar", "gvar", "avar", "HVAR", "MVAR"} & set(tables.keys())
    assert tables["OS/2"].usWeightClass == FONTS[name].axes["wght"]


@pytest.mark.parametrize("style", ["", "font-weight: 600", "font-style: italic", "font: italic 600 10pt"])
@pytest.mark.parametrize("family", ["House Sans", "House Serif"])
def test_whatever_is_drawn_is_drawn_by_our_fonts_alone(family: str, style: str) -> None:
    letters = "".join(f"&#{code};" for code in sorted(drawable()) if code > 0x20)
    families = '"House Serif", "House Sans"' if family == "House Serif" else '"House Sans"'
    page = (
        f"""<link rel="stylesheet" href="asset://house.css"><p style='{style}; font-family: {families}'>{letters}</p>"""
    )

    pdf = HTML(string=page, base_url=SCHEME, url_fetcher=AssetFetcher()).write_pdf()

    used = _fonts(PdfReader(io.BytesIO(pdf)))
    assert {str(one["/BaseFont"]).partition("+")[2].partition("-")[0] for one in used} == {"House"}


SOME = (DocumentKind.PROPOSAL, DocumentKind.DECISION_LETTER)
OTHERS = [pytest.param(kind, marks=pytest.mark.long) for kind in DocumentKind if kind not in SOME]


@pytest.mark.parametrize("kind", [*SOME, *OTHERS])
def test_no_paper_fails_for_a_character(kind: DocumentKind) -> None:
    paper = PAPERS[kind]
    sample = json.loads((HOUSE / paper.folder / paper.sample).read_text("utf-8"))

    pdf = render(kind, paper.context.model_validate(_spoilt(sample, cycle(PASTED.values()))))

    reader = PdfReader(io.BytesIO(pdf))
    last = " ".join(" ".join(page.extract_text() for page in reader.pages[-2:]).split())
    assert COUNTS_THEM.get(kind, "U+1F680 ROCKET") in last or kind in FEW_SENTENCES
    assert "GREEK" not in last
    assert "CYRILLIC" not in last
    assert all(_widths_fit(one) for one in _fonts(reader))


@pytest.mark.parametrize("name", sorted(PASTED))
def test_what_is_pasted_is_printed_in_one_of_three_ways(name: str) -> None:
    text = settle(PASTED[name])

    assert undrawable(StandIns().put(text)) == []
    if name not in ("pictures", "other scripts", "private use", "no characters", "marks on letters", "signs"):
        assert undrawable(text) == []


def _spoilt(node: Any, texts: Iterator[str], key: str = "") -> Any:
    """Return a sample with one of the texts after the other added to whatever is a sentence in it."""
    if isinstance(node, Mapping):
        return {name: _spoilt(value, texts, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_spoilt(one, texts, key) for one in node]
    sentence = isinstance(node, str) and len(node) > 12 and " " in node and not node[:4].isdigit() and "sha" not in key
    return f"{node} {next(texts)}" if sentence else node


def _fonts(reader: PdfReader) -> list[Any]:
    found: dict[str, Any] = {}
    for page in reader.pages:
        for one in page["/Resources"].get("/Font", {}).values():  # type: ignore[attr-defined]
            found[str(one.get_object()["/BaseFont"])] = one.get_object()
    return list(found.values())


def _widths_fit(one: Any) -> bool:
    """Tell whether a font's widths are those of the file that is embedded, as PDF/A and PDF/UA ask (within 1/1000)."""
    descendant = one["/DescendantFonts"][0].get_object()
    file = TTFont(io.BytesIO(descendant["/FontDescriptor"]["/FontFile2"].get_data()))
    scale = 1000 / file["head"].unitsPerEm
    listed = descendant["/W"].get_object()
    widths = {
        int(first) + number: float(width)
        for first, some in zip(listed[::2], listed[1::2], strict=True)
        for number, width in enumerate(some.get_object())
    }
    metrics = [file["hmtx"][name][0] * scale for name in file.getGlyphOrder()]
    return all(abs(metrics[glyph] - width) <= 1 for glyph, width in widths.items() if glyph < len(metrics))
