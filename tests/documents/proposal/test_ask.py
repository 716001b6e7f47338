"""A proposal says plainly when there is nothing left to ask for, and when nothing was chosen."""

from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from documents.meta import DocumentContext
from documents.proposal.context import Ask, ProposalContext
from documents.render import render
from states.archive.tables import DocumentKind


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (Ask(amount=Decimal("0.00")), "nothing is left to ask for"),
        pytest.param(Ask(amount=Decimal("12.50")), "We ask for EUR 12.50", marks=pytest.mark.long),
        pytest.param(None, "No scenario is chosen yet", marks=pytest.mark.long),
    ],
)
def test_ask(ask: Ask | None, said: str, samples: Mapping[DocumentKind, DocumentContext]) -> None:
    sample = samples[DocumentKind.PROPOSAL]
    assert isinstance(sample, ProposalContext)

    content = render(DocumentKind.PROPOSAL, sample.model_copy(update={"ask": ask}))

    page = " ".join(PdfReader(BytesIO(content)).pages[2].extract_text().split())
    assert said in page
