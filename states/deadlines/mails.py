"""What the mails about deadlines hold (plain values, put into words elsewhere), and by which key each is known."""

from collections.abc import Sequence
from datetime import date, time
from typing import Protocol

from states.deadlines.tables import Deadline, Reminder
from states.mail.addresses import address
from states.rights.access import Role


class Told(Protocol):
    """A deadline as far as a mail tells of it."""

    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def collaboration_id(self) -> str | None: ...
    @property
    def due_on(self) -> date: ...
    @property
    def due_time(self) -> time | None: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def owner_role(self) -> Role: ...
    @property
    def legal(self) -> bool: ...


def reminder_key(deadline_id: str, date_revision: int, owner_revision: int, person_id: str, rung: int) -> str:
    """Return what a reminder's mail is known by for ever."""
    return f"reminder:{deadline_id}:{date_revision}:{owner_revision}:{person_id}:{rung}"


def digest_key(person_id: str, partnership_id: str, day: date) -> str:
    """Return what somebody's digest of a day is known by; one digest never speaks of two partnerships."""
    return f"digest:{person_id}:{partnership_id}:{day.isoformat()}"


def reminder_values(deadline: Told, *, rung: int, escalation: bool, role: Role) -> dict[str, object]:
    """Return what a reminder tells somebody in that role; how far off the day is, is counted when it is written."""
    return _line(deadline, escalation) | {
        "role": role.value,
        "due_time": deadline.due_time.isoformat("minutes") if deadline.due_time else None,
        "time_zone": deadline.time_zone,
        "waits_for": deadline.owner_role.value,
        "rung": rung,
        "legal": deadline.legal,
    }


def digest_values(lines: Sequence[tuple[Reminder, Deadline]], *, on: date) -> dict[str, object]:
    """Return what the digest of a day tells: its lines, the most urgent first."""
    ordered = sorted(lines, key=lambda pair: (pair[1].due_on, pair[1].title, pair[0].id))
    return {
        "day": on.isoformat(),
        "lines": [_line(deadline, line.escalation) for line, deadline in ordered],
        "link": address("me/tasks"),
    }


def _line(deadline: Told, escalation: bool) -> dict[str, object]:
    return {
        "kind": deadline.kind,
        "title": deadline.title,
        "due_on": deadline.due_on.isoformat(),
        "escalation": escalation,
        "link": address(f"collaborations/{deadline.collaboration_id}" if deadline.collaboration_id else "deadlines"),
    }
