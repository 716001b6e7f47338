"""The commands of docs/how-to/reviewing.md, executed one block after the other against a running server."""

import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select

from documents.catalogue import PAPERS
from documents.render import render
from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentKind
from states.outbox.tables import OutboxMessage
from states.storage import begin
from tests.api.house import furnish
from tests.factories import PRINTING, a_collaboration_at
from tests.guides import Shell, steps
from tests.serving import server

GUIDE = Path(__file__).parents[4] / "docs" / "how-to" / "reviewing.md"


def _print_what_was_asked_for() -> None:
    """Print what the events ask for, as the runner does."""
    with begin() as session:
        wanted = select(OutboxMessage).where(OutboxMessage.name == "document.requested")
        for event in session.exec(wanted).all():
            kind, subject_id = DocumentKind(event.payload["kind"]), event.payload.get("subject_id")
            if kind is not DocumentKind.REVIEW_DOSSIER or subject_id is None:
                continue
            context = PAPERS[kind].gather(session, subject_id=subject_id)
            content = render(kind, context)
            assert keep_bytes(content) == sha256(content).hexdigest()
            document_class = PAPERS[kind].document_class
            rendered = Rendered(
                kind, document_class, context.meta.title, subject_id, context.model_dump_json(), content, PRINTING
            )
            record_document(
                session, rendered, partnership_id=event.partnership_id, collaboration_id=event.collaboration_id
            )


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="the guide needs curl and jq")
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.long
def test_the_guide_is_true(installation: Path, tmp_path: Path) -> None:
    with begin() as session:
        world, _ = furnish(session)
        a_collaboration_at(world, "iag_review")

    with server() as address:
        shell = Shell(tmp_path, address)
        for step in steps(GUIDE):
            shell.follow(step)
            if "export ROUND=" in step.commands:
                _print_what_was_asked_for()
        shell.close()
