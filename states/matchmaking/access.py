"""What rights to rows of the matchmaking depend on: whose they are, and what is not public yet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, not_, or_, true
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from states.clock import today
from states.matchmaking.consents.tables import Avoidance
from states.matchmaking.event_day.queries import parties_of
from states.matchmaking.event_day.tables import Meeting, Participant, ParticipantState
from states.matchmaking.profiles.queries import is_public
from states.matchmaking.profiles.service import is_live
from states.matchmaking.profiles.tables import Interest, Profile
from states.rights.access import Action, Actor, Closed, Role, Scope, may
from states.rights.conditions import Case, Cases, Fact
from states.storage import is_value


def of_profiles(_: Session, actor: Actor, rows: Sequence[Profile]) -> list[Scope]:
    """Answer for profiles; one that is not public is there for its organisation and the managers only."""
    return [_shown(actor, row, Action.READ_PROFILE_CHECKS, public=is_live(row, on=today())) for row in rows]


def of_interests(_: Session, __: Actor, rows: Sequence[Interest]) -> list[Scope]:
    """Answer for expressions of interest: both sides read one, each does what is its own."""
    return [
        Scope(
            row.partnership_id,
            organisation_ids=frozenset({row.sender_id, row.host_id}),
            host_id=row.host_id,
            sender_id=row.sender_id,
        )
        for row in rows
    ]


def of_avoidances(_: Session, actor: Actor, rows: Sequence[Avoidance]) -> list[Scope]:
    """Answer for declared competitors and conflicts; one that holds is there for who declared it and managers."""
    return [
        replace(
            Scope(row.partnership_id, organisation_ids=frozenset({row.organisation_id})),
            closed=Closed.HIDDEN if row.withdrawn_at or _is_anothers(actor, row.organisation_id) else None,
        )
        for row in rows
    ]


def _is_anothers(actor: Actor, organisation_id: str) -> bool:
    return actor.role is Role.PARTNER and actor.organisation_id != organisation_id


def of_participants(_: Session, actor: Actor, rows: Sequence[Participant]) -> list[Scope]:
    """Answer for participants; one not validated is there for its organisation and the managers only."""
    return [_shown(actor, row, Action.READ_MEETING, public=row.state is ParticipantState.VALIDATED) for row in rows]


def of_meetings(session: Session, _: Actor, rows: Sequence[Meeting]) -> list[Scope]:
    """Answer for meetings: each is its parties'."""
    parties = parties_of(session, [row.id for row in rows])
    return [
        Scope(
            row.partnership_id,
            organisation_ids=frozenset(entry.organisation.id for entry in parties[row.id]),
        )
        for row in rows
    ]


def _shown(actor: Actor, row: Profile | Participant, by: Action, *, public: bool) -> Scope:
    """Return the scope of what an organisation has; hidden, unless it is public, from who may not do `by`."""
    scope = Scope(row.partnership_id, organisation_ids=frozenset({row.organisation_id}))
    return scope if public or may(actor, by, scope) else replace(scope, closed=Closed.HIDDEN)


def day(_: Session, __: Actor) -> date:
    """Return on which day conditions are asked: what is public depends on it."""
    return today()


def cases_of_profiles(actor: Actor, _: date) -> Cases:
    """Say in SQL what `of_profiles` answers."""
    return _shown_cases(actor, col(Profile.organisation_id), Action.READ_PROFILE_CHECKS, public=is_public())


def cases_of_participants(actor: Actor, _: date) -> Cases:
    """Say in SQL what `of_participants` answers."""
    validated = col(Participant.state) == ParticipantState.VALIDATED
    return _shown_cases(actor, col(Participant.organisation_id), Action.READ_MEETING, public=validated)


def cases_of_interests(actor: Actor, _: date) -> Cases:
    """Say in SQL what `of_interests` answers to who reads."""
    sides = (col(Interest.sender_id), col(Interest.host_id))
    either = or_(*(is_value(side, actor.organisation_id) for side in sides))
    return Cases([Case(true(), Scope(actor.partnership_id), {Fact.MEMBER: lambda: either})])


def _shown_cases(actor: Actor, organisation: Mapped[str], by: Action, *, public: ColumnElement[bool]) -> Cases:
    facts = {Fact.MEMBER: lambda: is_value(organisation, actor.organisation_id)}
    here = Scope(actor.partnership_id)
    return Cases([Case(public, here, facts), Case(not_(public), replace(here, also=(by,)), facts)])
