"""A print bundle: the document, the evidence that its reader may read, and a sheet that names what is not in it."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import Destination, DictionaryObject, NameObject, TextStringObject
from sqlmodel import select
from typer.testing import CliRunner

from api.cli import app
from api.demo.evidence import page
from documents.bundle import Bundle
from states.archive.evidence.file_types import FILE_TYPES
from states.archive.evidence.service import Filing, Upload, file_upload
from states.archive.evidence.tables import EvidenceDownload, Scan
from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes, receive
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.clock import today
from states.collaborations.tables import Collaboration
from states.storage import begin
from tests.api.house import a_house
from tests.factories import PRINTING, World, a_collaboration_at, a_piece_of_evidence

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def _changed(content: bytes, change: Callable[[PdfWriter], object]) -> bytes:
    writer, kept = PdfWriter(clone_from=BytesIO(content)), BytesIO()
    change(writer)
    writer.write(kept)
    return kept.getvalue()


def _acts(writer: PdfWriter) -> None:
    """Let it run a program when it is opened, and where somebody clicks."""
    program = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(program)
    link = writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url="https://example.com"))
    link[NameObject("/A")] = DictionaryObject(program)


def _table(world: World, row: Collaboration) -> None:
    """File what is no PDF."""
    text = next(one for one in FILE_TYPES if ".txt" in one.suffixes)
    said = Filing("other", "A table", today(), DocumentClass.PUBLIC)
    file_upload(world.session, row, said, Upload("t.txt", text, Scan.NOT_SCANNED, receive([b"1;2"])), person_id=None)


def _case(world: World) -> tuple[str, str]:
    row = a_collaboration_at(world, "iag_review")  # two letters that are no whole PDF
    offer = _changed(page("An offer", ["Two rigs."]), _acts)
    a_piece_of_evidence(world, row, kind="offer", content=offer, evidence_class=DocumentClass.PUBLIC)
    accounts = page("Accounts", ["Own means."])
    a_piece_of_evidence(world, row, kind="accounts", content=accounts, owner=world.organisations["gliwice"])
    locked = _changed(page("Locked", ["x"]), lambda made: made.encrypt("secret"))
    a_piece_of_evidence(world, row, kind="permit", content=locked, evidence_class=DocumentClass.PUBLIC)
    _table(world, row)
    paper = page("The protocol", ["Frozen."])
    keep_bytes(paper)
    kind, of = DocumentKind.INVESTMENT_PROTOCOL, DocumentClass.CONFIDENTIAL
    made = Rendered(kind, of, "Investment protocol", row.id, "{}", paper, PRINTING)
    record_document(world.session, made, partnership_id=row.partnership_id, collaboration_id=row.id)
    document = world.session.exec(select(IssuedDocument)).one()
    return row.id, document.id


def _pages(content: bytes) -> list[str]:
    return [" ".join(one.extract_text().split()) for one in PdfReader(BytesIO(content)).pages]


def test_everything_that_one_may_read_is_in_one_file_and_the_rest_is_named(installation: Path) -> None:
    house, (_, document) = a_house(_case)

    answer = house.manager.get(f"/documents/{document}/bundle")
    public = house.manager.get(f"/documents/{document}/bundle?evidence_class=public")

    sheet, *pages = _pages(answer.content)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert [text.split(" Frozen")[0].split(" Two")[0] for text in pages] == [
        "The protocol",
        "An offer",
        "Accounts Own means.",
    ]
    assert sheet.count("no: it is locked or damaged") == 3
    assert (sheet.count("no: it is no PDF"), "claims no conformance" in sheet) == (1, True)
    outline = [one.title for one in PdfReader(BytesIO(answer.content)).outline if isinstance(one, Destination)]
    assert outline == ["Print bundle", "Investment protocol", "3. A letter", "4. A letter"]
    assert [mark for mark in (b"pdfaid", b"pdfuaid", b"/JavaScript", b"/JS") if mark in answer.content] == []
    assert len(_pages(public.content)) == 3
    assert "Letter of intent" not in _pages(public.content)[0]
    with begin(read_only=True) as session:
        assert len(session.exec(select(EvidenceDownload)).all()) == 3


def test_a_document_that_is_no_whole_pdf_is_named_too(installation: Path) -> None:
    made = Bundle("Minutes", "ab" * 32, b"%PDF-1.7 minutes")

    [sheet] = _pages(made.written())

    assert "The document itself is locked or damaged" in sheet
    assert "Nothing that you may read is filed beside it." in sheet


def test_the_command_writes_it_and_notes_who_had_what(installation: Path, tmp_path: Path) -> None:
    _, (_, document) = a_house(_case)
    to = tmp_path / "bundle.pdf"

    first = CliRunner().invoke(app, ["documents", "bundle", document, str(to)])
    again = CliRunner().invoke(app, ["documents", "bundle", document, str(to)])

    assert (first.exit_code, first.stdout) == (0, f"{to}: 2 annexes\n")
    assert (again.exit_code, len(_pages(to.read_bytes()))) == (2, 4)
