"""How a proposal is laid out: no column without a value, and no heading apart from what it announces."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from documents.meta import DocumentContext
from documents.proposal.context import ProposalContext, RegionalPosition
from documents.render import html, render
from documents.review.rounds import PrintedCondition
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
    optional = ("Aid basis", "Legal basis", "Category", "Reason", "Instrument and window", "Rate", "Class")
    return {title for title in optional if re.search(f'scope="col"[^>]*>{title}</th>', page)}


def test_column_is_shown_where_a_row_fills_it(sample: ProposalContext) -> None:
    assert headers(sample) == {
        *("Aid basis", "Legal basis", "Category", "Reason"),
        *("Instrument and window", "Rate", "Class"),
    }


def test_column_without_a_value_is_left_out(sample: ProposalContext) -> None:
    bare = sample.model_copy(
        update={
            "scenarios": tuple(
                scenario.model_copy(
                    update={
                        "sources": tuple(line.model_copy(update={"basis": ""}) for line in scenario.sources),
                        "instruments": tuple(
                            line.model_copy(update={"basis": "", "maximum_rate": None, "maximum_amount": None})
                            for line in scenario.instruments
                        ),
                    }
                )
                for scenario in sample.scenarios
            ),
            "risks": tuple(risk.model_copy(update={"category": ""}) for risk in sample.risks),
            "history": tuple(line.model_copy(update={"reason": ""}) for line in sample.history),
            "positions": (
                RegionalPosition(region_code="PL22", region_name="Upper Silesia", willingness=Willingness.NO),
            ),
            "evidence": tuple(item.model_copy(update={"confidentiality": ""}) for item in sample.evidence),
        }
    )

    assert headers(bare) == set()


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

    told = next(text for page in pages if "Each authority speaks" in (text := page.extract_text()))
    wanted = [
        "call to 30 Apr 2027",
        "S3 match: full; strategy, priority 2",
        "Condition: a site there",
        "To be aligned: one evaluation; one calendar",
    ]
    assert [line for line in told.replace("\u00a0", " ").splitlines() if line in wanted] == wanted


@pytest.mark.parametrize("filler", [9, *(pytest.param(other, marks=pytest.mark.long) for other in (0, 6, 12, 15))])
def test_announcement_stays_with_its_table(filler: int, sample: ProposalContext) -> None:
    conditions = tuple(PrintedCondition(number=n + 1, text=f"Condition {n}") for n in range(filler))
    review = sample.reviews[0].model_copy(update={"conditions": conditions})
    pages = PdfReader(BytesIO(render(KIND, sample.model_copy(update={"reviews": (review,)})))).pages

    texts = [page.extract_text() for page in pages]
    announced = [text for text in texts if "Each authority speaks" in text]

    assert ["Instrument and window" in text for text in announced] == [True]


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
