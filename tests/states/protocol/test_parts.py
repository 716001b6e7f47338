"""A row of a protocol's table is an organisation's, whatever that is called later."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from states.changes.recording import write_records
from states.clock import at, now
from states.partners.organisations import edit_organisation, profile_of
from states.protocol.content import SectionInvalid
from states.protocol.parts import part_of, with_members
from tests.expect import places
from tests.factories import World, a_collaboration, a_world, s3

PARTNERS = next(section for section in s3().protocol if section.key == "partners")
ROW = {"role": "leads", "nuts": "PL229", "commitment": "cash"}


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def test_a_short_name_and_another_spelling_become_the_present_name(world: World) -> None:
    row = a_collaboration(world)
    rows = [ROW | {"organisation": one} for one in ("medtech-gliwice", "MARSEILLE")]

    stored = with_members(world.session, row, PARTNERS, {"roles": rows})

    assert [one["organisation"] for one in stored["roles"]] == ["gliwice", "marseille"]  # type: ignore[attr-defined]


def test_who_takes_no_part_is_named_beside_every_other_fault(world: World) -> None:
    row = a_collaboration(world)
    rows = [ROW | {"organisation": "Nobody Ltd"}, ROW | {"organisation": "katowice", "nuts": "XX99"}, ROW]

    with pytest.raises(SectionInvalid) as caught:
        with_members(world.session, row, PARTNERS, {"roles": rows})

    assert places(caught.value) == [
        "partners.roles[2].nuts",
        "partners.roles[3].organisation",
        "partners.roles[1].organisation",
        "partners.roles[2].organisation",
    ]
    assert "one of gliwice, marseille" in str(caught.value)


def test_of_two_with_one_name_the_short_name_tells(world: World) -> None:
    world.organisations["marseille"].name = "gliwice"
    row = a_collaboration(world)

    with pytest.raises(SectionInvalid, match="name of several"):
        with_members(world.session, row, PARTNERS, {"roles": [ROW | {"organisation": "gliwice"}]})


def test_a_renamed_organisation_keeps_its_part_and_another_gets_nothing_of_it(world: World) -> None:
    session, gliwice, katowice = world.session, world.organisations["gliwice"], world.organisations["katowice"]
    write_records(session)
    frozen_at = now()
    content: dict[str, object] = {"partners": {"roles": [ROW | {"organisation": "gliwice"}]}}
    for minutes, row, name in ((1, gliwice, "Gliwice Implants"), (2, katowice, "gliwice")):
        with at(frozen_at + timedelta(minutes=minutes)):
            profile = profile_of(row)
            edit_organisation(session, row, type(profile)(name, row.kind, row.country, row.nuts))
            write_records(session)

    parts = [part_of(session, content, one, at=frozen_at, sections=s3().protocol) for one in (gliwice, katowice)]

    assert parts == [{"partners.roles": [ROW | {"organisation": "gliwice"}]}, {}]
