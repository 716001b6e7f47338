"""The states and moves of a contact: recorded with how it ended, corrected, and perhaps put behind a collaboration."""

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.matchmaking.tables import ContactStatus


class ContactClosed(Refused):
    """The contact cannot carry a collaboration, or cannot be changed so."""

    code = "contact_closed"


RECORD = Move("record", "Record it", None, tuple(ContactStatus))
CORRECT = Move("correct", "Correct it", tuple(ContactStatus))
WITHDRAW = Move("withdraw", "Withdraw what was recorded by mistake", tuple(ContactStatus), ContactStatus.WITHDRAWN)
ATTACH = Move("attach", "Open a collaboration from it", (ContactStatus.ACCEPTED, ContactStatus.HELD))

CONTACT = Machine(
    name="contact",
    title="A contact between two organisations",
    noun="contact",
    states={
        ContactStatus.REQUESTED: "Requested",
        ContactStatus.ACCEPTED: "Accepted",
        ContactStatus.DECLINED: "Declined",
        ContactStatus.HELD: "Held",
        ContactStatus.NO_SHOW: "Missed",
        ContactStatus.WITHDRAWN: "Withdrawn",
    },
    final=frozenset(ContactStatus),
    moves=(RECORD, CORRECT, WITHDRAW, ATTACH),
    column="contact.status",
    refusing=Refusing(ContactClosed, "contact_not_fruitful", "", ("project_manager",), "contacts"),
)
# What a collaboration may come from.
FRUITFUL = ATTACH.starts
