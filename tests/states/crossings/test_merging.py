"""One collaboration merges into another: it names it, and what stands behind it goes over."""

import pytest
from sqlmodel import Session

from states.collaborations.queries import members_of
from states.collaborations.tables import MemberPart
from states.crossings.merging import TargetUnfit, name_target
from states.errors import Refused
from states.lifecycle.move import move
from tests.expect import codes
from tests.factories import a_collaboration, a_world, contacts_behind

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
