"""A document is sealed behind the bytes that were issued, once, and by whoever has a key alone."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlmodel import select

from documents.signatures import signatures_of
from flows.catalogue import flow_named
from flows.relay import relay_batch
from states.archive.inspection import inspect_store
from states.archive.queries import documents_of
from states.archive.sealed_copies import SEAL_REQUESTED, NoSeal, ask_for_seal, request_seal
from states.archive.store import path_in, read_bytes
from states.archive.tables import DocumentSeal, IssuedDocument, SealLevel
from states.archive.verification import Verdict, verify_file
from states.outbox.tables import OutboxMessage
from states.settings import settings
from states.storage import begin
from tests.authority import PASSPHRASE, Authority, an_authority
from tests.flows.conftest import World, announce, delivered, event_state, relay_all
from tests.sealed import breaches

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

SEAL = flow_named("seal_document")


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Let this installation have a key."""
    with an_authority() as made:
        monkeypatch.setenv("BANKABLE_SEAL_KEY", str(made.keep_key(tmp_path)))
        monkeypatch.setenv("BANKABLE_SEAL_PASSPHRASE", PASSPHRASE)
        settings.cache_clear()
        yield made


def issued(world: World) -> IssuedDocument:
    announce(world, "document.requested", kind="investment-protocol")
    relay_all()
    with begin(read_only=True) as session:
        return documents_of(session, partnership_id=world.partnership_id)[-1]


def seals() -> list[DocumentSeal]:
    with begin(read_only=True) as session:
        return list(session.exec(select(DocumentSeal).order_by(DocumentSeal.sealed_at)))  # type: ignore[arg-type]


@pytest.mark.usefixtures("authority")
def test_what_is_issued_is_sealed_and_both_are_known(world: World) -> None:
    row = issued(world)

    [made] = seals()
    plain, sealed = read_bytes(row.sha256), read_bytes(made.sha256)
    assert (made.document_id, made.level, made.signer) == (row.id, SealLevel.BASIC, "Office of the partnership")
    assert (sealed.startswith(plain), len(sealed), len(signatures_of(sealed))) == (True, made.size, 1)
    with begin(read_only=True) as session:
        found = [verify_file(session, content) for content in (plain, sealed, sealed + b"\n", sealed[:-9])]
        assert [one.verdict for one in found] == [
            Verdict.UNALTERED,
            Verdict.UNALTERED,
            Verdict.EXTENDED,
            Verdict.EXTENDED,
        ]
        assert [one.seal and one.seal.id for one in found] == [None, made.id, None, None]
        inspected = inspect_store(session)
        assert (inspected.faulty, inspected.unnamed_count, breaches(session)) == (0, 0, [])


@pytest.mark.usefixtures("authority")
def test_a_message_that_comes_twice_seals_once(world: World) -> None:
    row = issued(world)
    with begin() as session:
        again = request_seal(session, session.get_one(IssuedDocument, row.id)).id

    relay_batch()

    assert (len(seals()), delivered(SEAL, again)) == (2, {"document": row.id, "because": "sealed before"})


def test_without_a_key_nothing_is_sealed_and_nothing_waits(world: World) -> None:
    row = issued(world)
    with begin() as session:
        with pytest.raises(NoSeal, match="BANKABLE_SEAL_KEY"):
            ask_for_seal(session, row)
        asked = request_seal(session, session.get_one(IssuedDocument, row.id)).id

    relay_all()

    assert (seals(), event_state(asked).done_at is not None) == ([], True)


@pytest.mark.usefixtures("authority")
def test_a_sealed_copy_that_is_lost_is_made_again(world: World) -> None:
    row = issued(world)
    [first] = seals()
    with begin() as session, pytest.raises(NoSeal, match="has a seal already, by Office"):
        ask_for_seal(session, row)
    Path(path_in(settings().store.removeprefix("file://"), first.sha256)).unlink()
    with begin() as session:
        ask_for_seal(session, session.get_one(IssuedDocument, row.id))

    relay_all()

    assert [read_bytes(one.sha256)[:5] for one in seals()[1:]] == [b"%PDF-"]


def test_an_authority_that_is_away_is_waited_for(
    world: World, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with an_authority("Away") as away:
        monkeypatch.setenv("BANKABLE_SEAL_TIMESTAMP_URL", away.address)
        settings.cache_clear()
    announce(world, "document.requested", kind="investment-protocol")
    relay_batch()
    relay_batch()
    with begin(read_only=True) as session:
        asked = session.exec(select(OutboxMessage).where(OutboxMessage.name == SEAL_REQUESTED)).one()
    assert (seals(), asked.tries_failed, asked.done_at) == ([], 0, None)

    monkeypatch.setenv("BANKABLE_SEAL_TIMESTAMP_URL", authority.address)
    settings.cache_clear()
    delivered(SEAL, asked.id)

    assert [(one.level, one.authority) for one in seals()] == [(SealLevel.TIMED, authority.address)]


def test_the_cover_shows_where_anybody_can_check_it(world: World) -> None:
    row = issued(world)

    cover = PdfReader(BytesIO(read_bytes(row.sha256))).pages[0].extract_text()

    assert row.code is not None
    assert row.verified_at == f"{settings().public_url}/verify/{row.code}"
    assert f"{row.code[:5]}-{row.code[5:]}" in cover
