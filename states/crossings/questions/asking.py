"""Ask, answer, close and reopen questions on a case: with their deadlines, and mails to those whom they concern."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col

from states.calendars.queries import actors_of
from states.clock import now, today
from states.collaborations.blinding import blinding_over
from states.collaborations.queries import collaboration_by_id, collaborations_by_id, members_of, partners_ever_of
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.deadlines.followers import followed
from states.crossings.questions.mails import tell_asked, tell_asker
from states.crossings.questions.subjects import subject_of
from states.crossings.rights.questions import of_questions
from states.deadlines.kinds import Waiting
from states.deadlines.service import close_deadlines, date_faults
from states.errors import Denied, Fault, Invalid
from states.partners.tables import RoleGrant
from states.places.working_days import shift
from states.playbooks.editions import playbook_of
from states.protocol.assignments.tables import SectionAssignment
from states.questions import service
from states.questions.queries import answers_of, find_questions, open_to
from states.questions.tables import Audience, Question, QuestionAnswer, QuestionState, QuestionSubject
from states.review.access import REVIEWERS
from states.rights.access import Action, Actor, Role, Scope, may
from states.search.words import folded

OFFICES = (Role.PROJECT_MANAGER, Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.WGRA_CHAIR)
"""The roles that may be asked as such."""

_OF_REVIEW = frozenset({*REVIEWERS, Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.WGRA_CHAIR})


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a question is put to: a person by its id, the people of a member by its short name, or an office's role.

    Of none, whoever the playbook names.
    """

    person_id: str = ""
    organisation: str = ""
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as it is put; without an audience it is for the two sides, or of a review for those who review."""

    text: str
    to: Asked = Asked()
    subject: QuestionSubject = QuestionSubject.COLLABORATION
    subject_name: str = ""
    audience: Audience | None = None
    due_on: date | None = None


def ask(session: Session, row: Collaboration, wanted: Asking, *, actor: Actor) -> Question:
    """Put a question, and tell who is asked, each with a link; raise with every fault.

    Nobody is asked who could not read it, and nobody asks what they could not read themselves.
    """
    with followed(session, row):
        faults = [] if wanted.text.strip() else [Fault("text", "missing", remedy="say_what_you_ask")]
        subject_id, about = subject_of(session, row, wanted.subject, wanted.subject_name, actor=actor, faults=faults)
        to_role, to_organisation, to_person = _asked(session, row, wanted.to, faults=faults)
        due_on = wanted.due_on or _day(session, row)
        faults += date_faults(due_on, before=date.min)
        made = Question(
            partnership_id=row.partnership_id,
            collaboration_id=row.id,
            subject=wanted.subject,
            subject_id=subject_id,
            about=about,
            audience=wanted.audience or _audience(actor, to_role),
            text=wanted.text.strip(),
            asked_by=actor.person_id,
            asked_role=actor.role,
            asked_organisation_id=actor.organisation_id,
            asked_at=now(),
            to_role=to_role,
            to_organisation_id=to_organisation,
            to_person_id=to_person,
            due_on=due_on,
        )
        if not faults:
            faults += _unread(session, made, actor)
        if faults:
            raise Invalid(faults=faults)
        service.ask(session, made)
        _note_words(session, row, made)
    tell_asked(session, row, made)
    return made


def ask_giver(session: Session, row: Collaboration, given: SectionAssignment, text: str, *, actor: Actor) -> Question:
    """Ask whoever gave a section something about it: the people of the lead, or the office."""
    entries = members_of(session, [row.id])[row.id]
    lead = next((one.organisation for one in entries if one.member.part is MemberPart.LEAD), None)
    givers = actors_of(session, given.given_by, row.partnership_id) if given.given_by else []
    of_lead = lead is not None and any(one.organisation_id == lead.id for one in givers)
    to = Asked(organisation=lead.slug) if lead is not None and of_lead else Asked(role=Role.PROJECT_MANAGER)
    wanted = Asking(text, to, QuestionSubject.SECTION, given.section, audience=Audience.PARTIES)
    return ask(session, row, wanted, actor=actor)


def change(
    session: Session,
    one: Question,
    *,
    text: str | None = None,
    due_on: date | None = None,
    to: Asked | None = None,
    actor: Actor,
    expected_version: int | None = None,
) -> None:
    """Change what was asked, until when or whom, while nobody has answered; its words are for who asked to change."""
    row = collaboration_by_id(session, one.collaboration_id)
    if text is not None and not _is_asker(one, actor):
        raise Denied("question_of_another")
    _need_closer(one, actor)
    faults = [] if due_on is None else date_faults(due_on, before=date.min)
    if text is not None and not text.strip():
        faults.append(Fault("text", "missing", remedy="say_what_you_ask"))
    before = one.turn
    with followed(session, row):
        wanted = None if to is None else _asked(session, row, to, faults=faults)
        if faults:
            raise Invalid(faults=faults)
        service.change_question(session, one, text=text, due_on=due_on, to=wanted, expected_version=expected_version)
        if wanted is not None and (unread := _unread(session, one, None)):
            raise Invalid(faults=unread)
        _note_words(session, row, one)
    if one.turn != before:
        tell_asked(session, row, one)


def answer(session: Session, one: Question, text: str, *, actor: Actor) -> QuestionAnswer:
    """Answer a question; who asked is told, who asked itself asks on instead."""
    row = collaboration_by_id(session, one.collaboration_id)
    if _is_asker(one, actor) and actor.person_id is not None:
        raise Denied("own_question_is_asked_on")
    _need_text(text)
    with followed(session, row):
        made = service.answer(session, one, text, actor=actor)
        _finish(session, one)
        _note_words(session, row, one)
    tell_asker(session, row, one, made)
    return made


def ask_on(
    session: Session,
    one: Question,
    text: str,
    *,
    due_on: date | None,
    actor: Actor,
    expected_version: int | None = None,
) -> QuestionAnswer:
    """Reopen a question that was answered or closed, with what is still open; who is asked is told."""
    row = collaboration_by_id(session, one.collaboration_id)
    _need_closer(one, actor)
    day = due_on or _day(session, row)
    if faults := date_faults(day, before=date.min):
        raise Invalid(faults=faults)
    _need_text(text)
    with followed(session, row):
        made = service.ask_on(session, one, text, due_on=day, actor=actor, expected_version=expected_version)
        _note_words(session, row, one)
    tell_asked(session, row, one, more=made.text)
    return made


def correct(
    session: Session,
    one: Question,
    written: QuestionAnswer,
    text: str,
    *,
    actor: Actor,
    expected_version: int | None = None,
) -> None:
    """Correct an answer; its author alone does so."""
    _need_author(written, actor)
    _need_text(text)
    service.correct_answer(session, one, written, text, expected_version=expected_version)
    _note_words(session, collaboration_by_id(session, one.collaboration_id), one)


def withdraw_answer(
    session: Session, one: Question, written: QuestionAnswer, *, actor: Actor, expected_version: int | None = None
) -> None:
    """Withdraw an answer: its author does, or the office; without another one the question waits again."""
    row = collaboration_by_id(session, one.collaboration_id)
    if not _is_office(actor):
        _need_author(written, actor)
    with followed(session, row):
        service.withdraw_answer(session, one, written, expected_version=expected_version)
        _note_words(session, row, one)


def close(session: Session, one: Question, *, actor: Actor, expected_version: int | None = None) -> None:
    """Close a question: who asked does, or the office."""
    row = collaboration_by_id(session, one.collaboration_id)
    _need_closer(one, actor)
    with followed(session, row):
        service.close_question(session, one, person_id=actor.person_id, expected_version=expected_version)
        _finish(session, one)


def withdraw(session: Session, one: Question, *, actor: Actor, expected_version: int | None = None) -> None:
    """Withdraw a question that nobody has answered: who asked does, or the office."""
    row = collaboration_by_id(session, one.collaboration_id)
    _need_closer(one, actor)
    with followed(session, row):
        service.withdraw_question(session, one, expected_version=expected_version)


def readdress_person(session: Session, grant: RoleGrant, *, heir: str | None) -> int:
    """Put what somebody was asked by a role that ends to the heir, or to all of that role; return how many."""
    found = [
        one
        for one in open_to(session, person_id=grant.person_id, partnership_id=grant.partnership_id)
        if (one.to_role, one.to_organisation_id) == (grant.role, grant.organisation_id)
    ]
    rows = collaborations_by_id(session, {one.collaboration_id for one in found})
    with followed(session, *rows.values()):
        for one in found:
            to_role = grant.role if grant.role in OFFICES or grant.organisation_id else Role.PROJECT_MANAGER
            service.change_question(session, one, to=(to_role, grant.organisation_id, heir))
    for one in found:
        tell_asked(session, rows[one.collaboration_id], one)
    return len(found)


def readdress_organisation(session: Session, row: Collaboration, organisation_id: str) -> None:
    """Put to the office what was asked of an organisation that takes part no more; the caller follows the case."""
    wanted = (Question.to_organisation_id == organisation_id,)
    query = find_questions(row.partnership_id, *wanted, collaboration_ids=[row.id], states={QuestionState.OPEN})  # type: ignore[arg-type]
    for one in session.exec(query.order_by(col(Question.asked_at), col(Question.id))).all():
        service.change_question(session, one, to=(Role.PROJECT_MANAGER, None, None))
        tell_asked(session, row, one)


def _finish(session: Session, one: Question) -> None:
    close_deadlines(session, Waiting.QUESTION.value, subject_id=f"{one.id}:{one.turn}")


def _day(session: Session, row: Collaboration) -> date:
    return shift(today(), playbook_of(session, row).terms[Waiting.QUESTION].due or 0, nuts="")


def _audience(actor: Actor, to_role: Role) -> Audience:
    if actor.role not in _OF_REVIEW:
        return Audience.PARTIES if to_role in (Role.PARTNER, Role.PROJECT_MANAGER) else Audience.CASE
    return Audience.CASE if to_role is Role.PARTNER else Audience.REVIEW


def _asked(
    session: Session, row: Collaboration, to: Asked, *, faults: list[Fault]
) -> tuple[Role, str | None, str | None]:
    """Return role, organisation and person that are asked; what does not name one of them is added to the faults."""
    entries = members_of(session, [row.id])[row.id]
    members = {one.organisation.slug: one.organisation.id for one in entries}
    if sum(map(bool, (to.person_id, to.organisation, to.role))) > 1:
        faults.append(Fault("to", "asked_several", remedy="name_one_of_them"))
    elif to.person_id:
        for actor in actors_of(session, to.person_id, row.partnership_id):
            if actor.organisation_id in members.values() or actor.role in (*OFFICES, *REVIEWERS):
                organisation_id = actor.organisation_id if actor.role is Role.PARTNER else None
                if actor.role is not Role.PARTNER or organisation_id in members.values():
                    return actor.role, organisation_id, to.person_id
        faults.append(Fault("to.person", "nobody_to_ask", remedy="name_somebody_of_member_or_office"))
    elif to.organisation:
        if to.organisation in members:
            return Role.PARTNER, members[to.organisation], None
        known = tuple(members)
        faults.append(Fault("to.organisation", "takes_no_part", remedy="one_of", name=to.organisation, known=known))
    elif to.role is not None:
        if to.role in OFFICES:
            return to.role, None, None
        known = tuple(OFFICES)
        faults.append(Fault("to.role", "role_is_not_asked", remedy="one_of", role=to.role, known=known))
    role = playbook_of(session, row).terms[Waiting.QUESTION].owner
    lead = next((one.organisation.id for one in entries if one.member.part is MemberPart.LEAD), None)
    return role, lead if role is Role.PARTNER else None, None


def _unread(session: Session, made: Question, asker: Actor | None) -> list[Fault]:
    """Return what is wrong with the audience: somebody who is asked, or asks, would not read the question."""
    faults = []
    asked = Actor(made.to_role, made.partnership_id, made.to_person_id, None, made.to_organisation_id)
    from_outside = asker is not None and made.to_role in REVIEWERS and asker.role not in (*OFFICES, Role.ADMINISTRATOR)
    if from_outside or not _reads(session, asked, made):
        faults.append(Fault("audience", "asked_would_not_read", remedy="name_wider_audience", audience=made.audience))
    if asker is not None and not _reads(session, asker, made):
        faults.append(Fault("audience", "asker_would_not_read", remedy="name_wider_audience", audience=made.audience))
    return faults


def _reads(session: Session, actor: Actor, one: Question) -> bool:
    [scope] = of_questions(session, actor, [one])
    return may(actor, Action.READ_QUESTION, scope)


def _is_asker(one: Question, actor: Actor) -> bool:
    """Tell whether the actor asked, or speaks for the organisation for which it was asked."""
    own = one.asked_organisation_id is not None and one.asked_organisation_id == actor.organisation_id
    return own or (one.asked_by is not None and one.asked_by == actor.person_id)


def _is_office(actor: Actor) -> bool:
    return may(actor, Action.EDIT_COLLABORATION, Scope(actor.partnership_id))


def _need_closer(one: Question, actor: Actor) -> None:
    if not (_is_asker(one, actor) or _is_office(actor)):
        raise Denied("question_of_another")


def _need_author(written: QuestionAnswer, actor: Actor) -> None:
    if written.written_by is None or written.written_by != actor.person_id:
        raise Denied("answer_of_another")


def _need_text(text: str) -> None:
    if not text.strip():
        raise Invalid(faults=[Fault("text", "missing", remedy="say_what_you_ask")])


def _note_words(session: Session, row: Collaboration, one: Question) -> None:
    """Keep what is found of a question: its own words and those of the answers that stand, plainly and blind."""
    texts = [one.text, one.about, *(a.text for a in answers_of(session, [one.id])[one.id] if a.withdrawn_at is None)]
    blinding = blinding_over(row, partners_ever_of(session, [row.id])[row.id])
    one.words = f" {folded(*texts)} "
    one.blind_words = f" {folded(*map(blinding.text, texts))} "
    session.flush()
