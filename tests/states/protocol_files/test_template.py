"""An office's own Word template: its styles, headers and footers are taken, its text and whatever acts is not."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from states.packages import FileInvalid
from states.protocol_files.reading import Format
from states.protocol_files.writing import write_file
from tests.states.protocol_files.filed import differences, shown


def template() -> bytes:
    """Return a template with a style, a header, a text, and what an office's program leaves in one."""
    document = Document()
    document.styles["Heading 2"].font.size = Pt(31)
    document.sections[0].header.paragraphs[0].text = "Office of the Po"
    document.add_paragraph("A former letter to Mr Rossi")
    settings = document.part._settings_part
    attached = OxmlElement("w:attachedTemplate")
    outside = settings.relate_to("file:///C:/Normal.dotm", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    attached.set(qn("r:id"), outside)
    settings.element.append(attached)
    settings.element.append(OxmlElement("w:documentProtection"))
    settings.element.append(OxmlElement("w:trackRevisions"))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def with_part(data: bytes, name: str, held: bytes, *, types: tuple[bytes, bytes] = (b"", b"")) -> bytes:
    """Return a package with a further part, and its types changed."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as package, ZipFile(file, "w", ZIP_DEFLATED) as changed:
        for one in package.namelist():
            kept = package.read(one)
            changed.writestr(one, kept.replace(*types) if one == "[Content_Types].xml" and types[0] else kept)
        if name:
            changed.writestr(name, held)
    return file.getvalue()


def test_a_document_takes_the_looks_of_a_template_and_nothing_else() -> None:
    data = write_file(shown(), Format.DOCX, template=template())

    document = Document(io.BytesIO(data))
    assert document.sections[0].header.paragraphs[0].text == "Office of the Po"
    assert document.styles["Heading 2"].font.size == Pt(31)
    with ZipFile(io.BytesIO(data)) as package:
        held = b"".join(package.read(name) for name in package.namelist())
    assert [one for one in (b"Rossi", b"C:/Normal", b"documentProtection", b"trackRevisions") if one in held] == []
    assert differences(data) == {}


def test_a_template_by_its_own_type_and_one_that_we_wrote_will_do() -> None:
    as_template = with_part(template(), "", b"", types=(b"document.main+xml", b"template.main+xml"))
    ours = write_file(shown(), Format.DOCX)

    for one in (as_template, ours):
        assert differences(write_file(shown(), Format.DOCX, template=one)) == {}


def _with_linked_picture() -> bytes:
    document = Document()
    header = document.sections[0].header
    header.is_linked_to_previous = False
    header.part.relate_to("https://example.org/logo.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7", "no_document_that_can_be_read"),
        (with_part(template(), "word/vbaProject.bin", b"x"), "file_has_macros"),
        (with_part(template(), "word/big.xml", b"<a>" + b"x" * (65 << 20)), "unpacks_too_large"),
        (with_part(template(), "word/odd.xml", b"<!DOCTYPE a []><a/>"), "declares_type_document"),
        (with_part(template(), "word/odd.xml", b"<a>"), "no_document_that_can_be_read"),
        (_with_linked_picture(), "fetches_from_outside"),
    ],
    ids=["a PDF", "macros", "a bomb", "an entity", "no XML", "a linked picture"],
)
def test_a_template_that_acts_or_fetches_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        write_file(shown(), Format.DOCX, template=data)

    assert [(fault.code, bool(fault.remedy)) for fault in caught.value.faults] == [(code, True)]
