"""Scenarios side by side: each figure is its own scenario's, what differs says so, and what speaks against each."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import Session, select

from documents.comparison.context import ComparisonContext, Measure, gather, rules_compared
from documents.gathering import current_subject
from documents.meta import DocumentContext
from documents.proposal.context import ProposalContext
from documents.proposal.rules import Law
from documents.render import render
from states.archive.tables import BETWEEN, MOST_COMPARED, DocumentKind
from states.collaborations.tables import Collaboration
from states.errors import Invalid, Missing
from states.funding.case.partners import ProjectFacts
from states.funding.queries import scenarios_of
from states.funding.rules.library import rule_set
from states.funding.service import UseLine, add_scenario
from states.outbox.tables import OutboxMessage
from states.protocol.queries import latest_versions
from states.storage import begin
from tests.after_factories import a_financed_case
from tests.api.house import a_house, places
from tests.documents.story import text_of
from tests.factories import World, a_collaboration_at, a_scenario, a_world
from tests.states.funding.plan_samples import mixed, two_partners

KIND = DocumentKind.COMPARISON
SQLITE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def measure(found: ComparisonContext, key: str) -> Measure:
    return next(one for one in found.measures if one.key == key)


def two(world: World) -> tuple[str, str, str]:
    """Return the ids of a case and of two scenarios: the chosen one, and one of own means that leaves a gap."""
    row, chosen = a_financed_case(world)
    lead = world.organisations["gliwice"].id
    other = add_scenario(
        world.session,
        row,
        protocol_version_id=latest_versions(world.session, [row.id])[row.id].id,
        name="Later",
        uses=[UseLine(lead, "Equipment", Decimal("1000.10"))],
        sources=[],
        gap=Decimal("1000.10"),
        note="For a bank that says no.",
    )
    return row.id, chosen.id, other.id


@SQLITE
def test_each_figure_is_its_own_scenarios(session: Session) -> None:
    _, first, second = two(a_world(session))

    found = gather(session, subject_id=f"{first}{BETWEEN}{second}")

    values = {key: measure(found, key).values for key in ("cost", "grants", "debt", "own_cash", "gap", "committed")}
    assert values == {
        "cost": (Decimal("1000.10"), Decimal("1000.10")),
        "grants": (Decimal("500.00"), Decimal("0.00")),
        "debt": (Decimal("200.10"), Decimal("0.00")),
        "own_cash": (Decimal("300.00"), Decimal("0.00")),
        "gap": (Decimal("0.00"), Decimal("1000.10")),
        "committed": (Decimal("1000.10"), Decimal("0.00")),
    }
    assert measure(found, "grant_share").values == (Decimal("50.0"), Decimal("0.0"))
    assert measure(found, "project_npv").values == (None, None)
    assert [one.key for one in found.measures if one.differs and one.key in values] == [
        *("grants", "debt", "own_cash", "gap", "committed")
    ]
    assert (found.chosen, found.advantages) == (0, ("grants", "grant_share", "gap", "committed"))
    assert found.drawbacks == ("debt", "own_cash")
    for lines, total in ((found.uses, "cost"), (found.sources, "committed")):
        for place in range(2):
            assert sum((one.values[place] or 0 for one in lines), Decimal(0)) == measure(found, total).values[place]


@SQLITE
def test_what_speaks_against_each_is_said_in_words(session: Session) -> None:
    _, first, second = two(a_world(session))

    found = gather(session, subject_id=f"{first}{BETWEEN}{second}")

    shown = text_of(render(KIND, found))
    gaps = [[line for line in one.unmet if "1,000.10" in line] for one in found.scenarios]
    assert [len(one) for one in gaps] == [0, 1]
    assert [one.solved for one in found.scenarios] == [False, False]
    assert all(one.unmet for one in found.scenarios)  # made by hand: no rule was asked
    assert "differs" in shown
    assert "For a bank that says no." in shown
    assert "The partners chose number 1, Grant and loan. Nobody has written down why." in shown


@SQLITE
def test_takes_the_chosen_one_and_the_newest(session: Session) -> None:
    world = a_world(session)
    key, first, second = two(world)
    version = latest_versions(session, [key])[key]
    row = session.get_one(Collaboration, key)
    with pytest.raises(Missing):
        current_subject(session, KIND, collaboration_id=a_collaboration_at(world, "outline", slug="other").id)
    assert current_subject(session, KIND, collaboration_id=key) == f"{first}{BETWEEN}{second}"
    for number in range(MOST_COMPARED):
        lead = world.organisations["gliwice"].id
        add_scenario(
            session,
            row,
            protocol_version_id=version.id,
            name=f"More {number}",
            uses=[UseLine(lead, "Equipment", Decimal("10.00"))],
            sources=[],
            gap=Decimal("10.00"),
        )

    kept = current_subject(session, KIND, collaboration_id=key).split(BETWEEN)

    names = {one.id: one.name for one in scenarios_of(session, key)}
    assert len(kept) == MOST_COMPARED
    assert [names[one] for one in kept] == ["Grant and loan", *(f"More {number}" for number in range(1, MOST_COMPARED))]


@SQLITE
def test_one_alone_or_of_another_case_is_none(session: Session) -> None:
    world = a_world(session)
    _, first, _ = two(world)
    other = a_collaboration_at(world, "funding_scenario", slug="other")
    foreign = a_scenario(world, other, latest_versions(session, [other.id])[other.id])

    with pytest.raises(Invalid):
        gather(session, subject_id=first)
    with pytest.raises(Missing):
        gather(session, subject_id=f"{first}{BETWEEN}{foreign.id}")


def test_what_another_rule_set_changes_is_said_by_cost_and_article() -> None:
    licensed = two_partners(project=ProjectFacts(licences=True))
    old, new = (Law(licensed, mixed(), rule_set(name), (), {}) for name in ("eu-2014", "eu-2023"))

    [found] = rules_compared([("First", old), ("Same", old), ("Second", new)])

    assert (found.scenario, found.before, found.after) == ("Second", old.name, new.name)
    assert found.changes != ()
    assert [one for one in found.changes if one.before == one.after] == []
    assert [one.what for one in found.changes if "gber-" in one.what or "Art. " not in one.what] == []


def test_sample_says_what_the_proposal_says(samples: Mapping[DocumentKind, DocumentContext]) -> None:
    found, proposal = samples[KIND], samples[DocumentKind.PROPOSAL]
    assert isinstance(found, ComparisonContext)
    assert isinstance(proposal, ProposalContext)
    assert proposal.chosen is not None
    assert proposal.analysis is not None
    assert proposal.aid is not None
    place = found.chosen
    assert place is not None

    told = {one.key: one.values[place] for one in found.measures}

    assert (told["cost"], told["grants"], told["gap"]) == (
        *(proposal.chosen.total_uses, proposal.chosen.total_grants),
        proposal.chosen.gap,
    )
    assert (told["project_npv"], told["owners_npv"]) == (proposal.analysis.project_npv, proposal.analysis.owners_npv)
    assert told["dscr"] == round(min(proposal.analysis.dscr.values()), 2)
    assert (told["aid"], told["headroom"]) == (proposal.aid.granted, proposal.aid.left)


def test_scenarios_are_named(installation: Path) -> None:
    house, (key, first, second) = a_house(two)
    path = f"/collaborations/{key}/documents"

    asked = house.manager.post(path, {"kind": "comparison", "scenarios": ["Later", "Grant and loan"]})
    refused = [
        house.manager.post(path, sent)
        for sent in (
            {"kind": "comparison", "scenarios": ["Later"]},
            {"kind": "comparison", "scenarios": ["Later", "Never"]},
            {"kind": "teaser", "scenarios": ["Later", "Grant and loan"]},
        )
    ]

    with begin() as session:
        message = session.exec(select(OutboxMessage).where(OutboxMessage.id == asked.json()["message_id"])).one()
        assert message.payload["subject_id"] == f"{second}{BETWEEN}{first}"
    assert [(one.status_code, places(one)) for one in refused] == [(422, ["scenarios"])] * 3
