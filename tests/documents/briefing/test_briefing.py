"""The briefing: issued to each region when its panel opens, read by that region alone, with figures of the proposal."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import Session, select

from documents.briefing.context import BriefingContext, Occasion, briefing_subject, gather
from documents.gathering import current_subject
from documents.meta import DocumentContext
from documents.proposal.context import ProposalContext
from documents.render import render
from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.collaborations.tables import Collaboration
from states.crossings.review.rounds import open_requested_round
from states.errors import Missing
from states.funding.tables import SourceKind
from states.outbox.tables import OutboxMessage
from states.protocol.queries import latest_versions
from states.review.positions import Stance, state_position
from states.review.tables import PriorityMatch, ReviewRound, Willingness
from states.storage import begin
from tests.after_factories import a_chosen_scenario
from tests.api.house import MANAGER, OBSERVER, PARTNER, SECRETARY, a_house
from tests.documents.story import text_of
from tests.factories import (
    PRINTING,
    World,
    a_collaboration,
    a_collaboration_at,
    a_world,
    clear,
    fill_protocol,
    freeze,
    open_iag,
)

KIND = DocumentKind.BRIEFING
SQLITE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
NOTHING = Decimal("0.00")


@pytest.fixture(scope="module")
def sample(samples: Mapping[DocumentKind, DocumentContext]) -> BriefingContext:
    found = samples[KIND]
    assert isinstance(found, BriefingContext)
    return found


def of(world: World, row: Collaboration, region: str) -> BriefingContext:
    version = latest_versions(world.session, [row.id])[row.id]
    return gather(world.session, subject_id=briefing_subject(version.id, world.regions[region].id))


def an_open_round(world: World) -> tuple[Collaboration, ReviewRound]:
    row = a_collaboration_at(world, "wgra_review")
    return row, open_requested_round(world.session, row.id, "wgra")


def say(world: World, row: Collaboration, opened: ReviewRound, region: str, condition: str = "") -> None:
    clear(world, row, opened, region)
    stance = Stance(Willingness.IF if condition else Willingness.YES, PriorityMatch.FULL, condition=condition)
    state_position(
        world.session, opened, person_id=world.people[region].id, region=world.regions[region], stance=stance
    )


def asked_for(session: Session, opened: ReviewRound) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for message in session.exec(select(OutboxMessage).where(OutboxMessage.name == "document.requested")):
        if opened.id == message.payload.get("subject_id") or message.payload["kind"] == KIND.value:
            found.setdefault(message.payload["kind"], []).append(message.payload["subject_id"])
    return found


@SQLITE
def test_opening_the_panel_of_regions_asks_for_one_of_each_region(session: Session) -> None:
    world = a_world(session)
    row, opened = an_open_round(world)

    found = asked_for(session, opened)

    version = opened.protocol_version_id
    assert found["review-dossier"] == [opened.id]
    assert sorted(found["briefing"]) == sorted(f"{version}..{key}" for key in opened.asked_regions)
    assert len(opened.asked_regions) == 2
    assert row.id == opened.collaboration_id


@SQLITE
def test_a_panel_that_scores_asks_for_none(session: Session) -> None:
    world = a_world(session)
    opened = open_iag(world, a_collaboration_at(world, "iag_review"))

    assert list(asked_for(session, opened)) == ["review-dossier"]


@SQLITE
def test_others_are_shown_once_the_own_position_is_stated(session: Session) -> None:
    world = a_world(session)
    row, opened = an_open_round(world)
    say(world, row, opened, "paca", "The laboratory serves firms of the region.")

    early = of(world, row, "upper-silesia")
    say(world, row, opened, "upper-silesia")
    late = of(world, row, "upper-silesia")

    assert (early.own, early.others, early.hidden) == (None, (), 1)
    assert "serves firms" not in early.model_dump_json()
    assert "1 other region has stated a position" in text_of(render(KIND, early))
    assert late.own is not None
    assert ([one.region_name for one in late.others], late.hidden) == ([world.regions["paca"].name], 0)
    assert "serves firms of the region" in text_of(render(KIND, late))


@SQLITE
def test_before_a_scenario_it_says_what_is_open(session: Session) -> None:
    world = a_world(session)
    row, opened = an_open_round(world)

    found = of(world, row, "paca")

    shown = text_of(render(KIND, found))
    assert (found.decision, found.aid, found.regions) == (None, None, ())
    assert found.asked_in is not None
    assert found.asked_in.answer_by == opened.due_on
    assert {Occasion.DECLARE, Occasion.ANSWER} <= {one.occasion for one in found.dates}
    for said in ("No scenario is chosen yet", "Aid by partner is not known", "has stated no position"):
        assert said in shown
    assert [one.region_name for one in found.partners] == [world.regions["paca"].name]


@SQLITE
def test_each_region_has_its_own_figures(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "funding_scenario")
    a_chosen_scenario(world, row)

    silesia, paca = of(world, row, "upper-silesia"), of(world, row, "paca")

    assert silesia.decision is not None
    assert paca.decision is not None
    assert (silesia.decision.amount, paca.decision.amount) == (Decimal("500.00"), NOTHING)
    assert silesia.row is not None
    assert paca.row is not None
    assert (silesia.row.pays, silesia.row.spent, silesia.row.gets) == tuple(
        map(Decimal, ("500.00", "800.00", "500.00"))
    )
    assert (paca.row.pays, paca.row.spent, paca.row.gets) == (NOTHING, Decimal("200.10"), NOTHING)
    assert sum(one.row.spent for one in (silesia, paca) if one.row) == silesia.cost
    assert silesia.aid is None
    assert "made by hand" in text_of(render(KIND, silesia))


@SQLITE
def test_a_short_playbook_has_one_too(session: Session) -> None:
    world = a_world(session)
    world.partnership.playbook = "lean"
    row = a_collaboration(world)
    fill_protocol(world, row)
    freeze(world, row)

    found = of(world, row, "upper-silesia")

    assert (found.asked_in, found.priorities, found.risks) == (None, (), ())
    assert "names no priority" in text_of(render(KIND, found))
    assert found.planned is not None
    assert found.planned.rows
    with pytest.raises(Missing):
        gather(session, subject_id=f"{latest_versions(session, [row.id])[row.id].id}..nowhere")


def test_sample_agrees_with_itself_and_the_proposal(
    sample: BriefingContext, samples: Mapping[DocumentKind, DocumentContext]
) -> None:
    proposal = samples[DocumentKind.PROPOSAL]
    assert isinstance(proposal, ProposalContext)
    assert proposal.chosen is not None
    assert proposal.aid is not None
    row, decision, aid = sample.row, sample.decision, sample.aid
    assert row is not None
    assert decision is not None
    assert aid is not None

    same = next(one for one in proposal.regions if one.name == sample.region)
    grants = [one for one in proposal.chosen.sources if one.kind is SourceKind.GRANT]

    assert decision.amount == row.pays == same.pays
    assert (row.spent, row.gets, row.jobs) == (same.spent, same.gets, same.jobs)
    assert row.spent == sum((one.spends for one in sample.partners), NOTHING)
    assert row.gets == sum((one.granted for one in sample.partners), NOTHING) == aid.granted
    assert sum((one.pays for one in sample.regions), NOTHING) == sum((one.amount for one in grants), NOTHING)
    assert {one.partner for one in aid.partners} == {one.name for one in sample.partners}
    assert [one for one in proposal.aid.partners if one.partner in {here.name for here in sample.partners}] == list(
        aid.partners
    )
    assert sample.cost == proposal.chosen.total_uses


def test_it_is_read_by_its_own_region_and_the_office_alone(installation: Path) -> None:
    house, (key, briefings) = a_house(_issue)
    path = f"/documents?collaboration={key}&kind=briefing"

    listed = {
        who: {one["id"] for one in house.by(who).get(path).json()["items"]}
        for who in (MANAGER, SECRETARY, "wgra_chair", "upper-silesia", "paca", "iag_member 1", PARTNER, OBSERVER)
    }
    opened = {
        (who, region): house.by(who).get(f"/documents/{document}/content").status_code
        for who in ("upper-silesia", "paca", "iag_member 1", PARTNER, OBSERVER)
        for region, document in briefings.items()
    }

    everything = set(briefings.values())
    assert listed == {
        **dict.fromkeys((MANAGER, SECRETARY, "wgra_chair"), everything),
        **{region: {document} for region, document in briefings.items()},
        **{key_0: set() for key_0 in ("iag_member 1", PARTNER, OBSERVER)},
    }
    assert {pair for pair, status in opened.items() if status == 200} == {(one, one) for one in briefings}
    assert {status for status in opened.values() if status != 200} <= {403, 404}


def _issue(world: World) -> tuple[str, dict[str, str]]:
    row, opened = an_open_round(world)
    keys = {}
    for name in ("upper-silesia", "paca"):
        clear(world, row, opened, name)
        content = f"%PDF {name}".encode()
        keep_bytes(content)
        subject = briefing_subject(opened.protocol_version_id, world.regions[name].id)
        rendered = Rendered(KIND, DocumentClass.CONFIDENTIAL, name, subject, name, content, PRINTING)
        issued = record_document(world.session, rendered, partnership_id=world.partnership.id, collaboration_id=row.id)
        keys[name] = issued.id
    return row.id, keys


def test_it_is_asked_for_a_region(installation: Path) -> None:
    house, (key, version, region) = a_house(_frozen)
    path = f"/collaborations/{key}/documents"

    asked = house.manager.post(path, {"kind": "briefing", "region": "paca"})
    refused = [
        house.manager.post(path, sent)
        for sent in (
            {"kind": "briefing"},
            {"kind": "briefing", "region": "nowhere"},
            {"kind": "briefing", "region": "paca", "addressee": "bank"},
            {"kind": "teaser", "region": "paca"},
        )
    ]

    assert asked.status_code == 202
    with begin() as session:
        message = session.exec(select(OutboxMessage).where(OutboxMessage.id == asked.json()["message_id"])).one()
        assert message.payload == {"kind": "briefing", "subject_id": f"{version}..{region}"}
    assert [one.status_code for one in refused] == [422] * 4
    assert "upper-silesia" in refused[0].text
    assert "nowhere" in refused[1].text
    assert house.by("paca").post(path, {"kind": "briefing", "region": "paca"}).status_code == 403


def _frozen(world: World) -> tuple[str, str, str]:
    row = a_collaboration_at(world, "iag_review")
    version = current_subject(world.session, DocumentKind.INVESTMENT_PROTOCOL, collaboration_id=row.id)
    return row.id, version, world.regions["paca"].id
