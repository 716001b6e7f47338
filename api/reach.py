"""What a path leads to, and whether the actor may do there what the route does.

Whatever belongs to another partnership is missing, with the very words of what does not exist.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from api.dependencies import CurrentActor, Tx
from api.veil import veil_of
from states.access import Action, Actor, Role, Scope, may, require
from states.archive.queries import document_by_id
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.collaborations.queries import collaboration_by_id, members_of
from states.collaborations.tables import Collaboration
from states.deadlines.tables import Deadline
from states.errors import Denied, Missing
from states.funding.queries import scenario_by_id
from states.funding.tables import Scenario
from states.matchmaking.queries import contact_by_id
from states.matchmaking.tables import Contact
from states.partners.queries import partnership_by_slug
from states.partners.tables import Partnership
from states.protocol.queries import versions_of
from states.protocol.tables import ProtocolVersion
from states.review.evaluations import readable_evaluations
from states.review.queries import round_by_id
from states.review.seats import DECLARATION_DEADLINE, SEAT_DEADLINE
from states.review.sight import Sight, sights_of
from states.review.tables import Evaluation, ReviewRound, RoundState

_REVIEWERS = frozenset({Role.IAG_MEMBER, Role.WGRA_MEMBER})


def sights(session: Session, actor: Actor, keys: Sequence[str]) -> dict[str, Sight]:
    """Return what the actor's seats open, by collaboration."""
    if actor.person_id is None:
        return dict.fromkeys(keys, Sight())
    return sights_of(session, actor.person_id, keys, partnership_id=actor.partnership_id)


def scopes(session: Session, actor: Actor, keys: Iterable[str | None]) -> dict[str | None, Scope]:
    """Return what rights depend on, by collaboration; None stands for what belongs to no collaboration."""
    wanted = [key for key in dict.fromkeys(keys) if key is not None]
    members, seen = members_of(session, wanted), sights(session, actor, wanted)
    return {
        None: Scope(actor.partnership_id, cleared=True),
        **{
            key: Scope(
                actor.partnership_id,
                organisation_ids=frozenset(one.organisation.id for one in entries),
                seated=bool(seen[key].seated),
                cleared=seen[key].newest,
                barred=seen[key].barred,
            )
            for key, entries in members.items()
        },
    }


def _scope(session: Session, actor: Actor, key: str | None) -> Scope:
    return scopes(session, actor, [key])[key]


def version_scope(session: Session, actor: Actor, key: str, version_id: str) -> Scope:
    """Return what rights to one frozen version depend on: a reviewer is cleared for versions, not for titles."""
    cleared = version_id in sights(session, actor, [key])[key].versions
    return replace(_scope(session, actor, key), cleared=cleared)


def readable_versions(session: Session, actor: Actor, key: str, wanted: Iterable[str]) -> set[str]:
    """Return those of the versions that the actor's seats open; to who holds no seat by role, all are."""
    if actor.role not in _REVIEWERS:
        return set(wanted)
    return set(wanted) & sights(session, actor, [key])[key].versions


def _collaboration(session: Session, actor: Actor, action: Action, key: str, *, noun: str, named: str) -> Collaboration:
    row = collaboration_by_id(session, key)
    if row.partnership_id != actor.partnership_id:
        raise Missing(noun, named)
    require(actor, action, _scope(session, actor, row.id))
    return row


@dataclass(frozen=True)
class OfPartnership:
    """A partnership by its slug."""

    action: Action

    def __call__(self, partnership: str, session: Tx, actor: CurrentActor) -> Partnership:
        """Return the row, or raise `Missing` or `Denied`."""
        row = partnership_by_slug(session, partnership)
        if row.id != actor.partnership_id:
            raise Missing("partnership", partnership)
        require(actor, self.action, Scope(row.id))
        return row


@dataclass(frozen=True)
class OfCollaboration:
    """A collaboration by its id."""

    action: Action

    def __call__(self, collaboration_id: str, session: Tx, actor: CurrentActor) -> Collaboration:
        """Return the row, or raise `Missing` or `Denied`."""
        return _collaboration(
            session, actor, self.action, collaboration_id, noun="collaboration", named=collaboration_id
        )


@dataclass(frozen=True)
class OfContact:
    """A contact by its id."""

    action: Action

    def __call__(self, contact_id: str, session: Tx, actor: CurrentActor) -> Contact:
        """Return the row, or raise `Missing` or `Denied`."""
        row = contact_by_id(session, contact_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("contact", contact_id)
        require(actor, self.action, Scope(row.partnership_id))
        return row


@dataclass(frozen=True, slots=True)
class RoundInReach:
    """A review round and the collaboration that it reviews."""

    row: ReviewRound
    collaboration: Collaboration


@dataclass(frozen=True)
class OfRound:
    """A review round by its id."""

    action: Action

    def __call__(self, round_id: str, session: Tx, actor: CurrentActor) -> RoundInReach:
        """Return the round, or raise `Missing` or `Denied`."""
        row = round_by_id(session, round_id)
        collaboration = collaboration_by_id(session, row.collaboration_id)
        if collaboration.partnership_id != actor.partnership_id:
            raise Missing("review round", round_id)
        require(actor, self.action, round_scope(session, actor, row))
        return RoundInReach(row, collaboration)


def round_scope(session: Session, actor: Actor, row: ReviewRound) -> Scope:
    """Return what rights to one round depend on: the actor's seat in this one, not in another."""
    seen = sights(session, actor, [row.collaboration_id])[row.collaboration_id]
    scope = _scope(session, actor, row.collaboration_id)
    return replace(scope, seated=row.id in seen.seated, cleared=row.id in seen.rounds, person_id=actor.person_id)


@dataclass(frozen=True, slots=True)
class VersionInReach:
    """A frozen version of the protocol and its collaboration."""

    row: ProtocolVersion
    collaboration: Collaboration


@dataclass(frozen=True)
class OfVersion:
    """A frozen version of a protocol by its number."""

    action: Action

    def __call__(self, collaboration_id: str, number: int, session: Tx, actor: CurrentActor) -> VersionInReach:
        """Return the version, or raise `Missing` or `Denied`."""
        collaboration = collaboration_by_id(session, collaboration_id)
        if collaboration.partnership_id != actor.partnership_id:
            raise Missing("collaboration", collaboration_id)
        row = next((one for one in versions_of(session, collaboration_id) if one.number == number), None)
        if row is None:
            require(actor, self.action, _scope(session, actor, collaboration_id))
            raise Missing("protocol version", number)
        require(actor, self.action, version_scope(session, actor, collaboration_id, row.id))
        return VersionInReach(row, collaboration)


@dataclass(frozen=True)
class OfScenario:
    """A funding scenario by its id."""

    action: Action

    def __call__(self, scenario_id: str, session: Tx, actor: CurrentActor) -> Scenario:
        """Return the row, or raise `Missing` or `Denied`."""
        row = scenario_by_id(session, scenario_id)
        if collaboration_by_id(session, row.collaboration_id).partnership_id != actor.partnership_id:
            raise Missing("scenario", scenario_id)
        scope = version_scope(session, actor, row.collaboration_id, row.protocol_version_id)
        require(actor, self.action, scope)
        return row


@dataclass(frozen=True)
class OfDeadline:
    """A deadline by its id."""

    action: Action

    def __call__(self, deadline_id: str, session: Tx, actor: CurrentActor) -> Deadline:
        """Return the row, or raise `Missing` or `Denied`."""
        row = session.get(Deadline, deadline_id)
        if row is None or row.partnership_id != actor.partnership_id:
            raise Missing("deadline", deadline_id)
        scope = replace(_scope(session, actor, row.collaboration_id), person_id=row.owner_person_id)
        for action in (self.action, *deadline_actions(actor, row)):
            require(actor, action, scope)
        return row


_OF_SEATS = (SEAT_DEADLINE, DECLARATION_DEADLINE)


def deadline_actions(actor: Actor, row: Deadline) -> list[Action]:
    """Return what one must be allowed to do to read a deadline: of another's seat only who reads the review."""
    of_another = row.kind in _OF_SEATS and row.owner_person_id != actor.person_id
    return [Action.READ_DEADLINES, *([Action.READ_REVIEW] if of_another else [])]


# What a kind of document shows besides its class: whoever may not read that may not read it on paper either.
_SHOWS = {
    DocumentKind.REVIEW_DOSSIER: Action.READ_REVIEW,
    DocumentKind.EVALUATION_REPORT: Action.READ_REVIEW,
    DocumentKind.CONSENSUS_REPORT: Action.READ_REVIEW,
    DocumentKind.PANEL_MINUTES: Action.RUN_REVIEW,
    DocumentKind.DECISION_LETTER: Action.READ_DECISION,
    DocumentKind.MONITORING_REPORT_CONFIDENTIAL: Action.READ_SELF_ASSESSMENT,
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
    """Return what rights to a document depend on: for a reviewer, the version or the round that it shows."""
    if row.collaboration_id is None or actor.role not in _REVIEWERS:
        return _scope(session, actor, row.collaboration_id)
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
    if actor.role in _REVIEWERS:
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
