"""Every document is PDF/UA-1 and PDF/A-3a in one file, says where its links lead, and carries its data inside."""

import json
from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from typing import Any

import page
import pikepdf
import pydyf
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from documents import conformance
from documents.data import files_of
from documents.meta import DocumentContext
from documents.proposal.context import ProposalContext
from documents.render import render
from states.archive.tables import DocumentKind
from tests.documents.conforming import elements, faults_of

KINDS = list(DocumentKind)
Samples = Mapping[DocumentKind, DocumentContext]
Pdfs = Mapping[DocumentKind, bytes]
Readers = Mapping[DocumentKind, PdfReader]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_speaks_against_it_in_either_standard(kind: DocumentKind, pdfs: Pdfs) -> None:
    assert faults_of(pdfs[kind]) == []


def test_the_validator_tells_a_file_that_does_not_conform(samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance, "_UNIVERSAL_ACCESS", "")

    written = render(DocumentKind.DECISION_LETTER, samples[DocumentKind.DECISION_LETTER])

    assert {one.partition(" ")[0] for one in faults_of(written)} == {"ua1:"}


@pytest.mark.parametrize("title", ["Ελλάδα & Κύπρος <b>", "Đặng Văn", 'a"b' * 100, "tab\tand\x0bfeed", "مرحبا", "漢字"])
@pytest.mark.long
def test_no_title_breaks_it(title: str, samples: Samples) -> None:
    sample = samples[DocumentKind.DECISION_LETTER]
    meta = sample.meta.model_copy(update={"title": title, "partnership": title, "subtitle": title, "acronym": title})

    assert faults_of(render(DocumentKind.DECISION_LETTER, sample.model_copy(update={"meta": meta}))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_its_metadata_are_readable_without_a_reader(kind: DocumentKind, pdfs: Pdfs) -> None:
    packet = pdfs[kind].partition(b"<?xpacket begin")[2].partition(b"<?xpacket end")[0]

    said = [b'pdfaid:part="3"', b'pdfaid:conformance="A"', b'pdfuaid:part="1"', b"pdfaSchema:prefix>pdfuaid<"]
    assert [one for one in said if one not in packet] == []


@pytest.mark.parametrize("kind", KINDS)
def test_links_say_in_words_where_they_lead(kind: DocumentKind, readers: Readers) -> None:
    reader = readers[kind]
    pages: list[Any] = list(reader.pages)
    links = [one.get_object() for sheet in pages for one in sheet.get("/Annots", ())]
    titles = {_plain(item.title) for item in _flat(reader.outline)}

    unsaid = [str(link["/Contents"]) for link in links if "/Dest" in link and _plain(link["/Contents"]) not in titles]

    assert unsaid == []


def test_a_line_of_the_contents_is_one_stop_of_the_tab_key(readers: Readers) -> None:
    reader = readers[DocumentKind.REVIEW_DOSSIER]

    contents: Any = reader.pages[1]
    links = [one.get_object()["/Dest"] for one in contents["/Annots"]]

    assert (len(links), len(set(links))) == (21, 21)


@pytest.mark.parametrize("kind", KINDS)
def test_each_header_cell_says_of_what(kind: DocumentKind, readers: Readers) -> None:
    scopes = {one["/A"].get("/Scope") for one in elements(readers[kind]) if one["/S"] == "/TH"}

    assert scopes <= {"/Column", "/Row"}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_read_page_by_page_and_each_mark_once(kind: DocumentKind, readers: Readers) -> None:
    reader = readers[kind]
    numbers = {sheet.indirect_reference.idnum: number for number, sheet in enumerate(reader.pages)}  # type: ignore[union-attr]
    read = [
        (numbers[element.raw_get("/Pg").idnum], child)
        for element in elements(reader)
        for child in _children(element)
        if isinstance(child, int)
    ]

    assert [pair for pair in pairwise(read) if pair[0][0] > pair[1][0]] == []
    assert len(read) == len(set(read))


@pytest.mark.parametrize("kind", KINDS)
def test_the_data_inside_are_what_it_shows(kind: DocumentKind, pdfs: Pdfs, samples: Samples) -> None:
    sample, inside = samples[kind], _inside(pdfs[kind])

    assert inside.pop(f"{kind.value}.json") == ("/Data", json.loads(sample.model_dump_json()))
    assert list(inside) == (["cash-flow.xlsx"] if kind is DocumentKind.PROPOSAL else [])


def test_the_cash_flow_inside_is_the_one_of_the_analysis(samples: Samples) -> None:
    sample = samples[DocumentKind.PROPOSAL]
    assert isinstance(sample, ProposalContext)
    assert sample.analysis is not None
    [_, attached] = files_of(sample)

    workbook = load_workbook(BytesIO(attached.content))
    rows = list(workbook["Cash flow"].iter_rows(values_only=True))

    columns = {str(name): number for number, name in enumerate(rows[0])}
    closing = [Decimal(str(row[columns["Closing"]])) for row in rows[1:]]
    assert workbook.sheetnames == ["Cash flow", "Profit and loss", "Balance"]
    assert closing == [one.closing for one in sample.analysis.cash]
    assert [row[0] for row in rows[1:]] == [one.year for one in sample.analysis.cash]


def test_the_end_of_a_stream_is_never_taken_for_its_data(samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where packed data end in a carriage return, a line feed behind it would make one end of a line of the two."""
    sample = samples[DocumentKind.DECISION_LETTER]
    known = conformance.attachments

    for number in range(256):
        spare = conformance.Attached("spare.txt", "text/plain", conformance.Relationship.DATA, "", bytes([number]) * 3)
        if pydyf.Stream([spare.content], compress=True).data.endswith(b"\r\r\nendstream"):
            break
    else:
        pytest.fail("none ends in a carriage return")
    monkeypatch.setattr("documents.render.attachments", lambda files, at: known([*files, spare], at))
    written = render(DocumentKind.DECISION_LETTER, sample)

    assert [one.rule_id for one in page.validate_pdf_bytes(written, profile="3a").failures] == []


def _plain(title: object) -> str:
    return " ".join(str(title).split())


def _flat(outline: Any) -> Any:
    for item in outline:
        if isinstance(item, list):
            yield from _flat(item)
        else:
            yield item


def _children(element: Any) -> list[Any]:
    kids = element.get("/K", [])
    return [
        one.get_object() if hasattr(one, "get_object") else one for one in (kids if isinstance(kids, list) else [kids])
    ]


def _inside(content: bytes) -> dict[str, tuple[str, Any]]:
    """Return what is attached, by name: how it relates to the document, and what it says where that is JSON."""
    with pikepdf.open(BytesIO(content)) as pdf:
        related = pdf.Root.AF
        found = {}
        for specification in related:
            name = str(specification.UF)
            data = pdf.attachments[name].get_file().read_bytes()
            found[name] = (str(specification.AFRelationship), json.loads(data) if name.endswith(".json") else None)
        assert len(found) == len(related)
        return found
