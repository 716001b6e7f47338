"""Rendering: the same bytes each time, tagged, titled, in our own fonts, and loud when something is wrong."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from documents import render as renderer
from documents.catalogue import PAPERS
from documents.files import HOUSE
from documents.meta import DocumentContext
from documents.proposal.context import ProposalContext
from documents.protocol.context import ProtocolContext
from documents.render import RenderError, render
from documents.report.context import PublicReportContext
from states.archive.tables import DocumentKind

Samples = Mapping[DocumentKind, DocumentContext]
Readers = Mapping[DocumentKind, PdfReader]
KINDS = list(DocumentKind)
FIGURES = {
    DocumentKind.PROPOSAL: [
        *("Source", "Gantt ", "Uses, ", "Cash b", "Cash f", "Cumula", "NPV of", "NPV in"),
        *("Risks ", "Gantt ", "Scores", "Moves "),
    ],
    DocumentKind.CONSENSUS_REPORT: ["Scores"],
    DocumentKind.FUNNEL_REPORT: ["Steps:"],
}


def lines(reader: PdfReader, page: int) -> list[str]:
    text = reader.pages[page - 1].extract_text().replace("\u202f", " ").replace("\u00a0", " ")
    return [" ".join(re.sub(r"[ .]{3,}", " ", line).split()) for line in text.splitlines()]


def elements(reader: PdfReader) -> Iterator[Any]:
    """Every structure element in reading order."""

    def walk(node: object) -> Iterator[Any]:
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, ArrayObject):
            for child in node:
                yield from walk(child)
        elif isinstance(node, DictionaryObject) and node.get("/Type") != "/OBJR":
            yield node
            yield from walk(node.get("/K"))

    catalog: Any = reader.root_object
    yield from walk(catalog["/StructTreeRoot"]["/K"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.long
def test_same_context_gives_same_bytes(
    kind: DocumentKind, samples: Samples, pdfs: Mapping[DocumentKind, bytes]
) -> None:
    again = samples[kind].model_copy(deep=True)

    assert sha256(render(kind, again)).hexdigest() == sha256(pdfs[kind]).hexdigest()


@pytest.mark.long
def test_other_process_place_and_time_zone_give_same_bytes(pdfs: Mapping[DocumentKind, bytes], tmp_path: Path) -> None:
    program = (
        "import sys; from documents.files import HOUSE; from documents.catalogue import PAPERS\n"
        "from documents.render import render\n"
        "for kind, paper in PAPERS.items():\n"
        "    text = (HOUSE / paper.folder / paper.sample).read_text('utf-8')\n"
        "    open(kind.value, 'wb').write(render(kind, paper.context.model_validate_json(text)))\n"
    )
    environment = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "7", "PYTHONPATH": str(Path.cwd())}

    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)

    assert {kind: (tmp_path / kind.value).read_bytes() == pdfs[kind] for kind in KINDS} == dict.fromkeys(KINDS, True)


def test_another_context_gives_another_identifier(samples: Samples, readers: Readers) -> None:
    kind = DocumentKind.INVESTMENT_PROTOCOL
    sample = samples[kind]
    changed = sample.model_copy(update={"meta": sample.meta.model_copy(update={"version": "4"})})

    other = PdfReader(BytesIO(render(kind, changed)))

    assert other.trailer["/ID"] != readers[kind].trailer["/ID"]


@pytest.mark.parametrize("kind", KINDS)
def test_is_marked_as_pdf_ua(kind: DocumentKind, readers: Readers) -> None:
    reader = readers[kind]
    catalog: Any = reader.root_object

    assert catalog["/MarkInfo"]["/Marked"].value is True
    assert "/StructTreeRoot" in catalog
    assert catalog["/Lang"] == "en"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert b'pdfuaid:part="1"' in catalog["/Metadata"].get_object().get_data()


def test_metadata_come_from_the_context(readers: Readers) -> None:
    found = readers[DocumentKind.PROPOSAL].metadata

    assert found is not None
    assert (found.title, found.author, found.creator) == (
        "Centre for Biocompatibility (CfB): Bankable proposal",
        "Medical technology",
        "Bankable",
    )
    assert found.creation_date_raw == "D:20200914090000+00'00"
    assert found.modification_date_raw == "D:20200914090000+00'00"


@pytest.mark.parametrize("kind", KINDS)
def test_headings_never_skip_a_level(kind: DocumentKind, readers: Readers) -> None:
    names = [str(element["/S"]) for element in elements(readers[kind])]
    levels = [int(name[2:]) for name in names if name[:2] == "/H" and name[2:].isdigit()]

    skipped = [(before, after) for before, after in pairwise(levels) if after > before + 1]

    assert levels[0] == 1
    assert skipped == []


@pytest.mark.parametrize("kind", KINDS)
def test_figures_have_alternatives_and_tables_have_headers(kind: DocumentKind, readers: Readers) -> None:
    found = list(elements(readers[kind]))

    figures = [element for element in found if element["/S"] == "/Figure"]
    tables = [element for element in found if element["/S"] == "/Table"]
    headless = [table for table in tables if not any(cell["/S"] == "/TH" for cell in _below(table))]

    assert [figure.get("/Alt", "")[:6] for figure in figures] == FIGURES.get(kind, [])
    assert (len(tables) > 0, headless) == (True, [])


def _below(element: Any) -> Iterator[Any]:
    children = element.get("/K", ArrayObject())
    for child in children if isinstance(children, ArrayObject) else [children]:
        node = child.get_object()
        if isinstance(node, DictionaryObject) and "/S" in node:
            yield node
            yield from _below(node)


@pytest.mark.parametrize("kind", KINDS)
def test_embeds_the_fonts_of_the_house_only(kind: DocumentKind, readers: Readers) -> None:
    pages: list[Any] = list(readers[kind].pages)
    resources = [page["/Resources"]["/Font"] for page in pages]
    names = {font.get_object()["/BaseFont"].partition("+")[2] for fonts in resources for font in fonts.values()}

    assert names <= {"House-Sans", "House-Sans-Italic", "House-Sans-Semi-Bold", "House-Serif", "House-Serif-Semi-Bold"}


@pytest.mark.long
def test_letters_of_the_partners_languages_survive(samples: Samples) -> None:
    written = "Zażółć gęślą jaźń; Fußgänger über Öl; œuvre, naïveté, À-Ç; perché; ≥ 3, ≤ 70 %, € 5, a → b, S³"
    sample = samples[DocumentKind.PROPOSAL]
    assert isinstance(sample, ProposalContext)
    context = sample.model_copy(update={"identity": sample.identity.model_copy(update={"summary": written})})

    reader = PdfReader(BytesIO(render(DocumentKind.PROPOSAL, context)))

    assert written in " ".join(lines(reader, 3))


def test_header_and_footer_name_title_class_version_and_hash(readers: Readers, samples: Samples) -> None:
    found = lines(readers[DocumentKind.REVIEW_DOSSIER], 4)
    digest = samples[DocumentKind.REVIEW_DOSSIER].meta.content_sha256[:12]
    pages = len(readers[DocumentKind.REVIEW_DOSSIER].pages)

    assert [line for line in found if line.startswith(("CB ·", "version"))] == [
        "CB · Centre for Biocompatibility Confidential: reviewers only",
        f"version 3 · sha256 {digest} page 4 of {pages}",
    ]


def test_cover_shows_disclaimer_and_the_note_on_illustrative_figures(readers: Readers) -> None:
    cover = " ".join(lines(readers[DocumentKind.PROPOSAL], 1))

    assert (
        "the European Union and the agency entrusted with the COSME programme cannot be taken to endorse its content"
        in cover
    )
    assert "Illustrative figures. This document shows text or figures that no partner has stated." in cover


def test_cover_is_silent_where_nothing_is_illustrative(readers: Readers) -> None:
    cover = " ".join(lines(readers[DocumentKind.MONITORING_REPORT_PUBLIC], 1))

    assert "Illustrative" not in cover


def test_contents_name_the_page_of_every_chapter(readers: Readers) -> None:
    reader = readers[DocumentKind.REVIEW_DOSSIER]
    entries = [re.fullmatch(r"(.+) (\d+)", line) for line in lines(reader, 2) if not line.startswith("version")]
    chapters = [(entry[1], int(entry[2])) for entry in entries if entry]

    assert len(chapters) == 21
    assert [(title, page) for title, page in chapters if title not in lines(reader, page)] == []


def test_contents_are_left_out_of_a_short_document(samples: Samples) -> None:
    sample = samples[DocumentKind.INVESTMENT_PROTOCOL]
    assert isinstance(sample, ProtocolContext)
    short = sample.model_copy(update={"sections": sample.sections[:2]})

    reader = PdfReader(BytesIO(render(DocumentKind.INVESTMENT_PROTOCOL, short)))

    assert len(reader.pages) <= 5
    assert [page for page in range(1, len(reader.pages) + 1) if "Contents" in lines(reader, page)] == []


@pytest.mark.parametrize("long_source", [0, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_contents_stand_where_the_pages_without_them_are_more_than_five(
    samples: Samples, monkeypatch: pytest.MonkeyPatch, long_source: int
) -> None:
    """Whichever of the two is laid out first."""
    monkeypatch.setattr(renderer, "_LONG_SOURCE", long_source)
    sample = samples[DocumentKind.INVESTMENT_PROTOCOL]
    assert isinstance(sample, ProtocolContext)
    pages = {}
    for count in (2, 4, 8, 12):
        context = sample.model_copy(update={"sections": sample.sections[:count]})
        plain = renderer._paged(renderer.html(DocumentKind.INVESTMENT_PROTOCOL, context, with_contents=False))
        laid_out = renderer._lay_out(renderer.Source(DocumentKind.INVESTMENT_PROTOCOL, context))
        pages[len(plain.pages)] = len(laid_out.pages) > len(plain.pages)
    assert pages == {count: count > 5 for count in pages}
    assert set(pages.values()) == {True, False}


def test_context_of_another_document_is_refused(samples: Samples) -> None:
    with pytest.raises(RenderError) as caught:
        render(DocumentKind.PROPOSAL, samples[DocumentKind.REVIEW_DOSSIER])

    assert caught.value.problems == ("it needs a ProposalContext, not a ReviewContext",)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        (
            "{{ document.price }}",
            "template: 'documents.proposal.context.ProposalContext object' has no attribute 'price'",
        ),
        (
            '<img src="file:///etc/hostname" alt="x">',
            "Failed to load image at 'file:///etc/hostname': ValueError: "
            "a document may use the house's own files only, not file:///etc/hostname",
        ),
        ('<p style="colour: red">x</p>', "Ignored `colour: red` at 1:1, unknown property."),
    ],
    ids=["undefined variable", "foreign file", "style that WeasyPrint warns of"],
)
def test_fault_of_a_template_is_an_error(
    template: str, problem: str, samples: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = renderer.environment()
    known = environment.loader
    assert known is not None
    layout = known.get_source(environment, "layout.html")[0]
    monkeypatch.setattr(environment, "loader", DictLoader({"layout.html": layout, "proposal/template.html": template}))
    assert environment.cache is not None
    environment.cache.clear()

    with pytest.raises(RenderError) as caught:
        render(DocumentKind.PROPOSAL, samples[DocumentKind.PROPOSAL])
    environment.cache.clear()

    assert caught.value.problems[0] == problem


@pytest.mark.long
def test_text_of_people_is_text_not_markup(samples: Samples) -> None:
    sample = samples[DocumentKind.PROPOSAL]
    assert isinstance(sample, ProposalContext)
    written = '<img src="file:///etc/hostname"> {{ 7 * 7 }} & <b>x</b>'
    context = sample.model_copy(update={"identity": sample.identity.model_copy(update={"summary": written})})

    reader = PdfReader(BytesIO(render(DocumentKind.PROPOSAL, context)))

    assert written in " ".join(lines(reader, 3))


def test_every_edition_has_its_folder_of_four(samples: Samples) -> None:
    wanted = {"template.html", "style.css", "context.py"}

    assert {
        kind: {path.name for path in (HOUSE / PAPERS[kind].folder).iterdir()} >= wanted | {PAPERS[kind].sample}
        for kind in KINDS
    } == dict.fromkeys(KINDS, True)


def test_public_report_refuses_a_confidential_context(samples: Samples) -> None:
    confidential = samples[DocumentKind.MONITORING_REPORT_CONFIDENTIAL]
    assert isinstance(confidential, PublicReportContext)

    with pytest.raises(RenderError) as caught:
        render(DocumentKind.MONITORING_REPORT_PUBLIC, confidential)

    assert caught.value.problems == ("it needs a PublicReportContext, not a ConfidentialReportContext",)
