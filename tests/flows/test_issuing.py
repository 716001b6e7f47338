"""A document that is asked for is printed, kept and recorded once."""

from hashlib import sha256

import pytest

from flows.catalogue import flow_named
from flows.host import FlowFailed
from flows.relay import relay_batch
from states.archive.queries import documents_of
from states.archive.store import read_bytes
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.storage import begin
from tests.flows.conftest import (
    World,
    announce,
    ask_for_iag,
    consumers,
    delivered,
    event_state,
    flow_run_in_prefect,
    relay_all,
)

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

ISSUE = flow_named("issue_document")


def issued(world: World) -> list[IssuedDocument]:
    with begin(read_only=True) as session:
        return documents_of(session, partnership_id=world.partnership_id)


def test_the_protocol_that_is_asked_for_is_kept_and_recorded(world: World) -> None:
    message_id = announce(world, "document.requested", kind="investment-protocol")

    relay_batch()

    (document,) = issued(world)
    assert (document.kind, document.document_class, document.subject_id, document.collaboration_id) == (
        DocumentKind.INVESTMENT_PROTOCOL,
        DocumentClass.CONFIDENTIAL,
        world.version_id,
        world.collaboration_id,
    )
    content = read_bytes(document.sha256)
    assert (content[:5], len(content), sha256(content).hexdigest()) == (b"%PDF-", document.size, document.sha256)
    run = flow_run_in_prefect(consumers(message_id)["issue_document"])
    assert run.name == "issue-document/test-bed/investment-protocol"


def test_asking_twice_and_delivering_twice_records_one(world: World) -> None:
    first = announce(world, "document.requested", kind="investment-protocol")
    second = announce(world, "document.requested", kind="investment-protocol", subject_id=world.version_id)

    runs = [delivered(ISSUE, message_id) for message_id in (first, second, first)]

    (document,) = issued(world)
    expected = {"document": document.id, "kind": "investment-protocol", "sha256": document.sha256}
    assert runs == [expected, expected, {"document": "", "because": "issued before"}]


@pytest.mark.long
def test_a_round_brings_its_dossier(world: World) -> None:
    ask_for_iag(world)

    relay_all()  # opens the round, which asks for the dossier

    assert [document.kind for document in issued(world)] == [DocumentKind.REVIEW_DOSSIER]


def test_what_has_no_subject_yet_is_an_error_and_leaves_nothing(world: World) -> None:
    message_id = announce(world, "document.requested", kind="proposal")

    with pytest.raises(FlowFailed, match="There is no subject of a document 'proposal, "):
        delivered(ISSUE, message_id)

    assert (issued(world), consumers(message_id), event_state(message_id).done_at) == ([], {}, None)
