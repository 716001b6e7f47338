"""Write profiles and take them through their life, from the draft to the end of their validity."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from states.clock import now, today
from states.errors import Invalid, Refusal
from states.machines.definition import Move
from states.machines.stepping import need, step
from states.matchmaking.deadlines import ask, close_asked
from states.matchmaking.profiles.content import ProfileContent, content_faults, missing_before_check, write_content
from states.matchmaking.profiles.states import (
    EDIT,
    EXPIRE,
    PROFILE,
    PUBLISH,
    RENEW,
    REOPEN,
    SUBMIT,
    WITHDRAW,
    ProfileRefused,
)
from states.matchmaking.profiles.tables import Profile, ProfileState, ProfileType
from states.matchmaking.suggestions.chosen_taxonomy import taxonomy_of
from states.matchmaking.suggestions.taxonomy import Taxonomy
from states.outbox.service import publish
from states.partners.tables import Organisation, Partnership
from states.storage import bump_version

CHECK_DEADLINE = "profile_check"
CHECK_WITHIN = timedelta(days=14)
VALIDITY_YEARS = 1

_PREFIX = {
    ProfileType.BUSINESS_OFFER: "BO",
    ProfileType.BUSINESS_REQUEST: "BR",
    ProfileType.TECHNOLOGY_OFFER: "TO",
    ProfileType.TECHNOLOGY_REQUEST: "TR",
    ProfileType.RESEARCH_REQUEST: "RDR",
}


class ProfileInvalid(Invalid):
    """The profile cannot be kept so."""

    code = "profile_invalid"


def draft_profile(
    session: Session,
    partnership: Partnership,
    organisation: Organisation,
    content: ProfileContent,
    *,
    author_person_id: str | None,
    illustrative: bool = False,
) -> Profile:
    """Begin a profile of an organisation; raise `ProfileInvalid` with every fault of what is written already."""
    tree = _valid_in(session, partnership.id, content)
    row = Profile(
        partnership_id=partnership.id,
        organisation_id=organisation.id,
        author_person_id=author_person_id,
        reference=_next_reference(session, partnership, organisation, content.type),
        type=content.type,
        title=content.title,
        created_at=now(),
        illustrative=illustrative,
    )
    write_content(row, content, tree=tree)
    session.add(row)
    session.flush()
    return row


def edit_profile(
    session: Session, row: Profile, content: ProfileContent, *, expected_version: int | None = None
) -> Profile:
    """Put another content in the place of the present one, in a draft or on hold; the type stays."""
    need(PROFILE, row.state, EDIT)
    if content.type is not row.type:
        raise ProfileInvalid("type_differs", field="type", remedy="draft_another_profile", type=row.type)
    tree = _valid_in(session, row.partnership_id, content)
    bump_version(session, row, expected=expected_version)
    write_content(row, content, tree=tree)
    session.flush()
    return row


def submit_profile(session: Session, row: Profile, *, expected_version: int | None = None) -> Profile:
    """Send a profile to its quality check; refused with every field that is still missing."""
    if missing := missing_before_check(row):
        fields = tuple(missing)
        raise ProfileRefused(
            [Refusal("profile_incomplete", fields=fields, mend_by=("partner",), where="profiles", missing=fields)]
        )
    transition_profile(session, row, SUBMIT, expected_version=expected_version)
    ask(
        session,
        None,
        partnership_id=row.partnership_id,
        kind=CHECK_DEADLINE,
        subject_id=row.id,
        title=f"Check the quality of profile {row.reference}",
        on=today() + CHECK_WITHIN,
    )
    return row


def publish_profile(session: Session, row: Profile, *, expected_version: int | None = None) -> None:
    """Publish a profile that passed its check, for a year from today."""
    transition_profile(session, row, PUBLISH, expected_version=expected_version)
    row.valid_from, row.valid_until = today(), _a_year_after(today())
    session.flush()


def renew_profile(session: Session, row: Profile, *, expected_version: int | None = None) -> Profile:
    """Let a published profile be in force for a year from today; one that has expired is checked anew instead."""
    need(PROFILE, row.state, RENEW)
    if not is_live(row, on=today()):
        raise ProfileRefused([Refusal("wrong_state", text="profile_lapsed", mend_by=("partner",), where="profiles")])
    bump_version(session, row, expected=expected_version)
    row.valid_until = _a_year_after(today())
    session.flush()
    return row


def reopen_profile(session: Session, row: Profile, *, expected_version: int | None = None) -> Profile:
    """Take a profile back to a draft, to be changed and checked anew; meanwhile it is not public."""
    transition_profile(session, row, REOPEN, expected_version=expected_version)
    row.valid_from = row.valid_until = None
    session.flush()
    return row


def withdraw_profile(session: Session, row: Profile, *, expected_version: int | None = None) -> Profile:
    """Take a profile out of the pool."""
    transition_profile(session, row, WITHDRAW, expected_version=expected_version)
    return row


def overdue_profiles(session: Session) -> list[str]:
    """Return what was valid until yesterday or earlier, by its ids."""
    return list(session.exec(select(Profile.id).where(*_overdue()).order_by(col(Profile.id))))


def _overdue() -> tuple[ColumnElement[bool], ...]:
    return col(Profile.state) == ProfileState.PUBLISHED, col(Profile.valid_until) < today()


def expire_profiles(session: Session, keys: Collection[str] | None = None) -> Sequence[Profile]:
    """Mark as expired what is valid no longer, of these or of all; return which."""
    query = select(Profile).where(*_overdue())
    query = query if keys is None else query.where(col(Profile.id).in_(keys))
    rows = session.exec(query.order_by(col(Profile.id))).all()
    for row in rows:
        transition_profile(session, row, EXPIRE)
    return rows


def is_live(row: Profile, *, on: date) -> bool:
    """Tell whether a profile is public on that day, whether or not somebody has marked its end yet."""
    return row.state is ProfileState.PUBLISHED and row.valid_until is not None and row.valid_until >= on


def transition_profile(
    session: Session, row: Profile, move: Move[ProfileState], *, expected_version: int | None = None
) -> None:
    """Make a move of a profile under its version, and tell of it: the only place that does."""
    need(PROFILE, row.state, move)
    bump_version(session, row, expected=expected_version)
    close_asked(session, CHECK_DEADLINE, subject_id=row.id)
    row.state = step(PROFILE, row.state, move)
    session.flush()
    publish(session, f"profile.{row.state.value}", partnership_id=row.partnership_id, profile=row.id)


def _valid_in(session: Session, partnership_id: str, content: ProfileContent) -> Taxonomy:
    """Return the taxonomy in which the content has no fault, or raise `ProfileInvalid` with every one."""
    tree = taxonomy_of(session, partnership_id)
    if faults := content_faults(content, tree=tree):
        raise ProfileInvalid(faults=faults)
    return tree


def _a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + VALIDITY_YEARS)
    except ValueError:  # 29 February
        return day.replace(year=day.year + VALIDITY_YEARS, day=28)


def reference_stem(kind: ProfileType, *, country: str) -> str:
    """Return what the references begin with that are given today; a number follows."""
    return f"{_PREFIX[kind]}{country}{today():%Y%m%d}"


def _next_reference(session: Session, partnership: Partnership, organisation: Organisation, kind: ProfileType) -> str:
    # Two who draft at once on the same day get numbers one after the other.
    session.refresh(partnership, with_for_update=True)
    stem = reference_stem(kind, country=organisation.country)
    query = select(Profile.reference).where(
        Profile.partnership_id == partnership.id, col(Profile.reference).startswith(stem)
    )
    taken = [int(reference.removeprefix(stem)) for reference in session.exec(query)]
    return f"{stem}{max(taken, default=0) + 1:03}"
