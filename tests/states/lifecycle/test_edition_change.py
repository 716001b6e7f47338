"""A running collaboration goes on under a newer edition: what would not fit is said first, and changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.deadlines.queries import open_deadlines
from states.lifecycle.edition_change import EditionUnfit, change_edition, change_editions, fittings
from states.lifecycle.move import move
from states.playbooks.definition import Playbook
from states.playbooks.editions import PlaybookUnknown, choose_playbook, find, need_playbook
from states.settings import settings
from tests.factories import a_collaboration, a_collaboration_at, a_world, open_iag

SHIPPED = find("s3")


@pytest.fixture
def folder(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    made = tmp_path / "playbooks"
    made.mkdir()
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(made))
    monkeypatch.setenv("BANKABLE_DATABASE_URL", settings().database)
    settings.cache_clear()
    yield made
    settings.cache_clear()


def publish(folder: Path, session: Session, *changes: tuple[str, str]) -> Playbook:
    """Publish a third edition of the shipped playbook, with these texts changed wherever they stand."""
    text = SHIPPED.replace("version: 5\n", "version: 6\n", 1)
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (folder / "s3.yaml").write_text(text, encoding="utf-8")
    return need_playbook(session, "s3")


def reasons(session: Session, row: Collaboration, playbook: Playbook) -> dict[str, tuple[str, ...]]:
    """Return what speaks against the edition, with what is missing, by code."""
    [found] = fittings(session, [row], playbook)
    return {one.code: tuple(map(str, one.missing)) for one in found.reasons}


def test_what_fits_goes_on_under_the_newer_edition(session: Session, folder: Path) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "investment_protocol")
    waiting = {one.kind for one in open_deadlines(session, world.partnership.id)}
    publish(folder, session, ("name: submit_to_iag", "name: hand_in"))

    [changed] = change_editions(session, world.partnership, "s3")

    assert (changed.collaboration.id, changed.fits, row.playbook) == (row.id, True, "s3@6")
    assert {one.kind for one in open_deadlines(session, world.partnership.id)} == waiting
    assert change_editions(session, world.partnership, "s3") == []
    move(session, row.id, "park", actor=world.manager, reason="Waits.")


def test_a_stage_that_is_gone(session: Session, folder: Path) -> None:
    world = a_world(session)
    row, early = a_collaboration_at(world, "outline"), a_collaboration(world, slug="early")
    newer = publish(folder, session, ("outline", "sketch"))

    assert reasons(session, row, newer) == {"stage_gone": ()}
    with pytest.raises(EditionUnfit):
        change_edition(session, row, newer)
    assert [one.fits for one in change_editions(session, world.partnership, "s3")] == [False, True]
    assert (row.playbook, early.playbook) == ("s3@5", "s3@6")


def test_a_parked_collaboration_must_be_able_to_return(session: Session, folder: Path) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "outline")
    move(session, row.id, "park", actor=world.manager, reason="Waits.")

    assert set(reasons(session, row, publish(folder, session, ("outline", "sketch")))) == {"stage_of_return_gone"}


def test_the_protocol_needs_a_place_for_all_that_it_holds(session: Session, folder: Path) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    newer = publish(folder, session, ("- key: market", "- key: demand"), ("{key: acronym,", "{key: short_name,"))

    assert reasons(session, row, newer) == {"content_without_place": ("identity.acronym", "market")}


def test_an_open_round_keeps_its_rules(session: Session, folder: Path) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    open_iag(world, row)

    assert set(reasons(session, row, publish(folder, session, ("overall: 18", "overall: 20")))) == {"panel_differs"}


def test_a_partnership_chooses_an_edition_and_keeps_it(session: Session, folder: Path) -> None:
    world = a_world(session)
    first = a_collaboration(world)
    publish(folder, session, ("name: submit_to_iag", "name: hand_in"))

    choose_playbook(session, world.partnership, "s3@5")
    old = a_collaboration(world, slug="old")
    choose_playbook(session, world.partnership, "s3")
    new = a_collaboration(world, slug="new")

    assert [row.playbook for row in (first, old, new)] == ["s3@5", "s3@5", "s3@6"]
    with pytest.raises(PlaybookUnknown, match='no playbook "s3@9"'):
        choose_playbook(session, world.partnership, "s3@9")


def test_no_name_leads_out_of_the_folder_of_playbooks(session: Session, folder: Path) -> None:
    (folder.parent / "other.yaml").write_text(SHIPPED, encoding="utf-8")

    with pytest.raises(PlaybookUnknown):
        need_playbook(session, "../other")
