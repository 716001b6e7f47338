"""What the mails about deadlines hold (plain values, put into words elsewhere), and by which key each is known."""

from collections.abc import Sequence
from datetime import date

from states.deadlines.tables import Deadline, Reminder
from states.mail.addresses import address
from states.rights.access import Role


def reminder_key(line: Reminder) -> str:
    """Return what a reminder's mail is known by for ever."""
    return f"reminder:{line.deadline_id}:{line.date_revision}:{line.owner_revision}:{line.person_id}:{line.rung}"


def digest_key(person_id: str, partnership_id: str, day: date) -> str:
    """Return what somebody's digest of a day is known by; one digest never speaks of two partnerships."""
    return f"digest:{person_id}:{partnership_id}:{day.isoformat()}"


def reminder_values(deadline: Deadline, line: Reminder, *, role: Role) -> dict[str, object]:
    """Return what a reminder tells somebody in that role; how far off the day is, is counted when it is written."""
    return _line(deadline, line) | {
        "role": role.value,
        "due_time": deadline.due_time.isoformat("minutes") if deadline.due_time else None,
        "time_zone": deadline.time_zone,
        "waits_for": deadline.owner_role.value,
        "rung": line.rung,
        "legal": deadline.legal,
    }


def digest_values(lines: Sequence[tuple[Reminder, Deadline]], *, on: date) -> dict[str, object]:
    """Return what the digest of a day tells: its lines, the most urgent first."""
    ordered = sorted(lines, key=lambda pair: (pair[1].due_on, pair[1].title, pair[0].id))
    return {
        "day": on.isoformat(),
        "lines": [_line(deadline, line) for line, deadline in ordered],
        "link": address("me/tasks"),
    }


def _line(deadline: Deadline, line: Reminder) -> dict[str, object]:
    return {
        "kind": deadline.kind,
        "title": deadline.title,
        "due_on": deadline.due_on.isoformat(),
        "escalation": line.escalation,
        "link": address(f"collaborations/{deadline.collaboration_id}" if deadline.collaboration_id else "deadlines"),
    }
