"""One collaboration merges into another: it names it, and what stands behind it goes over."""

import pytest
from sqlmodel import Session, select

from states.collaborations.queries import members_of
from states.collaborations.service import change_member
from states.collaborations.tables import MemberPart
from states.crossings.merging import TargetUnfit, handing_over, merged_into, name_target
from states.deadlines.tables import Deadline, DeadlineState
from states.errors import Refused
from states.lifecycle.move import move
from states.rights.access import Role
from tests.expect import codes
from tests.factories import a_collaboration, a_collaboration_at, a_cost_line, a_world, contacts_behind
from tests.plans import plans

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_contacts_and_members_go_over(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    target = a_collaboration(world, slug="target", sites=("katowice", "gliwice"))
    with pytest.raises(Refused) as caught:
        move(session, row.id, "merge", actor=world.manager, reason="One is enough.")
    assert codes(caught.value) == ["no_merge_target"]

    name_target(session, row, target)
    move(session, row.id, "merge", actor=world.manager, reason="One is enough.")

    assert (row.stage, target.stage, contacts_behind(session, row.id)) == ("merged", "matchmaking", [])
    assert len(contacts_behind(session, target.id)) == 2
    assert [(one.organisation.name, one.member.part) for one in members_of(session, [target.id])[target.id]] == [
        ("katowice", MemberPart.LEAD),
        ("gliwice", MemberPart.PARTNER),
        ("marseille", MemberPart.PARTNER),
    ]


def test_what_merged_into_one_is_found_without_a_look_at_all_others(session: Session) -> None:
    world = a_world(session)
    row, target = a_collaboration(world), a_collaboration(world, slug="target", sites=("katowice", "gliwice"))
    name_target(session, row, target)
    move(session, row.id, "merge", actor=world.manager, reason="One is enough.")

    with plans(having="merges_into_id IN") as found:
        assert merged_into(session, target.id) == [row.id]

    lines = [line for _, plan in found for line in plan]
    assert [line for line in lines if line.startswith("SCAN")] == []
    assert any("ix_collaboration_merges_into_id" in line for line in lines)


def test_a_target_that_is_over_or_itself_is_none(session: Session) -> None:
    world = a_world(session)
    row, target = a_collaboration(world), a_collaboration(world, slug="target")
    with pytest.raises(TargetUnfit):
        name_target(session, row, row)
    name_target(session, target, row)
    with pytest.raises(TargetUnfit):
        name_target(session, row, target)
    name_target(session, target, None)
    move(session, target.id, "drop", actor=world.manager, reason="No partner.")
    with pytest.raises(TargetUnfit, match="target is over"):
        name_target(session, row, target)
    assert (row.merges_into_id, target.merges_into_id) == (None, None)


def test_what_goes_where_is_said_before_and_done_so(session: Session) -> None:
    world = a_world(session)
    row, third = a_collaboration_at(world, "iag_review"), a_collaboration(world, slug="third")
    move(session, row.id, "revise", actor=world.actor(Role.IAG_SECRETARY), reason="Two of one kind.")
    target = a_collaboration(world, slug="target", sites=("katowice", "gliwice"))
    a_cost_line(world, row)
    brings = world.organisations["gliwice"].id
    change_member(session, row, brings, part=None, contribution="Tests")
    name_target(session, third, row)
    name_target(session, row, target)

    said = handing_over(session, row)
    move(session, row.id, "merge", actor=world.manager, reason="One is enough.")

    assert (said.target, said.contacts, said.joining, said.there_already, said.following) == (
        *("target", 1, ("medtech-marseille",), ("medtech-gliwice",), ("third",)),
    )
    assert said.staying == {"protocol_versions": 1, "cost_lines": 1}
    assert said.deadlines > 0
    assert third.merges_into_id == target.id
    found = {one.organisation.name: one.member.contribution for one in members_of(session, [target.id])[target.id]}
    assert found == {"katowice": "", "gliwice": "Tests", "marseille": ""}
    left = select(Deadline).where(Deadline.collaboration_id == row.id, Deadline.state == DeadlineState.OPEN)
    assert session.exec(left).all() == []


def test_who_was_to_merge_into_what_is_over_names_another(session: Session) -> None:
    world = a_world(session)
    row, target = a_collaboration(world), a_collaboration(world, slug="target")
    name_target(session, row, target)

    move(session, target.id, "drop", actor=world.manager, reason="No partner.")

    assert row.merges_into_id is None
    with pytest.raises(Refused) as caught:
        move(session, row.id, "merge", actor=world.manager, reason="One is enough.")
    assert codes(caught.value) == ["no_merge_target"]
