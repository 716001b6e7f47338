"""Editions: a published version never changes, and a collaboration keeps the one that it began with."""

from collections.abc import Iterator
from hashlib import sha256
from importlib import resources
from pathlib import Path

import pytest
from sqlmodel import Session, select

from states.errors import Missing
from states.lifecycle.move import move
from states.playbooks.editions import (
    EditionChanged,
    chosen_playbook,
    find,
    playbook_of,
    playbooks_of,
    publish_edition,
    texts,
)
from states.playbooks.reader import PlaybookInvalid, parse
from states.playbooks.tables import PlaybookEdition
from states.settings import settings
from tests.factories import a_collaboration, a_world

SHIPPED = resources.files("states.playbooks").joinpath("s3.yaml").read_text(encoding="utf-8")
NEWER = SHIPPED.replace("version: 5\n", "version: 6\n", 1).replace("name: draft_outline", "name: sketch", 1)

PUBLISHED = {
    "s3@2": "4ddfdc0ef2cbe2c9807488bdba875b08d1310d46c1ba387973687d7237325077",
    "s3@3": "9652075d92b3f988f52df24cf4ee46d9dbecaeca643e998254dc3049ac0d64fe",
    "s3@4": "6195ec6e26e89234e1c88c94e68b405b4bb82ca5ccf303a3db1464d91c46add4",
    "s3@5": "381b52ea60edd1d98393bde797ce436ecb41a4d871d3a89fe4c3181b73747fae",
    "i3@1": "becdeb0f9f4a951de0cbf28fb93e08f778cd5072a3a6dfe95a27c171e1e506f6",
    "i3@2": "0f0d0940272910f66d5097bab299a980e3860e6dfca19ff7412d6e51dd72c83c",
    "lean@1": "49ea4a8e9d2ce2ffe00e0a852fba897553d508fb2eacb3d2d6d3d3f31b10ef2f",
    "lean@2": "a15d38646f8c51b10ac9a8bf8754555124217085a02a652e472d77b7c301bbb1",
}


@pytest.fixture
def folder(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A partnership's own folder of playbooks, named in the settings."""
    made = tmp_path / "playbooks"
    made.mkdir()
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(made))
    monkeypatch.setenv("BANKABLE_DATABASE_URL", settings().database)
    settings.cache_clear()
    yield made
    settings.cache_clear()


@pytest.mark.parametrize("name", ["i3", "lean", "s3"])
def test_a_changed_text_of_a_shipped_playbook_has_a_version_of_its_own(name: str) -> None:
    """Whoever changes the file raises its version and adds a line to `PUBLISHED`; no line is ever changed."""
    text = find(name)
    assert PUBLISHED[parse(text).key] == sha256(text.encode()).hexdigest()


def test_an_own_playbook_goes_before_the_shipped_one(folder: Path) -> None:
    assert find("s3") == SHIPPED
    (folder / "s3.yaml").write_text(NEWER, encoding="utf-8")
    assert find("s3") == NEWER


def test_a_name_that_nobody_knows(folder: Path) -> None:
    with pytest.raises(Missing) as caught:
        find("textiles")
    assert (caught.value.noun, caught.value.key) == ("playbook", "textiles")


def test_an_edition_is_published_once(session: Session) -> None:
    first = publish_edition(session, SHIPPED, source="s3.yaml")
    again = publish_edition(session, SHIPPED, source="s3.yaml")
    rows = session.exec(select(PlaybookEdition)).all()
    assert (first.key, again.key, [(row.key, row.text) for row in rows]) == ("s3@5", "s3@5", [("s3@5", SHIPPED)])


def test_the_same_version_with_another_text_is_refused(session: Session) -> None:
    publish_edition(session, SHIPPED, source="s3.yaml")
    with pytest.raises(EditionChanged) as caught:
        publish_edition(session, SHIPPED + "# a remark\n", source="s3.yaml")
    assert str(caught.value) == "s3.yaml: s3@5 was published with another text (raise `version:` by one)"
    assert texts(session, ["s3@5"]) == {"s3@5": SHIPPED}


def test_a_faulty_playbook_is_not_published(session: Session) -> None:
    with pytest.raises(PlaybookInvalid):
        publish_edition(session, SHIPPED.replace("initial: matchmaking", "initial: nowhere"), source="s3.yaml")
    assert session.exec(select(PlaybookEdition)).all() == []


def test_a_collaboration_keeps_its_edition_when_the_file_changes(session: Session, folder: Path) -> None:
    world = a_world(session)
    old = a_collaboration(world)
    (folder / "s3.yaml").write_text(NEWER, encoding="utf-8")
    new = a_collaboration(world, slug="new")
    found = playbooks_of(session, [old, new])
    assert (old.playbook, new.playbook) == ("s3@5", "s3@6")
    assert [found[row.id].moves[0].name for row in (old, new)] == ["draft_outline", "sketch"]
    assert move(session, old.id, "draft_outline", actor=world.manager).to_stage == "outline"
    assert move(session, new.id, "sketch", actor=world.manager).to_stage == "outline"


def test_a_changed_file_with_an_old_version_stops_new_collaborations_only(session: Session, folder: Path) -> None:
    world = a_world(session)
    old = a_collaboration(world)
    (folder / "s3.yaml").write_text(SHIPPED.replace("Matchmaking", "Mating", 1), encoding="utf-8")
    with pytest.raises(EditionChanged):
        chosen_playbook(session, world.partnership.playbook)
    assert playbook_of(session, old).stages["matchmaking"].title == "Matchmaking"


def test_an_edition_that_is_not_there(session: Session) -> None:
    with pytest.raises(Missing, match="s3@9"):
        texts(session, ["s3@9"])
