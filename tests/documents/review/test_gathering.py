"""The reviewers' dossier tells the rules of its panel; a blind one hides who the partners are."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session

from documents.gathering import content_of as protocol_content
from documents.render import render
from documents.review.context import gather
from states import clock
from states.archive.tables import DocumentKind
from states.crossings.review.rounds import open_requested_round
from states.protocol.content import table_rows
from states.protocol.queries import latest_versions
from states.protocol.service import freeze_version, write_section
from states.review.tables import ReviewRound
from tests.documents.story import START, text_of
from tests.factories import World, a_collaboration_at, a_world, content_of, open_iag, s3


def _opened(world: World) -> ReviewRound:
    with clock.at(START):
        return open_iag(world, a_collaboration_at(world, "iag_review"))


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_tells_spread_comment_phases_and_the_day_to_declare(session: Session) -> None:
    opened = _opened(a_world(session))

    dossier = gather(session, subject_id=opened.id)

    panel = s3().panels["iag"]
    assert (dossier.spread, dossier.comment, dossier.lookback, dossier.blind) == (panel.spread, 20, 3, False)
    assert dossier.phases == ("individual", "consensus", "panel", "decision", "release")
    assert dossier.declare_by == date(2026, 3, 9)  # five working days after Monday the 2nd
    printed = text_of(render(DocumentKind.REVIEW_DOSSIER, dossier))
    assert "Each score rests on a comment of at least 20 characters." in printed
    assert "lie further apart on a criterion than 1.5 (in points), they are discussed, on record" in printed


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_blind_dossier_prints_no_partners_name(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(session)
    world.organisations["gliwice"].name = "Medical Cluster of Gliwice"
    world.organisations["marseille"].name = "Eurobiomed (Marseille)"
    row = a_collaboration_at(world, "investment_protocol")
    for section in s3().protocol:
        write_section(session, row, section.key, content_of(section), sections=s3().protocol)
    roles = [{"organisation": "MEDICAL cluster of Gliwice", "role": "leads", "nuts": "PL229", "commitment": "cash"}]
    write_section(session, row, "partners", {"roles": roles}, sections=s3().protocol)
    what = {"what": "Eurobiomed (Marseille) lends a rig.", "services": "Tests"}
    write_section(session, row, "object", what, sections=s3().protocol)
    freeze_version(session, row)
    opened = open_iag(world, row)
    blind = s3().model_copy(update={"panels": {"iag": s3().panels["iag"].model_copy(update={"blind": True})}})
    monkeypatch.setattr("documents.gathering.playbook_of", lambda *_: blind)
    monkeypatch.setattr("states.crossings.review.rounds.playbook_of", lambda *_: blind)

    dossier = gather(session, subject_id=opened.id)

    assert [(one.name, one.role, one.region_code, one.site_nuts3) for one in dossier.partners] == [
        ("Partner A", "lead partner", "PL22", ""),
        ("Partner B", "partner", "FRL0", ""),
    ]
    assert dossier.identity.lead_organisation == "Partner A"
    printed = text_of(render(DocumentKind.REVIEW_DOSSIER, dossier))
    assert "Partner B lends a rig." in printed
    assert [name for name in ("cluster of gliwice", "eurobiomed") if name in printed.casefold()] == []


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_authorities_read_what_reviewers_decided_and_what_is_spent_in_their_region(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "wgra_review")
    opened = open_requested_round(session, row.id, "wgra")

    dossier = gather(session, subject_id=opened.id)

    assert dossier.reviewed is not None
    assert (dossier.reviewed.decision, dossier.reviewed.round_number) == ("Endorsed", 1)
    content = protocol_content(latest_versions(session, [row.id])[row.id])
    costs = [(one["nuts"], Decimal(one["amount"])) for one in table_rows(content, "investment_plan", "costs")]
    expected = {
        key: sum((cost for site, cost in costs if site.startswith(tuple(region.codes))), Decimal("0.00"))
        for key, region in world.regions.items()
    }
    assert {one.name: one.spent for one in dossier.regions_money} == {
        one.name: expected[one.name] for one in dossier.regions_money
    }
    assert sum(one.spent for one in dossier.regions_money) > 0
    assert {one.pays for one in dossier.regions_money} == {None}
    printed = text_of(render(DocumentKind.REVIEW_DOSSIER, dossier))
    assert "No financing scenario is chosen yet" in printed
