"""Offers: every move from here with all that speaks against it, for any actor or for nobody in particular."""

import pytest
from sqlmodel import Session

from states.collaborations.queries import Step
from states.crossings.merging import name_target
from states.errors import Refused, Stale
from states.lifecycle.available_moves import (
    AvailableMove,
    NotOffered,
    lifecycle_view,
    lifecycle_views,
    target,
)
from states.lifecycle.move import dry_run, move
from states.playbooks.definition import Move
from states.rights.access import Actor, Role
from tests.expect import by_name, codes
from tests.factories import World, a_collaboration, a_collaboration_at, a_world, s3


def _refusals(offers: tuple[AvailableMove, ...]) -> dict[str, list[str]]:
    return {offer.move.name: [refusal.code for refusal in offer.refusals] for offer in offers}


def test_what_a_manager_is_offered(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "outline")
    assert _refusals(lifecycle_view(session, row, actor=world.manager).moves) == {
        "start_protocol": ["no_working_area", "no_summary"],
        "back_to_matchmaking": [],
        "park": [],
        "drop": [],
        "merge": ["no_merge_target"],
    }


def test_who_may_not_is_told_the_roles_first_and_the_rest_too(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "outline")
    offers = by_name(lifecycle_view(session, row, actor=world.actor(Role.OBSERVER)))
    park = offers["park"].refusals
    assert [refusal.code for refusal in offers["start_protocol"].refusals] == ["role", "no_working_area", "no_summary"]
    assert [(one.code, one.message, one.mend_by) for one in park] == [
        ("role", "This move is made by: project manager or partner organisation.", ("project_manager", "partner"))
    ]
    assert not offers["park"].open


def test_a_partner_moves_only_where_its_organisation_takes_part(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "outline")
    ours = Actor(Role.PARTNER, world.partnership.id, organisation_id=world.organisations["gliwice"].id)
    theirs = Actor(Role.PARTNER, world.partnership.id, organisation_id=world.organisations["katowice"].id)
    stranger = Actor(Role.PROJECT_MANAGER, "another")
    found = [by_name(lifecycle_view(session, row, actor=actor))["park"].open for actor in (ours, theirs, stranger)]
    assert found == [True, False, False]


def test_without_an_actor_roles_are_left_out(session: Session) -> None:
    row = a_collaboration(a_world(session))
    assert _refusals(lifecycle_view(session, row, actor=None).moves) == {
        "draft_outline": [],
        "park": [],
        "drop": [],
        "merge": ["no_merge_target"],
    }


def test_a_dry_run_says_what_the_move_would(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    assert dry_run(session, row, "draft_outline", actor=world.manager).to == "outline"
    with pytest.raises(Refused) as caught:
        dry_run(session, row, "drop", actor=world.manager, reason=" ")
    with pytest.raises(NotOffered, match=r"There are: draft_outline, park, drop and merge\."):
        dry_run(session, row, "win", actor=world.manager)
    with pytest.raises(Stale):
        dry_run(session, row, "draft_outline", actor=world.manager, expected_version=row.version + 1)
    assert (codes(caught.value), row.stage) == (["reason_missing"], "matchmaking")


def test_a_final_stage_offers_nothing(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    name_target(session, row, a_collaboration(world, slug="target"))
    move(session, row.id, "merge", actor=world.manager, reason="One is enough.")
    assert lifecycle_view(session, row, actor=world.manager).moves == ()
    with pytest.raises(NotOffered, match="There are: none"):
        dry_run(session, row, "drop", actor=world.manager, reason="So.")


def test_of_several_each_has_its_own(session: Session) -> None:
    world = a_world(session)
    first, second = a_collaboration(world), a_collaboration_at(world, "outline", slug="second")
    found = lifecycle_views(session, [second, first], actor=world.manager)
    assert [(one.collaboration.slug, one.moves[0].move.name) for one in found] == [
        ("second", "start_protocol"),
        ("centre", "draft_outline"),
    ]


def _walk(world: World, key: str, *names: str) -> None:
    for name in names:
        move(world.session, key, name, actor=world.manager, reason="So.")


@pytest.mark.parametrize(
    ("walk", "back", "expected"),
    [
        (["park"], "resume", "outline"),
        (["drop"], "reopen", "outline"),
        (["park", "drop"], "reopen", "parked"),
        (["park", "drop", "reopen"], "resume", "outline"),
        (["park", "drop", "reopen", "drop", "reopen"], "resume", "outline"),
        (["park", "resume", "drop", "reopen", "park"], "resume", "outline"),
    ],
)
def test_a_return_leads_past_other_returns(session: Session, walk: list[str], back: str, expected: str) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "outline")
    _walk(world, row.id, *walk)
    assert by_name(lifecycle_view(session, row, actor=None))[back].to == expected
    _walk(world, row.id, back)
    assert row.stage == expected


def test_a_plain_target_asks_no_history() -> None:
    plain = s3().move("drop", stage="outline")
    assert isinstance(plain, Move)
    assert target(plain, list[Step](), playbook=s3()) == "dropped"
