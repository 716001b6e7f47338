"""A file says which document it is: by its bytes, or, where these were altered, by the identifier that it carries."""

from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import Session, col

from states.archive.codes import Stamp, read_code, stamp_for
from states.archive.sealed_copies import Sealed, record_seal
from states.archive.service import Rendered, record_document
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument, SealLevel
from states.archive.verification import Verdict, document_by_code, verify_file
from states.errors import Missing
from states.settings import settings
from tests.factories import PRINTING, World, a_world

CONTEXT = '{"a":"context"}'
IDENTIFIER = bytes.fromhex(sha256(CONTEXT.encode()).hexdigest()[:32])


def a_file(identifier: bytes, *, body: bytes = b"") -> bytes:
    """Return what stands in a PDF file around its identifier, written as WeasyPrint does."""
    escaped = b"".join(b"\\" + bytes([sign]) if sign in b"\\()" else bytes([sign]) for sign in identifier)
    return b"%PDF-1.7\n" + body + b"\n<</Type /XRef/ID [(" + escaped + b") (other)]/Length 1>>\nstartxref"


def issue(
    world: World, content: bytes, *, context: str = CONTEXT, subject: str = "subject", stamp: Stamp | None = None
) -> IssuedDocument:
    rendered = Rendered(
        DocumentKind.PROPOSAL,
        DocumentClass.CONFIDENTIAL,
        "Proposal",
        subject,
        context,
        content,
        PRINTING,
        stamp=stamp,
    )
    return record_document(world.session, rendered, partnership_id=world.partnership.id)


def test_bytes_that_were_issued_are_unaltered(session: Session) -> None:
    world = a_world(session)
    row = issue(world, a_file(IDENTIFIER))

    found = verify_file(session, a_file(IDENTIFIER))

    assert (found.verdict, found.document) == (Verdict.UNALTERED, row)


@pytest.mark.parametrize(
    "content",
    [
        a_file(IDENTIFIER, body=b"another sum"),
        b"%PDF-1.4\ntrailer <</Root 1 0 R /ID [<" + IDENTIFIER.hex().upper().encode() + b"><00>]>>",
        b"%PDF\n/ID[ (" + b"".join(b"\\%03o" % sign for sign in IDENTIFIER) + b")(x) ]",
        b"/ID [<00> <01>] " + a_file(IDENTIFIER),
    ],
)
def test_another_copy_of_a_document_is_told_by_its_identifier(session: Session, content: bytes) -> None:
    world = a_world(session)
    row = issue(world, a_file(IDENTIFIER))

    found = verify_file(session, content)

    assert (found.verdict, found.document) == (Verdict.ALTERED, row)


def test_what_goes_on_behind_the_issued_bytes_was_added_to(session: Session) -> None:
    row = issue(a_world(session), a_file(IDENTIFIER))

    found = verify_file(session, a_file(IDENTIFIER) + b"\n% a comment")

    assert (found.verdict, found.document) == (Verdict.EXTENDED, row)


def test_a_copy_that_says_its_code_is_that_very_edition(session: Session) -> None:
    world = a_world(session)
    first = issue(world, b"one", stamp=Stamp("AAAAAAAAAA", "https://here/AAAAAAAAAA"))
    issue(world, b"two", stamp=Stamp("BBBBBBBBBB", "https://here/BBBBBBBBBB"))

    found = verify_file(session, a_file(IDENTIFIER) + b"<dc:identifier>AAAAAAAAAA</dc:identifier>")

    assert (found.verdict, found.document) == (Verdict.ALTERED, first)


def test_a_sealed_copy_is_unaltered_and_says_by_whom(session: Session) -> None:
    row = issue(a_world(session), a_file(IDENTIFIER))
    seal = record_seal(session, row, Sealed(b"sealed", SealLevel.BASIC, "Office", "0" * 64, ""))

    found = verify_file(session, b"sealed")

    assert (found.verdict, found.document, found.seal) == (Verdict.UNALTERED, row, seal)
    hidden = verify_file(session, b"sealed", col(IssuedDocument.id) != row.id)
    assert (hidden.verdict, hidden.document, hidden.seal) == (Verdict.UNKNOWN, None, None)


@pytest.mark.parametrize("written", ["AAAAA-BBBB0", "aaaaabbbb0", " AAAAA BBBBO ", "AAAAA\u2013BBBBO"])
def test_a_code_is_found_however_it_is_typed(session: Session, written: str) -> None:
    row = issue(a_world(session), b"%PDF", stamp=Stamp("AAAAABBBB0", "https://here/AAAAABBBB0"))

    assert document_by_code(session, written) == row


@pytest.mark.parametrize("written", ["", "AAAAA-BBBB1", "%", "A" * 1000])
def test_no_other_code_is_found(session: Session, written: str) -> None:
    issue(a_world(session), b"%PDF", stamp=Stamp("AAAAABBBB0", "https://here/AAAAABBBB0"))

    with pytest.raises(Missing):
        document_by_code(session, written)


@pytest.mark.usefixtures("installation")
def test_each_message_has_its_stamp_whoever_tries_and_however_often() -> None:
    stamps = {stamp_for(str(number)).code for number in range(200)}

    assert len(stamps) == 200
    assert {read_code(code) for code in stamps} == stamps
    assert stamps == {stamp_for(str(number)).code for number in range(200)}


def test_stamps_of_another_installation_are_others(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = stamp_for("1").code
    monkeypatch.setenv("BANKABLE_SECRET", "of another installation")
    settings.cache_clear()

    assert stamp_for("1").code != here


@pytest.mark.parametrize("content", [b"", b"a letter", a_file(bytes(16)), a_file(IDENTIFIER[:-1])])
def test_what_was_not_issued_here_is_unknown(session: Session, content: bytes) -> None:
    issue(a_world(session), a_file(IDENTIFIER))

    assert verify_file(session, content).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("number", range(0, 256, 16))
def test_any_byte_may_stand_in_an_identifier(session: Session, number: int) -> None:
    identifier = bytes(range(number, number + 16))
    row = issue(a_world(session), b"%PDF")
    row.context_sha256 = identifier.hex() + "0" * 32

    assert verify_file(session, a_file(identifier)).document == row


def test_of_editions_that_came_out_alike_it_is_the_newest(session: Session) -> None:
    world = a_world(session)
    first = issue(world, a_file(IDENTIFIER))
    issue(world, b"%PDF other", context="{}")
    third = issue(world, a_file(IDENTIFIER))

    assert (first.edition, verify_file(session, a_file(IDENTIFIER)).document) == (1, third)


def test_who_may_not_read_it_learns_nothing_of_it(session: Session) -> None:
    row = issue(a_world(session), a_file(IDENTIFIER))
    others = col(IssuedDocument.id) != row.id

    for content in (a_file(IDENTIFIER), a_file(IDENTIFIER, body=b"x"), a_file(IDENTIFIER) + b"\n"):
        found = verify_file(session, content, others)
        assert (found.verdict, found.document) == (Verdict.UNKNOWN, None)
