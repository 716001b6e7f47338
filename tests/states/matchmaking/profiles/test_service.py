"""Profiles: what may stand in them, what they want before a check, and their way from draft to end."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import ColumnElement
from sqlmodel import Session

import states.crossings.rights.providers  # noqa: F401 - they answer for profiles
from states.clock import at, today
from states.deadlines.queries import open_deadlines_of
from states.errors import Stale
from states.matchmaking.profiles.content import NAMES, ProfileContent
from states.matchmaking.profiles.quality_check import Scores, check_profile
from states.matchmaking.profiles.queries import live_profiles, profiles_of
from states.matchmaking.profiles.service import (
    CHECK_DEADLINE,
    ProfileInvalid,
    edit_profile,
    expire_profiles,
    renew_profile,
    reopen_profile,
    submit_profile,
    withdraw_profile,
)
from states.matchmaking.profiles.states import ProfileRefused
from states.matchmaking.profiles.tables import OfferKind, Profile, ProfileState, ProfileType
from states.matchmaking.suggestions.taxonomy import taxonomy
from states.rights.access import Action, Role
from states.rights.conditions import permitted_where
from tests.expect import codes, places
from tests.factories import World, a_world
from tests.meeting_factories import a_content, a_profile, a_published_profile

SPRING = datetime(2024, 2, 29, 10, tzinfo=UTC)
on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def content_of(row: Profile) -> ProfileContent:
    return ProfileContent(**{name: getattr(row, name) for name in NAMES})


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def test_references_count_up_within_type_country_and_day(world: World) -> None:
    with at(SPRING):
        rows = [a_profile(world), a_profile(world), a_profile(world, "marseille")]
        rows.append(a_profile(world, content=a_content(ProfileType.TECHNOLOGY_REQUEST)))

    assert [row.reference for row in rows] == [
        "TOPL20240229001",
        "TOPL20240229002",
        "TOFR20240229001",
        "TRPL20240229001",
    ]


def test_a_profile_is_kept_as_it_was_written(world: World) -> None:
    content = a_content(
        ProfileType.RESEARCH_REQUEST,
        call_programme="Horizon Europe",
        budget=Decimal("2500000.50"),
        interest_until=date(2026, 3, 1),
        call_closes_on=date(2026, 4, 1),
        coordinator_wanted=True,
        duration_weeks=156,
        keywords=["BI", "BI.IMP.DEN", "BI"],
        countries=["FR", "GR"],
        title=" Bone ",
    )
    row = a_profile(world, content=content)
    world.session.expire(row)

    kept = content_of(world.session.get_one(Profile, row.id))

    assert kept == replace(content, keywords=["BI", "BI.IMP.DEN"], title="Bone")
    assert row.taxonomy_version == taxonomy().version


@on_sqlite
@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"title": " "}, "title"),
        ({"summary": "x" * 501}, "summary"),
        ({"description": "x" * 4001}, "description"),
        ({"keywords": ["BI", "NO.SUCH"]}, "keywords[2]"),
        ({"countries": ["pl"]}, "countries[1]"),
        ({"countries": ["EU"]}, "countries[1]"),
        ({"languages": ["en", "xx"]}, "languages[2]"),
        ({"trl": 10}, "trl"),
        ({"acronym": "BONE"}, "acronym"),
        ({"coordinator_wanted": False}, "coordinator_wanted"),
        ({"type": ProfileType.BUSINESS_REQUEST, "offer_kind": OfferKind.SERVICE}, "offer_kind"),
        ({"type": ProfileType.RESEARCH_REQUEST, "offer_kind": None, "budget": Decimal("0.001")}, "budget"),
        ({"type": ProfileType.RESEARCH_REQUEST, "offer_kind": None, "duration_weeks": 0}, "duration_weeks"),
    ],
)
def test_what_does_not_fit_is_named(world: World, change: dict[str, object], where: str) -> None:
    with pytest.raises(ProfileInvalid) as caught:
        a_profile(world, content=a_content(**change))  # type: ignore[arg-type]

    assert places(caught.value) == [where]
    assert profiles_of(world.session, world.partnership.id) == []


@on_sqlite
def test_a_draft_says_what_it_wants_before_a_check(world: World) -> None:
    empty = a_content(
        ProfileType.BUSINESS_REQUEST, **dict.fromkeys(("summary", "expertise_sought", "partner_role"), "")
    )
    row = a_profile(world, content=replace(empty, keywords=[], ipr=None))

    with pytest.raises(ProfileRefused) as caught:
        submit_profile(world.session, row)

    assert caught.value.reasons[0].missing == ("summary", "ipr", "partner_role", "keywords", "expertise_sought")
    assert row.state is ProfileState.DRAFT


@on_sqlite
def test_a_research_request_wants_its_call_before_a_check(world: World) -> None:
    row = a_profile(world, content=a_content(ProfileType.RESEARCH_REQUEST, ipr=None, development=None))

    with pytest.raises(ProfileRefused) as caught:
        submit_profile(world.session, row)

    assert caught.value.reasons[0].missing == ("call_programme", "interest_until")


def test_a_check_is_waited_for_until_it_is_done(world: World) -> None:
    row = submit_profile(world.session, a_profile(world))
    waiting = open_deadlines_of(world.session, kind=CHECK_DEADLINE, subject_id=row.id)
    with at(SPRING):
        check_profile(
            world.session,
            row,
            Scores(3, 3, 3, 3),
            comment="",
            person_id=world.people["project_manager"].id,
            organisation_id=None,
        )

    assert [(one.owner_role.value, one.owner_person_id) for one in waiting] == [("project_manager", None)]
    assert open_deadlines_of(world.session, kind=CHECK_DEADLINE, subject_id=row.id) == []
    assert (row.state, row.valid_from, row.valid_until) == (
        ProfileState.PUBLISHED,
        date(2024, 2, 29),
        date(2025, 2, 28),
    )


@on_sqlite
def test_a_profile_on_hold_is_mended_and_checked_again(world: World) -> None:
    row = submit_profile(world.session, a_profile(world))
    manager = world.people["project_manager"].id
    check_profile(world.session, row, Scores(2, 2, 2, 2), comment="Say more.", person_id=manager, organisation_id=None)

    edit_profile(world.session, row, replace(content_of(row), summary="More."), expected_version=row.version)
    submit_profile(world.session, row)

    assert (row.state, row.summary) == (ProfileState.IN_REVIEW, "More.")


@on_sqlite
def test_what_is_public_is_not_edited_but_reopened(world: World) -> None:
    row = a_published_profile(world)

    with pytest.raises(ProfileRefused):
        edit_profile(world.session, row, content_of(row))
    reopen_profile(world.session, row)

    assert (row.state, row.valid_until) == (ProfileState.DRAFT, None)
    assert live_profiles(world.session, world.partnership.id) == []


@on_sqlite
def test_a_profile_ends_and_is_no_longer_renewed(world: World) -> None:
    with at(SPRING):
        row = a_published_profile(world)
    with at(datetime(2025, 2, 28, tzinfo=UTC)):
        live = [one.reference for one, _ in live_profiles(world.session, world.partnership.id)]
        ended = expire_profiles(world.session)
    with at(datetime(2025, 3, 1, tzinfo=UTC)):
        gone = live_profiles(world.session, world.partnership.id)
        with pytest.raises(ProfileRefused):
            renew_profile(world.session, row)
        marked = expire_profiles(world.session)

    assert (live, ended, gone, marked) == (["TOPL20240229001"], [], [], [row])
    assert row.state is ProfileState.EXPIRED


@on_sqlite
def test_a_profile_is_renewed_for_a_year_from_today(world: World) -> None:
    row = a_published_profile(world)
    half_a_year_on = datetime(today().year + 1, 1, 15, tzinfo=UTC)
    with at(half_a_year_on.replace(year=today().year)):
        renew_profile(world.session, row)

    assert row.valid_until == half_a_year_on.date()


@on_sqlite
def test_whom_a_profile_is_shown_to(world: World) -> None:
    public, draft = a_published_profile(world), a_profile(world)
    own, other = world.organisations["gliwice"].id, world.organisations["marseille"].id

    seen = {
        who: {row.id for row in profiles_of(world.session, world.partnership.id, _seen_by(world, role, who))}
        for role, who in ((Role.PROJECT_MANAGER, None), (Role.PARTNER, own), (Role.PARTNER, other))
    }

    assert seen == {None: {public.id, draft.id}, own: {public.id, draft.id}, other: {public.id}}


def _seen_by(world: World, role: Role, organisation_id: str | None) -> ColumnElement[bool]:
    actor = world.actor(role, organisation_id=organisation_id)
    return permitted_where(world.session, actor, Profile, Action.READ_PROFILES)


@on_sqlite
def test_a_change_needs_the_version_that_was_read(world: World) -> None:
    row = a_profile(world)

    for change in (withdraw_profile, submit_profile):
        with pytest.raises(Stale):
            change(world.session, row, expected_version=7)
    with pytest.raises(Stale):
        edit_profile(world.session, row, content_of(row), expected_version=7)

    assert row.state is ProfileState.DRAFT


@on_sqlite
def test_the_type_of_a_profile_stays(world: World) -> None:
    row = a_profile(world)

    with pytest.raises(ProfileInvalid) as caught:
        edit_profile(world.session, row, a_content(ProfileType.BUSINESS_OFFER))

    assert places(caught.value) == ["type"]


@on_sqlite
def test_a_rejected_profile_goes_nowhere(world: World) -> None:
    row = submit_profile(world.session, a_profile(world))
    manager = world.people["project_manager"].id
    check_profile(world.session, row, Scores(1, 1, 1, 1), comment="", person_id=manager, organisation_id=None)

    for step in (submit_profile, reopen_profile, withdraw_profile):
        with pytest.raises(ProfileRefused) as caught:
            step(world.session, row)
        assert codes(caught.value) == ["wrong_state"]
