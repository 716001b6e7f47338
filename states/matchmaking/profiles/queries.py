"""Reads of profiles, their quality checks, and who is interested in them."""

import json
from collections.abc import Collection

from sqlalchemy import ColumnElement, String, cast
from sqlmodel import Session, and_, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from states.clock import today
from states.errors import Missing
from states.matchmaking.profiles.tables import Interest, InterestState, Profile, ProfileCheck, ProfileState
from states.partners.tables import Organisation
from states.search.words import Words, are_in


def profile_by_id(session: Session, key: str) -> Profile:
    """Return the profile, or raise `Missing`."""
    found = session.get(Profile, key)
    if found is None:
        raise Missing("profile", key)
    return found


def find_profiles(partnership_id: str, *conditions: ColumnElement[bool]) -> SelectOfScalar[Profile]:
    """Return the query of a partnership's profiles; a reference is one profile's alone, and tells its order."""
    return select(Profile).where(Profile.partnership_id == partnership_id, *conditions)


def under_keyword(code: str) -> ColumnElement[bool]:
    """Return the condition that one of a profile's keywords is this code of the taxonomy, or one below it."""
    kept, begins = cast(Profile.keywords, String), json.dumps(code)[:-1]
    # LIKE would not tell capitals from small letters on SQLite.
    return or_(*(func.replace(kept, begins + end, "") != kept for end in ('"', ".")))


def saying(session: Session, partnership_id: str, words: Words) -> ColumnElement[bool]:
    """Return the condition that a profile's own texts, or whose it is, hold these words.

    A pool is small, and its texts are long: they are read, and not kept in the index a second time.
    """
    texts = [getattr(Profile, name) for name in _SAID]
    rows = session.exec(
        select(Profile.id, Organisation.name, *texts)
        .join(Organisation, col(Organisation.id) == col(Profile.organisation_id))
        .where(Profile.partnership_id == partnership_id)
    )
    return col(Profile.id).in_([key for key, *said in rows if are_in(words, " . ".join(said))])


_SAID = (
    *("reference", "title", "summary", "description", "advantages", "expertise_sought", "ipr_note", "partner_role"),
    *("call_programme", "call_reference", "call_scheme", "acronym"),
)


def profiles_of(session: Session, partnership_id: str, *conditions: ColumnElement[bool]) -> list[Profile]:
    """Return a partnership's profiles, all or those that fulfil conditions, by reference."""
    return list(session.exec(find_profiles(partnership_id, *conditions).order_by(col(Profile.reference))))


def live_profiles(
    session: Session, partnership_id: str, *, organisations: Collection[str] | None = None
) -> list[tuple[Profile, Organisation]]:
    """Return what is public today, of these organisations or of all, with whose it is, by reference."""
    query = (
        select(Profile, Organisation)
        .join(Organisation, col(Organisation.id) == col(Profile.organisation_id))
        .where(Profile.partnership_id == partnership_id, is_public())
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


def find_interests(
    partnership_id: str, *conditions: ColumnElement[bool], state: InterestState | None = None
) -> SelectOfScalar[Interest]:
    """Return the query of a partnership's expressions of interest."""
    query = select(Interest).where(Interest.partnership_id == partnership_id, *conditions)
    return query if state is None else query.where(Interest.state == state)


def is_public() -> ColumnElement[bool]:
    """Return the condition under which a profile is public today; never NULL."""
    until = col(Profile.valid_until)
    return and_(Profile.state == ProfileState.PUBLISHED, until.is_not(None), until >= today())
