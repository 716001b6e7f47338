"""Opens an office's own Word template of unknown origin: styles, headers and footers of it, and nothing that acts."""

import io
from xml.etree.ElementTree import ParseError
from zipfile import ZIP_DEFLATED, ZipFile

from docx import Document
from docx.document import Document as DocumentObject
from docx.opc.exceptions import OpcError
from docx.opc.part import Part
from docx.opc.rel import Relationships
from docx.oxml.ns import qn

from states.packages import UNREADABLE, FileInvalid, refuse_file
from states.protocol_files.document_body import DocumentTarget, open_document

_TYPES = "[Content_Types].xml"
_MOST_BYTES = 8 << 20
_TEMPLATE, _DOCUMENT = b"wordprocessingml.template.main+xml", b"wordprocessingml.document.main+xml"
# What of a template goes over: how things look. Its text, links and own properties do not.
_KEPT = frozenset(
    {
        "styles",
        "stylesWithEffects",
        "numbering",
        "theme",
        "fontTable",
        "settings",
        "header",
        "footer",
        "footnotes",
        "endnotes",
    }
)
_OF_PACKAGE = frozenset({"officeDocument", "core-properties", "extended-properties"})
# Settings that fetch something, forbid writing, or mark each edit as a tracked change.
_SETTINGS = ("attachedTemplate", "mailMerge", "documentProtection", "writeProtection", "trackRevisions", "linkStyles")


def open_template(data: bytes) -> DocumentObject:
    """Return the template without its text; raise `FileInvalid` for what is no Word file, acts or fetches."""
    if len(data) > _MOST_BYTES:
        raise refuse_file(
            "template", "file_too_large", remedy="at_most_mib", size=len(data) >> 20, most=_MOST_BYTES >> 20
        )
    try:
        package = open_document(data)
        if any("vbaproject" in name for name in package.names):
            raise refuse_file("template", "file_has_macros", remedy="save_without_macros")
        for name in package.names:
            if name.endswith((".xml", ".rels")):
                package.show(name, DocumentTarget())  # what is no such part is given up before it becomes a tree
        document = Document(io.BytesIO(_as_document(data)))
    except FileInvalid:
        raise
    except (ParseError, OpcError, *UNREADABLE):
        raise refuse_file("template", "no_document_that_can_be_read", remedy="save_as_docx_once_more") from None
    _keep(document.part.rels, _KEPT)
    _keep(document.part.package.rels, _OF_PACKAGE)
    for relation in document.part.rels.values():
        _need_nothing_outside(relation.target_part)
    settings = document.part._settings_part
    for name in _SETTINGS:
        for element in settings.element.findall(qn(f"w:{name}")):
            settings.element.remove(element)
    _keep(settings.rels, frozenset())
    document._body.clear_content()
    return document


def _as_document(data: bytes) -> bytes:
    """Return a template (.dotx) as the document that it is but for its type."""
    with ZipFile(io.BytesIO(data)) as package:
        if _TEMPLATE not in package.read(_TYPES):
            return data
        file = io.BytesIO()
        with ZipFile(file, "w", ZIP_DEFLATED) as changed:
            for name in package.namelist():
                held = package.read(name)
                changed.writestr(name, held.replace(_TEMPLATE, _DOCUMENT) if name == _TYPES else held)
    return file.getvalue()


def _keep(relations: Relationships, kinds: frozenset[str]) -> None:
    for key, relation in list(relations.items()):
        if relation.is_external or relation.reltype.rpartition("/")[2] not in kinds:
            del relations[key]


def _need_nothing_outside(part: Part) -> None:
    """Refuse what a part fetches when somebody opens the document; links that one follows may stay."""
    for relation in part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if relation.is_external and kind not in ("hyperlink", "attachedTemplate"):
            raise refuse_file("template", "fetches_from_outside", remedy="embed_it")
