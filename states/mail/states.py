"""The states and moves of a mail, from its entry into the ledger to what became of it."""

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.mail.tables import MailState


class MailNotOpen(Refused):
    """What became of the mail is known, or it was never handed over."""

    code = "mail_not_open"


# In whose hands a mail is that a runner has leased: the answer counts even where it comes late.
_LEASED = (MailState.WAITING, MailState.OFFERED, MailState.UNCERTAIN)

ENTER = Move("enter", "Enter it", None, MailState.WAITING)
HOLD_BACK = Move("hold_back", "Its reader has opted out", None, MailState.WITHDRAWN, automatic=True)
OFFER = Move("offer", "Hand it over", MailState.WAITING, MailState.OFFERED, automatic=True)
RECALL = Move("recall", "Its runner has not begun it, and stops", MailState.OFFERED, MailState.WAITING, automatic=True)
DELIVER = Move("deliver", "The server takes it", _LEASED, MailState.SENT, automatic=True)
PUT_OFF = Move("put_off", "The server puts it off", _LEASED, MailState.WAITING, automatic=True)
FAIL = Move("fail", "It is refused, or cannot be written", _LEASED, MailState.FAILED, automatic=True)
LOSE = Move("lose", "The answer is lost", _LEASED, MailState.UNCERTAIN, automatic=True)
WITHDRAW = Move("withdraw", "Withdraw it", MailState.WAITING, MailState.WITHDRAWN, automatic=True)
UNWANT = Move("unwant", "Nobody wants it any more", (MailState.OFFERED, MailState.UNCERTAIN), automatic=True)
FIND = Move("find", "Record that it was delivered", MailState.UNCERTAIN, MailState.SENT)
SEND_AGAIN = Move("send_again", "Send it again", (MailState.UNCERTAIN, MailState.FAILED), MailState.WAITING)

MAIL = Machine(
    name="mail",
    title="A mail",
    noun="mail",
    states={
        MailState.WAITING: "Waiting",
        MailState.OFFERED: "Being handed over",
        MailState.SENT: "Sent",
        MailState.UNCERTAIN: "Of unknown fate",
        MailState.FAILED: "Not delivered",
        MailState.WITHDRAWN: "Withdrawn",
    },
    final=frozenset({MailState.SENT, MailState.FAILED, MailState.WITHDRAWN}),
    moves=(ENTER, HOLD_BACK, OFFER, RECALL, DELIVER, PUT_OFF, FAIL, LOSE, WITHDRAW, UNWANT, FIND, SEND_AGAIN),
    column="mail.state",
    refusing=Refusing(MailNotOpen, "mail_not_open"),
)
