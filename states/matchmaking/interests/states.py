"""The states and moves of an expression of interest, from its sending to the host's answer."""

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.matchmaking.profiles.tables import InterestState


class InterestRefused(Refused):
    """The expression of interest, or its profile, is not where this is done with it."""

    code = "interest_refused"


class ContactsHidden(Refused):
    """Who is behind an expression of interest is told once the host is interested, and not before."""

    code = "contacts_hidden"


_OPEN = (InterestState.WAITING, InterestState.NEED_INFORMATION)

SEND = Move("send", "Express interest", None, InterestState.WAITING)
AGREE = Move("agree", "Answer that one is interested", InterestState.WAITING, InterestState.INTERESTED)
ASK = Move("ask", "Ask for information", InterestState.WAITING, InterestState.NEED_INFORMATION)
DECLINE = Move("decline", "Decline it", InterestState.WAITING, InterestState.NOT_INTERESTED)
INFORM = Move("inform", "Give the information", InterestState.NEED_INFORMATION, InterestState.WAITING)
WITHDRAW = Move("withdraw", "Withdraw it", _OPEN, InterestState.WITHDRAWN)
EXPIRE = Move("expire", "Nobody answers in time", _OPEN, InterestState.EXPIRED, automatic=True)
REVEAL = Move(
    "reveal",
    "Read who is behind it",
    InterestState.INTERESTED,
    refusing=Refusing(ContactsHidden, "not_agreed", mend_by=("partner",), where="interests"),
)

ANSWERS = {
    InterestState.INTERESTED: AGREE,
    InterestState.NEED_INFORMATION: ASK,
    InterestState.NOT_INTERESTED: DECLINE,
}

INTEREST = Machine(
    name="interest",
    title="An expression of interest in a profile",
    noun="expression_of_interest",
    states={
        InterestState.WAITING: "Waiting for the host's answer",
        InterestState.NEED_INFORMATION: "Waiting for information",
        InterestState.INTERESTED: "Accepted",
        InterestState.NOT_INTERESTED: "Declined",
        InterestState.WITHDRAWN: "Withdrawn",
        InterestState.EXPIRED: "Expired",
    },
    final=frozenset(InterestState) - frozenset(_OPEN),
    moves=(SEND, AGREE, ASK, DECLINE, INFORM, WITHDRAW, EXPIRE, REVEAL),
    column="interest.state",
    refusing=Refusing(InterestRefused, where="interests"),
)
