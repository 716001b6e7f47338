"""The samples of every document, and their PDFs, rendered once for all tests."""

from collections.abc import Mapping
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlmodel import Session

from documents.catalogue import PAPERS
from documents.files import HOUSE
from documents.meta import DocumentContext
from documents.render import render
from states.archive.tables import DocumentKind
from tests.documents.story import Story, a_story

Samples = Mapping[DocumentKind, DocumentContext]


@pytest.fixture(scope="session")
def samples() -> Samples:
    return {
        kind: paper.context.model_validate_json((HOUSE / paper.folder / paper.sample).read_text("utf-8"))
        for kind, paper in PAPERS.items()
    }


@pytest.fixture(scope="session")
def pdfs(samples: Mapping[DocumentKind, DocumentContext]) -> Mapping[DocumentKind, bytes]:
    return {kind: render(kind, context) for kind, context in samples.items()}


@pytest.fixture(scope="session")
def readers(pdfs: Mapping[DocumentKind, bytes]) -> Mapping[DocumentKind, PdfReader]:
    return {kind: PdfReader(BytesIO(content)) for kind, content in pdfs.items()}


@pytest.fixture
def story(session: Session) -> Story:
    return a_story(session)
