"""Reads of profiles, their quality checks, and who is interested in them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from states.clock import today
from states.errors import Missing
from states.matchmaking.profiles.tables import Interest, Profile, ProfileCheck, ProfileState
from states.partners.tables import Organisation


def profile_by_id(session: Session, key: str) -> Profile:
    """Return the profile, or raise `Missing`."""
    found = session.get(Profile, key)
    if found is None:
        raise Missing("profile", key)
    return found


def profiles_of(session: Session, partnership_id: str, *, seen_by: str | None = None) -> list[Profile]:
    """Return every profile of a partnership by reference, or what an organisation sees: public ones and its own."""
    query = select(Profile).where(Profile.partnership_id == partnership_id)
    if seen_by is not None:
        query = query.where(or_(_live(), Profile.organisation_id == seen_by))
    return list(session.exec(query.order_by(col(Profile.reference))))


def live_profiles(
    session: Session, partnership_id: str, *, organisations: Collection[str] | None = None
) -> list[tuple[Profile, Organisation]]:
    """Return what is public today, of these organisations or of all, with whose it is, by reference."""
    query = (
        select(Profile, Organisation)
        .join(Organisation, col(Organisation.id) == col(Profile.organisation_id))
        .where(Profile.partnership_id == partnership_id, _live())
    )
    if organisations is not None:
        query = query.where(col(Profile.organisation_id).in_(organisations))
    return list(session.exec(query.order_by(col(Profile.reference))))


def checks_of(session: Session, profile_id: str) -> list[ProfileCheck]:
    """Return the quality checks of a profile, oldest first."""
    query = select(ProfileCheck).where(ProfileCheck.profile_id == profile_id)
    return list(session.exec(query.order_by(col(ProfileCheck.at), col(ProfileCheck.id))))


def interest_by_id(session: Session, key: str) -> Interest:
    """Return the expression of interest, or raise `Missing`."""
    found = session.get(Interest, key)
    if found is None:
        raise Missing("expression_of_interest", key)
    return found


def interests_of(
    session: Session, partnership_id: str, *, organisations: Collection[str] | None = None
) -> list[Interest]:
    """Return every expression of interest in the order of sending, or those that these organisations sent or got."""
    query = select(Interest).where(Interest.partnership_id == partnership_id)
    if organisations is not None:
        query = query.where(or_(col(Interest.sender_id).in_(organisations), col(Interest.host_id).in_(organisations)))
    return list(session.exec(query.order_by(col(Interest.sent_at), col(Interest.id))))


def _live() -> ColumnElement[bool]:
    return (col(Profile.state) == ProfileState.PUBLISHED) & (col(Profile.valid_until) >= today())
