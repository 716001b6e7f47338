"""The states and moves of a meeting and of each party's answer, and the one door through which a meeting changes."""

from typing import NoReturn

from sqlmodel import Session

from states.clock import now
from states.errors import Refusal, Refused
from states.machines.definition import Machine, Move, Refusing
from states.machines.stepping import need, step
from states.matchmaking.event_day.tables import Meeting, MeetingState, PartyAnswer
from states.matchmaking.interests.states import ContactsHidden
from states.storage import bump_version
from states.texts import Value

MANAGER = ("project_manager",)


class MeetingRefused(Refused):
    """The meeting, or who takes part in it, is not where this is done."""

    code = "meeting_refused"


def _refusing(code: str) -> Refusing:
    return Refusing(MeetingRefused, code, "", MANAGER, "meetings")


_LIVE = (MeetingState.REQUESTED, MeetingState.ACCEPTED, MeetingState.SCHEDULED, MeetingState.MOVED)
_PLACED = (MeetingState.SCHEDULED, MeetingState.MOVED)
_NOT_HELD = _refusing("not_held")
_NOT_SCHEDULED = _refusing("not_scheduled")

REQUEST = Move("request", "Request it", None, MeetingState.REQUESTED)
ANSWER = Move("answer", "Answer the request", _LIVE)
ACCEPT = Move("accept", "The first guest accepts", MeetingState.REQUESTED, MeetingState.ACCEPTED, automatic=True)
DECLINE = Move("decline", "Every guest declines", MeetingState.REQUESTED, MeetingState.DECLINED, automatic=True)
WITHDRAW = Move("withdraw", "Withdraw the request", MeetingState.REQUESTED, MeetingState.WITHDRAWN)
EXPIRE = Move("expire", "Nobody answers in time", MeetingState.REQUESTED, MeetingState.EXPIRED, automatic=True)
# Placed again before anybody was told of the first place.
PLACE = Move("place", "Place it", (MeetingState.ACCEPTED, MeetingState.SCHEDULED), MeetingState.SCHEDULED)
SHIFT = Move("shift", "Move it to another place", _PLACED, MeetingState.MOVED)
UNPLACE = Move("unplace", "A new timetable has no place for it", _PLACED, MeetingState.ACCEPTED, automatic=True)
CANCEL = Move("cancel", "Cancel it", (MeetingState.ACCEPTED, *_PLACED), MeetingState.CANCELLED)
HOLD = Move("hold", "Record that it was held", _PLACED, MeetingState.HELD, refusing=_NOT_SCHEDULED)
MISS = Move("miss", "Record that it was missed", _PLACED, MeetingState.NO_SHOW, refusing=_NOT_SCHEDULED)
TELL = Move("tell", "Say what came of it", MeetingState.HELD, refusing=_NOT_HELD)
CARRY = Move("carry", "Open a collaboration from it", MeetingState.HELD, refusing=_NOT_HELD)
REVEAL = Move(
    "reveal",
    "Read whom to write to",
    (MeetingState.ACCEPTED, *_PLACED, MeetingState.HELD, MeetingState.NO_SHOW),
    refusing=Refusing(ContactsHidden, "not_agreed", "", ("partner",), "meetings"),
)
CLOSE = Move("close", "Say why nothing more comes of it", MeetingState.HELD, refusing=_refusing("not_open"))

MEETING = Machine(
    name="meeting",
    title="A meeting at a brokerage event",
    noun="meeting",
    states={
        MeetingState.REQUESTED: "Requested",
        MeetingState.ACCEPTED: "Accepted",
        MeetingState.SCHEDULED: "Scheduled",
        MeetingState.MOVED: "Moved",
        MeetingState.HELD: "Held",
        MeetingState.NO_SHOW: "Missed",
        MeetingState.DECLINED: "Declined",
        MeetingState.WITHDRAWN: "Withdrawn",
        MeetingState.EXPIRED: "Expired",
        MeetingState.CANCELLED: "Cancelled",
    },
    final=frozenset(MeetingState) - frozenset(_LIVE),
    moves=(
        *(REQUEST, ANSWER, ACCEPT, DECLINE, WITHDRAW, EXPIRE, PLACE, SHIFT, UNPLACE, CANCEL, HOLD, MISS),
        *(TELL, CARRY, CLOSE, REVEAL),
    ),
    column="meeting.state",
    refusing=_refusing("wrong_state"),
)
# What counts towards a participant's limit.
AGREED = frozenset(REVEAL.starts)

_ANSWERED = (PartyAnswer.WAITING, PartyAnswer.ACCEPTED)
ASK = Move("ask", "Ask for the meeting", None, PartyAnswer.ACCEPTED)
INVITE = Move("invite", "Invite a guest", None, PartyAnswer.WAITING)
AGREE = Move("agree", "Accept", PartyAnswer.WAITING, PartyAnswer.ACCEPTED)
REFUSE = Move("refuse", "Decline", PartyAnswer.WAITING, PartyAnswer.DECLINED)
# On the spot all agree, who asked as well.
MEET = Move("meet", "Meet on the spot", _ANSWERED, PartyAnswer.ACCEPTED)
LEAVE = Move("leave", "Leave the event", _ANSWERED, PartyAnswer.DECLINED)

PARTY = Machine(
    name="meeting_party",
    title="The answer of a party to a meeting",
    noun="answer",
    states={
        PartyAnswer.WAITING: "Awaited",
        PartyAnswer.ACCEPTED: "Accepted",
        PartyAnswer.DECLINED: "Declined",
    },
    final=frozenset({PartyAnswer.ACCEPTED, PartyAnswer.DECLINED}),
    moves=(ASK, INVITE, AGREE, REFUSE, MEET, LEAVE),
    column="meeting_party.answer",
    refusing=_refusing("answered"),
)


def transition_meeting(
    session: Session,
    row: Meeting,
    move: Move[MeetingState],
    *,
    by: str | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> None:
    """Make a move of a meeting under its version; `write_transition` says what else changes."""
    need(MEETING, row.state, move)
    bump_version(session, row, expected=expected_version)
    write_transition(row, move, by=by, reason=reason)
    session.flush()


def write_transition(row: Meeting, move: Move[MeetingState], *, by: str | None = None, reason: str = "") -> None:
    """Write a move into the row; nothing is sent to the database yet, and its version is the caller's.

    `by` is the organisation that does it, None the organiser or the clock. What ends without being held gives its
    slot back.
    """
    row.state = step(MEETING, row.state, move)
    row.changed_at, row.changed_by, row.reason = now(), by, reason.strip()
    if row.state in (MeetingState.CANCELLED, MeetingState.ACCEPTED):
        row.slot = row.table_number = None
        row.link, row.locked = "", False
    if row.state is MeetingState.ACCEPTED and row.accepted_at is None:
        row.accepted_at = row.changed_at


def refuse(code: str, *, text: str = "", **parameters: Value) -> NoReturn:
    """Raise `MeetingRefused` with this reason."""
    raise MeetingRefused([Refusal(code, text=text, mend_by=MANAGER, where="meetings", missing=(), **parameters)])
