"""Collaborations: short names, members that come and go, and that every change counts the version."""

from datetime import date

import pytest
from sqlmodel import Session, select

from states.clock import today
from states.collaborations.queries import collaboration_by_id, collaborations_of, history_of, members_of
from states.collaborations.service import (
    AlreadyMember,
    Joining,
    LeadNeeded,
    SlugInvalid,
    add_collaboration,
    add_member,
    change_member,
    edit_collaboration,
    remove_member,
)
from states.collaborations.tables import Collaboration, Member, MemberPart
from states.errors import Missing, Stale
from states.partners.tables import WorkingArea
from tests.factories import World, a_collaboration, a_collaboration_at, a_world


def _add(world: World, slug: str, *joining: Joining) -> Collaboration:
    return add_collaboration(
        world.session,
        partnership_id=world.partnership.id,
        slug=slug,
        title="Title",
        playbook="s3@1",
        stage="matchmaking",
        members=joining,
    )


def _members(session: Session, row: Collaboration) -> list[tuple[str, MemberPart]]:
    return [(entry.organisation.name, entry.member.part) for entry in members_of(session, [row.id])[row.id]]


@pytest.mark.parametrize("slug", ["a", "centre-4", "4-0-healthcare"])
def test_a_short_name(session: Session, slug: str) -> None:
    assert _add(a_world(session), slug).slug == slug


@pytest.mark.parametrize("slug", ["", "Centre", "-a", "a-", "a--b", "a b", "ä", "a/b", "a\n"])
def test_a_short_name_that_does_not_fit(session: Session, slug: str) -> None:
    with pytest.raises(SlugInvalid, match="is no short name"):
        _add(a_world(session), slug)
    assert session.exec(select(Collaboration)).all() == []


def test_a_short_name_is_taken_within_its_partnership_only(session: Session) -> None:
    world, other = a_world(session), a_world(session, slug="energy")
    _add(world, "centre")
    assert _add(other, "centre").partnership_id == other.partnership.id
    with pytest.raises(SlugInvalid, match="is taken"):
        _add(world, "centre")


def test_members_come_lead_first_then_by_name(session: Session) -> None:
    world = a_world(session)
    of = world.organisations
    row = _add(
        world, "centre", Joining(of["katowice"]), Joining(of["gliwice"]), Joining(of["marseille"], MemberPart.LEAD)
    )
    assert _members(session, row) == [
        ("marseille", MemberPart.LEAD),
        ("gliwice", MemberPart.PARTNER),
        ("katowice", MemberPart.PARTNER),
    ]


def test_a_new_lead_takes_over(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    add_member(session, row, Joining(world.organisations["katowice"], MemberPart.LEAD, contribution="Laboratory"))
    assert _members(session, row) == [
        ("katowice", MemberPart.LEAD),
        ("gliwice", MemberPart.PARTNER),
        ("marseille", MemberPart.PARTNER),
    ]


def test_nobody_joins_twice(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    with pytest.raises(AlreadyMember, match="gliwice takes part already"):
        add_member(session, row, Joining(world.organisations["gliwice"]))
    assert len(_members(session, row)) == 2


def test_who_left_may_join_again_and_its_record_stays(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    key = world.organisations["gliwice"].id
    remove_member(session, row, key, next_lead=world.organisations["marseille"].id)
    left = session.exec(select(Member).where(Member.organisation_id == key)).one()
    assert (_members(session, row), left.left_on) == ([("marseille", MemberPart.LEAD)], today())
    again = add_member(session, row, Joining(world.organisations["gliwice"], contribution="Back"))
    assert (again.id, again.part, again.contribution, again.left_on) == (left.id, MemberPart.PARTNER, "Back", None)


def test_only_a_member_can_leave(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    add_member(session, row, Joining(world.organisations["katowice"]))
    remove_member(session, row, world.organisations["marseille"].id)
    with pytest.raises(Missing):
        remove_member(session, row, world.organisations["marseille"].id)


def test_the_lead_leaves_once_the_next_one_is_named(session: Session) -> None:
    world = a_world(session)
    row, of = a_collaboration(world), world.organisations
    for act in (
        lambda: remove_member(session, row, of["gliwice"].id),
        lambda: change_member(session, row, of["gliwice"].id, part=MemberPart.PARTNER),
    ):
        with pytest.raises(LeadNeeded):
            act()
    with pytest.raises(Missing):
        remove_member(session, row, of["gliwice"].id, next_lead=of["katowice"].id)
    assert _members(session, row) == [("gliwice", MemberPart.LEAD), ("marseille", MemberPart.PARTNER)]
    remove_member(session, row, of["gliwice"].id, next_lead=of["marseille"].id)
    assert _members(session, row) == [("marseille", MemberPart.LEAD)]
    with pytest.raises(LeadNeeded, match="drop the collaboration instead"):
        remove_member(session, row, of["marseille"].id)


def test_a_member_becomes_lead_and_says_what_it_brings_in(session: Session) -> None:
    world = a_world(session)
    row, before = a_collaboration(world), world.organisations
    counted = row.consortium or 0
    change_member(session, row, before["marseille"].id, contribution="Data")
    assert row.consortium == counted
    member = change_member(session, row, before["marseille"].id, part=MemberPart.LEAD)
    assert _members(session, row) == [("marseille", MemberPart.LEAD), ("gliwice", MemberPart.PARTNER)]
    assert (member.contribution, row.consortium) == ("Data", counted + 1)


def test_what_is_none_stays(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    edit_collaboration(session, row, summary="Short.", working_area=world.area)
    edit_collaboration(session, row, title="Other")
    session.expire_all()
    assert (row.title, row.summary, row.working_area_id) == ("Other", "Short.", world.area and world.area.id)


def test_a_working_area_of_another_partnership_is_none(session: Session) -> None:
    world, other = a_world(session), a_world(session, slug="energy")
    row = a_collaboration(world)
    assert isinstance(other.area, WorkingArea)
    with pytest.raises(Missing):
        edit_collaboration(session, row, title="Changed", working_area=other.area)
    assert (row.title, row.working_area_id) == ("Centre for Biocompatibility", None)


def test_every_change_counts_and_an_old_reader_is_told(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    read = row.version
    edit_collaboration(session, row, title="One", expected_version=read)
    add_member(session, row, Joining(world.organisations["katowice"]), expected_version=read + 1)
    remove_member(session, row, world.organisations["katowice"].id, expected_version=read + 2)
    assert row.version == read + 3
    with pytest.raises(Stale):
        edit_collaboration(session, row, title="Two", expected_version=read)
    with pytest.raises(Stale):
        add_member(session, row, Joining(world.organisations["katowice"]), expected_version=read)
    with pytest.raises(Stale):
        remove_member(session, row, world.organisations["marseille"].id, expected_version=read)
    assert (row.title, len(_members(session, row))) == ("One", 2)


def test_reads_keep_to_what_was_asked(session: Session) -> None:
    world, other = a_world(session), a_world(session, slug="energy")
    first, second = a_collaboration(world), a_collaboration_at(world, "outline", slug="second")
    a_collaboration(other)
    key = world.partnership.id
    assert [row.slug for row in collaborations_of(session, key)] == ["centre", "second"]
    assert [row.slug for row in collaborations_of(session, key, stage="outline")] == ["second"]
    lines = history_of(session, [first.id, second.id])
    assert [(len(lines[first.id]), [line.move for line in lines[second.id]])] == [(0, ["draft_outline"])]
    with pytest.raises(Missing):
        collaboration_by_id(session, "nothing")


def test_joining_is_dated(session: Session) -> None:
    row = a_collaboration(a_world(session))
    dates: set[date] = {entry.member.joined_on for entry in members_of(session, [row.id])[row.id]}
    assert dates == {today()}
