"""The quality check of a profile: four categories from 0 to 5, and what follows from their sum."""

from dataclasses import astuple, dataclass, fields

from sqlmodel import Session

from states.clock import now
from states.errors import Denied, Fault
from states.matchmaking.profiles.service import ProfileInvalid, publish_profile, transition_profile
from states.matchmaking.profiles.states import HOLD, REJECT
from states.matchmaking.profiles.tables import Profile, ProfileCheck, ProfileState

MOST_PER_CATEGORY = 5
COMMENT_LENGTH = 2000
# The least sum of each grade and what follows from it (domain.md 5.1: the field's external review).
GRADES = (
    (17, "excellent", ProfileState.PUBLISHED),
    (15, "good", ProfileState.PUBLISHED),
    (10, "sufficient", ProfileState.PUBLISHED),
    (5, "rather poor", ProfileState.ON_HOLD),
    (0, "poor", ProfileState.REJECTED),
)


class OwnProfile(Denied):
    """Nobody checks a profile of the own organisation, or one that the same person wrote."""

    code = "own_profile"


@dataclass(frozen=True, slots=True)
class Scores:
    """Advantages and innovation; clarity and coherence; cooperation expectations; guidelines and language."""

    innovation: int
    clarity: int
    expectations: int
    guidelines: int


def grade_of(scores: Scores) -> tuple[str, ProfileState]:
    """Return the grade and what follows; a single 0 keeps a profile from publication whatever the sum."""
    total = sum(astuple(scores))
    grade, outcome = next((grade, outcome) for least, grade, outcome in GRADES if total >= least)
    blocked = outcome is ProfileState.PUBLISHED and 0 in astuple(scores)
    return grade, ProfileState.ON_HOLD if blocked else outcome


def check_profile(
    session: Session,
    row: Profile,
    scores: Scores,
    *,
    comment: str,
    person_id: str,
    organisation_id: str | None,
    expected_version: int | None = None,
) -> ProfileCheck:
    """Record a check by a person of another organisation; publish the profile, put it on hold or reject it."""
    if organisation_id == row.organisation_id or person_id == row.author_person_id:
        raise OwnProfile
    faults = [
        Fault(field.name, "no_score", remedy="zero_to", score=getattr(scores, field.name), most=MOST_PER_CATEGORY)
        for field in fields(scores)
        if not 0 <= getattr(scores, field.name) <= MOST_PER_CATEGORY
    ]
    if len(comment.strip()) > COMMENT_LENGTH:
        faults.append(
            Fault("comment", "too_many_characters", remedy="at_most", length=len(comment.strip()), most=COMMENT_LENGTH)
        )
    if faults:
        raise ProfileInvalid(faults=faults)
    grade, outcome = grade_of(scores)
    if outcome is ProfileState.PUBLISHED:
        publish_profile(session, row, expected_version=expected_version)
    else:
        transition_profile(
            session, row, HOLD if outcome is ProfileState.ON_HOLD else REJECT, expected_version=expected_version
        )
    check = ProfileCheck(
        profile_id=row.id,
        person_id=person_id,
        comment=comment.strip(),
        grade=grade,
        outcome=outcome,
        at=now(),
        **{field.name: getattr(scores, field.name) for field in fields(scores)},
    )
    session.add(check)
    session.flush()
    return check
