"""A print bundle: an issued document and the evidence filed beside it, in one file that claims no conformance.

Each stays what it is under its own hash; this is for paper. What is no PDF, or cannot be put together, is named.
"""

import zlib
from collections.abc import Callable, Collection, Sequence
from functools import partial
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from sqlmodel import Session
from weasyprint import HTML

from documents.assets import SCHEME, AssetFetcher
from documents.characters import break_words, settle
from documents.languages import gettext
from documents.proposal.annexes import Annex, annexes_of
from documents.render import environment
from states.archive.absence import read
from states.archive.evidence.file_types import PDF
from states.archive.evidence.queries import evidence_in_force
from states.archive.evidence.tables import Evidence
from states.archive.tables import DocumentClass, IssuedDocument
from states.collaborations.queries import collaboration_by_id
from states.playbooks.editions import playbook_of
from states.texts.text import spoken_language

MOST_BYTES = 64 << 20
"""Of all annexes of a bundle: they are put together in memory."""

_BROKEN = (PyPdfError, ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError)
_DAMAGED = (*_BROKEN, ValueError, zlib.error)
_ACTIVE = ("/A", "/AA", "/JS")


def bundle_of(
    session: Session,
    document: IssuedDocument,
    *,
    readable: Collection[str] | None = None,
    evidence_class: DocumentClass | None = None,
) -> tuple[bytes, list[Evidence]]:
    """Return a document's bundle and the evidence in it: of a class, and of these ids, where they are said."""
    made, taken = Bundle(document.title, document.sha256, read(session, document.sha256)), []
    key = document.collaboration_id
    if key is not None:
        terms = playbook_of(session, collaboration_by_id(session, key)).evidence
        for row, annex in zip(evidence_in_force(session, key), annexes_of(session, key, terms), strict=True):
            if (readable is not None and row.id not in readable) or evidence_class not in (None, row.evidence_class):
                continue
            if made.add(annex, media_type=row.media_type, size=row.size, read=partial(read, session, row.sha256)):
                taken.append(row)
    return made.written(), taken


class Bundle:
    """Collects a document and its annexes."""

    def __init__(self, title: str, sha256: str, content: bytes) -> None:
        self._title, self._sha256 = title, sha256
        try:
            self._content = _plain(content)
        except _DAMAGED:
            self._content = b""
        self._room = MOST_BYTES
        self._annexes: list[tuple[Annex, str, bytes]] = []

    def add(self, annex: Annex, *, media_type: str, size: int, read: Callable[[], bytes]) -> bool:
        """Take an annex in, or note why it is not in; return whether its bytes were read."""
        why, content = "", b""
        if media_type != PDF.media_type:
            why = gettext("no: it is no PDF")
        elif size > self._room:
            why = gettext("no: the bundle would be too large")
        else:
            self._room -= size
            try:
                content = _plain(read())
            except _DAMAGED:
                why = gettext("no: it is locked or damaged")
        self._annexes.append((annex, why, content))
        return bool(content)

    def written(self) -> bytes:
        """Return the bundle: a sheet that lists what is in it, the document, and each annex under its title."""
        writer = PdfWriter()
        listed = [(annex, why) for annex, why, _ in self._annexes]
        sheet = _sheet(self._title, self._sha256, listed, whole=bool(self._content))
        writer.append(BytesIO(sheet), outline_item=gettext("Print bundle"), import_outline=False)
        if self._content:
            writer.append(BytesIO(self._content), outline_item=self._title, import_outline=False)
        for annex, _, content in self._annexes:
            if content:
                title = f"{annex.number}. {annex.title}"
                writer.append(BytesIO(content), outline_item=title, import_outline=False)
        return _bytes_of(writer)


def _plain(content: bytes) -> bytes:
    """Return a PDF's pages with their visible marks, and nothing in them that acts."""
    reader = PdfReader(BytesIO(content))
    writer = PdfWriter()
    writer.append(reader, import_outline=False)
    for page in writer.pages:
        page.pop("/AA", None)
        for mark in page.annotations or []:
            for key in _ACTIVE:
                mark.get_object().pop(key, None)
    return _bytes_of(writer)


def _bytes_of(writer: PdfWriter) -> bytes:
    kept = BytesIO()
    writer.write(kept)
    return kept.getvalue()


def _sheet(title: str, sha256: str, annexes: Sequence[tuple[Annex, str]], *, whole: bool) -> bytes:
    template = environment().get_template("bundle.html")
    written = template.render(title=title, sha256=sha256, annexes=annexes, whole=whole, language=spoken_language())
    page = HTML(string=break_words(settle(written)), base_url=SCHEME, url_fetcher=AssetFetcher())
    pdf: bytes = page.write_pdf()
    return pdf
