"""What rights to a document depend on: its class, what it shows, and for a reviewer the version or round shown."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, and_, exists, func, or_, union_all
from sqlalchemy import select as plain
from sqlmodel import Session, col, select

from states.archive.portfolios import portfolio_subject
from states.archive.tables import BETWEEN, MOST_COMPARED, DocumentClass, DocumentKind, IssuedDocument
from states.crossings.rights.collaborations import Belonging, Circumstances, belonging_facts, belongings
from states.funding.tables import Scenario
from states.matchmaking.event_day.tables import Participant
from states.review.access import REVIEWERS, OpenedBySeats, evaluations_in, round_scope, visible_evaluations
from states.review.access_conditions import evaluation_counts, own_counting
from states.review.tables import Evaluation, ReviewRound, RoundState
from states.rights.access import Action, Actor, Closed, Scope, may
from states.rights.conditions import Case, Cases, Fact, Facts
from states.storage import is_one_of, new_id, table_of

Row = TypeVar("Row", Evaluation, ReviewRound, Scenario)

_DIGITS = len(new_id())
_SECOND = _DIGITS + len(BETWEEN) + 1
"""Where the second id of a subject begins, from 1."""

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
    DocumentKind.BRIEFING: Action.READ_BRIEFING,
    DocumentKind.COMPARISON: Action.READ_FUNDING_CASE,
    DocumentKind.PORTFOLIO: Action.READ_PORTFOLIO,
}
_OF_ROUNDS = frozenset(
    {
        DocumentKind.REVIEW_DOSSIER,
        DocumentKind.CONSENSUS_REPORT,
        DocumentKind.PANEL_MINUTES,
        DocumentKind.DECISION_LETTER,
    }
)
_OF_EVENTS = frozenset({DocumentKind.PERSONAL_AGENDA, DocumentKind.EVENT_BOOKLET})
# The dossier is printed blind itself, and an evaluation opens with the own one, as names do.
_PRINTED_BLIND = frozenset({DocumentKind.REVIEW_DOSSIER, DocumentKind.EVALUATION_REPORT})


def of_documents(session: Session, actor: Actor, rows: Sequence[IssuedDocument]) -> list[Scope]:
    """Answer for issued documents, in at most nine statements more than their collaborations need."""
    reviewer = actor.role in REVIEWERS
    organisations = _organisations(session, rows)
    evaluations = _by_id(session, Evaluation, _subjects(rows, {DocumentKind.EVALUATION_REPORT}))
    shown_rounds = _subjects(rows, _OF_ROUNDS) if reviewer else set()
    rounds = _by_id(session, ReviewRound, shown_rounds | {one.round_id for one in evaluations.values()})
    financing = _subjects(rows, {DocumentKind.PROPOSAL, DocumentKind.COMPARISON}) if reviewer else set()
    scenarios = _by_id(session, Scenario, {key for one in financing for key in one.split(BETWEEN)})
    found = belongings(session, actor, [row.collaboration_id for row in rows])
    given = evaluations_in(session, {one.round_id for one in evaluations.values()})

    def answer(row: IssuedDocument) -> Scope:
        belonging = found[row.collaboration_id]
        scope = replace(
            belonging.scope,
            partnership_id=row.partnership_id,
            also=(Action.READ_DOCUMENT, *_needed(row.document_class, _SHOWS.get(row.kind))),
            blind=belonging.scope.blind and row.kind not in _PRINTED_BLIND,
        )
        if row.kind is DocumentKind.BRIEFING:
            version_id, _, region_id = row.subject_id.partition(BETWEEN)
            cleared = version_id in belonging.access.versions
            return replace(scope, region_id=region_id, cleared=cleared if reviewer else scope.cleared)
        if row.kind is DocumentKind.PORTFOLIO:
            return replace(scope, organisation_ids=frozenset(row.subject_id.split(BETWEEN)[1:]))
        if row.kind in _OF_EVENTS:
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
        keys = {*row.subject_id.split(BETWEEN)}
        if row.kind is DocumentKind.PROPOSAL:
            keys = {_scenario(row.subject_id)}  # what stands behind it is the reader
        shown = {scenarios[key].protocol_version_id if key in scenarios else key for key in keys}
        return replace(scope, cleared=shown <= belonging.access.versions)

    return [answer(row) for row in rows]


def _scenario(subject: str) -> str:
    """Return the scenario of a proposal's subject, whoever it is addressed to."""
    return subject.partition(BETWEEN)[0]


def _needed(document_class: DocumentClass, shows: Action | None) -> list[Action]:
    """Return what one must be allowed to do to read a document: by its class, and by what it shows."""
    confidential = document_class is DocumentClass.CONFIDENTIAL
    return [*([Action.READ_CONFIDENTIAL_DOCUMENT] if confidential else []), *([] if shows is None else [shows])]


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


class _By(Enum):
    """By what a document is opened: its collaboration, event, reader, evaluation; for a reviewer round or versions."""

    COLLABORATION = auto()
    EVENT = auto()
    ORGANISATION = auto()
    EVALUATION = auto()
    ROUND = auto()
    PROPOSAL = auto()
    REDLINE = auto()
    BRIEFING = auto()
    COMPARISON = auto()
    VERSION = auto()


def cases_of_documents(actor: Actor, known: Circumstances) -> Cases:
    """Say the same in SQL; kinds that are alike make one case."""
    alike: dict[tuple[_By, bool, Action | None], list[DocumentKind]] = {}
    for kind in DocumentKind:
        alike.setdefault((_opened_by(actor, kind), kind in _PRINTED_BLIND, _SHOWS.get(kind)), []).append(kind)
    facts = {one: _facts(actor, known, *one) for one in {(opened, printed) for opened, printed, _ in alike}}
    found = []
    for (opened, printed_blind, shows), kinds in alike.items():
        for document_class in DocumentClass:
            where = and_(col(IssuedDocument.kind).in_(kinds), col(IssuedDocument.document_class) == document_class)
            if opened is _By.EVALUATION:
                where = and_(where, _evaluation_shown(actor, known))
            if opened is _By.BRIEFING:
                where = and_(where, func.substr(col(IssuedDocument.subject_id), _SECOND) == actor.region_id)
            needs = (Action.READ_DOCUMENT, *_needed(document_class, shows))
            region_id = actor.region_id if opened is _By.BRIEFING else None
            scope = Scope(actor.partnership_id, also=needs, region_id=region_id)
            found.append(Case(where, scope, facts[opened, printed_blind]))
    return Cases(found, whole=False)  # an evaluation may be sealed, a briefing another region's


def _facts(actor: Actor, known: Circumstances, opened: _By, printed_blind: bool) -> Facts:
    """Return the facts of a document: its collaboration's, but for those that it has of its own."""
    of_collaboration = belonging_facts(actor, known, col(IssuedDocument.collaboration_id))
    facts = {fact: made for fact, made in of_collaboration.items() if not (printed_blind and fact is Fact.BLIND)}
    kind, subject = col(IssuedDocument.kind), col(IssuedDocument.subject_id)
    free = col(IssuedDocument.collaboration_id).is_(None)
    if opened is _By.EVENT and actor.organisation_id is not None:
        return facts | {Fact.MEMBER: lambda: subject.in_(_papers_of_events(actor.organisation_id))}
    if opened is _By.ORGANISATION and actor.organisation_id is not None:
        return facts | {Fact.MEMBER: lambda: subject == portfolio_subject(actor.partnership_id, actor.organisation_id)}
    seats = known.seats
    if actor.role not in REVIEWERS:
        return facts
    match opened:
        case _By.EVALUATION:
            evaluation = table_of(Evaluation).alias()
            of_round = exists().where(evaluation.c.id == subject)
            return facts | {Fact.CLEARED: lambda: of_round.where(is_one_of(evaluation.c.round_id, seats.rounds))}
        case _By.ROUND:
            return facts | {
                Fact.CLEARED: lambda: or_(free, is_one_of(subject, seats.rounds), is_one_of(subject, seats.versions))
            }
        case _By.PROPOSAL:
            scenario = table_of(Scenario).alias()
            shown = exists().where(scenario.c.id == func.substr(subject, 1, _DIGITS))
            return facts | {
                Fact.CLEARED: lambda: or_(
                    free,
                    is_one_of(subject, seats.versions),
                    and_(
                        kind == DocumentKind.PROPOSAL,
                        shown.where(is_one_of(scenario.c.protocol_version_id, seats.versions)),
                    ),
                )
            }
        case _By.REDLINE:
            sides = (func.substr(subject, 1, _DIGITS), func.substr(subject, _SECOND))
            return facts | {Fact.CLEARED: lambda: or_(free, and_(*(is_one_of(one, seats.versions) for one in sides)))}
        case _By.BRIEFING:
            return facts | {
                Fact.CLEARED: lambda: or_(free, is_one_of(func.substr(subject, 1, _DIGITS), seats.versions))
            }
        case _By.COMPARISON:
            return facts | {Fact.CLEARED: lambda: or_(free, and_(*_each_scenario(seats)))}
        case _By.VERSION:
            return facts | {Fact.CLEARED: lambda: or_(free, is_one_of(subject, seats.versions))}
        case _:
            return facts


def _each_scenario(seats: OpenedBySeats) -> Iterator[ColumnElement[bool]]:
    """Yield of each scenario of a comparison that it pays for a version that these seats open."""
    subject, scenario = col(IssuedDocument.subject_id), table_of(Scenario).alias()
    for start in range(1, MOST_COMPARED * (_SECOND - 1), _SECOND - 1):
        shown = exists().where(scenario.c.id == func.substr(subject, start, _DIGITS))
        opened = shown.where(is_one_of(scenario.c.protocol_version_id, seats.versions))
        yield or_(func.length(subject) < start, opened) if start > 1 else opened


def _papers_of_events(organisation_id: str | None) -> CompoundSelect[tuple[str]]:
    """Return the participants of an organisation, for their agendas, and the events that it takes part in."""
    there = table_of(Participant).alias()
    of_organisation = there.c.organisation_id == organisation_id
    return union_all(plain(there.c.id).where(of_organisation), plain(there.c.event_id).where(of_organisation))


def _opened_by(actor: Actor, kind: DocumentKind) -> _By:
    if kind in _OF_EVENTS:
        return _By.EVENT
    if kind is DocumentKind.PORTFOLIO:
        return _By.ORGANISATION
    if kind is DocumentKind.EVALUATION_REPORT:
        return _By.EVALUATION
    if actor.role not in REVIEWERS:
        return _By.COLLABORATION
    if kind in _OF_ROUNDS:
        return _By.ROUND
    return _BY_SUBJECT.get(kind, _By.VERSION)


_BY_SUBJECT = {
    DocumentKind.PROPOSAL: _By.PROPOSAL,
    DocumentKind.REDLINE: _By.REDLINE,
    DocumentKind.BRIEFING: _By.BRIEFING,
    DocumentKind.COMPARISON: _By.COMPARISON,
}


def _evaluation_shown(actor: Actor, known: Circumstances) -> ColumnElement[bool]:
    """Return the condition of `visible_evaluations`; for a reviewer, in rounds only that are open to them."""
    evaluation, opened = table_of(Evaluation).alias(), table_of(ReviewRound).alias()
    closed = opened.c.state == RoundState.CLOSED
    shown = exists().where(evaluation.c.id == col(IssuedDocument.subject_id), opened.c.id == evaluation.c.round_id)
    if actor.role not in REVIEWERS:
        early = may(actor, Action.READ_OPEN_EVALUATIONS, Scope(actor.partnership_id))
        return shown if early else shown.where(closed)
    seats = known.seats
    return shown.where(
        is_one_of(opened.c.id, seats.rounds),
        evaluation_counts(evaluation),
        or_(closed, opened.c.id.in_(own_counting(actor.person_id))),
    )
