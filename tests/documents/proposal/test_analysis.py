"""The financial analysis of a proposal: figures of the chosen scenario where they can be made, else what is missing."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import cast

import pytest
from sqlmodel import Session, select

from documents.gathering import Subject
from documents.meta import DocumentContext
from documents.proposal.aid import printed_aid
from documents.proposal.context import ProposalContext, gather
from documents.proposal.finances import FinancialAnalysis, YearLine, assumption_lines, printed_analysis
from documents.proposal.rules import law_of
from documents.render import render
from states import clock
from states.archive.tables import DocumentKind
from states.collaborations.tables import Collaboration
from states.funding.case.case import Allocation, FundingScenario
from states.funding.case.gathering import case_of
from states.funding.case.vocabulary import Activity
from states.funding.catalogue.loading import Catalogue, load_catalogue
from states.funding.checks.scenario_legality import record_mix
from states.funding.finance.scenario_finances import finances, keep_assumptions
from states.funding.inputs.tables import FinancialAssumptions, FundingQuestion
from states.funding.queries import costs_of, scenarios_of
from states.funding.service import choose_scenario
from states.places.nuts import unit
from states.protocol.queries import latest_versions
from tests.documents.story import text_of
from tests.factories import World, a_collaboration_at, a_scenario, a_world
from tests.states.funding.plan_samples import ASSET, MADE_UP, WHOLE, given, mixed, two_partners

KIND = DocumentKind.PROPOSAL
SQLITE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def analysed(**parts: object) -> FinancialAnalysis:
    """Return the analysis of the two partners' mix."""
    subject = SimpleNamespace(place=lambda code: (code, unit(code).name))
    found = finances(two_partners(), mixed(), given(**{**WHOLE, **parts}))
    return printed_analysis(found, cast(Subject, subject), name="Best")


def plain(texts: object) -> list[str]:
    return [text.replace("\u00a0", " ").replace("\u202f", " ") for text in cast(list[str], texts)]


def test_uses_and_sources_are_laid_out_by_year() -> None:
    found = analysed()

    assert found.uses.years == ("2027", "2028", "2029")
    assert found.uses.lines[0] == YearLine(
        name="Partner a",
        note="equipment, ITC4",
        amounts=(Decimal("900000.00"), Decimal("0.00"), Decimal("0.00")),
    )
    assert found.uses.totals[-1] == Decimal("1500000.01")
    assert found.sources is not None
    assert found.sources.totals[-1] == Decimal("1499900.00")  # 100.01 EUR are a gap


def test_many_years_leave_the_last_column_for_the_rest() -> None:
    spread = {"item": "staff", "by_year": dict.fromkeys(range(2027, 2032), "20"), **MADE_UP}

    found = analysed(spending=[spread]).uses

    assert found.years == ("2027", "2028", "2029", "2030–2031")
    assert found.lines[1].amounts == tuple(map(Decimal, ("120000.00", "120000.00", "120000.01", "240000.00")))


def test_every_assumption_is_told_with_its_source() -> None:
    found = finances(two_partners(), mixed(), given(**WHOLE))

    lines = assumption_lines(found)

    assert len(lines) == len(found.given.sourced)
    assert [(line.what, line.source) for line in lines if line.source] == [("Terms: Bank", "term sheet of 3 May")]
    assert plain([f"{line.what}: {line.says}" for line in lines]) == [
        "Years and prices: 2027–2036, in real prices of 2026",
        "Discount rate and tax: 4 %; tax 0 %",
        "Spending: Partner b, personnel: 2027: 33.33 %; 2028: 33.33 %; 2029: 33.34 %",
        "Life: equipment: 5 years, in service from 2028",
        "Terms: Bank: 5 % a year, annuity over 5 years, 1 of grace",
        "Revenue: Tests: EUR 400 000 in 2028 to EUR 400 000 in 2036",
        "Operating cost: Staff: EUR 90 000 in 2028 to EUR 90 000 in 2036",
        "Working capital: 30 days of revenue owed",
        "Jobs: Partner b: 4.5 full-time equivalents in DE21",
        "Residual value: EUR 50 000",
        "Uncertain: Revenue: Tests: −30 % to +10 %, most likely 0 %",
    ]


def test_figures_are_written_out_and_none_is_called_none() -> None:
    found = {line.name: line.value for line in analysed().figures}
    poor = {line.name: line.value for line in analysed(revenues=[], uncertain=[], residual=None).figures}

    assert found["Funding gap"] == "EUR\u00a00, 0\u202f%"
    assert found["Investment for each EUR of the Union"] == "2.14"
    assert (poor["Project: rate of return"], poor["Payback"]) == ("none", "none")


@pytest.mark.long
def test_the_chapter_shows_statements_charts_and_what_moves_the_plan(
    samples: Mapping[DocumentKind, DocumentContext],
) -> None:
    sample = samples[KIND]
    assert isinstance(sample, ProposalContext)

    printed = text_of(render(KIND, sample.model_copy(update={"analysis": analysed()})))

    wanted = [
        "Illustrative: some of these assumptions are made up",
        "What the chosen scenario, Best, means over the years, in real prices of 2026",
        "2027 (EUR 50 028.33 missing)",
        "Profit and loss, EUR, 2027–2031",
        "Balance, EUR, 2032–2036",
        "Gross grant equivalent of public money",
        "not known without the reference rate",
        "Revenue 20 % lower",
        "Net present value of the project in 40 draws of what is uncertain, from seed 7",
    ]
    assert [text for text in wanted if text not in printed] == []


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def row(world: World) -> Collaboration:
    """Return a bankable one of which nothing is assumed: edition 2 of the playbook did not ask for it."""
    row = a_collaboration_at(world, "bankable")
    world.session.delete(world.session.exec(select(FinancialAssumptions)).one())
    world.session.flush()
    return row


def _proposal(world: World, row: Collaboration) -> ProposalContext:
    (chosen,) = (one for one in scenarios_of(world.session, row.id) if one.chosen)
    return gather(world.session, subject_id=chosen.id)


@SQLITE
def test_without_assumptions_the_proposal_says_so_and_shows_no_figure(world: World, row: Collaboration) -> None:
    found = _proposal(world, row)

    assert (found.analysis, found.without_analysis) == (
        None,
        ("assumptions: nobody has said yet what is assumed (say what is earned, lent and written off)",),
    )
    assert "because something is missing" in text_of(render(KIND, found))


@SQLITE
def test_a_scenario_made_by_hand_has_no_analysis(world: World, row: Collaboration) -> None:
    version = latest_versions(world.session, [row.id])[row.id]
    by_hand = a_scenario(world, row, version)
    choose_scenario(world.session, by_hand)
    keep_assumptions(world.session, row.id, given(), expected_version=0)

    found = _proposal(world, row)

    assert found.analysis is None
    assert [text.partition(",")[0] for text in found.without_analysis] == ["scenario: Grants was made by hand"]


@pytest.mark.long
@SQLITE
def test_a_proposal_is_as_late_as_its_assumptions_and_gives_the_same_bytes(world: World, row: Collaboration) -> None:
    year = clock.today().year
    horizon = {"first_year": year, "years": 4, "prices": "real", "price_year": year, **MADE_UP}
    life = {**ASSET, "in_service": None}
    with clock.at(clock.now() + timedelta(days=2)):
        kept = keep_assumptions(world.session, row.id, given(horizon=horizon, lives=[life]), expected_version=0)

    first, second = _proposal(world, row), _proposal(world, row)

    assert first.meta.issued_at == kept.changed_at
    assert first.analysis is not None
    assert (first.analysis.illustrative, first.illustrative) == (True, True)
    assert render(KIND, first) == render(KIND, second)


@SQLITE
def test_a_solved_scenario_names_its_rules_and_what_is_open(world: World, row: Collaboration) -> None:
    terms = {"basis": ["gber-26"], "member_state": "PL", "rates": [{"percent": 50}]}
    entries = [
        {"slug": f"call-{n}", "name": f"Call {n}", "programme": "P", "kind": "grant", "terms": terms} for n in (1, 2)
    ]
    load_catalogue(world.session, world.partnership.id, Catalogue.model_validate({"instruments": entries}))
    (line,) = costs_of(world.session, row.id)
    line.activity = Activity.RESEARCH_INFRASTRUCTURE
    declared = {"difficulty": {"insolvent": False, "rescue_aid": False}, "recovery_order": False, "size": "small"}
    question = FundingQuestion(
        collaboration_id=row.id,
        project={"infrastructure_terms": True},
        partners={f"medtech-{name}": declared for name in ("gliwice", "marseille")},
    )
    world.session.add_all([line, question])
    world.session.flush()
    case = case_of(world.session, row)
    paid = [
        Allocation(item=line.slug, instrument=f"call-{n}", amount=amount)
        for n, amount in ((1, Decimal(100)), (2, Decimal(50)))
    ]
    own = {line.slug: line.amount - 150}
    mix = FundingScenario(name="Two calls", rule_set=case.rule_set, allocations=tuple(paid), own=own)
    version = latest_versions(world.session, [row.id])[row.id]
    made = record_mix(world.session, row, case, mix, protocol_version_id=version.id)
    made.stale = ["GBER Art. 6(2): Work began before the application."]

    found = law_of(world.session, made)

    assert found is not None
    assert found.name.startswith("eu-2023 (")
    assert found.broken == (("GBER Art. 6(2)", "Work began before the application."),)
    aid = printed_aid(found)
    (block,) = aid.partners
    filed = "small, as it declares; accounts filed as annex 3 of the proposal, no figures entered"
    assert (block.partner, block.size, block.proved) == ("gliwice", filed, False)
    assert [(row.basis, row.granted, row.left) for row in block.rows] == [
        ("GBER Art. 26(6)", Decimal("150.00"), Decimal("350.05"))
    ]
    assert aid.unread == ("Call 1", "Call 2")
    assert [(line.article, "gliwice" in line.says) for line in aid.to_do] == [
        ("GBER Art. 1(4)(c), Art. 2(18)", True),
        ("GBER Art. 26(7)", True),
    ]
    printed = {one.key: one for one in gather(world.session, subject_id=made.id).scenarios}[made.id]
    assert printed.uses[0].category == "Equipment"
