"""The quality check: thresholds of the sum, the single zero, and who may check."""

import pytest
from sqlmodel import Session

from states.matchmaking.profiles.quality_check import OwnProfile, Scores, check_profile, grade_of
from states.matchmaking.profiles.queries import checks_of
from states.matchmaking.profiles.service import ProfileInvalid, submit_profile
from states.matchmaking.profiles.states import ProfileRefused
from states.matchmaking.profiles.tables import ProfileState
from tests.expect import codes, places
from tests.factories import a_world
from tests.meeting_factories import GOOD, a_profile, a_published_profile

PUBLISHED, ON_HOLD, REJECTED = ProfileState.PUBLISHED, ProfileState.ON_HOLD, ProfileState.REJECTED
on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((5, 5, 5, 5), ("excellent", PUBLISHED)),
        ((5, 4, 4, 4), ("excellent", PUBLISHED)),
        ((4, 4, 4, 4), ("good", PUBLISHED)),
        ((4, 4, 4, 3), ("good", PUBLISHED)),
        ((4, 4, 3, 3), ("sufficient", PUBLISHED)),
        ((3, 3, 2, 2), ("sufficient", PUBLISHED)),
        ((3, 2, 2, 2), ("rather poor", ON_HOLD)),
        ((2, 1, 1, 1), ("rather poor", ON_HOLD)),
        ((1, 1, 1, 1), ("poor", REJECTED)),
        ((0, 0, 0, 0), ("poor", REJECTED)),
        ((5, 5, 5, 0), ("good", ON_HOLD)),  # a single 0 blocks whatever the sum
        ((4, 0, 0, 0), ("poor", REJECTED)),
        ((5, 0, 0, 0), ("rather poor", ON_HOLD)),
    ],
)
def test_the_sum_decides(scores: tuple[int, int, int, int], expected: tuple[str, ProfileState]) -> None:
    assert grade_of(Scores(*scores)) == expected


@on_sqlite
def test_a_check_is_recorded_and_publishes(session: Session) -> None:
    world = a_world(session)
    row = a_published_profile(world)

    check = checks_of(session, row.id)[0]

    assert row.state is PUBLISHED
    assert (check.innovation, check.clarity, check.expectations, check.guidelines) == (4, 4, 3, 4)
    assert (check.grade, check.outcome, check.person_id) == ("good", PUBLISHED, world.people["project_manager"].id)


@on_sqlite
def test_nobody_checks_for_the_own_organisation(session: Session) -> None:
    world = a_world(session)
    row = submit_profile(session, a_profile(world))
    other, author = world.people["project_manager"].id, world.people["partner"].id

    for person_id, organisation_id in ((other, row.organisation_id), (author, None)):
        with pytest.raises(OwnProfile):
            check_profile(session, row, GOOD, comment="", person_id=person_id, organisation_id=organisation_id)

    assert (row.state, checks_of(session, row.id)) == (ProfileState.IN_REVIEW, [])


@on_sqlite
def test_scores_and_comment_have_bounds(session: Session) -> None:
    world = a_world(session)
    row = submit_profile(session, a_profile(world))
    manager = world.people["project_manager"].id

    with pytest.raises(ProfileInvalid) as caught:
        check_profile(session, row, Scores(6, -1, 3, 3), comment="x" * 2001, person_id=manager, organisation_id=None)
    check_profile(session, row, GOOD, comment="x" * 2000, person_id=manager, organisation_id=None)

    assert places(caught.value) == ["innovation", "clarity", "comment"]
    assert row.state is PUBLISHED


@on_sqlite
def test_only_what_is_in_review_is_checked(session: Session) -> None:
    world = a_world(session)
    row = a_profile(world)

    with pytest.raises(ProfileRefused) as caught:
        check_profile(session, row, GOOD, comment="", person_id=world.people["iag_chair"].id, organisation_id=None)

    assert (codes(caught.value), row.state, checks_of(session, row.id)) == (["wrong_state"], ProfileState.DRAFT, [])
