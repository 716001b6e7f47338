"""What the database holds is what the documents show: gathered from collaborations that went their way by moves."""

from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlmodel import Session

from documents.catalogue import PAPERS
from documents.formats import euro
from documents.gathering import current_subject
from documents.proposal.context import gather as gather_proposal
from documents.protocol.context import gather as gather_protocol
from documents.render import render
from documents.review.context import gather as gather_review
from states.archive.tables import DocumentKind
from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.funding.service import SourceLine, UseLine, add_scenario, choose_scenario
from states.funding.tables import Instrument, SourceKind, SourceStatus
from states.lifecycle.move import move
from states.playbooks.definition import Direction
from states.protocol.queries import latest_versions
from states.protocol.service import freeze_version, write_section
from states.review.queries import rounds_of
from states.review.tables import Willingness
from states.rights.access import Role
from tests.factories import World, a_collaboration_at, a_world, s3


@dataclass
class Matured:
    """A collaboration that is bankable, with every field of its protocol filled."""

    session: Session
    world: World
    row: Collaboration

    def subject(self, kind: DocumentKind) -> str:
        return current_subject(self.session, kind, collaboration_id=self.row.id)


@pytest.fixture
def matured(session: Session) -> Matured:
    world = a_world(session)
    return Matured(session, world, a_collaboration_at(world, "bankable"))


def text_of(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_protocol_says_first_what_it_comes_to(matured: Matured) -> None:
    version = latest_versions(matured.session, [matured.row.id])[matured.row.id]

    context = gather_protocol(matured.session, subject_id=version.id)

    (costs,) = (table for section in context.sections for table in section.tables if section.key == "investment_plan")
    total = sum((row[-1] for row in costs.rows if isinstance(row[-1], Decimal)), Decimal(0))
    assert context.glance[1].label == f"Investment plan: {costs.caption}"
    assert context.glance[1].value == euro(total)
    assert context.glance[-1].label == "Timetable"


def test_protocol_shows_the_frozen_version(matured: Matured) -> None:
    version = latest_versions(matured.session, [matured.row.id])[matured.row.id]

    context = gather_protocol(matured.session, subject_id=version.id)

    assert (context.meta.content_sha256, context.meta.version, context.meta.issued_at) == (
        version.sha256,
        "1",
        version.frozen_at,
    )
    assert [section.key for section in context.sections] == [section.key for section in s3().protocol]
    assert (context.completeness.done, context.completeness.total) == (17, 17)
    assert [(partner.name, partner.role, partner.site_nuts3, partner.region_code) for partner in context.partners] == [
        ("gliwice", "lead partner", "PL229", "PL22"),
        ("marseille", "partner", "FRL04", "FRL0"),
    ]


def test_protocol_keeps_to_its_version_when_the_draft_goes_on(matured: Matured) -> None:
    subject = matured.subject(DocumentKind.INVESTMENT_PROTOCOL)
    before = gather_protocol(matured.session, subject_id=subject)
    matured.session.expunge_all()
    write_section(matured.session, matured.row, "object", {"what": "Another", "services": "x"}, sections=s3().protocol)
    freeze_version(matured.session, matured.row)

    assert gather_protocol(matured.session, subject_id=subject) == before


def test_protocol_names_what_is_missing(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "investment_protocol")
    write_section(session, row, "object", {"what": "A test bed"}, sections=s3().protocol, illustrative=True)
    version = freeze_version(session, row)

    context = gather_protocol(session, subject_id=version.id)

    section = next(section for section in context.sections if section.key == "object")
    assert (section.complete, section.missing, section.illustrative) == (
        False,
        ("Services to small and medium-sized enterprises",),
        True,
    )
    assert (context.completeness.done, context.illustrative) == (1, True)  # the section of evidence may stay empty


def test_tables_of_money_have_a_total(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "investment_protocol")
    costs = [
        {"organisation": "A", "nuts": "PL22", "category": "Rigs", "amount": amount} for amount in ("0.10", "999.95")
    ]
    write_section(session, row, "investment_plan", {"costs": costs}, sections=s3().protocol)
    version = freeze_version(session, row)

    context = gather_protocol(session, subject_id=version.id)

    section = next(section for section in context.sections if section.key == "investment_plan")
    assert section.tables[0].totals == ("Total", None, None, Decimal("1000.05"))


def test_dossier_of_a_scoring_panel_holds_criteria_and_nobodys_scores(matured: Matured) -> None:
    opened = next(row for row in rounds_of(matured.session, [matured.row.id]) if row.panel == "iag")

    context = gather_review(matured.session, subject_id=opened.id)

    assert (context.panel, context.quorum, context.deadline, context.overall_threshold) == (
        "Investment Advisory Group",
        3,
        opened.due_on,
        Decimal(18),
    )
    assert [criterion.name for criterion in context.criteria] == [one.title for one in s3().panels["iag"].criteria]
    assert context.regions_asked == ()
    assert "evaluations" not in type(context).model_fields


def test_dossier_of_a_panel_of_regions_asks_each_for_its_position(matured: Matured) -> None:
    subject = matured.subject(DocumentKind.REVIEW_DOSSIER)

    context = gather_review(matured.session, subject_id=subject)

    assert context.criteria == ()
    assert [(region.name, region.partners) for region in context.regions_asked] == [
        ("paca", ("marseille",)),
        ("upper-silesia", ("gliwice",)),
    ]
    assert "Position form" in text_of(render(DocumentKind.REVIEW_DOSSIER, context))


def test_proposal_shows_reviews_positions_plan_and_history(matured: Matured) -> None:
    context = gather_proposal(matured.session, subject_id=matured.subject(DocumentKind.PROPOSAL))

    assert [
        (result.round_number, result.evaluations, result.overall, result.decision) for result in context.reviews
    ] == [(1, 3, Decimal(24), "Endorsed")]
    assert [(one.region_name, one.willingness) for one in context.positions] == [
        ("paca", Willingness.YES),
        ("upper-silesia", Willingness.YES),
    ]
    assert context.chosen is not None
    assert (context.chosen.total_uses, context.chosen.gap) == (Decimal("1000.10"), Decimal("0.00"))
    assert [line.to_stage for line in context.history] == [
        s3().stages[stage].title
        for stage in ("outline", "investment_protocol", "iag_review", "wgra_review", "funding_scenario", "bankable")
    ]
    assert {line.by_role for line in context.history} == {"project manager", "IAG chair", "WGRA chair"}


def test_decision_tells_what_is_committed_and_what_is_not(matured: Matured) -> None:
    lead = matured.world.organisations["gliwice"].id
    instrument = Instrument(
        partnership_id=matured.world.partnership.id,
        slug="i3",
        name="I3 instrument",
        programme="ERDF",
        kind=SourceKind.GRANT,
        legal_basis="Art. 13",
    )
    matured.session.add(instrument)
    matured.session.flush()
    version = latest_versions(matured.session, [matured.row.id])[matured.row.id]
    scenario = add_scenario(
        matured.session,
        matured.row,
        protocol_version_id=version.id,
        name="Mix",
        uses=[UseLine(lead, "Rigs", Decimal("100.00"))],
        sources=[
            SourceLine(lead, SourceKind.GRANT, SourceStatus.APPLIED, Decimal("59.99"), instrument_id=instrument.id),
            SourceLine(lead, SourceKind.OWN_CASH, SourceStatus.SIGNED, Decimal("30.00")),
        ],
        gap=Decimal("10.01"),
    )
    choose_scenario(matured.session, scenario)

    context = gather_proposal(matured.session, subject_id=scenario.id)

    assert context.decision is not None
    assert [(one.kind, one.signed, one.committed, one.open) for one in context.decision.standings] == [
        ("Grants", Decimal("0.00"), Decimal("0.00"), Decimal("59.99")),
        ("Own cash of the partners", Decimal("30.00"), Decimal("0.00"), Decimal("0.00")),
    ]
    assert (context.decision.gap, context.decision.asked) == (Decimal("10.01"), ())
    assert context.decision.nothing == "The chosen scenario counts on no loan: nothing is asked of a bank."
    assert [(line.name, line.basis, line.verified_on) for line in context.chosen.instruments] == [  # type: ignore[union-attr]
        ("I3 instrument", "Art. 13", None)
    ]


def test_registers_of_risks_and_evidence_become_chapters_of_their_own(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "funding_scenario")
    risk = {"risk": "Grant refused", "probability": "3", "impact": "5", "response": "reduce", "owner": "lead"}
    document = {"document": "Letter", "date": "2020-06-30", "owner": "lead", "sha256": "ab" * 32}
    write_section(session, row, "risks", {"register": [risk]}, sections=s3().protocol)
    write_section(session, row, "evidence", {"documents": [document]}, sections=s3().protocol)
    version = freeze_version(session, row)
    lead = world.organisations["gliwice"].id
    scenario = add_scenario(
        session,
        row,
        protocol_version_id=version.id,
        name="New",
        uses=[UseLine(lead, "Rigs", Decimal(1))],
        sources=[],
        gap=Decimal(1),
    )

    context = gather_proposal(session, subject_id=scenario.id)

    assert [(one.title, one.score, one.band) for one in context.risks] == [("Grant refused", 15, "critical")]
    assert [(one.name, one.sha256) for one in context.evidence] == [("Letter", "ab" * 32)]
    assert [key for key in ("risks", "annexes") if context.told(key)] == []


def test_registers_that_do_not_fit_stay_in_their_sections(matured: Matured) -> None:
    context = gather_proposal(matured.session, subject_id=matured.subject(DocumentKind.PROPOSAL))

    assert context.evidence == ()  # the factory's hash is the word "text"
    assert [section.key for section in context.told("annexes")] == ["evidence"]


@pytest.mark.long
def test_reviewers_and_authors_of_moves_stay_without_names(matured: Matured) -> None:
    context = gather_proposal(matured.session, subject_id=matured.subject(DocumentKind.PROPOSAL))
    printed = text_of(render(DocumentKind.PROPOSAL, context))

    named = [person.label for key, person in matured.world.people.items() if key.startswith("iag_member")]

    assert ([label for label in named if label in printed], len(named)) == ([], 3)


def test_moves_back_are_told_as_such(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "wgra_review")
    move(session, row.id, "revise", actor=world.actor(Role.WGRA_CHAIR), reason="Sources missed uses.")
    version = latest_versions(session, [row.id])[row.id]
    lead = world.organisations["gliwice"].id
    scenario = add_scenario(
        session,
        row,
        protocol_version_id=version.id,
        name="S",
        uses=[UseLine(lead, "Rigs", Decimal(1))],
        sources=[],
        gap=Decimal(1),
    )

    context = gather_proposal(session, subject_id=scenario.id)

    assert (context.history[-1].move, context.history[-1].direction, context.history[-1].reason) == (
        "Send back for revision",
        Direction.BACK,
        "Sources missed uses.",
    )
    assert context.decision is None


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(DocumentKind.INVESTMENT_PROTOCOL, marks=pytest.mark.long),
        DocumentKind.REVIEW_DOSSIER,
        DocumentKind.CONSENSUS_REPORT,
        DocumentKind.PANEL_MINUTES,
        DocumentKind.DECISION_LETTER,
        pytest.param(DocumentKind.PROPOSAL, marks=pytest.mark.long),
    ],
)
def test_gathered_twice_gives_the_same_bytes(kind: DocumentKind, matured: Matured) -> None:
    gather, subject = PAPERS[kind].gather, matured.subject(kind)

    first, second = (gather(matured.session, subject_id=subject) for _ in range(2))

    assert first.sha256 == second.sha256
    assert render(kind, first) == render(kind, second)


@pytest.mark.parametrize("kind", list(DocumentKind))
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_unknown_subject_is_missing(kind: DocumentKind, session: Session) -> None:
    with pytest.raises(Missing):
        PAPERS[kind].gather(session, subject_id="0" * 32)


@pytest.mark.parametrize("kind", [kind for kind in DocumentKind if kind is not DocumentKind.CERTIFICATE])
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_collaboration_without_a_subject_says_so(kind: DocumentKind, session: Session) -> None:
    """A history, which is certified, each collaboration has."""
    row = a_collaboration_at(a_world(session), "investment_protocol")

    with pytest.raises(Missing, match=f"There is no subject of a document '{kind.value}, {row.id}' here."):
        current_subject(session, kind, collaboration_id=row.id)
