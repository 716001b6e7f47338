"""The demonstration's proposal: each figure that stands twice is equal, sums add up, and nothing speaks in keys."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from documents.formats import money
from documents.meta import DocumentContext
from documents.proposal.context import ProposalContext
from documents.proposal.finances import FinancialAnalysis
from documents.proposal.scenario import Scenario
from documents.render import render
from states.archive.tables import DocumentKind
from states.funding.tables import SourceKind

KIND = DocumentKind.PROPOSAL
NOTHING = Decimal("0.00")


@pytest.fixture(scope="module")
def sample(samples: Mapping[DocumentKind, DocumentContext]) -> ProposalContext:
    found = samples[KIND]
    assert isinstance(found, ProposalContext)
    return found


@pytest.fixture(scope="module")
def chosen(sample: ProposalContext) -> Scenario:
    assert sample.chosen is not None
    return sample.chosen


@pytest.fixture(scope="module")
def analysis(sample: ProposalContext) -> FinancialAnalysis:
    assert sample.analysis is not None
    return sample.analysis


@pytest.fixture(scope="module")
def reader(sample: ProposalContext) -> PdfReader:
    return PdfReader(BytesIO(render(KIND, sample)))


@pytest.fixture(scope="module")
def pages(reader: PdfReader) -> list[str]:
    return [page.extract_text() for page in reader.pages]


def total(amounts: object) -> Decimal:
    return sum(amounts, NOTHING)  # type: ignore[call-overload, no-any-return]


def test_what_is_asked_is_what_is_borrowed(
    sample: ProposalContext, chosen: Scenario, analysis: FinancialAnalysis
) -> None:
    assert sample.decision is not None

    loans = total(line.amount for line in chosen.sources if line.kind is SourceKind.LOAN)

    assert sample.decision.amount == loans == total(one.borrows for one in sample.partners)
    assert loans == total(year.drawn for loan in analysis.loans for year in loan.years)
    assert loans == total(year.repaid for loan in analysis.loans for year in loan.years)
    assert loans == total(one.drawn for one in analysis.cash)


def test_one_plan_stands_everywhere(sample: ProposalContext, chosen: Scenario, analysis: FinancialAnalysis) -> None:
    assert sample.decision is not None
    whole = chosen.total_uses

    assert total(one.total for one in sample.decision.standings) + sample.decision.gap == whole
    assert analysis.uses.totals[-1] == whole == total(one.spent for one in sample.regions)
    assert analysis.sources is not None
    assert analysis.sources.totals[-1] == chosen.total_sources
    assert total(one.uses for one in analysis.cash) == whole
    for name, kinds in (("Grants", {SourceKind.GRANT}), ("Loans", {SourceKind.LOAN})):
        (line,) = (one for one in sample.decision.standings if one.kind == name)
        assert line.total == total(one.amount for one in chosen.sources if one.kind in kinds)


def test_grants_are_the_same_by_partner_region_and_article(sample: ProposalContext, chosen: Scenario) -> None:
    assert sample.aid is not None
    grants = chosen.total_grants

    assert sample.aid.granted == grants == total(one.granted for one in sample.partners)
    assert grants == total(one.pays for one in sample.regions) == total(one.gets for one in sample.regions)
    for block in sample.aid.partners:
        assert block.granted == total(row.granted for row in block.rows)
        assert [row for row in block.rows if row.left != row.most - row.granted or row.left < 0] == []


def test_size_stands_alike_wherever_it_is_told(sample: ProposalContext) -> None:
    assert sample.aid is not None
    by_partner = {one.name: one.size for one in sample.partners}

    assert {one.partner: by_partner[one.partner] for one in sample.aid.partners} == {
        one.partner: one.size for one in sample.aid.partners
    }
    assert [one.name for one in sample.partners if not one.size] == []


def test_figures_of_the_first_pages_are_those_of_the_analysis(
    sample: ProposalContext, analysis: FinancialAnalysis
) -> None:
    assert sample.decision is not None
    planned, *changed = analysis.stresses

    assert (planned.npv, planned.owners) == (analysis.project_npv, analysis.owners_npv)
    assert planned.cover == min(analysis.dscr.values())
    assert [one.name for one in changed if one.npv > planned.npv] == []
    assert total(step.amount for step in analysis.bridge) == analysis.cash[-1].closing
    shown = {one.name: one.planned for one in sample.decision.ranges}
    figures = {one.name: one.value for one in analysis.figures}
    assert shown["Net present value, project"] == figures["Project: net present value"]
    assert shown["Net present value, owners"] == figures["Owners: net present value"]
    assert shown["Rate of return, owners"] == figures["Owners: rate of return"]
    assert shown["Least debt cover (DSCR)"] == figures["DSCR, least"]


def test_jobs_points_and_versions_agree(sample: ProposalContext, analysis: FinancialAnalysis) -> None:
    reached = sum((one.points for one in sample.meter.lines), Decimal(0))

    assert total(one.jobs or 0 for one in sample.regions) == total(one.jobs for one in analysis.regions)
    assert sample.meter.score == int(reached)
    assert reached + sum((one.adds for one in sample.meter.owed), Decimal(0)) == 100
    assert (sample.versions[-1].label, sample.versions[-1].sha256) == (sample.meta.version, sample.meta.content_sha256)


def test_paper_speaks_in_no_keys_and_marks_no_name(pages: list[str]) -> None:
    text = " ".join(pages)

    assert re.findall(r"\b\w+(?:-\w+)*--\d{4}\b|\bPL22-\w+|\b\w+_\w+\b", text) == []
    assert "(illustrative" not in text


def test_older_plan_stands_in_its_own_chapter_alone(pages: list[str]) -> None:
    older = money(Decimal("2600000.00"))  # grants, as the protocol had them before the scenario

    found = [page for page in pages if older in page]

    assert len(found) == 1
    assert "What the protocol said before the scenario" in "".join(found)


def titles_of(outline: Any) -> Iterator[str]:
    for one in outline:
        yield from titles_of(one) if isinstance(one, list) else [one.title]


def test_no_page_is_white_and_no_heading_ends_one(pages: list[str], reader: PdfReader) -> None:
    titles = set(titles_of(reader.outline))
    bodies = [[line for line in page.splitlines() if line.strip()] for page in pages[2:]]

    assert [number for number, lines in enumerate(bodies, start=3) if len("".join(lines)) < 350] == []
    assert [lines[-1] for lines in bodies if lines[-1].strip() in titles] == []
