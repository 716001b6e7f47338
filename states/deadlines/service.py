"""Open and close deadlines; extend, waive and reassign them, with a reason that stays on record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import Row, bindparam, insert, update
from sqlalchemy import select as plain
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, col, func, select

from states.changes import record, record_made
from states.clock import LAST_DAY, now, today
from states.deadlines.definition import Rung
from states.deadlines.kinds import Waiting
from states.deadlines.states import DEADLINE, EXTEND, FINISH, REASSIGN, WAIVE, DeadlineRefused
from states.deadlines.tables import (
    Anchor,
    ChangeKind,
    Deadline,
    DeadlineChange,
    DeadlineState,
    Why,
)
from states.deadlines.withdrawal import withdraw_reminders
from states.errors import Fault, Invalid, Refusal
from states.machines.definition import Move
from states.machines.stepping import need, step
from states.places.working_days import shift
from states.rights.access import Actor, Role
from states.storage import bump_version, columns_of, new_id, table_of
from states.texts import Text


@dataclass(frozen=True, slots=True)
class After:
    """So many working days after a day."""

    start: date
    working_days: int


@dataclass(frozen=True, slots=True)
class On:
    """On a day, at a local time where one is given."""

    day: date
    at_time: time | None = None
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class FromAnchor:
    """So many working days from a date that may move (negative is before); with zero days, at its time too."""

    anchor: Anchor
    working_days: int = 0


Due = After | On | FromAnchor
Columns = Mapping[str, Any]

_DEADLINES = table_of(Deadline)
_OPEN = insert(_DEADLINES)
_LOCKED = (
    plain(
        *(
            columns_of(Deadline)[name]
            for name in ("id", "partnership_id", "collaboration_id", "title", "state", "sequence", "opened_at")
        ),
        _DEADLINES.c.next_check_at,
    )
    .where(_DEADLINES.c.state == DeadlineState.OPEN)
    .order_by(_DEADLINES.c.id)
    .with_for_update()
)
_THESE = _LOCKED.where(_DEADLINES.c.id.in_(bindparam("keys", expanding=True)))
_CLOSE = update(_DEADLINES).where(_DEADLINES.c.id == bindparam("key")).values(next_check_at=None)

_ASKED_AT = {Waiting.SECTION.value: "section-assignments", Waiting.QUESTION.value: "questions"}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom something waits for: all of a role, those of an organisation, or one person; who steps in, who presides."""

    role: Role
    organisation_id: str | None = None
    person_id: str | None = None
    deputy_person_id: str | None = None
    chair_role: Role | None = None
    personal: bool = False


def open_deadline(
    session: Session,
    *,
    kind: str,
    subject_id: str,
    title: str,
    partnership_id: str,
    owner: Owner,
    due: Due,
    ladder: Sequence[Rung],
    nuts: str = "",
    collaboration_id: str | None = None,
    legal: bool = False,
) -> Deadline:
    """Open a deadline; working days are those of the site `nuts` (empty: Brussels')."""
    row = Deadline(
        **new_deadline(
            kind=kind,
            subject_id=subject_id,
            title=title,
            partnership_id=partnership_id,
            owner=owner,
            due=due,
            ladder=ladder,
            nuts=nuts,
            collaboration_id=collaboration_id,
            legal=legal,
        )
    )
    session.add(row)
    session.flush()
    return row


def open_deadlines(session: Session, opened: Sequence[Columns]) -> None:
    """Open deadlines of which `new_deadline` has told the columns, in one statement."""
    if opened:
        session.execute(_OPEN, opened)
        record_made(session, _DEADLINES, opened)


def new_deadline(
    *,
    kind: str,
    subject_id: str,
    title: str,
    partnership_id: str,
    owner: Owner,
    due: Due,
    ladder: Sequence[Rung],
    nuts: str = "",
    collaboration_id: str | None = None,
    legal: bool = False,
) -> Columns:
    """Return every column of a new deadline, for whoever opens several at once: `open_deadline` opens one."""
    day, at_time, time_zone = _resolve(due, nuts)
    instant = now()
    return {
        "id": new_id(),
        "partnership_id": partnership_id,
        "collaboration_id": collaboration_id,
        "kind": kind,
        "subject_id": subject_id,
        "title": title,
        "owner_role": owner.role,
        "owner_organisation_id": owner.organisation_id,
        "owner_person_id": owner.person_id,
        "deputy_person_id": owner.deputy_person_id,
        "chair_role": owner.chair_role,
        "personal": owner.personal,
        "legal": legal,
        "ladder": [rung.model_dump(mode="json") for rung in ladder],
        "nuts": nuts,
        "due_on": day,
        "due_time": at_time,
        "time_zone": time_zone,
        "anchor_id": due.anchor.id if isinstance(due, FromAnchor) else None,
        "anchor_days": due.working_days if isinstance(due, FromAnchor) else 0,
        "date_revision": 1,
        "date_revised_at": instant,
        "owner_revision": 0,
        "sequence": 0,
        "opened_at": instant,
        "changed_at": instant,
        "closed_at": None,
        "state": DeadlineState.OPEN,
        "next_check_at": instant,
        "version": 1,
    }


def _resolve(due: Due, nuts: str) -> tuple[date, time | None, str]:
    match due:
        case After(start, working_days):
            return shift(start, working_days, nuts=nuts), None, ""
        case On(day, at_time, time_zone):
            return day, at_time, time_zone
        case FromAnchor(anchor, 0):
            return anchor.day, anchor.at_time, anchor.time_zone
        case FromAnchor(anchor, working_days):
            return shift(anchor.day, working_days, nuts=nuts), None, ""


def close_deadlines(
    session: Session,
    *kinds: str,
    subject_id: str,
    owner_person_id: str | None = None,
    move: Move[DeadlineState] = FINISH,
) -> None:
    """Close what is open of these kinds on this subject (of one person, or of all); nobody is reminded any more."""
    query = _LOCKED.where(_DEADLINES.c.kind.in_(kinds), _DEADLINES.c.subject_id == subject_id)
    if owner_person_id is not None:
        query = query.where(_DEADLINES.c.owner_person_id == owner_person_id)
    _end(session, [(row, move) for row in session.execute(query).all()])


def end_deadlines(session: Session, moves: Mapping[str, Move[DeadlineState]]) -> None:
    """Close those of these deadlines that are open, by their ids, each by its move, all at once."""
    if moves:
        rows = session.execute(_THESE, {"keys": list(moves)}).all()
        _end(session, [(row, moves[row.id]) for row in rows])


def _end(session: Session, ended: Sequence[tuple[Row[Any], Move[DeadlineState]]]) -> None:
    """Close deadlines; they are locked: whoever plans reminders of one is waited for, and plans none once it is closed.

    By plain columns: a deadline is a wide row, and a session that holds one holds it as it is now.
    """
    if not ended:
        return
    at, states = now(), {row.id: step(DEADLINE, row.state, move, what=row.title) for row, move in ended}
    written = [
        {"state": states[row.id], "closed_at": at, "changed_at": at, "sequence": row.sequence + 1} for row, _ in ended
    ]
    session.execute(_CLOSE, [{"key": row.id, **values} for (row, _), values in zip(ended, written, strict=True)])
    for (row, _), values in zip(ended, written, strict=True):
        for name, before in (("state", row.state), ("closed_at", None)):
            record(
                session,
                "deadline",
                row.id,
                field=name,
                before=before,
                after=values[name],
                partnership_id=row.partnership_id,
                collaboration_id=row.collaboration_id,
            )
        if (held := session.identity_map.get(identity_key(Deadline, row.id))) is not None:
            for name, value in {**values, "next_check_at": None}.items():
                set_committed_value(held, name, value)
    looked_at = [row.id for row, _ in ended if row.next_check_at != row.opened_at]  # of others nothing is planned yet
    if looked_at:
        withdraw_reminders(session, {key: Why(states[key].value) for key in looked_at})


def extend(
    session: Session, row: Deadline, *, due_on: date, reason: str, actor: Actor, expected_version: int | None = None
) -> Deadline:
    """Give a deadline another last day, later or earlier; its ladder begins anew, what lies before today is past."""
    _need_changeable(row, EXTEND)
    if faults := reason_faults(reason) + date_faults(due_on, before=row.due_on):
        raise Invalid(faults=faults)
    _lock(session, row, EXTEND, expected_version)
    record_change(session, row, ChangeKind.EXTENDED, row.due_on.isoformat(), due_on.isoformat(), reason, actor)
    row.anchor_id = None  # whoever sets a date by hand takes it off the one that it hung on
    redate(session, row, On(due_on, row.due_time, row.time_zone))
    return row


def date_faults(due_on: date, *, before: date) -> list[Fault]:
    """Return what is wrong with another last day."""
    faults = []
    if not today() <= due_on <= LAST_DAY:
        faults.append(Fault("due_on", "day_past_or_too_far", remedy="from_today_to", due_on=due_on, last=LAST_DAY))
    if due_on == before:
        faults.append(Fault("due_on", "same_date", remedy="another_day"))
    return faults


def redate(session: Session, row: Deadline, due: Due) -> None:
    """Move an open deadline to another date: what waits to be sent for the old one is withdrawn."""
    row.due_on, row.due_time, row.time_zone = _resolve(due, row.nuts)
    row.date_revision, row.date_revised_at = row.date_revision + 1, now()
    _changed(session, row)
    withdraw_reminders(session, {row.id: Why.MOVED})


def waive(
    session: Session, row: Deadline, *, reason: str, actor: Actor, expected_version: int | None = None
) -> Deadline:
    """End a deadline because nobody needs to do it any more."""
    _need_changeable(row, WAIVE)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    _lock(session, row, WAIVE, expected_version)
    record_change(session, row, ChangeKind.WAIVED, row.state.value, DeadlineState.WAIVED.value, reason, actor)
    end_deadlines(session, {row.id: WAIVE})
    return row


def reassign(
    session: Session,
    row: Deadline,
    *,
    person_id: str | None,
    deputy_person_id: str | None = None,
    reason: str,
    actor: Actor,
    expected_version: int | None = None,
) -> Deadline:
    """Let it wait for another person (none: for all of its role), and name a deputy; the new owner is told at once."""
    need(DEADLINE, row.state, REASSIGN, what=row.title)
    if row.personal:
        raise DeadlineRefused([_personal(row, "answer_personal")])
    faults = reason_faults(reason)
    if (person_id, deputy_person_id) == (row.owner_person_id, row.deputy_person_id):
        faults.append(Fault("person", "has_it_already", remedy="name_somebody_else"))
    if faults:
        raise Invalid(faults=faults)
    _lock(session, row, REASSIGN, expected_version)
    after = person_id or row.owner_role.value
    record_change(
        session, row, ChangeKind.REASSIGNED, row.owner_person_id or row.owner_role.value, after, reason, actor
    )
    row.owner_person_id, row.deputy_person_id = person_id, deputy_person_id
    row.owner_revision += 1
    _changed(session, row)
    withdraw_reminders(session, {row.id: Why.REASSIGNED})
    return row


def hand_over(
    session: Session, row: Deadline, *, organisation_id: str, nuts: str, reason: str, actor: Actor
) -> Deadline:
    """Let it wait, to the same day, for the people of another organisation, who are told at once."""
    session.refresh(row, with_for_update=True)
    need(DEADLINE, row.state, REASSIGN, what=row.title)
    before = row.owner_organisation_id or row.owner_role.value
    record_change(session, row, ChangeKind.REASSIGNED, before, organisation_id, reason, actor)
    row.owner_organisation_id, row.nuts = organisation_id, nuts
    row.owner_person_id, row.deputy_person_id = None, None
    row.owner_revision += 1
    _changed(session, row)
    withdraw_reminders(session, {row.id: Why.REASSIGNED})
    return row


def turn_to(session: Session, *kinds: str, subject_id: str, title: str) -> None:
    """Say of open deadlines what is to be done now, by whom: their owners are told at once."""
    query = select(Deadline).where(
        col(Deadline.kind).in_(kinds), Deadline.subject_id == subject_id, Deadline.state == DeadlineState.OPEN
    )
    for row in session.exec(query.order_by(col(Deadline.id)).with_for_update()).all():
        row.title, row.owner_revision = title, row.owner_revision + 1
        _changed(session, row)
        withdraw_reminders(session, {row.id: Why.REASSIGNED})


def record_move(session: Session, row: Deadline, *, before: date, reason: str) -> None:
    clock = Actor(Role.CLOCK, row.partnership_id)
    record_change(session, row, ChangeKind.MOVED, before.isoformat(), row.due_on.isoformat(), reason, clock)


def _changed(session: Session, row: Deadline) -> None:
    row.sequence += 1
    row.changed_at = row.next_check_at = now()
    session.add(row)
    session.flush()


def _lock(session: Session, row: Deadline, move: Move[DeadlineState], expected_version: int | None) -> None:
    bump_version(session, row, expected=expected_version)
    session.refresh(row, with_for_update=True)
    need(DEADLINE, row.state, move, what=row.title)


def _need_changeable(row: Deadline, move: Move[DeadlineState]) -> None:
    need(DEADLINE, row.state, move, what=row.title)
    if row.legal:
        missing = (Text("missing", "date_at_source"),)
        raise DeadlineRefused([Refusal("deadline_legal", deadline=row.title, missing=missing)])
    if row.personal:
        raise DeadlineRefused([_personal(row, "deadline_personal")])


def _personal(row: Deadline, text: str) -> Refusal:
    """Return where what waits for one alone is given to another, or put off: a seat's in its round."""
    if row.kind in _ASKED_AT:
        mend, where = ("project_manager", "partner"), _ASKED_AT[row.kind]
        return Refusal("deadline_personal", text="change_what_was_asked", deadline=row.title, mend_by=mend, where=where)
    return Refusal("deadline_personal", text=text, deadline=row.title, mend_by=("iag_secretary",), where="rounds")


def reason_faults(reason: str) -> list[Fault]:
    return [] if reason.strip() else [Fault("reason", "missing", remedy="say_why")]


def record_change(
    session: Session, row: Deadline, kind: ChangeKind, before: str, after: str, reason: str, actor: Actor
) -> None:
    """Write a line of a deadline's history."""
    number = session.exec(select(func.count()).where(col(DeadlineChange.deadline_id) == row.id)).one() + 1
    session.add(
        DeadlineChange(
            deadline_id=row.id,
            number=number,
            kind=kind,
            before=before,
            after=after,
            reason=reason.strip(),
            actor_role=actor.role,
            actor_person_id=actor.person_id,
            at=now(),
        )
    )
    session.flush()
