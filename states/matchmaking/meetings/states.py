"""The states of a meeting, from its request to what became of it, and the one door between them."""

from collections.abc import Mapping
from typing import NoReturn

from sqlmodel import Session

from states.clock import now
from states.errors import Refusal, Refused
from states.matchmaking.event_day.tables import Meeting, MeetingState
from states.storage import bump_version

_PLACED_NEXT = frozenset(
    {MeetingState.MOVED, MeetingState.ACCEPTED, MeetingState.CANCELLED, MeetingState.HELD, MeetingState.NO_SHOW}
)
NEXT: Mapping[MeetingState, frozenset[MeetingState]] = {
    MeetingState.REQUESTED: frozenset(
        {MeetingState.ACCEPTED, MeetingState.DECLINED, MeetingState.WITHDRAWN, MeetingState.EXPIRED}
    ),
    MeetingState.ACCEPTED: frozenset({MeetingState.SCHEDULED, MeetingState.CANCELLED}),
    # Scheduled again: placed anew before anybody was told. Back to accepted: a new timetable has no place for it.
    MeetingState.SCHEDULED: _PLACED_NEXT | {MeetingState.SCHEDULED},
    MeetingState.MOVED: _PLACED_NEXT,
    MeetingState.EXPIRED: frozenset(),
    MeetingState.WITHDRAWN: frozenset(),
    MeetingState.DECLINED: frozenset(),
    MeetingState.CANCELLED: frozenset(),
    MeetingState.HELD: frozenset(),
    MeetingState.NO_SHOW: frozenset(),
}
OPEN = frozenset({MeetingState.REQUESTED, MeetingState.ACCEPTED, MeetingState.SCHEDULED, MeetingState.MOVED})
# What counts towards a participant's limit.
AGREED = OPEN - {MeetingState.REQUESTED} | {MeetingState.HELD, MeetingState.NO_SHOW}


class MeetingRefused(Refused):
    """The meeting, or who takes part in it, is not where this is done."""

    code = "meeting_refused"


def become(
    session: Session,
    row: Meeting,
    state: MeetingState,
    *,
    by: str | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> None:
    """Bring a meeting into another state, under its version; `enter` says what else changes."""
    need_next(row, state)
    bump_version(session, row, expected=expected_version)
    enter(row, state, by=by, reason=reason)
    session.flush()


def enter(row: Meeting, state: MeetingState, *, by: str | None = None, reason: str = "") -> None:
    """Write another state into the row: the only place that does, and nothing is sent to the database yet.

    `by` is the organisation that does it, None the organiser or the clock. What ends without being held gives its
    slot back.
    """
    need_next(row, state)
    row.state, row.changed_at, row.changed_by, row.reason = state, now(), by, reason.strip()
    if state in (MeetingState.CANCELLED, MeetingState.ACCEPTED):
        row.slot = row.table_number = None
        row.link, row.locked = "", False
    if state is MeetingState.ACCEPTED and row.accepted_at is None:
        row.accepted_at = row.changed_at


def need_next(row: Meeting, state: MeetingState) -> None:
    """Raise `MeetingRefused` unless the one state follows the other."""
    if state not in NEXT[row.state]:
        refuse("wrong_state", f"A meeting that is {row.state.value} does not become {state.value}.")


def refuse(code: str, message: str) -> NoReturn:
    """Raise `MeetingRefused` with this reason."""
    raise MeetingRefused([Refusal(code, message, ("project_manager",), "meetings")])
