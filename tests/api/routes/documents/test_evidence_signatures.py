"""A signed PDF that somebody files is shown with who signed it, when, whether it is intact, and who vouches for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from documents.catalogue import PAPERS
from documents.files import HOUSE
from documents.render import render
from documents.sealing import seal
from states.archive.evidence.queries import evidence_by_id
from states.archive.store import keep_bytes
from states.archive.tables import DocumentKind
from states.settings import settings
from states.storage import begin
from tests.api.house import OBSERVER, House, a_house
from tests.authority import PASSPHRASE, an_authority
from tests.factories import World, a_collaboration_at, a_piece_of_evidence

LETTER = DocumentKind.DECISION_LETTER


@pytest.fixture
def signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[bytes]:
    """Return a letter that somebody signed, whose authority is trusted here."""
    paper = PAPERS[LETTER]
    sample = (HOUSE / paper.folder / paper.sample).read_text("utf-8")
    with an_authority() as authority:
        monkeypatch.setenv("BANKABLE_SEAL_KEY", str(authority.keep_key(tmp_path, "Bank on the Po")))
        monkeypatch.setenv("BANKABLE_SEAL_PASSPHRASE", PASSPHRASE)
        monkeypatch.setenv("BANKABLE_SEAL_ROOTS", str(authority.keep_root(tmp_path)))
        settings.cache_clear()
        made = seal(render(LETTER, paper.context.model_validate_json(sample))).content
        monkeypatch.delenv("BANKABLE_SEAL_KEY")
        settings.cache_clear()
        yield made


@pytest.fixture
def house(installation: Path) -> tuple[House, str]:
    """A house with one file of evidence."""

    def prepare(world: World) -> str:
        return a_piece_of_evidence(world, a_collaboration_at(world, "iag_review")).id

    return a_house(prepare)


def file(key: str, content: bytes, media_type: str = "application/pdf") -> None:
    """Let a piece of evidence be this file."""
    with begin() as session:
        row = evidence_by_id(session, key)
        row.sha256, row.size, row.media_type = keep_bytes(content), len(content), media_type


def signatures(house: House, key: str) -> Any:
    answer = house.manager.get(f"/evidence/{key}/signatures")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_signed_file_says_by_whom_and_whether_it_is_intact(house: tuple[House, str], signed: bytes) -> None:
    doors, key = house
    file(key, signed)

    found = signatures(doors, key)

    [one] = found["signatures"]
    assert found["checked"] is True
    assert (one["signer"], one["issuer"], one["intact"], one["whole"], one["trust"]) == (
        "Bank on the Po",
        "Test Authority",
        True,
        True,
        "trusted",
    )
    said = CliRunner().invoke(app, ["evidence", "signatures", key]).output
    assert said.startswith("Bank on the Po\tTest Authority\t")
    assert said.endswith("\tintact\twhole\ttrusted\n")


def test_one_byte_that_was_changed_shows(house: tuple[House, str], signed: bytes) -> None:
    doors, key = house
    content = bytearray(signed)
    content[signed.index(b"stream") + 40] ^= 1
    file(key, bytes(content))

    assert [one["intact"] for one in signatures(doors, key)["signatures"]] == [False]


@pytest.mark.parametrize(
    ("content", "media_type", "checked"),
    [(b"%PDF-1.7 broken", "application/pdf", True), (b"\x89PNG", "image/png", False)],
)
def test_what_has_no_signature_says_so(
    house: tuple[House, str], content: bytes, media_type: str, checked: bool
) -> None:
    doors, key = house
    file(key, content, media_type)

    assert signatures(doors, key) == {"checked": checked, "signatures": []}
    assert "no signature" in CliRunner().invoke(app, ["evidence", "signatures", key]).output


def test_who_may_not_read_the_file_learns_nothing_of_it(house: tuple[House, str], signed: bytes) -> None:
    doors, key = house
    file(key, signed)

    assert doors.by(OBSERVER).get(f"/evidence/{key}/signatures").status_code in (403, 404)
