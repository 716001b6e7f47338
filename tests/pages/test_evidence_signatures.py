"""The page of the signatures of a file: who signed it, and whether it is as it was signed."""

from pathlib import Path

import pytest

from tests.api.house import OBSERVER
from tests.api.routes.documents.test_evidence_signatures import file, signed
from tests.factories import World, a_collaboration_at, a_piece_of_evidence
from tests.pages.house import a_page_house, said_on

__all__ = ["signed"]  # a fixture

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def a_file(world: World) -> str:
    return a_piece_of_evidence(world, a_collaboration_at(world, "iag_review")).id


def test_who_signed_a_file_stands_on_a_page(installation: Path, signed: bytes) -> None:
    house, key = a_page_house(a_file)
    file(key, signed)
    page = f"/evidence/{key}/signatures"

    assert f'href="{page}"' in house.manager.read(f"/evidence/{key}")
    told = said_on(house.manager.read(page))
    assert "Bank on the Po Intact: nothing was changed since it was signed Certificate by Test Authority" in told
    assert "Somebody whom this installation trusts vouches for the signer" in told
    assert house.by(OBSERVER).get(page).status_code == 403


def test_a_broken_signature_and_none_are_told_apart(installation: Path, signed: bytes) -> None:
    house, key = a_page_house(a_file)
    content = bytearray(signed)
    content[signed.index(b"stream") + 40] ^= 1
    file(key, bytes(content))
    page = f"/evidence/{key}/signatures"

    assert "Broken: the file was changed since it was signed" in said_on(house.manager.read(page))
    file(key, b"%PDF-1.7 broken")
    assert "Nobody has signed this file electronically." in said_on(house.manager.read(page))
    file(key, b"\x89PNG", "image/png")
    assert "Only a PDF is looked through" in said_on(house.manager.read(page))
    assert page not in house.manager.read(f"/evidence/{key}")
