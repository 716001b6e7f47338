"""The states and moves of a profile, from the draft to the end of its validity."""

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.matchmaking.profiles.tables import ProfileState


class ProfileRefused(Refused):
    """The profile is not where this is done with it."""

    code = "profile_refused"


DRAFT = Move("draft", "Draft it", None, ProfileState.DRAFT)
EDIT = Move("edit", "Edit it", (ProfileState.DRAFT, ProfileState.ON_HOLD))
SUBMIT = Move(
    "submit", "Submit it to its quality check", (ProfileState.DRAFT, ProfileState.ON_HOLD), ProfileState.IN_REVIEW
)
PUBLISH = Move("publish", "Publish it", ProfileState.IN_REVIEW, ProfileState.PUBLISHED)
HOLD = Move("hold", "Put it on hold", ProfileState.IN_REVIEW, ProfileState.ON_HOLD)
REJECT = Move("reject", "Reject it", ProfileState.IN_REVIEW, ProfileState.REJECTED)
RENEW = Move("renew", "Renew it", ProfileState.PUBLISHED)
# What was public is changed as a draft, so that nothing is published without a check.
REOPEN = Move(
    "reopen",
    "Reopen it as a draft",
    (ProfileState.PUBLISHED, ProfileState.EXPIRED, ProfileState.WITHDRAWN),
    ProfileState.DRAFT,
)
EXPIRE = Move("expire", "Its validity ends", ProfileState.PUBLISHED, ProfileState.EXPIRED, automatic=True)
WITHDRAW = Move(
    "withdraw",
    "Withdraw it",
    (
        ProfileState.DRAFT,
        ProfileState.IN_REVIEW,
        ProfileState.ON_HOLD,
        ProfileState.PUBLISHED,
        ProfileState.EXPIRED,
    ),
    ProfileState.WITHDRAWN,
)

PROFILE = Machine(
    name="profile",
    title="A partnering profile",
    noun="profile",
    states={
        ProfileState.DRAFT: "Drafted",
        ProfileState.IN_REVIEW: "In its quality check",
        ProfileState.ON_HOLD: "On hold",
        ProfileState.PUBLISHED: "Published",
        ProfileState.EXPIRED: "Expired",
        ProfileState.REJECTED: "Rejected",
        ProfileState.WITHDRAWN: "Withdrawn",
    },
    final=frozenset({ProfileState.EXPIRED, ProfileState.REJECTED, ProfileState.WITHDRAWN}),
    moves=(DRAFT, EDIT, SUBMIT, PUBLISH, HOLD, REJECT, RENEW, REOPEN, EXPIRE, WITHDRAW),
    column="profile.state",
    refusing=Refusing(ProfileRefused, mend_by=("partner",), where="profiles"),
)
