"""Which version, round or scenario a document of a collaboration is about, where nobody named one."""

from collections.abc import Callable

from sqlmodel import Session

from states.archive.tables import DocumentKind
from states.errors import Missing
from states.funding.queries import scenarios_of
from states.protocol.queries import latest_versions
from states.review.queries import consensus_of, released_decisions, rounds_of
from states.review.tables import ReviewRound, RoundState

_OF_A_ROUND: dict[DocumentKind, Callable[[Session, ReviewRound], bool]] = {
    DocumentKind.CONSENSUS_REPORT: lambda session, row: consensus_of(session, row.id) is not None,
    DocumentKind.PANEL_MINUTES: lambda _, row: row.state is RoundState.CLOSED,
    DocumentKind.DECISION_LETTER: lambda session, row: row.id in released_decisions(session, [row.id]),
}


def current_subject(session: Session, kind: DocumentKind, *, collaboration_id: str) -> str:
    """Return the id of the latest version, the last round that has it, or the chosen scenario; raise `Missing`."""
    if kind is DocumentKind.INVESTMENT_PROTOCOL:
        found = [row.id for row in latest_versions(session, [collaboration_id]).values()]
    elif kind is DocumentKind.REVIEW_DOSSIER:
        found = [row.id for row in rounds_of(session, [collaboration_id])]
    elif kind in _OF_A_ROUND:
        found = [row.id for row in rounds_of(session, [collaboration_id]) if _OF_A_ROUND[kind](session, row)]
    elif kind is DocumentKind.PROPOSAL:
        found = [row.id for row in scenarios_of(session, collaboration_id) if row.chosen]
    else:
        found = []  # a report is about a partnership, an evaluation is asked for by its own id
    if not found:
        raise Missing(f"subject of a {kind.value} in collaboration", collaboration_id)
    return found[-1]
