"""Documents that are larger, longer or emptier than anybody planned for still come out whole."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from documents.letter.context import Addressee, LetterContext
from documents.meta import DocumentContext
from documents.minutes.context import MinutesContext
from documents.parts import CellKind, Column, Completeness, HistoryLine, Partner, Section, Table
from documents.proposal.addressee import Addressee as Addressed
from documents.proposal.context import ProposalContext
from documents.proposal.scenario import Scenario, SourceLine, UseLine
from documents.protocol.context import ProtocolContext
from documents.render import render
from documents.report.context import GoalAnswer, PublicReportContext, ReportQuestion, ReportSection
from documents.review.context import ReviewContext
from states.archive.tables import DocumentKind
from states.funding.tables import SourceKind

Samples = Mapping[DocumentKind, DocumentContext]
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2


def text_of(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


@pytest.mark.long
def test_sixty_partners_and_three_hundred_rows(samples: Samples) -> None:
    sample = samples[DocumentKind.INVESTMENT_PROTOCOL]
    assert isinstance(sample, ProtocolContext)
    partners = tuple(
        Partner(name=f"P{number} {LONG}", kind="company", role=LONG, region_code="PL22", region_name="Śląskie")
        for number in range(60)
    )
    columns = (Column(title="Item", weight=5), Column(title="EUR", kind=CellKind.MONEY))
    rows = tuple((f"Item {number} {LONG}", Decimal(number)) for number in range(300))
    budget = Table(caption="Budget", columns=columns, rows=rows, totals=("All", Decimal(44850)))
    section = Section(number=10, key="budget", title=LONG, complete=True, tables=(budget,))

    written = text_of(
        render(
            DocumentKind.INVESTMENT_PROTOCOL, sample.model_copy(update={"partners": partners, "sections": (section,)})
        )
    )

    assert [number for number in range(60) if f"P{number} " not in written] == []
    assert [number for number in range(300) if f"Item {number} " not in written] == []
    assert "44\u202f850.00" in written


@pytest.mark.long
def test_sixty_partners_in_the_financing_plan(samples: Samples) -> None:
    sample = samples[DocumentKind.PROPOSAL]
    assert isinstance(sample, ProposalContext)
    names = [f"P{number} {LONG}" for number in range(60)]
    plan = Scenario(
        key="s",
        name=LONG,
        chosen=True,
        uses=tuple(UseLine(category=LONG, partner=name, region_code="PL22", amount=Decimal(10)) for name in names),
        sources=tuple(
            SourceLine(
                name=name, kind=SourceKind.GRANT, partner=name, region_code="PL22", status="idea", amount=Decimal(9)
            )
            for name in names
        ),
        gap=Decimal(60),
    )
    history = tuple(
        HistoryLine(
            at=datetime(2025, 1 + month, 1, tzinfo=UTC), move="m", from_stage=LONG, to_stage="Outline", by_role="chair"
        )
        for month in range(12)
    )

    written = text_of(
        render(DocumentKind.PROPOSAL, sample.model_copy(update={"scenarios": (plan,), "history": history}))
    )

    assert [number for number in range(60) if f"P{number} " not in written] == []


def test_empty_protocol_says_what_is_not_there(samples: Samples) -> None:
    sample = samples[DocumentKind.INVESTMENT_PROTOCOL]
    assert isinstance(sample, ProtocolContext)
    empty = ProtocolContext(
        meta=sample.meta, identity=sample.identity, completeness=Completeness(done=0, total=17, missing=("all",))
    )

    written = text_of(render(DocumentKind.INVESTMENT_PROTOCOL, empty))

    assert [
        sentence
        for sentence in ("0 of 17 sections", "No partners are", "No version is frozen")
        if sentence not in written
    ] == []


@pytest.mark.parametrize("reader", list(Addressed))
def test_empty_proposal_says_what_is_not_there(reader: Addressed, samples: Samples) -> None:
    sample = samples[DocumentKind.PROPOSAL]
    assert isinstance(sample, ProposalContext)
    empty = ProposalContext(
        meta=sample.meta, identity=sample.identity, meter=sample.meter, opened_at=sample.opened_at, addressee=reader
    )

    written = text_of(render(DocumentKind.PROPOSAL, empty))

    assert [
        sentence
        for sentence in (
            "No scenario is chosen yet",
            "No review has been closed yet.",
            "No financing scenario is recorded yet.",
            "No move is recorded yet.",
        )
        if sentence not in written
    ] == []


def test_bare_dossier_and_report_come_out(samples: Samples) -> None:
    dossier, report = samples[DocumentKind.REVIEW_DOSSIER], samples[DocumentKind.MONITORING_REPORT_PUBLIC]
    assert isinstance(dossier, ReviewContext)
    assert isinstance(report, PublicReportContext)
    bare_dossier = dossier.model_copy(update={"regions_asked": (), "partners": (), "sections": ()})
    bare_report = PublicReportContext(
        meta=report.meta,
        period="January - June 2020",
        partnership="Medical technology",
        sections=(ReportSection(key="I", heading="Management", questions=(ReportQuestion(id="I.1", heading="Aim"),)),),
        goals=tuple(GoalAnswer(goal=number, title="Goal") for number in range(1, 18)),
    )

    assert "No partners are recorded yet." in text_of(render(DocumentKind.REVIEW_DOSSIER, bare_dossier))
    assert text_of(render(DocumentKind.MONITORING_REPORT_PUBLIC, bare_report)).count("Not answered.") == 1


def test_bare_documents_of_a_round_say_what_is_not_there(samples: Samples) -> None:
    minutes, consensus = samples[DocumentKind.PANEL_MINUTES], samples[DocumentKind.CONSENSUS_REPORT]
    evaluation = samples[DocumentKind.EVALUATION_REPORT]
    assert isinstance(minutes, MinutesContext)
    bare_minutes = MinutesContext(meta=minutes.meta, identity=minutes.identity, round=minutes.round)
    bare_consensus = consensus.model_copy(update={"discussions": (), "minority_views": (), "comments": ()})
    bare_evaluation = evaluation.model_copy(update={"declarations": ()})

    written = {
        kind: text_of(render(kind, context))
        for kind, context in (
            (DocumentKind.PANEL_MINUTES, bare_minutes),
            (DocumentKind.CONSENSUS_REPORT, bare_consensus),
            (DocumentKind.EVALUATION_REPORT, bare_evaluation),
        )
    }

    assert [
        (kind.value, sentence)
        for kind, sentence in (
            (DocumentKind.PANEL_MINUTES, "is released: "),
            (DocumentKind.PANEL_MINUTES, "Nobody had a seat in this round."),
            (DocumentKind.PANEL_MINUTES, "Nobody declared."),
            (DocumentKind.PANEL_MINUTES, "No minute of a sitting is recorded."),
            (DocumentKind.CONSENSUS_REPORT, "No criterion was discussed on record: none had to be."),
            (DocumentKind.CONSENSUS_REPORT, "All reviewers share the consensus."),
            (DocumentKind.EVALUATION_REPORT, "No declaration is on record."),
        )
        if sentence not in written[kind]
    ] == []


@pytest.mark.long
def test_letter_of_many_partners_and_conditions_comes_out_whole(samples: Samples) -> None:
    letter = samples[DocumentKind.DECISION_LETTER]
    assert isinstance(letter, LetterContext)
    addressees = tuple(Addressee(name=f"P{number} {LONG}", role="partner", region="Śląskie") for number in range(60))
    conditions = tuple(f"C{number} {LONG}" for number in range(40))
    long = letter.model_copy(update={"addressees": addressees, "conditions": conditions})

    written = text_of(render(DocumentKind.DECISION_LETTER, long))

    assert [number for number in range(60) if f"P{number} " not in written] == []
    assert [number for number in range(40) if f"C{number} " not in written] == []
    assert "Investment Advisory Group: IAG chair" in written


def test_panel_of_forty_seats_comes_out_whole(samples: Samples) -> None:
    minutes = samples[DocumentKind.PANEL_MINUTES]
    assert isinstance(minutes, MinutesContext)
    seats = tuple(
        minutes.seats[1].model_copy(update={"number": number, "left_because": f"L{number} {LONG}"})
        for number in range(1, 41)
    )

    written = text_of(render(DocumentKind.PANEL_MINUTES, minutes.model_copy(update={"seats": seats})))

    assert [number for number in range(1, 41) if f"L{number} " not in written] == []
