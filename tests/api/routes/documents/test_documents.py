"""Documents over HTTP: bytes by id for whom their class and what they show permit, and asking for one."""

from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select

from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.funding.queries import scenarios_of
from states.outbox.queries import message_by_id
from states.outbox.tables import OutboxMessage
from states.partners.queries import regions_of
from states.storage import begin
from tests.api.house import MANAGER, OBSERVER, PARTNER, SECRETARY, House, a_house, codes, places, problem
from tests.factories import PRINTING, World, a_collaboration_at

CLASSES = {
    DocumentKind.INVESTMENT_PROTOCOL: DocumentClass.CONFIDENTIAL,
    DocumentKind.REVIEW_DOSSIER: DocumentClass.CONFIDENTIAL,
    DocumentKind.PROPOSAL: DocumentClass.CONFIDENTIAL,
    DocumentKind.TEASER: DocumentClass.PUBLIC,
    DocumentKind.COMPARISON: DocumentClass.CONFIDENTIAL,
    DocumentKind.MONITORING_REPORT_PUBLIC: DocumentClass.PUBLIC,
    DocumentKind.MONITORING_REPORT_CONFIDENTIAL: DocumentClass.CONFIDENTIAL,
}
OF_THE_PARTNERSHIP = (DocumentKind.MONITORING_REPORT_PUBLIC, DocumentKind.MONITORING_REPORT_CONFIDENTIAL)


def _issue(world: World) -> tuple[str, dict[str, str]]:
    row = a_collaboration_at(world, "iag_review")
    keys = {}
    for kind, document_class in CLASSES.items():
        content = f"%PDF {kind}".encode()
        keep_bytes(content)
        rendered = Rendered(kind, document_class, kind.value, row.id, sha256(content).hexdigest(), content, PRINTING)
        owner = None if kind in OF_THE_PARTNERSHIP else row.id
        issued = record_document(world.session, rendered, partnership_id=world.partnership.id, collaboration_id=owner)
        keys[kind.value] = issued.id
    return row.id, keys


@pytest.fixture
def furnished(installation: Path) -> tuple[House, str, dict[str, str]]:
    house, (key, documents) = a_house(_issue)
    return house, key, documents


def test_bytes_come_with_their_digest(furnished: tuple[House, str, dict[str, str]]) -> None:
    house, _, documents = furnished
    path = f"/documents/{documents['proposal']}"
    content = b"%PDF proposal"
    digest = sha256(content).hexdigest()

    answer = house.manager.get(f"{path}/content")

    assert (answer.content, answer.headers["ETag"]) == (content, f'"{digest}"')
    assert (answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert answer.headers["Content-Disposition"] == f'inline; filename="proposal-{digest[:8]}.pdf"'
    assert house.manager.get(f"{path}/content", If_None_Match=f'"{digest}"').status_code == 304
    assert (house.manager.get(path).json()["sha256"], house.manager.get(path).json()["size"]) == (digest, len(content))


@pytest.mark.parametrize(
    ("who", "readable"),
    [
        (MANAGER, list(CLASSES)),
        (
            SECRETARY,
            [kind for kind in CLASSES if kind is not DocumentKind.MONITORING_REPORT_CONFIDENTIAL],
        ),
        (
            PARTNER,
            [
                *(DocumentKind.INVESTMENT_PROTOCOL, DocumentKind.PROPOSAL, DocumentKind.MONITORING_REPORT_PUBLIC),
                *(DocumentKind.TEASER, DocumentKind.COMPARISON),
            ],
        ),
        (OBSERVER, [DocumentKind.TEASER, DocumentKind.MONITORING_REPORT_PUBLIC]),
    ],
)
def test_each_reads_what_it_may(
    furnished: tuple[House, str, dict[str, str]], who: str, readable: list[DocumentKind]
) -> None:
    house, _, documents = furnished
    caller = house.by(who)

    listed = {one["kind"] for one in caller.get("/documents").json()["items"]}
    statuses = {kind: caller.get(f"/documents/{key}/content").status_code for kind, key in documents.items()}

    assert listed == {kind.value for kind in readable}
    assert statuses == {kind.value: 200 if kind in readable else 403 for kind in CLASSES}


def test_bytes_that_were_lost_or_changed_are_missing(
    furnished: tuple[House, str, dict[str, str]], installation: Path
) -> None:
    house, _, documents = furnished
    digest = house.manager.get(f"/documents/{documents['proposal']}").json()["sha256"]
    (installation / "store" / digest[:2] / digest).write_bytes(b"%PDF other")

    assert problem(house.manager.get(f"/documents/{documents['proposal']}/content")) == (404, "missing")


def test_a_collaborations_documents_alone(furnished: tuple[House, str, dict[str, str]]) -> None:
    house, key, _ = furnished

    kinds = [one["kind"] for one in house.manager.get(f"/documents?collaboration={key}").json()["items"]]

    assert sorted(kinds) == ["comparison", "investment-protocol", "proposal", "review-dossier", "teaser"]


def test_asking_writes_an_event(furnished: tuple[House, str, dict[str, str]]) -> None:
    house, key, _ = furnished
    version = house.manager.get(f"/collaborations/{key}/protocol/versions").json()["items"][0]["id"]

    asked = house.manager.post(f"/collaborations/{key}/documents", {"kind": "investment-protocol"})

    assert asked.status_code == 202
    with begin() as session:
        event = session.exec(select(OutboxMessage).where(OutboxMessage.id == asked.json()["message_id"])).one()
        assert (event.name, event.payload) == (
            "document.requested",
            {"kind": "investment-protocol", "subject_id": version},
        )


def test_a_proposal_is_asked_for_its_reader(installation: Path) -> None:
    house, (key, scenario, region) = a_house(_bankable)
    path = f"/collaborations/{key}/documents"

    asked = [
        house.manager.post(path, {"kind": "proposal", **named})
        for named in ({}, {"addressee": "bank"}, {"addressee": "fund"}, {"region": "paca"}, {"addressee": "region"})
    ]
    stranger = house.manager.post(path, {"kind": "proposal", "region": "nowhere"})
    mixed = house.manager.post(path, {"kind": "proposal", "addressee": "bank", "region": "paca"})
    other = house.manager.post(path, {"kind": "investment-protocol", "addressee": "bank"})

    with begin() as session:
        keys = [one.json()["message_id"] for one in asked]
        found = {one.id: one.payload.get("subject_id") for one in session.exec(select(OutboxMessage))}
        assert [found[one] for one in keys] == [
            *(scenario, scenario, f"{scenario}..fund"),
            *(f"{scenario}..region:{region}", f"{scenario}..region"),
        ]
    assert [(problem(one)[0], places(one)) for one in (mixed, other)] == [(422, ["region"]), (422, ["addressee"])]
    assert problem(stranger) == (404, "missing")


def _bankable(world: World) -> tuple[str, str, str]:
    row = a_collaboration_at(world, "bankable")
    (chosen,) = (one for one in scenarios_of(world.session, row.id) if one.chosen)
    region = next(one for one in regions_of(world.session, world.partnership.id) if one.slug == "paca")
    return row.id, chosen.id, region.id


def test_nothing_can_be_shown_of_what_does_not_exist(furnished: tuple[House, str, dict[str, str]]) -> None:
    house, key, _ = furnished
    path = f"/collaborations/{key}/documents"

    proposal = house.manager.post(path, {"kind": "proposal"})
    report = house.manager.post(path, {"kind": "monitoring-report-public"})
    poem = house.manager.post(path, {"kind": "poem"})
    partner = house.by(PARTNER).post(path, {"kind": "investment-protocol"})

    assert (problem(proposal), codes(proposal)) == ((409, "nothing_to_show"), ["nothing_to_show"])
    assert (problem(report), places(report)) == ((422, "document_kind_unfit"), ["kind"])
    assert (problem(poem), problem(partner)) == ((422, "request_invalid"), (403, "denied"))


def test_a_document_is_asked_for_in_another_language(furnished: tuple[House, str, dict[str, str]]) -> None:
    house, key, documents = furnished
    path = f"/documents/{documents['proposal']}/languages"

    asked = house.manager.post(path, {"language": "fr"})
    refused = house.manager.post(path, {"language": "sv"})
    named = house.manager.post(f"/collaborations/{key}/documents", {"kind": "investment-protocol", "language": "es"})

    assert (asked.status_code, problem(refused)[0], named.status_code) == (202, 422, 202)
    assert places(refused) == ["language"]
    with begin(read_only=True) as session:
        found = [message_by_id(session, one.json()["message_id"]).payload for one in (asked, named)]
    assert [(one["kind"], one["language"]) for one in found] == [("proposal", "fr"), ("investment-protocol", "es")]
    assert house.manager.get(f"/documents/{documents['proposal']}").json()["language"] == "en"


def test_a_partnership_has_a_language_of_its_papers(furnished: tuple[House, str, dict[str, str]]) -> None:
    house, _, _ = furnished
    [before] = house.manager.get("/partnerships").json()["items"]
    path = f"/partnerships/{before['slug']}"

    changed = house.manager.patch(path, {"language": "it"}, version=before["version"])

    assert before["language"] == "en"
    assert (changed.status_code, house.manager.get(path).json()["language"]) == (200, "it")
