"""What a path leads to, and whether the actor may do there what the route does.

Whatever belongs to another partnership is missing, with the very words of what does not exist.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session

from api.dependencies import CurrentActor, Tx
from states.access import Action, Actor, Scope, require
from states.archive.queries import document_by_id
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.collaborations.queries import collaboration_by_id, members_of
from states.collaborations.tables import Collaboration
from states.deadlines.tables import Deadline
from states.errors import Missing
from states.funding.queries import scenario_by_id
from states.funding.tables import Scenario
from states.matchmaking.queries import contact_by_id
from states.matchmaking.tables import Contact
from states.partners.queries import partnership_by_slug
from states.partners.tables import Partnership
from states.review.queries import round_by_id
from states.review.tables import ReviewRound


def scopes(session: Session, partnership_id: str, keys: Iterable[str | None]) -> dict[str | None, Scope]:
    """Return what rights depend on, by collaboration; None stands for what belongs to no collaboration."""
    members = members_of(session, [key for key in set(keys) if key is not None])
    organisations = {key: frozenset(one.organisation.id for one in entries) for key, entries in members.items()}
    return {
        None: Scope(partnership_id),
        **{key: Scope(partnership_id, organisation_ids=found) for key, found in organisations.items()},
    }


def _scope(session: Session, partnership_id: str, key: str | None) -> Scope:
    return scopes(session, partnership_id, [key])[key]


def _collaboration(session: Session, actor: Actor, action: Action, key: str, *, noun: str, named: str) -> Collaboration:
    row = collaboration_by_id(session, key)
    if row.partnership_id != actor.partnership_id:
        raise Missing(noun, named)
    require(actor, action, _scope(session, row.partnership_id, row.id))
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
        key = row.collaboration_id
        return RoundInReach(row, _collaboration(session, actor, self.action, key, noun="review round", named=round_id))


@dataclass(frozen=True)
class OfScenario:
    """A funding scenario by its id."""

    action: Action

    def __call__(self, scenario_id: str, session: Tx, actor: CurrentActor) -> Scenario:
        """Return the row, or raise `Missing` or `Denied`."""
        row = scenario_by_id(session, scenario_id)
        _collaboration(session, actor, self.action, row.collaboration_id, noun="scenario", named=scenario_id)
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
        require(actor, self.action, _scope(session, row.partnership_id, row.collaboration_id))
        return row


# What a kind of document shows besides its class: whoever may not read that may not read it on paper either.
_SHOWS = {
    DocumentKind.REVIEW_DOSSIER: Action.READ_REVIEW,
    DocumentKind.MONITORING_REPORT_CONFIDENTIAL: Action.READ_SELF_ASSESSMENT,
}


def reading_actions(row: IssuedDocument) -> list[Action]:
    """Return what one must be allowed to do to read a document: by its class, and by what it shows."""
    confidential = row.document_class is DocumentClass.CONFIDENTIAL
    by_class = Action.READ_CONFIDENTIAL_DOCUMENT if confidential else Action.READ_DOCUMENT
    return [by_class, *([_SHOWS[row.kind]] if row.kind in _SHOWS else [])]


@dataclass(frozen=True)
class OfDocument:
    """An issued document by its id; its class and kind say what else the reader must be allowed."""

    action: Action = Action.READ_DOCUMENT

    def __call__(self, document_id: str, session: Tx, actor: CurrentActor) -> IssuedDocument:
        """Return the record, or raise `Missing` or `Denied`."""
        row = document_by_id(session, document_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("document", document_id)
        scope = _scope(session, row.partnership_id, row.collaboration_id)
        for action in (self.action, *reading_actions(row)):
            require(actor, action, scope)
        return row
