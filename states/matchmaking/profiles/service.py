"""Write profiles and take them through their life, from the draft to the end of their validity."""

from collections.abc import Mapping
from datetime import date, timedelta

from sqlmodel import Session, col, select

from states.clock import now, today
from states.errors import Invalid, Refusal, Refused
from states.matchmaking.deadlines import ask, settle
from states.matchmaking.profiles.content import ProfileContent, content_faults, missing_before_check, write_content
from states.matchmaking.profiles.tables import Profile, ProfileState, ProfileType
from states.outbox.service import publish
from states.partners.tables import Organisation, Partnership
from states.storage import bump_version

CHECK_DEADLINE = "profile_check"
CHECK_WITHIN = timedelta(days=14)
VALIDITY_YEARS = 1

NEXT: Mapping[ProfileState, frozenset[ProfileState]] = {
    ProfileState.DRAFT: frozenset({ProfileState.IN_REVIEW, ProfileState.WITHDRAWN}),
    ProfileState.IN_REVIEW: frozenset(
        {ProfileState.PUBLISHED, ProfileState.ON_HOLD, ProfileState.REJECTED, ProfileState.WITHDRAWN}
    ),
    ProfileState.ON_HOLD: frozenset({ProfileState.IN_REVIEW, ProfileState.WITHDRAWN}),
    # What was public is changed as a draft, so that nothing is published without a check.
    ProfileState.PUBLISHED: frozenset({ProfileState.DRAFT, ProfileState.EXPIRED, ProfileState.WITHDRAWN}),
    ProfileState.EXPIRED: frozenset({ProfileState.DRAFT, ProfileState.WITHDRAWN}),
    ProfileState.WITHDRAWN: frozenset({ProfileState.DRAFT}),
    ProfileState.REJECTED: frozenset(),
}
_WRITABLE = (ProfileState.DRAFT, ProfileState.ON_HOLD)
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


class ProfileRefused(Refused):
    """The profile is not where this is done with it."""

    code = "profile_refused"


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
    _need_valid(content)
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
    write_content(row, content)
    session.add(row)
    session.flush()
    return row


def edit_profile(
    session: Session, row: Profile, content: ProfileContent, *, expected_version: int | None = None
) -> Profile:
    """Put another content in the place of the present one, in a draft or on hold; the type stays."""
    _need(row, *_WRITABLE)
    if content.type is not row.type:
        raise ProfileInvalid(f"is {row.type.value}", field="type", remedy="draft another profile")
    _need_valid(content)
    bump_version(session, row, expected=expected_version)
    write_content(row, content)
    session.flush()
    return row


def submit_profile(session: Session, row: Profile, *, expected_version: int | None = None) -> Profile:
    """Send a profile to its quality check; refused with every field that is still missing."""
    if missing := missing_before_check(row):
        message = f"Before its quality is checked the profile wants: {', '.join(missing)}."
        reason = Refusal("profile_incomplete", message, ("partner",), "profiles", tuple(missing))
        raise ProfileRefused([reason])
    become(session, row, ProfileState.IN_REVIEW, expected_version=expected_version)
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
    become(session, row, ProfileState.PUBLISHED, expected_version=expected_version)
    row.valid_from, row.valid_until = today(), _a_year_after(today())
    session.flush()


def renew_profile(session: Session, row: Profile, *, expected_version: int | None = None) -> Profile:
    """Let a published profile be in force for a year from today; one that has expired is checked anew instead."""
    _need(row, ProfileState.PUBLISHED)
    if not is_live(row, on=today()):
        raise ProfileRefused([_refusal("Its validity has ended: reopen it as a draft and have it checked.")])
    bump_version(session, row, expected=expected_version)
    row.valid_until = _a_year_after(today())
    session.flush()
    return row


def reopen_profile(session: Session, row: Profile, *, expected_version: int | None = None) -> Profile:
    """Take a profile back to a draft, to be changed and checked anew; meanwhile it is not public."""
    become(session, row, ProfileState.DRAFT, expected_version=expected_version)
    row.valid_from = row.valid_until = None
    session.flush()
    return row


def withdraw_profile(session: Session, row: Profile, *, expected_version: int | None = None) -> Profile:
    """Take a profile out of the pool."""
    become(session, row, ProfileState.WITHDRAWN, expected_version=expected_version)
    return row


def expire_profiles(session: Session) -> list[Profile]:
    """Mark as expired what was valid until yesterday or earlier; return which."""
    query = select(Profile).where(Profile.state == ProfileState.PUBLISHED, col(Profile.valid_until) < today())
    rows = list(session.exec(query))
    for row in rows:
        become(session, row, ProfileState.EXPIRED)
    return rows


def is_live(row: Profile, *, on: date) -> bool:
    """Tell whether a profile is public on that day, whether or not somebody has marked its end yet."""
    return row.state is ProfileState.PUBLISHED and row.valid_until is not None and row.valid_until >= on


def become(session: Session, row: Profile, state: ProfileState, *, expected_version: int | None = None) -> None:
    """Bring a profile into another state: the only place that does."""
    if state not in NEXT[row.state]:
        raise ProfileRefused([_refusal(f"A profile that is {row.state.value} does not become {state.value}.")])
    bump_version(session, row, expected=expected_version)
    settle(session, CHECK_DEADLINE, subject_id=row.id)
    row.state = state
    session.flush()
    publish(session, f"profile.{state.value}", partnership_id=row.partnership_id, profile=row.id)


def _need(row: Profile, *states: ProfileState) -> None:
    if row.state not in states:
        wanted = " or ".join(one.value for one in states)
        raise ProfileRefused([_refusal(f"The profile is {row.state.value}; this is done while it is {wanted}.")])


def _refusal(message: str) -> Refusal:
    return Refusal("wrong_state", message, ("partner",), "profiles")


def _need_valid(content: ProfileContent) -> None:
    if faults := content_faults(content):
        raise ProfileInvalid(faults=faults)


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
