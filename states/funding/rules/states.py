"""The states and moves of a document of law, from the draft to its withdrawal."""

from states.errors import Refused
from states.funding.rules.tables import DocumentState
from states.machines.definition import Machine, Move, Refusing


class DocumentRefused(Refused):
    """The document is not where this is done with it."""

    code = "rule_document_refused"


ADD = Move("add", "Add it", None, DocumentState.DRAFT)
VERIFY = Move("verify", "Verify it against the official text", DocumentState.DRAFT, DocumentState.VERIFIED)
# What was superseded by mistake, or by what proved wrong, holds again.
PUT_IN_FORCE = Move(
    "put_in_force",
    "Put it in force",
    (DocumentState.VERIFIED, DocumentState.SUPERSEDED),
    DocumentState.IN_FORCE,
)
SUPERSEDE = Move("supersede", "Supersede it", DocumentState.IN_FORCE, DocumentState.SUPERSEDED)
WITHDRAW = Move(
    "withdraw",
    "Withdraw it because it is wrong",
    (DocumentState.DRAFT, DocumentState.VERIFIED, DocumentState.IN_FORCE, DocumentState.SUPERSEDED),
    DocumentState.WITHDRAWN,
)

DOCUMENT_OF_LAW = Machine(
    name="rule_document",
    title="A document of law",
    noun="rule_document",
    states={
        DocumentState.DRAFT: "A draft",
        DocumentState.VERIFIED: "Verified by a second person",
        DocumentState.IN_FORCE: "In force",
        DocumentState.SUPERSEDED: "Superseded",
        DocumentState.WITHDRAWN: "Withdrawn",
    },
    final=frozenset({DocumentState.WITHDRAWN}),
    moves=(ADD, VERIFY, PUT_IN_FORCE, SUPERSEDE, WITHDRAW),
    column="rule_document.state",
    refusing=Refusing(DocumentRefused, mend_by=("project_manager",), where="rules"),
)
