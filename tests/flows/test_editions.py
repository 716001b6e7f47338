"""Editions: what is mended is issued again with the content that it had, and a damaged file is made good."""

from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlmodel import col, select

from documents.formats import day as day_in_words
from documents.printing import printing
from flows.catalogue import flow_named
from flows.host import run_here
from states.archive.editions import Around, Printing, around, editions_of, printing_of
from states.archive.healing import HEALED_UNASKED, heal, unfit_files
from states.archive.service import ask_for_edition, ask_for_language
from states.archive.store import Kept, keep_bytes, read_bytes, verify
from states.archive.tables import Because, DocumentKind, IssuedDocument
from states.changes.queries import ChangesOf, changes_of
from states.collaborations.tables import Collaboration
from states.outbox.tables import OutboxMessage
from states.partners.partnerships import description_of, edit_partnership
from states.partners.tables import Organisation, Partnership
from states.settings import settings
from states.storage import begin, new_id
from tests.flows.conftest import World, announce, relay_all
from tests.sealed import breaches

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

PROTOCOL = DocumentKind.INVESTMENT_PROTOCOL
OLDER = b"%PDF-1.7 as an older template printed it"
HEAL = flow_named("heal_documents")
MANY = HEALED_UNASKED + 1


def issue(world: World) -> IssuedDocument:
    announce(world, "document.requested", kind=PROTOCOL.value)
    relay_all()
    return editions(world)[-1]


def editions(world: World) -> list[IssuedDocument]:
    with begin(read_only=True) as session:
        return editions_of(session, PROTOCOL, world.version_id, "en")


def printed_by_an_older_template(world: World, *, content: bytes = b"") -> IssuedDocument:
    """Issue the protocol, and let it be as if an older template had printed it: so, or to the very same bytes."""
    issued = issue(world)
    with begin() as session:
        row = session.get_one(IssuedDocument, issued.id)
        row.template = "0" * 64
        if content:
            row.sha256, row.size = keep_bytes(content), len(content)
    return editions(world)[-1]


def ask(row: IssuedDocument) -> None:
    with begin() as session:
        ask_for_edition(session, session.get_one(IssuedDocument, row.id), printing(PROTOCOL))
    relay_all()


def rename_all(world: World) -> None:
    """Let the rows say something else than what was printed."""
    with begin() as session:
        session.get_one(Collaboration, world.collaboration_id).title = "Another title"
        for organisation in session.exec(select(Organisation)):
            organisation.name = f"{organisation.name} Holding"


def damage(row: IssuedDocument) -> None:
    (settings().home / "store" / row.sha256[:2] / row.sha256).write_bytes(b"%PDF-1.7 damaged")


def test_what_is_issued_says_by_what_it_was_printed(world: World) -> None:
    row = issue(world)

    assert (row.edition, row.because, printing_of(row)) == (1, [], printing(PROTOCOL))


@pytest.mark.long
def test_a_mended_template_is_issued_again_with_the_content_that_there_was(world: World) -> None:
    first = printed_by_an_older_template(world, content=OLDER)
    rename_all(world)

    ask(first)

    old, new = editions(world)
    assert (old.id, old.lost_at, read_bytes(old.sha256)) == (first.id, None, OLDER)
    assert (new.edition, new.because, new.title) == (2, [Because.TEMPLATE], first.title)
    assert (new.context_sha256, printing_of(new)) == (first.context_sha256, printing(PROTOCOL))
    assert new.sha256 == sha256(read_bytes(new.sha256)).hexdigest() != old.sha256
    printed = " ".join(PdfReader(BytesIO(read_bytes(new.sha256))).pages[0].extract_text().split())
    day = " ".join(day_in_words(first.issued_at).split())
    assert f"Edition 2, issued {day}. It replaces edition 1 of {day}: its template changed." in printed
    with begin() as session:
        asked = changes_of(session, ChangesOf(subject_id=first.id, field="edition_asked_for"))
        last = session.exec(
            select(OutboxMessage)
            .where(OutboxMessage.name == "document.requested")
            .order_by(col(OutboxMessage.sequence))
        ).all()[-1]
        # Its cover tells when it was asked for: another try would have printed the same bytes.
        assert new.issued_at == max(last.created_at, first.issued_at)
    assert [(one.before, one.after) for one in asked] == [(None, 2)]


@pytest.mark.long
def test_what_comes_out_alike_replaces_nothing(world: World) -> None:
    first = printed_by_an_older_template(world)

    ask(first)

    (row,) = editions(world)
    assert (row.id, row.sha256, printing_of(row)) == (first.id, first.sha256, printing(PROTOCOL))
    with begin(read_only=True) as session:
        assert breaches(session) == []  # the machine's own note is no tampering


@pytest.mark.long
def test_a_later_edition_is_made_good_and_printed_alike_as_well(world: World) -> None:
    issue(world)
    rename_all(world)
    second = issue(world)
    damage(second)

    run_here(HEAL, {})
    relay_all()
    assert (editions(world)[1], verify(second.sha256)) == (second, Kept.INTACT)

    with begin() as session:
        session.get_one(IssuedDocument, second.id).fonts = "0" * 64
    ask(editions(world)[1])
    assert editions(world)[1:] == [second]


@pytest.mark.long
def test_what_is_asked_for_with_other_content_is_the_next_edition(world: World) -> None:
    issue(world)
    rename_all(world)

    issue(world)

    old, new = editions(world)
    assert (new.edition, new.because, new.title) == (2, [Because.CONTENT], "Another title")
    assert (verify(old.sha256), verify(new.sha256), old.lost_at) == (Kept.INTACT, Kept.INTACT, None)


@pytest.mark.long
def test_content_that_comes_back_is_the_next_edition_and_not_the_replaced_one(world: World) -> None:
    first = issue(world)
    with begin() as session:
        session.get_one(Collaboration, world.collaboration_id).title = "Another title"
    issue(world)
    with begin() as session:
        session.get_one(Collaboration, world.collaboration_id).title = first.title

    third = issue(world)

    assert (third.edition, third.context_sha256, third.because) == (3, first.context_sha256, [Because.CONTENT])


@pytest.mark.parametrize("by_request", [True, False])
def test_a_damaged_file_is_made_good_by_the_same_bytes(world: World, by_request: bool) -> None:
    first = issue(world)
    damage(first)
    assert verify(first.sha256) is Kept.DAMAGED
    if not by_request:
        rename_all(world)  # what is printed again shows what it showed

    if by_request:
        issue(world)
    else:
        assert run_here(HEAL, {}).result == {"swept": 0, "unfit": 1, "asked": 1}
        relay_all()

    assert (editions(world), verify(first.sha256)) == ([first], Kept.INTACT)
    assert run_here(HEAL, {}).result == {"swept": 0, "unfit": 0, "asked": 0}


@pytest.mark.long
def test_a_damaged_file_whose_bytes_do_not_come_again_is_replaced_and_says_so(world: World) -> None:
    first = printed_by_an_older_template(world, content=OLDER)
    damage(first)

    run_here(HEAL, {})
    relay_all()

    old, new = editions(world)
    assert (old.id, old.lost_at is not None, new.because) == (first.id, True, [Because.TEMPLATE, Because.FILE])
    assert verify(new.sha256) is Kept.INTACT
    assert run_here(HEAL, {}).result == {"swept": 0, "unfit": 0, "asked": 0}


@pytest.mark.long
def test_a_damaged_file_of_a_replaced_edition_is_noted_as_lost_until_it_is_back(world: World) -> None:
    first = printed_by_an_older_template(world, content=OLDER)
    ask(first)
    damage(first)

    run_here(HEAL, {})
    relay_all()
    assert [row.lost_at is not None for row in editions(world)] == [True, False]

    keep_bytes(OLDER)  # from a backup
    assert [(one.document.id, one.kept) for one in unfit_files()] == [(first.id, Kept.INTACT)]
    run_here(HEAL, {})
    relay_all()
    assert [(row.edition, row.lost_at) for row in editions(world)] == [(1, None), (2, None)]


def test_nothing_is_printed_into_the_place_of_a_store_that_is_away(world: World) -> None:
    row = issue(world)
    with begin() as session:
        for number in range(MANY):
            digits = f"{number:064x}"
            own = {"id": new_id(), "sha256": digits, "subject_id": digits, "code": digits[-10:]}
            session.add(IssuedDocument.model_validate(row.model_dump() | own))

    assert run_here(HEAL, {}).result == {"swept": 0, "unfit": MANY, "asked": 0}
    with begin() as session:
        assert (heal(session, unfit_files()), heal(session, unfit_files())) == (MANY, 0)


def test_two_releases_that_print_differently_make_one_edition_each(world: World) -> None:
    row = issue(world)
    other = Printing("3" * 64, row.fonts, row.renderer)

    with begin() as session:
        ask_for_edition(session, session.get_one(IssuedDocument, row.id), other)
    relay_all()  # the machine that prints has today's template: there is nothing new

    assert editions(world) == [row]


@pytest.mark.long
def test_a_paper_in_another_language_stands_beside_the_first_and_replaces_nothing(world: World) -> None:
    english = issue(world)
    with begin() as session:
        ask_for_language(session, session.get_one(IssuedDocument, english.id), "de")
    relay_all()
    with begin(read_only=True) as session:
        [german] = editions_of(session, PROTOCOL, world.version_id, "de")
        beside = around(session, [english, german])
    text = PdfReader(BytesIO(read_bytes(german.sha256))).pages[0].extract_text()

    assert (german.edition, german.because, german.language) == (1, [], "de")
    assert (len(editions(world)), beside[english.id], beside[german.id]) == (1, Around(None, None), Around(None, None))
    assert "Vertraulich" in text
    assert german.template == printing(PROTOCOL, "de").template != english.template


def test_papers_come_in_the_language_of_the_partnership(world: World) -> None:
    with begin() as session:
        partnership = session.get_one(
            Partnership, session.get_one(Collaboration, world.collaboration_id).partnership_id
        )
        edit_partnership(session, partnership, replace(description_of(partnership), language="pl"))
    announce(world, "document.requested", kind=PROTOCOL.value)
    relay_all()

    with begin(read_only=True) as session:
        [row] = editions_of(session, PROTOCOL, world.version_id, "pl")
        assert editions_of(session, PROTOCOL, world.version_id, "en") == []
    assert row.language == "pl"


@pytest.mark.long
def test_what_is_printed_again_keeps_its_language(world: World) -> None:
    announce(world, "document.requested", kind=PROTOCOL.value, language="it")
    relay_all()
    with begin() as session:
        [row] = editions_of(session, PROTOCOL, world.version_id, "it")
        row.template = "0" * 64
        row.sha256, row.size = keep_bytes(OLDER), len(OLDER)
    with begin() as session:
        ask_for_edition(session, session.get_one(IssuedDocument, row.id), printing(PROTOCOL, "it"))
    relay_all()

    with begin(read_only=True) as session:
        again = editions_of(session, PROTOCOL, world.version_id, "it")
    assert [one.edition for one in again] == [1, 2]
    assert printing_of(again[-1]) == printing(PROTOCOL, "it")
    assert "Sostituisce" in PdfReader(BytesIO(read_bytes(again[-1].sha256))).pages[0].extract_text()
