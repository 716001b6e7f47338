"""What waits for somebody: in the reviews, by a deadline, in the funding; in a fixed number of statements."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col

from states.clock import today
from states.collaborations.officers import charges_of, is_for_another
from states.crossings.agreements import CONDITION_DEADLINE
from states.crossings.implementation.changes import APPROVAL_DEADLINE
from states.crossings.implementation.progress import CHECK_DEADLINE as PROGRESS_CHECK
from states.crossings.implementation.progress import PROGRESS_DEADLINE
from states.deadlines.kinds import Waiting
from states.deadlines.queries import find_open_deadlines, waiting_for
from states.deadlines.tables import Deadline
from states.funding.awards.queries import places_of_conditions
from states.funding.queries import broken_choices
from states.funding.rules.notice import notices_of
from states.funding.rules.tables import DocumentState
from states.implementation.queries import places_of_approvals
from states.partners.absences import away
from states.partners.queries import find_grants
from states.partners.tables import Partnership, RoleGrant
from states.questions.queries import asked_by, find_questions
from states.questions.tables import QuestionState
from states.reporting.queries import reports_by_id
from states.reporting.tables import ProgressReport, ReportState
from states.review.queries import rounds_of_conditions
from states.rights.access import Action, Actor, Role, Scope, may
from states.tasks.reviewing import of_office, of_seats
from states.tasks.task import Task, TaskKind, TaskState
from states.texts import Text


def tasks_of(session: Session, actor: Actor) -> list[Task]:
    """Return what the actor does next, the most urgent first; what has no deadline comes last.

    As many rows are read as wait for the actor, however many collaborations there are.
    """
    found = [
        *of_seats(session, actor),
        *of_office(session, actor),
        *_of_deadlines(session, actor),
        *_of_questions(session, actor),
        *_of_funding(session, actor),
        *_of_law(session, actor),
        *_of_people(session, actor),
    ]
    return sorted(found, key=lambda task: (task.due_on or date.max, task.title, task.kind, task.path))


def _of_deadlines(session: Session, actor: Actor) -> Iterator[Task]:
    """Yield what waits for the actor beside the reviews: by name, as the deputy, by role or organisation."""
    query = find_open_deadlines(actor.partnership_id, col(Deadline.kind).in_(_ASKED), waiting_for(actor))
    shown = (Deadline.kind, Deadline.subject_id, Deadline.title, Deadline.collaboration_id, Deadline.due_on)
    waiting = [_Waiting(*row) for row in session.execute(query.with_only_columns(*map(col, shown)))]
    rounds = rounds_of_conditions(session, [row.subject_id for row in waiting if row.kind == Waiting.CONDITION])
    places = places_of_conditions(session, [row.subject_id for row in waiting if row.kind == CONDITION_DEADLINE])
    places |= places_of_approvals(session, [row.subject_id for row in waiting if row.kind == APPROVAL_DEADLINE])
    reports = reports_by_id(session, [row.subject_id for row in waiting if row.kind == Waiting.REPORT])
    for row in waiting:
        if row.subject_id in reports:
            yield _of_report(row, reports[row.subject_id], actor)
            continue
        kind, path = _ASKED[row.kind]
        where = path(row, (rounds | places).get(row.subject_id, ""))
        yield Task(row.title, kind, where, row.collaboration_id, due_on=row.due_on)


class _Waiting(NamedTuple):
    """What is shown of a deadline: of hundreds, all else would be read for nothing."""

    kind: str
    subject_id: str
    title: str
    collaboration_id: str | None
    due_on: date


def _of_report(row: _Waiting, report: ProgressReport, actor: Actor) -> Task:
    """Return whose turn it is at a report: who prepared it waits for another person."""
    is_prepared = report.state is ReportState.PREPARED
    kind = TaskKind.ISSUE_REPORT if is_prepared else TaskKind.PREPARE_REPORT
    waits = is_prepared and report.prepared_by == actor.person_id
    state = TaskState.WAITING if waits else TaskState.OPEN
    return Task(row.title, kind, f"/reports/{report.period}", due_on=row.due_on, state=state)


def _of_questions(session: Session, actor: Actor) -> Iterator[Task]:
    """Yield what somebody asked and has an answer to: it is for who asked to close it."""
    answered = find_questions(actor.partnership_id, asked_by(actor), states={QuestionState.ANSWERED})
    for one in session.exec(answered):
        yield Task(f"{one.about}: {one.text}", TaskKind.CLOSE_QUESTION, f"/questions/{one.id}", one.collaboration_id)


def _of_funding(session: Session, actor: Actor) -> Iterator[Task]:
    if may(actor, Action.EDIT_FUNDING, Scope(actor.partnership_id)):
        found = list(broken_choices(session, actor.partnership_id))
        charges = charges_of(session, [row.collaboration_id for row, _ in found])
        absent = away(session, actor.partnership_id, on=today())
        for row, title in found:
            if is_for_another(charges[row.collaboration_id], actor, absent):
                continue
            what = Text("waits", "scenario_stale", scenario=row.name).kept
            path = f"/scenarios/{row.id}"
            yield Task(f"{title}: {what}", TaskKind.RENEW_SCENARIO, path, row.collaboration_id)


def _of_law(session: Session, actor: Actor) -> Iterator[Task]:
    """Yield what of the law waits for an office: a set to follow the one that ends, and documents under way."""
    scope = Scope(actor.partnership_id)
    keeps, verifies = (may(actor, action, scope) for action in (Action.EDIT_RULES, Action.VERIFY_RULES))
    if not (keeps or verifies) or actor.role is Role.CLOCK:
        return
    key = actor.partnership_id
    notice = notices_of(session, [key], on=today())[key]
    if keeps and notice.ending is not None:
        what = Text("waits", "rules_end", title=notice.ending.title).kept
        yield Task(what, TaskKind.ADD_RULES, "/rules", due_on=notice.ending.valid_to)
    for one in notice.unread if keeps else ():
        what = Text("waits", "rules_unread", title=one.title, key=one.key).kept
        yield Task(what, TaskKind.ADD_RULES, f"/rules/{one.key}")
    for one in notice.under_way:
        where = f"/rules/{one.key}"
        if one.state is DocumentState.DRAFT and verifies and one.added_by != actor.person_id:
            what = Text("waits", "compare_rules", title=one.title, key=one.key).kept
            yield Task(what, TaskKind.VERIFY_RULES, where)
        elif one.state is DocumentState.VERIFIED and keeps:
            what = Text("waits", "put_in_force", title=one.title, key=one.key).kept
            yield Task(what, TaskKind.PUT_RULES_IN_FORCE, where)


def _of_people(session: Session, actor: Actor) -> Iterator[Task]:
    """Yield whom a manager named to speak for a partner: nothing is signed before an administrator confirms it."""
    if actor.role is not Role.ADMINISTRATOR:
        return
    partnership = session.get_one(Partnership, actor.partnership_id).slug
    named = find_grants(actor.partnership_id).where(col(RoleGrant.unconfirmed), RoleGrant.person_id != actor.person_id)
    for grant, person in session.exec(named):
        what = Text("waits", "confirm_role", person=person.label).kept
        yield Task(what, TaskKind.CONFIRM_ROLE, f"/partnerships/{partnership}/people/{grant.id}")


def _asked_for(row: _Waiting) -> str:
    """Return the id of what somebody asked for: each turn of it is a subject of its own."""
    return row.subject_id.partition(":")[0]


_Path = Callable[[_Waiting, str], str]
_ASKED: dict[str, tuple[TaskKind, _Path]] = {
    Waiting.SIGN_OFF: (TaskKind.SIGN_OFF, lambda row, _: f"/sign-offs/{row.subject_id}"),
    Waiting.CONDITION: (TaskKind.MEET_CONDITION, lambda _, round_id: f"/rounds/{round_id}/conditions"),
    CONDITION_DEADLINE: (
        TaskKind.MEET_AGREEMENT_CONDITION,
        lambda row, place: f"/collaborations/{row.collaboration_id}/agreements/{place}",
    ),
    PROGRESS_DEADLINE: (TaskKind.REPORT_PROGRESS, lambda row, _: f"/progress/{row.subject_id}"),
    PROGRESS_CHECK: (TaskKind.CHECK_PROGRESS, lambda row, _: f"/progress/{row.subject_id}"),
    APPROVAL_DEADLINE: (
        TaskKind.ANSWER_CHANGE,
        lambda row, place: f"/collaborations/{row.collaboration_id}/change-requests/{place}",
    ),
    Waiting.RISK_REVIEW: (TaskKind.REVIEW_RISKS, lambda row, _: f"/collaborations/{row.collaboration_id}/risk-reviews"),
    Waiting.CHECKLIST: (
        TaskKind.FILL_CHECKLIST,
        lambda row, _: f"/collaborations/{row.collaboration_id}/checklists/{row.subject_id.split(':')[1]}",
    ),
    Waiting.CALL_CLOSING: (TaskKind.SUBMIT_TO_CALL, lambda row, _: f"/collaborations/{row.collaboration_id}/moves"),
    Waiting.REPORT: (TaskKind.PREPARE_REPORT, lambda *_: "/reports"),
    Waiting.SECTION: (TaskKind.WRITE_SECTION, lambda row, _: f"/section-assignments/{_asked_for(row)}"),
    Waiting.QUESTION: (TaskKind.ANSWER_QUESTION, lambda row, _: f"/questions/{_asked_for(row)}"),
}
