"""Search finds what somebody may read, by the words of it that this reader knows, and tells of nothing else."""

from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from states.archive.editions import editions_of
from states.archive.evidence.file_types import PDF
from states.archive.evidence.service import Upload, correct_evidence, file_upload, filing_of
from states.archive.evidence.tables import Evidence, Scan
from states.archive.store import receive
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.clock import now
from states.collaborations.service import Joining, add_member, edit_collaboration
from states.collaborations.tables import Collaboration
from states.crossings.search import Hit, hits, matching, search
from states.lifecycle.move import move
from states.partners.tables import Membership, Organisation
from states.protocol.service import write_section
from states.review.conflicts.service import agree, declare
from states.review.conflicts.tables import ConflictKind
from states.review.queries import rounds_of
from states.rights.access import Actor, Role, TokenScope
from states.search import SearchKind, write_entries
from states.search.words import SearchInvalid, read_words
from states.settings import settings
from tests.factories import (
    World,
    a_collaboration,
    a_collaboration_at,
    a_piece_of_evidence,
    a_world,
    clear,
    evaluate,
    fill_protocol,
    freeze,
    open_iag,
    s3,
)
from tests.laws import often
from tests.meeting_factories import a_content, a_profile, a_published_profile
from tests.statements import counted

EVERYTHING = tuple(SearchKind)
LEAD, SECOND = "Gliwice Werke GmbH", "Ελληνική Μασσαλία"
# Words of which every one tells who is behind the collaboration that is judged blind.
HIDDEN = (
    "gliwice",
    "Gliwice Werke",
    '"gliwice werke"',
    "werk*",
    "GLIW",
    "Ελληνική",
    "μασσαλ",
    "massalia",
    "medtech-marseille",
    "gliwice-centre",
    "centre -nonsense gliwice",
)
ALONE = tuple(text for text in HIDDEN if text.startswith('"') or " " not in text)
HIDES = (SearchKind.COLLABORATION, SearchKind.DOCUMENT)
NONSENSE = "zzzzqqqq"


@pytest.fixture
def blind(installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first stage of the review is blind."""
    text = resources.files("states.playbooks").joinpath("s3.yaml").read_text(encoding="utf-8")
    (tmp_path / "s3.yaml").write_text(text.replace("    comment: 20\n", "    comment: 20\n    blind: true\n"))
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(tmp_path))
    settings.cache_clear()


def found(session: Session, actor: Actor, text: str, *kinds: SearchKind) -> list[Hit]:
    """Return what an actor finds by a text, in its order."""
    write_entries(session)
    asked = search(session, read_words(text), actor, kinds or EVERYTHING)
    rows = session.exec(asked.query.order_by(*asked.order)).all()
    return hits(session, actor, rows)


def titles(session: Session, actor: Actor, text: str, *kinds: SearchKind) -> list[str]:
    return [hit.title for hit in found(session, actor, text, *kinds)]


def a_document(
    world: World,
    row: Collaboration | None,
    title: str,
    kind: DocumentKind = DocumentKind.INVESTMENT_PROTOCOL,
    *,
    subject_id: str = "",
    confidential: bool = False,
) -> IssuedDocument:
    subject = subject_id or (row.id if row else "period")
    paper = IssuedDocument(
        partnership_id=world.partnership.id,
        collaboration_id=row.id if row else None,
        subject_id=subject,
        edition=len(editions_of(world.session, kind, subject, "en")) + 1,
        kind=kind,
        document_class=DocumentClass.CONFIDENTIAL if confidential else DocumentClass.PUBLIC,
        title=title,
        sha256=sha256(title.encode()).hexdigest(),
        size=1,
        context_sha256=sha256(title.encode()).hexdigest(),
        issued_at=now(),
    )
    world.session.add(paper)
    world.session.flush()
    return paper


def a_judged_world(session: Session) -> tuple[World, Collaboration]:
    """A collaboration in a blind review whose title, texts and papers name its partners."""
    world = a_world(session)
    session.add_all(
        Membership(partnership_id=world.partnership.id, organisation_id=row.id) for row in world.organisations.values()
    )
    world.organisations["gliwice"].name, world.organisations["marseille"].name = LEAD, SECOND
    row = a_collaboration_at(world, "investment_protocol", slug="gliwice-centre")
    edit_collaboration(
        session, row, title="Centre of Gliwice Werke", summary="Led by gliwice werke, ΕΛΛΗΝΙΚΗ ΜΑΣΣΑΛΙΑ."
    )
    fill_protocol(world, row)
    what = {"what": "GLIWICE WERKE lends a rig to Ελληνικη Μασσαλια.", "services": "Tests"}
    write_section(session, row, "object", what, sections=s3().protocol)
    freeze(world, row)
    move(session, row.id, "submit_to_iag", actor=world.manager)
    opened = open_iag(world, row)
    clear(world, row, opened, "iag_member 1")
    dossier = DocumentKind.REVIEW_DOSSIER
    a_document(world, row, "Centre of Gliwice Werke", dossier, subject_id=opened.id, confidential=True)
    write_entries(session)
    a_document(world, row, "Protocol of Gliwice Werke")
    write_entries(session)
    return world, row


def member(world: World, number: int) -> Actor:
    return world.actor(Role.IAG_MEMBER, person=f"iag_member {number}")


@pytest.mark.parametrize("number", [1, 2])
def test_no_hidden_name_finds_what_is_judged_blind(blind: None, session: Session, number: int) -> None:
    """Member 1 has declared, member 2 has not; who is in the partnership is known to both."""
    world, _ = a_judged_world(session)
    reader = member(world, number)

    assert {text: found(session, reader, text, *HIDES) for text in HIDDEN} == {text: [] for text in HIDDEN}
    assert found(session, reader, NONSENSE) == []
    assert titles(session, world.manager, "gliwice werke", SearchKind.COLLABORATION) == ["Centre of Gliwice Werke"]


def test_what_is_judged_blind_is_found_as_it_reads(blind: None, session: Session) -> None:
    world, row = a_judged_world(session)
    number, declared, invited = row.id[:8], member(world, 1), member(world, 2)
    shown = [Hit(SearchKind.COLLABORATION, row.id, f"Collaboration {number}")]

    for text in ("collaboration", f"collaboration {number}", "partner a", "frl0", "collaboration -gliwice"):
        assert found(session, declared, text, SearchKind.COLLABORATION) == shown
    assert found(session, declared, "led", SearchKind.COLLABORATION) == shown
    assert found(session, invited, "collaboration", SearchKind.COLLABORATION) == shown
    assert found(session, invited, "led", SearchKind.COLLABORATION) == []
    assert titles(session, declared, "collaboration", SearchKind.DOCUMENT) == [f"Collaboration {number}"]
    assert found(session, invited, "collaboration", SearchKind.DOCUMENT) == []


def test_names_come_with_the_own_evaluation(blind: None, session: Session) -> None:
    world, row = a_judged_world(session)
    reader = member(world, 1)
    assert found(session, reader, "gliwice", SearchKind.COLLABORATION) == []

    evaluate(world, row, rounds_of(session, [row.id])[0], "iag_member 1")

    assert titles(session, reader, "gliwice werke", SearchKind.COLLABORATION) == ["Centre of Gliwice Werke"]
    assert found(session, member(world, 2), "gliwice", SearchKind.COLLABORATION) == []


def test_what_is_excluded_tells_of_nothing_hidden(blind: None, session: Session) -> None:
    """Were a hidden name looked at, its exclusion would take the hit away."""
    world, _ = a_judged_world(session)

    for reader in (member(world, 1), member(world, 2)):
        plain = found(session, reader, "collaboration", *HIDES)
        assert {text: found(session, reader, f"-{text} collaboration", *HIDES) for text in ALONE} == dict.fromkeys(
            ALONE, plain
        )
    assert found(session, world.manager, "centre -gliwice", SearchKind.COLLABORATION) == []


def test_a_partner_that_joins_later_is_hidden_too(blind: None, session: Session) -> None:
    world, row = a_judged_world(session)
    a_document(world, row, "Dossier for Katowice", DocumentKind.REVIEW_DOSSIER, subject_id=_round(session, row))
    reader = member(world, 1)
    assert titles(session, reader, "katowice", SearchKind.DOCUMENT) == ["Dossier for Katowice"]

    add_member(session, row, Joining(world.organisations["katowice"]))

    assert found(session, reader, "katowice", *HIDES) == []
    [title] = titles(session, reader, "dossier for", SearchKind.DOCUMENT)
    assert title.startswith("Dossier for Partner ")


def _round(session: Session, row: Collaboration) -> str:
    return rounds_of(session, [row.id])[0].id


def test_who_has_not_declared_finds_outlines_alone(session: Session) -> None:
    """Without a blind stage a reviewer knows title, partners and regions; the rest opens with the declaration."""
    world, _ = a_judged_world(session)
    expected = {"gliwice werke": 1, "frl0": 1, "led": 0, "frl04": 0, "rig": 0, "gliwice -led": 1}

    assert {
        text: len(found(session, member(world, 2), text, SearchKind.COLLABORATION)) for text in expected
    } == expected
    opened = expected | {"led": 1, "frl04": 1, "gliwice -led": 0}
    assert {text: len(found(session, member(world, 1), text, SearchKind.COLLABORATION)) for text in opened} == opened


def test_what_each_role_finds(session: Session) -> None:
    """By title, by partner, by summary, by protocol; and organisations by a profile that is published, or is not."""
    world, row = a_judged_world(session)
    profile = a_published_profile(world, "gliwice")
    a_profile(world, "marseille", a_content(title="Secret loom"))
    other = a_collaboration(world, slug="other", sites=("marseille", "katowice"))
    edit_collaboration(session, other, title="Another centre", summary="Nothing of it")
    asked = ("centre", "katowice", "nothing", "rig", profile.title, "loom")
    partner = world.actor(Role.PARTNER, organisation_id=world.organisations["gliwice"].id)
    maker = replace(partner, organisation_id=world.organisations["marseille"].id)
    readers = {
        "manager": world.manager,
        "secretary": world.actor(Role.IAG_SECRETARY),
        "chair": world.actor(Role.IAG_CHAIR),
        "observer": world.actor(Role.OBSERVER),
        "member": member(world, 1),
        "region": world.actor(Role.WGRA_MEMBER, person="paca", region_id=world.regions["paca"].id),
        "partner": partner,
        "maker": maker,
        "clock": Actor(Role.CLOCK, world.partnership.id),
    }
    counts = {
        who: [len(found(session, reader, text, SearchKind.COLLABORATION, SearchKind.ORGANISATION)) for text in asked]
        for who, reader in readers.items()
    }

    assert counts == {
        "manager": [2, 2, 1, 1, 1, 1],
        "secretary": [2, 2, 1, 1, 1, 0],
        "chair": [2, 2, 1, 0, 1, 0],
        "observer": [2, 2, 1, 0, 1, 0],
        "member": [2, 2, 0, 0, 0, 0],
        "region": [2, 2, 0, 0, 0, 0],
        "partner": [1, 1, 0, 1, 1, 0],
        "maker": [2, 2, 1, 1, 1, 1],
        "clock": [2, 2, 1, 1, 1, 1],
    }
    assert row.id in {hit.id for hit in found(session, partner, "centre")}


def test_a_conflict_closes_what_it_closes(session: Session) -> None:
    world, row = a_judged_world(session)
    opened = rounds_of(session, [row.id])[0]
    reader = member(world, 3)
    person_id = world.people["iag_member 3"].id
    agree(session, partnership_id=world.partnership.id, person_id=person_id)
    assert titles(session, reader, "centre", SearchKind.COLLABORATION) == ["Centre of Gliwice Werke"]

    declare(
        session, opened, person_id=person_id, kind=ConflictKind.DISQUALIFYING, reason="Works there.", collaboration=row
    )

    assert found(session, reader, "led", SearchKind.COLLABORATION) == []
    assert found(session, reader, "protocol", SearchKind.DOCUMENT) == []
    assert titles(session, reader, "centre", SearchKind.COLLABORATION) == ["Centre of Gliwice Werke"]


def test_documents_are_found_by_who_may_read_them(session: Session) -> None:
    world, _ = a_judged_world(session)
    write_entries(session)
    a_document(world, None, "Report on gliwice", DocumentKind.MONITORING_REPORT_PUBLIC)
    write_entries(session)
    a_document(world, None, "Answers on gliwice", DocumentKind.MONITORING_REPORT_CONFIDENTIAL, confidential=True)
    everything = ["Answers on gliwice", "Report on gliwice", "Protocol of Gliwice Werke", "Centre of Gliwice Werke"]

    def papers(reader: Actor) -> list[str]:
        return titles(session, reader, "gliwice", SearchKind.DOCUMENT)

    assert papers(world.manager) == everything
    assert papers(world.actor(Role.OBSERVER)) == everything[1:3]
    assert papers(member(world, 2)) == ["Report on gliwice"]
    assert titles(session, world.manager, "investment-protocol", SearchKind.DOCUMENT) == [everything[2]]
    digest = sha256(everything[2].encode()).hexdigest()
    for begun in (digest, digest[:8], f"investment-protocol-{digest[:8]}.pdf", digest[:3]):
        assert everything[2] in titles(session, world.manager, begun, SearchKind.DOCUMENT)


def test_nothing_of_another_partnership_is_found(session: Session) -> None:
    a_judged_world(session)
    other = a_world(session, slug="food")

    assert {text: found(session, other.manager, text) for text in ("gliwice", "centre", "partner")} == {
        "gliwice": [],
        "centre": [],
        "partner": [],
    }


def test_a_token_that_may_not_read_finds_nothing(session: Session) -> None:
    world, _ = a_judged_world(session)
    reader = replace(world.manager, scopes=frozenset({TokenScope.REVIEW}))

    assert found(session, reader, "centre", *HIDES) == []


def test_spellings_and_order(session: Session) -> None:
    """What has every word in its title comes first, then the newest."""
    world = a_world(session)
    rows = []
    for slug, title, summary in zip(
        ("first", "second", "third", "fourth"),
        ("Łódź implants", "Rehabilitation", "Ιατρικά εμφυτεύματα Łódź implants", "Zahnärzte in Tübingen"),
        ("", "Implants of Łódź; room 4e26d, 10.5 mm", "", "R&D"),
        strict=True,
    ):
        rows.append(edit_collaboration(session, a_collaboration(world, slug=slug), title=title, summary=summary))
        write_entries(session)
    slugs = {row.id: row.slug for row in rows}

    def order(text: str) -> list[str]:
        return [slugs[hit.id] for hit in found(session, world.manager, text, SearchKind.COLLABORATION)]

    assert order("lodz implant") == ["third", "first", "second"]
    assert order('"implants of lodz"') == ["second"]
    assert order("lodz implant* -rehab*") == ["third", "first", "second"]
    assert order("lodz implant* -rehabilitation") == ["third", "first"]
    assert order("implan łódź") == []
    assert order("implan* łódź") == ["third", "first", "second"]
    assert order("iatrika") == order("ΙΑΤΡΙΚΆ") == ["third"]
    assert order("tuebingen zahn*") == order("TÜBINGEN") == order("Zahnaerzte") == ["fourth"]
    assert order("4e26d") == order("4e2") == order("10.5") == order("4E26") == ["second"]
    assert order("r&d") == ["fourth"]


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        (SearchKind.COLLABORATION, Collaboration),
        (SearchKind.ORGANISATION, Organisation),
        (SearchKind.DOCUMENT, IssuedDocument),
    ],
)
def test_a_list_gets_the_same_as_a_condition(
    session: Session, kind: SearchKind, row: type[Collaboration | Organisation | IssuedDocument]
) -> None:
    world, _ = a_judged_world(session)
    for reader in (world.manager, member(world, 2), world.actor(Role.OBSERVER)):
        for text in ("gliwice", NONSENSE):
            fits = matching(session, kind, read_words(text), reader)
            ids = set(session.exec(select(row.id).where(fits)))
            assert {hit.id for hit in found(session, reader, text, kind)} == ids
        assert session.exec(select(row.id).where(matching(session, kind, None, reader))).all() != []


@pytest.mark.parametrize("installation", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True)
@pytest.mark.parametrize("who", [Role.PROJECT_MANAGER, Role.IAG_MEMBER, Role.PARTNER])
def test_a_search_costs_as_much_for_five_hits_as_for_fifty(session: Session, who: Role) -> None:
    costs = []
    for number in (5, 50):
        world = a_world(session, slug=f"of-{number}")
        for index in range(number):
            row = a_collaboration(world, slug=f"centre-{index}")
            a_document(world, row, f"Centre {index}")
        gliwice = world.organisations["gliwice"].id
        person = "iag_member 1" if who is Role.IAG_MEMBER else None
        reader = world.actor(who, person=person, organisation_id=gliwice if who is Role.PARTNER else None)
        write_entries(session)
        with counted() as statements:
            assert len(found(session, reader, "centre")) == number * (1 if who is Role.IAG_MEMBER else 2)
        costs.append(len(statements))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    "text", ['"', 'a"b', "NEAR(", "NEAR(centre gliwice, 2)", "centre AND", "{title} : x", "^centre"]
)
def test_no_query_is_a_fault_of_the_database(session: Session, text: str) -> None:
    world, _ = a_judged_world(session)
    with suppress(SearchInvalid):
        found(session, world.manager, text)


_MEANT = [
    "centre",
    "-",
    '"',
    "*",
    "NEAR(",
    ")",
    "{",
    "}",
    ":",
    "^",
    "'",
    "\\",
    "\0",
    "\ud800",
    "🤖",
    "&",
    "|",
    "!",
    "<->",
    " ",
]
_JUMBLED = st.lists(st.sampled_from(_MEANT), max_size=40).map("".join)


@hypothesis_settings(max_examples=often(100))
@given(text=st.text(st.characters(), max_size=200) | _JUMBLED)
def test_hostile_texts_are_words_or_refused(read: tuple[Session, World], text: str) -> None:
    session, world = read
    with suppress(SearchInvalid):
        for reader in (world.manager, member(world, 2)):
            assert {hit.kind for hit in found(session, reader, text)} <= set(SearchKind)


@pytest.fixture
def read(session: Session) -> tuple[Session, World]:
    return session, a_judged_world(session)[0]


def a_letter(world: World, row: Collaboration, title: str, **options: Any) -> Evidence:
    filed = a_piece_of_evidence(world, row, content=title.encode(), **options)
    filed.title, filed.description = title, f"From the desk of {title.split()[-1]}"
    return filed


def test_evidence_is_found_by_who_may_read_it(session: Session) -> None:
    """By title, description, kind and file; confidential ones by their owner, the lead, the office and cleared ones."""
    world, row = a_judged_world(session)
    theirs = world.organisations["marseille"]
    a_letter(world, row, "Public word of Helvetia", evidence_class=DocumentClass.PUBLIC)
    a_letter(world, row, "Secret word of Helvetia", owner=theirs)
    readers = {
        "manager": world.manager,
        "secretary": world.actor(Role.IAG_SECRETARY),
        "observer": world.actor(Role.OBSERVER),
        "cleared": member(world, 1),
        "invited": member(world, 2),
        "lead": world.actor(Role.PARTNER, organisation_id=world.organisations["gliwice"].id),
        "owner": world.actor(Role.PARTNER, organisation_id=theirs.id),
        "stranger": world.actor(Role.PARTNER, organisation_id=world.organisations["katowice"].id),
        "other office": a_world(session, slug="food").manager,
    }

    def seen(text: str) -> dict[str, list[str]]:
        return {
            who: sorted(title.split()[0] for title in titles(session, reader, text, SearchKind.EVIDENCE))
            for who, reader in readers.items()
        }

    both = ["Public", "Secret"]  # of one instant, they come in any order
    expected = {
        "manager": both,
        "secretary": both,
        "observer": ["Public"],
        "cleared": both,
        "invited": [],
        "lead": both,
        "owner": both,
        "stranger": ["Public"],
        "other office": [],
    }
    for text in (
        "helvetia",
        '"word of helvetia"',
        "desk of helv",
        "letter of support",
        "letter_of_support",
        "letter.pdf",
    ):
        assert seen(text) == expected, text
    secrets = {who: ["Secret"] * ("Secret" in those) for who, those in expected.items()}
    assert seen("helvetia -public") == secrets
    assert seen("secret") == secrets
    listed = select(Evidence.title).where(
        matching(session, SearchKind.EVIDENCE, read_words("secret"), readers["observer"])
    )
    assert session.exec(listed).all() == []


def test_who_judges_blind_finds_no_evidence(blind: None, session: Session) -> None:
    world, row = a_judged_world(session)
    a_letter(world, row, "Word of Helvetia", evidence_class=DocumentClass.PUBLIC)

    for number in (1, 2):
        for text in ("helvetia", "word", "letter", "-centre word"):
            assert found(session, member(world, number), text, SearchKind.EVIDENCE) == []
    assert titles(session, world.manager, "helvetia", SearchKind.EVIDENCE) == ["Word of Helvetia"]


def test_what_is_said_of_a_file_is_found_as_it_is_corrected_and_superseded(session: Session) -> None:
    world = a_world(session)
    filed = a_letter(world, a_collaboration(world), "Word of Helvetia")
    write_entries(session)

    correct_evidence(session, filed, title="Word of Sabaudia")

    assert titles(session, world.manager, "sabaudia", SearchKind.EVIDENCE) == ["Word of Sabaudia"]
    assert titles(session, world.manager, '"word of helvetia"', SearchKind.EVIDENCE) == []
    newer = Upload("newer.pdf", PDF, Scan.NOT_SCANNED, receive([b"%PDF newer"]))
    row = session.get_one(Collaboration, filed.collaboration_id)
    file_upload(session, row, filing_of(filed), newer, person_id=None, supersedes=filed)
    assert [(hit.replaced, hit.evidence) for hit in found(session, world.manager, "sabaudia", SearchKind.EVIDENCE)] == [
        (False, "letter_of_support"),
        (True, "letter_of_support"),
    ]
