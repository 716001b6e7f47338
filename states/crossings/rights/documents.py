"""What rights to a document depend on: its class, what it shows, and for a reviewer the version or round shown."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlmodel import Session, col, select

from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.crossings.rights.collaborations import Belonging, belongings
from states.funding.tables import Scenario
from states.matchmaking.event_day.tables import Participant
from states.review.access import REVIEWERS, evaluations_in, round_scope, visible_evaluations
from states.review.tables import Evaluation, ReviewRound
from states.rights.access import Action, Actor, Closed, Scope

Row = TypeVar("Row", Evaluation, ReviewRound, Scenario)

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
# The dossier is printed blind itself, and an evaluation opens with the own one, as names do.
_PRINTED_BLIND = frozenset({DocumentKind.REVIEW_DOSSIER, DocumentKind.EVALUATION_REPORT})


def of_documents(session: Session, actor: Actor, rows: Sequence[IssuedDocument]) -> list[Scope]:
    """Answer for issued documents, in at most nine statements more than their collaborations need."""
    reviewer = actor.role in REVIEWERS
    organisations = _organisations(session, rows)
    evaluations = _by_id(session, Evaluation, _subjects(rows, {DocumentKind.EVALUATION_REPORT}))
    shown_rounds = _subjects(rows, _OF_ROUNDS) if reviewer else set()
    rounds = _by_id(session, ReviewRound, shown_rounds | {one.round_id for one in evaluations.values()})
    scenarios = _by_id(session, Scenario, _subjects(rows, {DocumentKind.PROPOSAL}) if reviewer else set())
    found = belongings(session, actor, [row.collaboration_id for row in rows])
    given = evaluations_in(session, {one.round_id for one in evaluations.values()})

    def answer(row: IssuedDocument) -> Scope:
        belonging = found[row.collaboration_id]
        scope = replace(
            belonging.scope,
            partnership_id=row.partnership_id,
            also=(Action.READ_DOCUMENT, *_needs(row)),
            blind=belonging.scope.blind and row.kind not in _PRINTED_BLIND,
        )
        if row.kind in (DocumentKind.PERSONAL_AGENDA, DocumentKind.EVENT_BOOKLET):
            return replace(scope, organisation_ids=organisations.get(row.subject_id, frozenset()))
        if row.kind is DocumentKind.EVALUATION_REPORT:
            shown = evaluations.get(row.subject_id)
            if shown is None:
                return replace(scope, closed=Closed.HIDDEN)
            opened = rounds[shown.round_id]
            if reviewer:
                scope = round_scope(actor, opened, belonging.access, scope)
            submitted, counting = given.submitted[opened.id], given.counting[opened.id]
            seen = visible_evaluations(actor, opened, scope, submitted, counting)
            return replace(scope, closed=None if shown in seen else Closed.SEALED)
        return _as_reviewer(row, scope, belonging) if reviewer and row.collaboration_id is not None else scope

    def _as_reviewer(row: IssuedDocument, scope: Scope, belonging: Belonging) -> Scope:
        if row.subject_id in rounds:
            return round_scope(actor, rounds[row.subject_id], belonging.access, scope)
        proposal = scenarios.get(row.subject_id)
        version_id = proposal.protocol_version_id if proposal is not None else row.subject_id
        return replace(scope, cleared=version_id in belonging.access.versions)

    return [answer(row) for row in rows]


def _needs(row: IssuedDocument) -> list[Action]:
    """Return what one must be allowed to do to read a document: by its class, and by what it shows."""
    confidential = row.document_class is DocumentClass.CONFIDENTIAL
    by_class = [Action.READ_CONFIDENTIAL_DOCUMENT] if confidential else []
    return [*by_class, *([_SHOWS[row.kind]] if row.kind in _SHOWS else [])]


def _subjects(rows: Sequence[IssuedDocument], kinds: Collection[DocumentKind]) -> set[str]:
    return {row.subject_id for row in rows if row.kind in kinds}


def _by_id(session: Session, kind: type[Row], keys: Collection[str]) -> dict[str, Row]:
    if not keys:
        return {}
    return {row.id: row for row in session.exec(select(kind).where(col(kind.id).in_(keys)))}


def _organisations(session: Session, rows: Sequence[IssuedDocument]) -> dict[str, frozenset[str]]:
    """Whose a paper of an event is: an agenda its participant's, a booklet that of all who take part."""
    agendas = _subjects(rows, {DocumentKind.PERSONAL_AGENDA})
    booklets = _subjects(rows, {DocumentKind.EVENT_BOOKLET})
    if not agendas | booklets:
        return {}
    found: dict[str, set[str]] = {}
    query = select(Participant).where(col(Participant.id).in_(agendas) | col(Participant.event_id).in_(booklets))
    for one in session.exec(query):
        found.setdefault(one.id, set()).add(one.organisation_id)
        found.setdefault(one.event_id, set()).add(one.organisation_id)
    return {key: frozenset(organisations) for key, organisations in found.items()}
