"""What a playbook asks for of evidence closes a move until each piece is filed, in force and young enough."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from states.archive.evidence.facts import DemandState
from states.archive.evidence.file_types import PDF
from states.archive.evidence.service import Upload, file_upload, filing_of, redact_evidence
from states.archive.evidence.tables import Evidence, Scan
from states.archive.store import receive
from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.evidence import demands, withdraw
from states.errors import Refused
from states.lifecycle.move import move
from states.playbooks.editions import find, need_playbook
from states.settings import settings
from tests.factories import World, a_collaboration, a_piece_of_evidence, a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

ASKED = """
evidence:
  kinds: {letter_of_support: Letter of support, offer: Offer, accounts: Accounts, permit: Permit, other: Other}
  asked:
    - {kind: accounts, from: each_member, stage: contact, max_days: 100}
    - {kind: offer, from: lead, stage: [contact, plan]}
    - {kind: letter_of_support, from: each_region, stage: contact, max_months: 12}
    - {kind: permit, stage: contact}
    - {kind: other, from: a_region, stage: contact}
    - {kind: permit, from: each_member, stage: plan}
"""
GUARDS = "guards: [originated, lead_named, "
MARSEILLE, GLIWICE, PACA, SILESIA = "marseille", "gliwice", "paca", "upper-silesia"


@pytest.fixture
def world(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A partnership with a playbook of its own, whose first move asks for evidence."""
    shipped = find("lean")
    text = shipped[: shipped.index("\nevidence:")].replace(GUARDS, f"{GUARDS}evidence_filed, ", 1)
    assert "evidence_filed" in text
    (tmp_path / "asking.yaml").write_text(text.replace("name: lean\n", "name: asking\n", 1) + ASKED, encoding="utf-8")
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(tmp_path))
    monkeypatch.setenv("BANKABLE_DATABASE_URL", settings().database)
    settings.cache_clear()
    world = a_world(session)
    world.partnership.playbook = need_playbook(session, "asking").name
    session.flush()
    yield world
    settings.cache_clear()


def filed(
    world: World, row: Collaboration, kind: str, *, owner: str = "", region: str = "", on: date | None = None
) -> Evidence:
    made = a_piece_of_evidence(
        world,
        row,
        kind=kind,
        owner=world.organisations[owner] if owner else None,
        dated_on=on,
        content=f"%PDF-1.7 {kind} {owner} {region} {on}".encode(),
    )
    if region:
        made.region_id = world.regions[region].id
        world.session.flush()
    return made


def missing(world: World, row: Collaboration) -> list[str]:
    """Return what the move `begin` still asks for; nothing once it goes."""
    try:
        move(world.session, row.id, "begin", actor=world.manager)
    except Refused as refused:
        [reason] = [one for one in refused.reasons if one.code == "evidence_missing"]
        return [str(one) for one in reason.missing]
    return []


def test_a_move_names_each_piece_with_who_owes_it_until_all_are_there(world: World) -> None:
    row = a_collaboration(world)
    first = missing(world, row)
    old, young = today() - timedelta(days=101), today() - timedelta(days=100)

    filed(world, row, "accounts", owner=GLIWICE, on=young)
    filed(world, row, "accounts", owner=MARSEILLE, on=old)
    filed(world, row, "offer", owner=MARSEILLE)  # is no lead
    filed(world, row, "letter_of_support", region=SILESIA)
    filed(world, row, "other")  # from no region
    second = missing(world, row)
    for name, of in (("accounts", MARSEILLE), ("offer", GLIWICE)):
        filed(world, row, name, owner=of)
    filed(world, row, "letter_of_support", region=PACA)
    filed(world, row, "permit", owner=MARSEILLE)  # by anybody
    filed(world, row, "other", region=PACA)

    assert first == [
        "Accounts (gliwice)",
        "Accounts (marseille)",
        "Offer (gliwice)",
        "Letter of support (upper-silesia)",
        "Letter of support (paca)",
        "Permit (from whoever has it)",
        "Other (from a region)",
    ]
    assert second == [
        f"Accounts (marseille): of {old:%-d %B %Y}, and nothing before {young:%-d %B %Y} counts any more",
        "Offer (gliwice)",
        "Letter of support (paca)",
        "Permit (from whoever has it)",
        "Other (from a region)",
    ]
    assert missing(world, row) == []
    assert row.stage == "plan"


def test_what_is_superseded_withdrawn_or_redacted_does_not_count(world: World) -> None:
    session, row = world.session, a_collaboration(world)

    def state() -> tuple[DemandState, str | None]:
        [found] = [one for one in demands(session, row) if one.kind == "offer"]
        return found.state, found.evidence_id

    first = filed(world, row, "offer", owner=GLIWICE)
    upload = Upload("newer.pdf", PDF, Scan.NOT_SCANNED, receive([b"%PDF-1.7 newer"]))
    said = replace(filing_of(first), dated_on=today() - timedelta(days=9))
    newer = file_upload(session, row, said, upload, person_id=None, supersedes=first)

    assert state() == (DemandState.FILED, newer.id)  # older by its date, but in force
    withdraw(session, newer, reason="of another project")
    assert state() == (DemandState.MISSING, None)
    redact_evidence(session, filed(world, row, "offer", owner=GLIWICE), reason="it names people")
    assert state() == (DemandState.MISSING, None)


def test_what_is_the_collaborations_is_not_the_leads_where_nobody_leads(world: World) -> None:
    session, row = world.session, a_collaboration(world, sites=())
    filed(world, row, "offer")

    [found] = [one for one in demands(session, row) if one.kind == "offer"]

    assert (found.owner, found.state) == ("", DemandState.MISSING)
