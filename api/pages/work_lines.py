"""What waits for somebody, as a list to work through: each with its case, its page and why it is theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, bindparam, not_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from api.http.lookups import cases_where
from api.pages.called import Called
from api.pages.languages import gettext as _
from api.pages.lists import ListParts
from api.pages.places import page_of
from api.pages.timeline import Happened, title_of
from api.pages.words import role_name, word
from api.routes.collaborations.deadlines import DeadlineOut, present_deadlines
from api.routes.collaborations.moves import HistoryLineOut
from api.routes.documents.documents import list_documents
from api.routes.documents.evidence import list_evidence
from api.routes.people.me import TaskOut, present_tasks
from api.routes.questions.questions import list_questions
from states.collaborations.officers import officers_of
from states.collaborations.queries import collaborations_by_id
from states.collaborations.tables import Collaboration, HistoryLine
from states.crossings.rights.collaborations import blindings_behind
from states.deadlines.queries import find_open_deadlines, waiting_for
from states.deadlines.tables import Deadline
from states.playbooks.editions import playbooks_of
from states.rights.access import Action, Actor, Role
from states.rights.conditions import permitted_where
from states.tasks.task import Task, TaskKind

WEEK = timedelta(days=7)
_OF_A_SEAT = frozenset({TaskKind.DECLARE, TaskKind.EVALUATE, TaskKind.STATE_POSITION})


@dataclass(frozen=True, slots=True)
class WorkLine:
    """A task: what is to be done, where, for which case, why it is the reader's, until when."""

    what: str
    kind: str
    state: str
    place: str
    case: str
    case_id: str | None
    why: str
    due_on: date | None
    late: bool


def work_lines(session: Session, actor: Actor, tasks: Sequence[Task]) -> list[WorkLine]:
    """Return the lines of tasks, in a fixed number of statements."""
    keys = {one.collaboration_id for one in tasks if one.collaboration_id}
    rows = collaborations_by_id(session, keys) if keys else {}
    blindings = blindings_behind(session, actor, [None, *keys], known=list(rows.values()))
    shown = present_tasks(tasks, blindings)
    titles = {key: blindings[key].text(row.title) for key, row in rows.items()}
    officers = {key: person.id for key, person in officers_of(session, keys).items()} if keys else {}
    return [_line(task, one, actor, titles, officers) for task, one in zip(tasks, shown, strict=True)]


def _line(task: Task, shown: TaskOut, actor: Actor, titles: Mapping[str, str], officers: Mapping[str, str]) -> WorkLine:
    case = titles.get(task.collaboration_id or "", "")
    what = shown.title.removeprefix(f"{case}: ") if case else shown.title
    otherwise = f"/cases/{task.collaboration_id}" if task.collaboration_id else ""
    return WorkLine(
        what[:1].upper() + what[1:],
        word(task.kind),
        "" if task.state.value == "open" else word(task.state),
        page_of(shown.link, task.collaboration_id) or otherwise,
        case,
        task.collaboration_id,
        _why(task, actor, officers),
        task.due_on,
        task.overdue,
    )


def _why(task: Task, actor: Actor, officers: Mapping[str, str]) -> str:
    if task.kind in _OF_A_SEAT:
        return _("you hold a seat in its review")
    if task.kind is TaskKind.CLOSE_QUESTION:
        return _("you asked")
    if task.kind is TaskKind.ANSWER_QUESTION:
        return _("it is put to you")
    if actor.role is Role.PARTNER:
        return _("your organisation takes part")
    if task.collaboration_id and officers.get(task.collaboration_id) == actor.person_id:
        return _("you look after the case")
    return _("yours as %(role)s") % {"role": word(actor.role)}


def waiting_for_others(session: Session, actor: Actor, officer: str | None, *, most: int) -> list[DeadlineOut]:
    """Return what others have open in the cases that the reader follows, what is due first coming first."""
    where = [permitted_where(session, actor, Deadline, Action.READ_DEADLINES), not_(waiting_for(actor))]
    where += cases_where(session, actor, col(Deadline.collaboration_id), officer)
    query = find_open_deadlines(actor.partnership_id, *where, col(Deadline.collaboration_id).is_not(None))
    rows = session.exec(query.order_by(col(Deadline.due_on), col(Deadline.id)).limit(most)).all()
    blindings = blindings_behind(session, actor, [row.collaboration_id for row in rows])
    return [blindings[one.collaboration_id].over(one) for one in present_deadlines(session, rows)]


def happened_since(session: Session, actor: Actor, lists: ListParts, since: datetime, *, most: int) -> list[Happened]:
    """Return the newest of what happened since then in all cases that the reader may read."""
    found = [
        *_moves(session, actor, since, most),
        *_documents(session, actor, lists, most),
        *_evidence(session, actor, lists, most),
        *_questions(session, actor, lists, most),
    ]
    new = [one for one in found if one.at > since]
    return sorted(new, key=lambda one: one.at, reverse=True)[:most]


def _moves(session: Session, actor: Actor, since: datetime, most: int) -> list[Happened]:
    readable = permitted_where(session, actor, Collaboration, Action.READ_PROGRESS)
    query = _newest_moves(actor.partnership_id, readable, most)
    rows = session.exec(query, params={"since": since}).all()
    cases = list({case.id: case for _line, case in rows}.values())
    playbooks = playbooks_of(session, cases)
    blindings = blindings_behind(session, actor, [case.id for case in cases], known=cases)
    happened = []
    for row, case in rows:
        line = blindings[case.id].over(HistoryLineOut.model_validate(row))
        place = f"/cases/{case.id}/moves/made/{line.number}"
        title = blindings[case.id].text(case.title)
        happened.append(Happened(line.at, title_of(playbooks[case.id], line), role_name(line.actor_role), title, place))
    return happened


@lru_cache(maxsize=64)  # the same object each time, which SQLAlchemy knows again
def _newest_moves(partnership_id: str, readable: ColumnElement[bool], most: int) -> Select[HistoryLine, Collaboration]:
    return (
        select(HistoryLine, Collaboration)
        .join(Collaboration, col(Collaboration.id) == col(HistoryLine.collaboration_id))
        .where(Collaboration.partnership_id == partnership_id, readable, col(HistoryLine.at) > bindparam("since"))
        .order_by(col(HistoryLine.at).desc(), col(HistoryLine.id).desc())
        .limit(most)
    )


def _documents(session: Session, actor: Actor, lists: ListParts, most: int) -> list[Happened]:
    listed = list_documents(session, actor, lists.first(most), None, replaced=False, sort="-issued")
    return [
        Happened(one.issued_at, word(one.kind), _("issued"), one.title, f"/documents/{one.id}/content")
        for one in listed.items
    ]


def _evidence(session: Session, actor: Actor, lists: ListParts, most: int) -> list[Happened]:
    listed = list_evidence(session, actor, lists.first(most), None, sort="-filed")
    called = Called(session, actor.partnership_id)
    return [
        Happened(
            one.filed_at,
            one.title,
            _("filed"),
            called(one.organisation or ""),
            f"/evidence/{one.id}",
        )
        for one in listed.items
    ]


def _questions(session: Session, actor: Actor, lists: ListParts, most: int) -> list[Happened]:
    listed = list_questions(session, actor, lists.first(most), None, sort="-asked")
    return [
        Happened(
            one.asked_at,
            _("Question: %(about)s") % {"about": one.about},
            one.asked_by.organisation or word(one.asked_by.role),
            one.text[:120],
            f"/cases/{one.collaboration_id}/questions#q-{one.id}",
        )
        for one in listed.items
    ]
