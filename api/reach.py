"""What a path leads to, and whether the actor may do there what the route does.

Whatever belongs to another partnership is missing, with the very words of what does not exist.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from api.http.dependencies import CurrentActor, Tx
from states.collaborations.queries import collaboration_by_id, members_of
from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.funding.queries import scenario_by_id
from states.funding.tables import Scenario
from states.mail.queries import mail_by_id
from states.mail.tables import Mail
from states.matchmaking.queries import contact_by_id
from states.matchmaking.tables import Contact
from states.partners.queries import partnership_by_slug
from states.partners.tables import Partnership, Person
from states.protocol.queries import versions_of
from states.protocol.tables import ProtocolVersion
from states.review.queries import round_by_id
from states.review.reviewer_access import Sight, sights_of
from states.review.tables import ReviewRound
from states.rights.access import Action, Actor, Role, Scope, require

REVIEWERS = frozenset({Role.IAG_MEMBER, Role.WGRA_MEMBER})


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


def collaboration_scope(session: Session, actor: Actor, key: str | None) -> Scope:
    """Return what rights to one collaboration depend on."""
    return scopes(session, actor, [key])[key]


def version_scope(session: Session, actor: Actor, key: str, version_id: str) -> Scope:
    """Return what rights to one frozen version depend on: a reviewer is cleared for versions, not for titles."""
    cleared = version_id in sights(session, actor, [key])[key].versions
    return replace(collaboration_scope(session, actor, key), cleared=cleared)


def readable_versions(session: Session, actor: Actor, key: str, wanted: Iterable[str]) -> set[str]:
    """Return those of the versions that the actor's seats open; to who holds no seat by role, all are."""
    if actor.role not in REVIEWERS:
        return set(wanted)
    return set(wanted) & sights(session, actor, [key])[key].versions


def _collaboration(session: Session, actor: Actor, action: Action, key: str, *, noun: str, named: str) -> Collaboration:
    row = collaboration_by_id(session, key)
    if row.partnership_id != actor.partnership_id:
        raise Missing(noun, named)
    require(actor, action, collaboration_scope(session, actor, row.id))
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
    scope = collaboration_scope(session, actor, row.collaboration_id)
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
            require(actor, self.action, collaboration_scope(session, actor, collaboration_id))
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


@dataclass(frozen=True, slots=True)
class MailInReach:
    """A mail and whom it goes to."""

    row: Mail
    person: Person


@dataclass(frozen=True)
class OfMail:
    """A mail by its id."""

    action: Action

    def __call__(self, mail_id: str, session: Tx, actor: CurrentActor) -> MailInReach:
        """Return the mail, or raise `Missing` or `Denied`."""
        row, person = mail_by_id(session, mail_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("mail", mail_id)
        require(actor, self.action, Scope(row.partnership_id))
        return MailInReach(row, person)
