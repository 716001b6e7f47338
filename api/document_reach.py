"""Who may read which document: by its class, by what it shows, and for a reviewer by the version or round shown."""

from dataclasses import dataclass

from sqlmodel import Session

from api.http.dependencies import CurrentActor, Tx
from api.reach import REVIEWERS, collaboration_scope, round_scope, version_scope
from api.veil import veil_of
from states.archive.queries import document_by_id
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.collaborations.queries import collaboration_by_id
from states.errors import Denied, Missing
from states.funding.queries import scenario_by_id
from states.matchmaking.event_day.queries import participant_by_id, participants_of
from states.review.evaluations import readable_evaluations
from states.review.queries import round_by_id
from states.review.tables import Evaluation, RoundState
from states.rights.access import Action, Actor, Scope, may, require

# What a kind of document shows besides its class: whoever may not read that may not read it on paper either.
_SHOWS = {
    DocumentKind.REVIEW_DOSSIER: Action.READ_REVIEW,
    DocumentKind.EVALUATION_REPORT: Action.READ_REVIEW,
    DocumentKind.CONSENSUS_REPORT: Action.READ_REVIEW,
    DocumentKind.PANEL_MINUTES: Action.RUN_REVIEW,
    DocumentKind.DECISION_LETTER: Action.READ_DECISION,
    DocumentKind.MONITORING_REPORT_CONFIDENTIAL: Action.READ_SELF_ASSESSMENT,
    DocumentKind.PERSONAL_AGENDA: Action.READ_MEETING,
    DocumentKind.TABLE_PLAN: Action.RUN_BROKERAGE,
    DocumentKind.EVENT_BOOKLET: Action.READ_PARTICIPANTS,
    DocumentKind.FUNNEL_REPORT: Action.READ_FUNNEL,
}
_OF_ROUNDS = frozenset(
    {
        DocumentKind.REVIEW_DOSSIER,
        DocumentKind.CONSENSUS_REPORT,
        DocumentKind.PANEL_MINUTES,
        DocumentKind.DECISION_LETTER,
    }
)


def reading_actions(row: IssuedDocument) -> list[Action]:
    """Return what one must be allowed to do to read a document: by its class, and by what it shows."""
    confidential = row.document_class is DocumentClass.CONFIDENTIAL
    by_class = Action.READ_CONFIDENTIAL_DOCUMENT if confidential else Action.READ_DOCUMENT
    return [by_class, *([_SHOWS[row.kind]] if row.kind in _SHOWS else [])]


def may_read_document(session: Session, actor: Actor, row: IssuedDocument) -> bool:
    """Tell whether the actor may read a document."""
    scope = document_scope(session, actor, row)
    allowed = all(may(actor, action, scope) for action in (Action.READ_DOCUMENT, *reading_actions(row)))
    return allowed and _own_or_open(session, actor, row, scope)


def document_scope(session: Session, actor: Actor, row: IssuedDocument) -> Scope:
    """Return what rights to a document depend on: for a reviewer, the version or the round that it shows.

    An agenda is its participant's organisation's, a booklet is for all whose organisation takes part.
    """
    if row.kind is DocumentKind.PERSONAL_AGENDA:
        owner = participant_by_id(session, row.subject_id).organisation_id
        return Scope(row.partnership_id, organisation_ids=frozenset({owner}))
    if row.kind is DocumentKind.EVENT_BOOKLET:
        there = frozenset(organisation.id for _, organisation in participants_of(session, row.subject_id))
        return Scope(row.partnership_id, organisation_ids=there)
    if row.collaboration_id is None or actor.role not in REVIEWERS:
        return collaboration_scope(session, actor, row.collaboration_id)
    if row.kind in _OF_ROUNDS:
        return round_scope(session, actor, round_by_id(session, row.subject_id))
    if row.kind is DocumentKind.EVALUATION_REPORT:
        shown = session.get_one(Evaluation, row.subject_id)
        return round_scope(session, actor, round_by_id(session, shown.round_id))
    if row.kind is DocumentKind.PROPOSAL:
        version_id = scenario_by_id(session, row.subject_id).protocol_version_id
        return version_scope(session, actor, row.collaboration_id, version_id)
    return version_scope(session, actor, row.collaboration_id, row.subject_id)


def _own_or_open(session: Session, actor: Actor, row: IssuedDocument, scope: Scope) -> bool:
    """Others' scores stay hidden on paper too until one's own are in; an unreleased decision has no letter."""
    if row.kind is not DocumentKind.EVALUATION_REPORT:
        return row.kind is DocumentKind.REVIEW_DOSSIER or not _veiled(session, actor, row)
    shown = session.get_one(Evaluation, row.subject_id)
    opened = round_by_id(session, shown.round_id)
    if actor.role in REVIEWERS:
        readable = readable_evaluations(session, opened, person_id=actor.person_id or "")
        return shown.person_id == actor.person_id or shown.person_id in {one.person_id for one in readable}
    return opened.state is RoundState.CLOSED or may(actor, Action.READ_OPEN_EVALUATIONS, scope)


def _veiled(session: Session, actor: Actor, row: IssuedDocument) -> bool:
    """In a blind stage only the dossier is printed without the partners' names."""
    if row.collaboration_id is None:
        return False
    return veil_of(session, actor, collaboration_by_id(session, row.collaboration_id)).drawn


@dataclass(frozen=True)
class OfDocument:
    """An issued document by its id; its class and kind say what else the reader must be allowed."""

    action: Action = Action.READ_DOCUMENT

    def __call__(self, document_id: str, session: Tx, actor: CurrentActor) -> IssuedDocument:
        """Return the record, or raise `Missing` or `Denied`."""
        row = document_by_id(session, document_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("document", document_id)
        scope = document_scope(session, actor, row)
        for action in (self.action, *reading_actions(row)):
            require(actor, action, scope)
        if not _own_or_open(session, actor, row, scope):
            raise Denied("This opens once your own evaluation is in or the round is closed.")
        return row
