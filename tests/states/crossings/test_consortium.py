"""A partner becomes lead, or leaves: what was theirs goes on or is named, and nothing old passes any more."""

import pytest
from sqlmodel import Session

from states.collaborations.queries import members_of
from states.collaborations.service import Joining
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.consortium import change_part, join, leave, open_points
from states.errors import Missing, Refused
from states.funding.queries import costs_of
from states.lifecycle.available_moves import lifecycle_view
from states.lifecycle.move import move
from states.protocol.queries import latest_versions, sign_offs_of
from states.protocol.service import NothingToFreeze, freeze_version
from tests.expect import by_name, codes
from tests.factories import World, a_collaboration_at, a_world, freeze, sign, submit_to_lender
from tests.states.crossings.deadlines.waiting import SQLITE, waiting
from tests.states.lifecycle.stages import THROUGH


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def _leads(world: World, row: Collaboration, name: str = "marseille") -> None:
    key = world.organisations[name].id
    change_part(world.session, row, key, part=MemberPart.LEAD, contribution=None, actor=world.manager)


def _refused(world: World, row: Collaboration, name: str) -> list[str]:
    found = by_name(lifecycle_view(world.session, row, actor=world.manager))[name]
    with pytest.raises(Refused) as caught:
        move(world.session, row.id, name, actor=world.manager)
    assert caught.value.reasons == found.refusals
    return [one.code for one in found.refusals]


def test_after_a_change_of_lead_nothing_old_passes(world: World) -> None:
    row = a_collaboration_at(world, "bankable")
    submit_to_lender(world, row)
    assert by_name(lifecycle_view(world.session, row, actor=world.manager))["submit"].refusals == ()

    _leads(world, row)

    assert _refused(world, row, "submit") == ["consortium_changed", "not_signed_off"]
    assert waiting(world, row, "sign_off") == []


@SQLITE
def test_the_same_text_is_frozen_anew_and_signed_by_all(world: World) -> None:
    row = a_collaboration_at(world, "bankable")
    with pytest.raises(NothingToFreeze):
        freeze_version(world.session, row)
    _leads(world, row)
    freeze(world, row)
    version = latest_versions(world.session, [row.id])[row.id]
    assert (version.number, [one.signed_at for one, _ in sign_offs_of(world.session, version.id)]) == (2, [None, None])
    sign(world, row)
    # It was reviewed and costed under the former lead.
    assert _refused(world, row, "submit") == ["versions_differ", "no_submission"]


@SQLITE
def test_what_waited_for_the_former_lead_waits_for_the_new_one(world: World) -> None:
    row = a_collaboration_at(world, "iag_review")
    next(leg for leg in THROUGH if leg.stage == "iag_review").prepare(world, row)
    before = [one.due_on for one in waiting(world, row, "condition")]

    _leads(world, row)

    marseille = world.organisations["marseille"]
    found = waiting(world, row, "condition")
    assert [one.due_on for one in found] == before
    assert {(one.owner_organisation_id, one.nuts) for one in found} == {(marseille.id, "FRL04")}
    assert _refused(world, row, "pass_to_wgra")[-1:] == ["consortium_changed"]


@SQLITE
def test_what_is_still_of_a_partner_that_left_is_named(world: World) -> None:
    row, of = a_collaboration_at(world, "bankable"), world.organisations
    assert open_points(world.session, row) == []

    leave(world.session, row, of["gliwice"].id, next_lead=of["marseille"].id, actor=world.manager)

    assert [(one.code, one.where) for one in open_points(world.session, row)] == [
        ("consortium_changed", "protocol/versions"),
        ("costs_of_former_partner", "cost-lines"),
        ("scenario_of_former_partner", "scenarios"),
        ("protocol_names_former_partner", "protocol"),
    ]
    assert "scenario_stale" in _refused(world, row, "submit")


@SQLITE
def test_costs_go_to_whom_they_are_given(world: World) -> None:
    row, of = a_collaboration_at(world, "bankable"), world.organisations
    with pytest.raises(Missing):
        leave(world.session, row, of["marseille"].id, costs_to=of["katowice"].id, actor=world.manager)
    join(world.session, row, Joining(of["katowice"]), actor=world.manager)

    leave(
        world.session,
        row,
        of["gliwice"].id,
        next_lead=of["marseille"].id,
        costs_to=of["katowice"].id,
        actor=world.manager,
    )

    assert [(one.organisation_id, one.nuts) for one in costs_of(world.session, row.id)] == [
        (of["katowice"].id, of["katowice"].nuts)
    ]
    assert "costs_of_former_partner" not in codes(Refused(open_points(world.session, row)))


@SQLITE
def test_who_joins_again_keeps_no_signature(world: World) -> None:
    row, of = a_collaboration_at(world, "bankable"), world.organisations
    leave(world.session, row, of["marseille"].id, actor=world.manager)
    join(world.session, row, Joining(of["marseille"]), actor=world.manager)
    assert len(members_of(world.session, [row.id])[row.id]) == 2
    assert _refused(world, row, "submit") == ["consortium_changed", "not_signed_off", "no_submission"]
