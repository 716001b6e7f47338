"""A case with everything that is sealed, somebody who changes it behind the services, and what is found of that."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlmodel import Session

from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.collaborations.tables import Collaboration
from states.protocol.queries import latest_versions
from states.protocol.signing import review_risks
from states.seals import tie_seals
from states.seals.checking import check_seals
from states.storage import begin, engine
from tests.factories import PRINTING, a_collaboration_at, a_scenario, a_world, sign

PAPER = b"%PDF-1.7 a proposal"


def a_sealed_case(session: Session) -> Collaboration:
    """Take a case to a bankable proposal; its partners have signed, a document is issued."""
    world = a_world(session)
    row = a_collaboration_at(world, "bankable")
    sign(world, row)
    review_risks(session, row, note="As before.", person_id=world.people["project_manager"].id)
    a_scenario(world, row, latest_versions(session, [row.id])[row.id], name="By hand")
    paper = Rendered(
        DocumentKind.PROPOSAL, DocumentClass.CONFIDENTIAL, "Bankable proposal", row.id, "{}", PAPER, PRINTING
    )
    keep_bytes(PAPER)
    record_document(session, paper, partnership_id=row.partnership_id, collaboration_id=row.id)
    return row


def by_hand(statement: str, **values: object) -> int:
    """Change rows as whoever has the database's password does; return how many."""
    with engine().begin() as connection:
        return connection.execute(text(statement), values).rowcount


def breaches(session: Session) -> list[str]:
    """Return every breach with its scope, and what cannot be checked."""
    tie_seals(session)
    checked = check_seals(session.connection())
    return [f"{one.scope}: {one.said}" for one in checked.breaches] + [f"no key {key}" for key in checked.keys]


def breaches_now() -> list[str]:
    with begin(read_only=True) as session:
        return breaches(session)


def where(key: Mapping[str, object]) -> str:
    """Return the condition of a row's key, with its values as parameters."""
    return " AND ".join(f'"{name}" = :{name}' for name in key)
