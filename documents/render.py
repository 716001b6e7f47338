"""The one door to a PDF: a kind and its context in, the same bytes out each time."""

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from functools import lru_cache, partial
from threading import get_ident

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from weasyprint import CSS, HTML, Document
from weasyprint.logger import LOGGER

from documents import charts, languages
from documents.assets import SCHEME, AssetFetcher
from documents.catalogue import PAPERS
from documents.characters import StandIns, break_words, settle
from documents.conformance import OUTPUT_INTENT, VARIANT, attachments, finish, give_colours
from documents.data import files_of
from documents.files import HOUSE
from documents.formats import FILTERS
from documents.imprint import Imprint
from documents.languages import gettext, marked
from documents.meta import Confidentiality, DocumentContext
from documents.proposal import drawings
from documents.proposal.names import term
from documents.qr import qr_code
from documents.words import said_word
from states.archive.codes import Stamp
from states.archive.tables import DocumentKind
from states.archive.verification import IDENTIFIER_DIGITS
from states.errors import BankableError
from states.funding.finance.simulation import LEAST_DSCR
from states.texts.text import speaking
from states.texts.titles import said


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents."""

    anchor: str
    number: str
    title: str

    @property
    def said(self) -> str:
        """What a link to it is called."""
        return f"{self.number} {self.title}".strip()


@dataclass(slots=True)
class Contents:
    """Collects the chapters of one rendering; a template calls `chapter` where the heading stands."""

    entries: list[Entry] = field(default_factory=list)

    def chapter(self, title: str, number: str = "") -> Markup:
        """Note a chapter and return its heading, with an anchor that depends on its place alone."""
        anchor = f"chapter-{len(self.entries) + 1}"
        self.entries.append(Entry(anchor, number, title))
        mark = Markup('<span class="number">{}</span> ').format(number) if number else Markup("")
        return Markup('<h2 id="{}">{}{}</h2>').format(anchor, mark, title)


CLASSES = {
    Confidentiality.PUBLIC: marked("Public"),
    Confidentiality.PARTNERSHIP: marked("Confidential: partnership only"),
    Confidentiality.REVIEWERS: marked("Confidential: reviewers only"),
    Confidentiality.OWNERS: marked("Confidential: owners only"),
    Confidentiality.BANK: marked("Confidential: for the addressed bank only"),
    Confidentiality.AUTHORITY: marked("Confidential: for the addressed authorities only"),
    Confidentiality.FUND: marked("Confidential: for the addressed investor only"),
}
PAGES_WITHOUT_CONTENTS = 5
TIGHTEST = 4
"""How often a document of one page is set tighter: its template knows that many ways, and the last one always fits."""
FIRST_CHAPTER = "chapter-1"
# Characters of HTML; a page takes some 2,700.
_ANYWHERE = """
* { break-before: auto !important; break-inside: auto !important; break-after: auto !important }
section.page { break-before: page !important }
"""
_LONG_SOURCE = 16_000


class RenderError(BankableError):
    """The document could not be rendered; `problems` names each thing that was wrong."""

    code = "render_failed"

    def __init__(self, kind: DocumentKind, problems: list[str]) -> None:
        super().__init__(document=kind, problems=tuple(problems))
        self.kind, self.problems = kind, tuple(problems)


def render(
    kind: DocumentKind,
    context: DocumentContext,
    *,
    context_sha256: str = "",
    imprint: Imprint | None = None,
    stamp: Stamp | None = None,
) -> bytes:
    """Render a document as PDF/UA-1 and PDF/A-3a in one file, its data inside; equal contexts give equal bytes.

    A later edition has an `imprint`, one that can be checked a `stamp`.
    The file's identifier is the digest of its context: `context_sha256`, where the context was kept by a release whose
    model of it was another one.
    A table of contents is added where the document is longer than five pages without it.
    A character that the document fonts lack is printed as a numbered stand-in, and told on the last page. Whatever
    WeasyPrint would only warn of, and an undefined variable, raise `RenderError`.
    """
    paper = PAPERS[kind]
    if type(context) is not paper.context:  # a confidential context is also a public one: never take it for that
        raise RenderError(kind, [f"it needs a {paper.context.__name__}, not a {type(context).__name__}"])
    identifier = bytes.fromhex((context_sha256 or context.sha256)[:IDENTIFIER_DIGITS])
    with speaking(context.meta.language), _warnings_as_errors(kind), _no_search_for_garbage():
        source = Source(kind, context, imprint, stamp)
        document = _lay_out(source)
        give_colours(document)
        pdf: bytes = document.write_pdf(
            pdf_variant=VARIANT,
            output_intent=OUTPUT_INTENT,
            pdf_identifier=identifier,
            attachments=attachments(list(files_of(context)), context.meta.issued_at),
            finisher=partial(
                finish,
                titles={entry.anchor: entry.said for entry in source.contents.entries},
                language=context.meta.language,
                code=stamp.code if stamp else "",
            ),
        )
    return pdf


@dataclass(slots=True)
class Source:
    """The HTML of a document, its body written once: with a table of contents, and without."""

    kind: DocumentKind
    context: DocumentContext
    imprint: Imprint | None = None
    stamp: Stamp | None = None
    contents: Contents = field(default_factory=Contents)
    _stand_ins: StandIns = field(default_factory=StandIns)
    _body: str = ""
    fit: int = 0

    def tighter(self) -> None:
        """Let the template set what it says tighter; what was written so far is void."""
        self.fit += 1
        self.contents, self._stand_ins, self._body = Contents(), StandIns(), ""

    def html(self, *, with_contents: bool) -> str:
        """Return the HTML that the PDF is made from; raise `RenderError` for a fault of a template."""
        with _faults_of_templates(self.kind):
            return self._written(with_contents=with_contents)

    @property
    def is_long(self) -> bool:
        """Whether it will hardly do without a table of contents."""
        with _faults_of_templates(self.kind):
            return len(self._between()) > _LONG_SOURCE

    def _between(self) -> str:
        """Return what stands between the cover and the last page."""
        if not self._body:
            paper = PAPERS[self.kind]
            written = environment().get_template(f"{paper.folder}/{paper.template}")
            self._body = self._stand_ins.put(
                settle(
                    written.render(document=self.context, contents=self.contents, meta=self.context.meta, fit=self.fit)
                )
            )
        return self._body

    def _written(self, *, with_contents: bool) -> str:
        paper, meta, marks = PAPERS[self.kind], self.context.meta, self._stand_ins
        body = self._between()
        layout = partial(
            environment().get_template("layout.html").render,
            meta=meta,
            imprint=self.imprint,
            stamp=self.stamp,
            illustrative=self.context.illustrative,
            paper=paper,
            kind=gettext(paper.name),
            issued=meta.issued_at.astimezone(UTC).isoformat(timespec="seconds"),
            readers=gettext(CLASSES[meta.confidentiality]),
            body=Markup(body),
            entries=self.contents.entries if with_contents else [],
        )
        page = marks.put(settle(layout(stand_ins=[])))
        if marks.runs:
            page = marks.put(settle(layout(stand_ins=marks.told)))
        return break_words(page)


def html(kind: DocumentKind, context: DocumentContext, *, with_contents: bool, imprint: Imprint | None = None) -> str:
    """Return the HTML that the PDF is made from."""
    with speaking(context.meta.language):
        return Source(kind, context, imprint).html(with_contents=with_contents)


def _lay_out(source: Source) -> Document:
    """Lay a document out, once where its source is clearly long or clearly short."""
    if PAPERS[source.kind].one_page:
        return _on_one_page(source)
    listed = None
    if source.is_long:
        listed = _paged(source.html(with_contents=True))
        # Beside the cover its chapters take at least as many pages as after a page of contents.
        if len(listed.pages) - _page_of(listed, FIRST_CHAPTER) > PAGES_WITHOUT_CONTENTS:
            return listed
    document = _paged(source.html(with_contents=False))
    if len(document.pages) <= PAGES_WITHOUT_CONTENTS:
        return document
    return listed or _paged(source.html(with_contents=True))


def _on_one_page(source: Source) -> Document:
    """Lay a document out ever tighter until it is one page."""
    while len((document := _paged(source.html(with_contents=False))).pages) > 1:
        if source.fit == TIGHTEST:
            raise RenderError(source.kind, [f"it takes {len(document.pages)} pages, and may be one"])
        source.tighter()
    return document


def _paged(source: str) -> Document:
    page = HTML(string=source, base_url=SCHEME, url_fetcher=AssetFetcher())
    try:
        return page.render(pdf_variant=VARIANT)
    except AssertionError:
        # What should stay together is more than a page, and WeasyPrint knows no other place to break.
        return page.render(pdf_variant=VARIANT, stylesheets=[CSS(string=_ANYWHERE)])


def _page_of(document: Document, anchor: str) -> int:
    """Return the number of the page that an anchor is on, from 0; of all pages where it is on none."""
    return next((number for number, page in enumerate(document.pages) if anchor in page.anchors), len(document.pages))


@contextmanager
def _faults_of_templates(kind: DocumentKind) -> Iterator[None]:
    try:
        yield
    except TemplateError as error:
        raise RenderError(kind, [f"template: {error}"]) from error


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Keep the collector still while boxes are made: all of them live to the end, and it looks through them again
    and again for a third of the time."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


@contextmanager
def _warnings_as_errors(kind: DocumentKind) -> Iterator[None]:
    problems: list[str] = []
    thread = get_ident()

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread:  # the logger is shared with whatever else this process renders
                problems.append(record.getMessage())

    collector = Collector(level=logging.WARNING)
    LOGGER.addHandler(collector)
    try:
        yield
    finally:
        LOGGER.removeHandler(collector)
    if problems:
        raise RenderError(kind, problems)


def _in_time(filtered: Callable[..., str]) -> Callable[..., str]:
    """Let a filter speak when a paper is written: of a constant Jinja would keep what it said when it was compiled."""

    @pass_context
    def spoken(_: Context, *given: str) -> str:
        return filtered(*given)

    return spoken


@lru_cache(maxsize=1)
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HOUSE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined] # of the extension
        languages.gettext,
        languages.ngettext,
        newstyle=True,
        pgettext=languages.pgettext,
        npgettext=languages.npgettext,
    )
    made.filters.update(FILTERS, word=_in_time(said_word), term=_in_time(term), titled=_in_time(said))
    made.globals.update(
        sources_and_uses=charts.sources_and_uses,
        journey=charts.journey,
        scores=charts.scores,
        funnel_steps=charts.funnel_steps,
        timeline=charts.timeline,
        qr_code=qr_code,
        cash_flow=charts.cash_flow,
        cumulated=charts.cumulated,
        tornado=charts.tornado,
        distribution=charts.distribution,
        bridge=drawings.bridge,
        gantt=drawings.gantt,
        months_chart=drawings.months_chart,
        risk_matrix=drawings.risk_matrix,
        standing=drawings.standing,
        days_of=charts.days_of,
        least_dscr=LEAST_DSCR,
    )
    return made
