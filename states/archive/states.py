"""The states and moves of a document that was asked for; they follow from the message that asks for it."""

from enum import StrEnum

from sqlmodel import Session

from states.machines.definition import Machine, Move
from states.outbox.states import MessageState, state_of
from states.outbox.tables import ConsumedMessage, OutboxMessage

ISSUER = "issue_document"
"""The consumer that prints what a `document.requested` message asks for."""


class RequestState(StrEnum):
    """Whether what was asked for is issued."""

    ASKED = "asked"
    ISSUED = "issued"
    FAILED = "failed"


ASK = Move("ask", "Ask for it", None, RequestState.ASKED)
# A try may come to its end after the last one was given up.
ISSUE = Move(
    "issue", "It is printed and kept", (RequestState.ASKED, RequestState.FAILED), RequestState.ISSUED, automatic=True
)
FAIL = Move("fail", "The last try fails", RequestState.ASKED, RequestState.FAILED, automatic=True)
RETRY = Move("retry", "Try it again", RequestState.FAILED, RequestState.ASKED)

DOCUMENT = Machine(
    name="document",
    title="A document that was asked for",
    noun="document",
    states={RequestState.ASKED: "Asked for", RequestState.ISSUED: "Issued", RequestState.FAILED: "Not printed"},
    final=frozenset({RequestState.ISSUED}),
    moves=(ASK, ISSUE, FAIL, RETRY),
)


def request_state(session: Session, message: OutboxMessage) -> RequestState:
    """Return whether the document is issued for which a message asks."""
    if session.get(ConsumedMessage, (message.id, ISSUER)) is not None:
        return RequestState.ISSUED
    return RequestState.FAILED if state_of(message) is MessageState.DEAD else RequestState.ASKED
