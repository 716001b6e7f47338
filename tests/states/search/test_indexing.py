"""The index follows the rows, in the transaction of the rows: whatever is written can be found, and nothing else."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from states.collaborations.service import Joining, add_member, edit_collaboration, remove_member
from states.collaborations.tables import Collaboration
from states.partners.tables import Membership, Organisation, Partnership, PartnershipKind, Region
from states.protocol.service import write_section
from states.protocol.tables import SectionDraft
from states.search import is_complete, rebuild, write_entries
from states.search.tables import SearchEntry
from states.seeds.registry import load_registry
from states.seeds.situation import load_report, load_situation
from states.storage import begin, table_of
from tests.factories import World, a_collaboration, a_world, s3
from tests.meeting_factories import a_published_profile
from tests.search_index import entries_in, unlike_rebuilt
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("installation")


def _a_world(session: Session) -> World:
    world = a_world(session)
    session.add_all(
        Membership(partnership_id=world.partnership.id, organisation_id=row.id) for row in world.organisations.values()
    )
    return world


def _parts(session: Session, kind: str, subject_id: str) -> dict[str, str]:
    [found] = [parts for (of, key, _), parts in entries_in(session).items() if (of, key) == (kind, subject_id)]
    return found


def test_a_collaboration_is_found_by_its_parts(session: Session) -> None:
    world = _a_world(session)
    world.organisations["gliwice"].name = "Gliwice Werke"
    row = a_collaboration(world)
    edit_collaboration(session, row, summary="With Gliwice Werke.", working_area=world.area)
    write_section(session, row, "object", {"what": "A rig", "services": "Tests"}, sections=s3().protocol)

    number = row.id[:8]
    assert _parts(session, "collaboration", row.id) == {
        "title": "centre for biocompatibility",
        "outline": "gliwice werke medtech gliwice pl pl22 marseille medtech marseille fr frl0",
        "details": "centre with gliwice werke biomaterials and implants pl229 frl04",
        "inside": "a rig tests",
        "blind_title": "centre for biocompatibility",
        "blind_outline": "partner a pl pl22 partner b fr frl0",
        "blind_details": f"collaboration {number} with partner a biomaterials and implants",
        "collaboration_id": row.id,
    }


def test_an_organisation_is_found_by_name_site_and_profiles(session: Session) -> None:
    world = _a_world(session)
    profile = a_published_profile(world, "gliwice")
    row = world.organisations["gliwice"]

    found = _parts(session, "organisation", row.id)

    assert (found["title"], found["outline"]) == ("gliwice", "medtech gliwice sme pl pl229 upper silesia upper silesia")
    assert profile.title.casefold().split()[0] in found["details"].split()
    assert (found["inside"], found["blind_title"], found["collaboration_id"]) == ("", "", "")


def test_entries_follow_every_change(session: Session) -> None:
    world = _a_world(session)
    row = a_collaboration(world, sites=("gliwice", "marseille"))
    steps: list[Callable[[], object]] = [
        lambda: edit_collaboration(
            session, row, title="Another title", summary="Of gliwice, rig.example.org.", working_area=world.area
        ),
        lambda: add_member(session, row, Joining(world.organisations["katowice"], contribution="A laboratory")),
        lambda: setattr(world.organisations["katowice"], "name", "Śląska Politechnika"),
        lambda: setattr(world.organisations["gliwice"], "domains", ["rig.example.org"]),
        lambda: setattr(world.area, "name", "Implants"),
        lambda: setattr(world.regions["upper-silesia"], "name", "Górny Śląsk"),
        lambda: remove_member(session, row, world.organisations["marseille"].id),
        lambda: write_section(session, row, "object", {"what": "A rig", "services": "T"}, sections=s3().protocol),
        lambda: a_published_profile(world, "marseille"),
    ]
    before = entries_in(session)
    assert unlike_rebuilt(session) == []
    for step in steps:
        step()
        session.flush()
        after = entries_in(session)
        assert after != before
        assert unlike_rebuilt(session) == []
        before = after


def test_what_is_removed_is_not_found(session: Session) -> None:
    world = _a_world(session)
    organisation = Organisation(
        slug="gone", name="Gone", kind=world.organisations["gliwice"].kind, country="PL", nuts="PL"
    )
    session.add(organisation)
    session.flush()
    membership = Membership(partnership_id=world.partnership.id, organisation_id=organisation.id)
    session.add(membership)
    assert _parts(session, "organisation", organisation.id)["title"] == "gone"

    session.delete(membership)

    assert [key for _, key, _ in entries_in(session) if key == organisation.id] == []
    assert unlike_rebuilt(session) == []


def test_a_section_that_is_removed_leaves_the_rest(session: Session) -> None:
    world = _a_world(session)
    row = a_collaboration(world)
    write_section(session, row, "object", {"what": "A rig", "services": "Tests"}, sections=s3().protocol)
    assert _parts(session, "collaboration", row.id)["inside"] == "a rig tests"

    for draft in session.exec(select(SectionDraft)):
        session.delete(draft)

    assert _parts(session, "collaboration", row.id)["inside"] == ""
    assert unlike_rebuilt(session) == []


def test_an_organisation_has_an_entry_in_each_partnership(session: Session) -> None:
    world = _a_world(session)
    other = Partnership(slug="food", name="Food", kind=PartnershipKind.TSSP, playbook="s3")
    session.add(other)
    session.flush()
    session.add(Region(partnership_id=other.id, slug="silesia", name="Śląsk", country="PL", codes=["PL22"]))
    session.add(Membership(partnership_id=other.id, organisation_id=world.organisations["gliwice"].id))

    found = {key[2]: parts["outline"] for key, parts in entries_in(session).items() if parts["title"] == "gliwice"}

    assert found == {
        world.partnership.id: "medtech gliwice sme pl pl229 upper silesia upper silesia",
        other.id: "medtech gliwice sme pl pl229 slask silesia",
    }


class _Undone(Exception):
    """Takes back what was written."""


def test_entries_are_written_with_the_rows_or_not_at_all() -> None:
    with begin() as session:
        row = a_collaboration(_a_world(session))
    with suppress(_Undone), begin() as session:
        session.get_one(Collaboration, row.id).title = "Never"
        write_entries(session)
        raise _Undone
    with begin() as session:
        with suppress(_Undone), session.begin_nested():
            session.get_one(Collaboration, row.id).title = "Never"
            raise _Undone
        session.get_one(Collaboration, row.id).summary = "Written"
    with begin() as session:
        found = _parts(session, "collaboration", row.id)
        assert (found["title"], found["details"].split()[1]) == ("centre for biocompatibility", "written")
        assert unlike_rebuilt(session) == []


def test_what_changes_no_text_asks_for_nothing() -> None:
    with begin() as session:
        row = a_collaboration(_a_world(session))
    with counted() as statements, begin() as session:
        found = session.get_one(Collaboration, row.id)
        found.title, found.stage_since, found.version = str(found.title), found.opened_at, 9
    assert [one for one in statements if "search_entry" in one or "member" in one] == []


def test_a_change_costs_as_much_for_one_row_as_for_many() -> None:
    costs = []
    for number in (2, 20):
        with begin() as session:
            world = a_world(session, slug=f"w{number}")
            for index in range(number):
                a_collaboration(world, slug=f"centre-{index}")
            key = world.organisations["gliwice"].id
        with counted() as statements, begin() as session:
            session.get_one(Organisation, key).name = "Another"
        costs.append(len(statements))
        with begin() as session:
            own = {key: parts for key, parts in entries_in(session).items() if key[2] == world.partnership.id}
            assert [parts["outline"].split()[0] for parts in own.values()] == ["another"] * number
    assert costs[0] == costs[1]


def test_the_seeds_are_found(session: Session) -> None:
    partnership = load_registry(session)
    load_situation(session, partnership)
    load_report(session, partnership)

    held = entries_in(session)

    assert is_complete(session)
    assert len([key for key in held if key[0] == "collaboration"]) == len(session.exec(select(Collaboration)).all()) > 0
    assert unlike_rebuilt(session) == []


def test_a_rebuilt_index_is_whole_again(session: Session) -> None:
    a_collaboration(_a_world(session))
    held = entries_in(session)
    session.execute(table_of(SearchEntry).delete())
    assert not is_complete(session)

    made = rebuild(session)

    assert (entries_in(session), made) == (held, len(held))
    assert is_complete(session)


def test_a_statement_past_the_unit_of_work_is_noticed() -> None:
    with begin() as session:
        key = a_collaboration(_a_world(session)).id
    with pytest.raises(AssertionError, match=r"search does not find it: \['collaboration.title'\]"), begin() as session:
        session.execute(update(Collaboration).where(col(Collaboration.id) == key).values(title="Past it"))
