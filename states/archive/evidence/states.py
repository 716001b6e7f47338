"""The states and moves of a piece of evidence: filed as it came, and never changed but by what comes after it."""

from states.archive.evidence.tables import EvidenceState
from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing


class EvidenceClosed(Refused):
    """The evidence cannot be changed so."""

    code = "evidence_closed"


FILE = Move("file", "File it", None, EvidenceState.FILED)
CORRECT = Move("correct", "Correct its title, description or date", EvidenceState.FILED)
SUPERSEDE = Move("supersede", "File a newer one in its place", EvidenceState.FILED, EvidenceState.SUPERSEDED)
WITHDRAW = Move("withdraw", "Withdraw it before anybody relies on it", EvidenceState.FILED, EvidenceState.WITHDRAWN)
REDACT = Move(
    "redact",
    "Remove its bytes and say why",
    (EvidenceState.FILED, EvidenceState.SUPERSEDED),
    EvidenceState.REDACTED,
)

EVIDENCE = Machine(
    name="evidence",
    title="A piece of evidence",
    noun="evidence",
    states={
        EvidenceState.FILED: "Filed",
        EvidenceState.SUPERSEDED: "Superseded",
        EvidenceState.WITHDRAWN: "Withdrawn",
        EvidenceState.REDACTED: "Redacted",
    },
    final=frozenset(EvidenceState),
    moves=(FILE, CORRECT, SUPERSEDE, WITHDRAW, REDACT),
    column="evidence.state",
    refusing=Refusing(EvidenceClosed, "evidence_not_in_force", "", ("project_manager", "partner"), "evidence"),
)
REMOVED = (EvidenceState.WITHDRAWN, EvidenceState.REDACTED)
"""The states in which the bytes are gone."""
