"""Which version, round or scenario a document of a collaboration is about, where nobody named one."""

from sqlmodel import Session

from states.archive.tables import DocumentKind
from states.errors import Missing
from states.funding.queries import scenarios_of
from states.protocol.queries import latest_versions
from states.review.queries import rounds_of


def current_subject(session: Session, kind: DocumentKind, *, collaboration_id: str) -> str:
    """Return the id of the latest frozen version, the last round, or the chosen scenario; raise `Missing`."""
    if kind is DocumentKind.INVESTMENT_PROTOCOL:
        found = [row.id for row in latest_versions(session, [collaboration_id]).values()]
    elif kind is DocumentKind.REVIEW_DOSSIER:
        found = [row.id for row in rounds_of(session, [collaboration_id])]
    elif kind is DocumentKind.PROPOSAL:
        found = [row.id for row in scenarios_of(session, collaboration_id) if row.chosen]
    else:
        found = []  # a report is about a partnership
    if not found:
        raise Missing(f"subject of a {kind.value} in collaboration", collaboration_id)
    return found[-1]
