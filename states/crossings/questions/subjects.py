"""What a question may be about, by the names that people use."""

from collections.abc import Mapping

from sqlmodel import Session, col, select

import states.crossings.rights.providers  # noqa: F401 - they answer for documents and evidence
from states.archive.evidence.tables import Evidence
from states.archive.tables import IssuedDocument
from states.collaborations.tables import Collaboration
from states.errors import Fault
from states.funding.queries import costs_of
from states.playbooks.editions import playbook_of
from states.questions.tables import QuestionSubject
from states.review.tables import Condition, ReviewRound
from states.rights.access import Action, Actor
from states.rights.scopes import permitted
from states.texts import Text


def subject_of(
    session: Session,
    row: Collaboration,
    subject: QuestionSubject,
    name: str,
    *,
    actor: Actor,
    faults: list[Fault],
) -> tuple[str, str]:
    """Return id and title of what a question is about: a cost line by its short name, a section by its key, all else
    by its id. What is unknown, or not for the actor to read, is added to the faults.
    """
    known = _known(session, row, subject, actor)
    if name in known:
        return known[name]
    remedy = "one_of" if any(known) else "leave_it_out"
    faults.append(Fault("subject_name", "question_subject_unknown", remedy=remedy, name=name, known=tuple(known)))
    return "", ""


def _known(
    session: Session, row: Collaboration, subject: QuestionSubject, actor: Actor
) -> Mapping[str, tuple[str, str]]:
    """Return what there is of a kind, by its name: its id and title."""
    match subject:
        case QuestionSubject.COLLABORATION:
            return {"": (row.id, Text("about", "collaboration").kept)}
        case QuestionSubject.SECTION:
            return {
                one.key: (one.key, Text("about", "section", section=one.title).kept)
                for one in playbook_of(session, row).protocol
            }
        case QuestionSubject.COST_LINE:
            return {
                one.slug: (one.id, Text("about", "cost_line", line=one.title or one.slug).kept)
                for one in costs_of(session, row.id)
            }
        case QuestionSubject.DOCUMENT:
            issued = session.exec(select(IssuedDocument).where(IssuedDocument.collaboration_id == row.id)).all()
            documents = permitted(session, actor, issued, Action.READ_DOCUMENT)
            return {one.id: (one.id, Text("about", "document", document=one.title).kept) for one in documents}
        case QuestionSubject.EVIDENCE:
            filed = session.exec(select(Evidence).where(Evidence.collaboration_id == row.id)).all()
            pieces = permitted(session, actor, filed, Action.READ_EVIDENCE)
            return {one.id: (one.id, Text("about", "evidence", evidence=one.title).kept) for one in pieces}
        case QuestionSubject.CONDITION:
            conditions = (
                select(Condition.id, Condition.number, ReviewRound.panel)
                .join(ReviewRound, col(ReviewRound.id) == col(Condition.round_id))
                .where(ReviewRound.collaboration_id == row.id)
            )
            titles = {key: panel.title for key, panel in playbook_of(session, row).panels.items()}
            return {
                key: (key, Text("about", "condition", number=number, panel=titles.get(panel, panel)).kept)
                for key, number, panel in session.exec(conditions)
            }
