"""How a proposal is laid out: no column without a value, and what a region says together."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from documents.meta import DocumentContext
from documents.proposal.approvals import RegionalPosition
from documents.proposal.context import ProposalContext
from documents.render import html, render
from states.archive.tables import DocumentKind
from states.review.tables import Willingness

KIND = DocumentKind.PROPOSAL


@pytest.fixture
def sample(samples: Mapping[DocumentKind, DocumentContext]) -> ProposalContext:
    found = samples[KIND]
    assert isinstance(found, ProposalContext)
    return found


def headers(context: ProposalContext) -> set[str]:
    """The titles of all columns that one of several tables may leave out."""
    page = html(KIND, context, with_contents=False)
    optional = ("Aid basis", "Legal basis", "Category", "Reason", "Instrument and window", "Rate", "On condition")
    return {title for title in optional if re.search(f'scope="col"[^>]*>{title}</th>', page)}


def based(context: ProposalContext, basis: str, **limits: object) -> ProposalContext:
    """Return the proposal with another legal basis behind all sources and instruments."""
    return context.model_copy(
        update={
            "scenarios": tuple(
                scenario.model_copy(
                    update={
                        "sources": tuple(line.model_copy(update={"basis": basis}) for line in scenario.sources),
                        "instruments": tuple(
                            line.model_copy(update={"basis": basis, **limits}) for line in scenario.instruments
                        ),
                    }
                )
                for scenario in context.scenarios
            )
        }
    )


def test_column_is_shown_where_a_row_fills_it(sample: ProposalContext) -> None:
    sorted_out = sample.model_copy(
        update={"risks": tuple(risk.model_copy(update={"category": "market"}) for risk in sample.risks)}
    )

    assert headers(based(sorted_out, "Art. 25")) == {
        *("Aid basis", "Legal basis", "Category", "Reason"),
        *("Instrument and window", "Rate", "On condition"),
    }


def test_column_without_a_value_is_left_out(sample: ProposalContext) -> None:
    bare = sample.model_copy(
        update={
            "history": tuple(line.model_copy(update={"reason": ""}) for line in sample.history),
            "regions": tuple(row.model_copy(update={"condition": ""}) for row in sample.regions),
            "positions": (
                RegionalPosition(region_code="PL22", region_name="Upper Silesia", willingness=Willingness.NO),
            ),
        }
    )

    assert headers(based(bare, "", maximum_rate=None, maximum_amount=None)) == set()


@pytest.mark.long
def test_what_a_region_says_stands_together(sample: ProposalContext) -> None:
    position = RegionalPosition(
        region_code="PL22",
        region_name="Upper Silesia",
        willingness=Willingness.IF,
        s3_match="full",
        citation="strategy, priority 2",
        instrument="Programme",
        call_closes=date(2027, 4, 30),
        max_rate=Decimal(50),
        amount=Decimal("1000.00"),
        condition="a site there",
        alignment=("one evaluation", "one calendar"),
    )
    pages = PdfReader(BytesIO(render(KIND, sample.model_copy(update={"positions": (position,)})))).pages

    told = next(text for page in pages if "S3 match: full; strategy" in (text := page.extract_text()))
    wanted = [
        "call: until 30 Apr 2027",
        "S3 match: full; strategy, priority 2",
        "Condition: a site there",
        "To be aligned: one evaluation; one calendar",
    ]
    assert [line for line in told.replace("\u00a0", " ").splitlines() if line in wanted] == wanted


@pytest.mark.long
def test_positions_of_more_than_a_page_are_printed_whole(sample: ProposalContext) -> None:
    words = " and a few more words about it" * 14
    positions = tuple(
        one.model_copy(
            update={
                "instrument": f"{one.instrument}{words}",
                "condition": f"{one.condition}{words} as condition {number}",
                "alignment": tuple(f"{part}{words}" for part in one.alignment),
            }
        )
        for number, one in enumerate(sample.positions)
    )
    pages = PdfReader(BytesIO(render(KIND, sample.model_copy(update={"positions": positions})))).pages

    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert [f"as condition {number}" in text for number in range(len(positions))] == [True] * len(positions)
