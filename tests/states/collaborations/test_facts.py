"""Facts of a consortium, from its members' sites."""

from sqlmodel import Session, select

from states.clock import today
from states.collaborations.facts import ConsortiumFacts, facts_of, regions_among
from states.collaborations.queries import partners_of
from states.collaborations.service import edit_collaboration
from states.collaborations.tables import Member
from states.partners.queries import regions_of
from states.storage import Readings
from tests.factories import a_collaboration, a_world


def test_facts_of_several_collaborations(session: Session) -> None:
    world, other = a_world(session), a_world(session, slug="energy")
    row = a_collaboration(world, sites=("gliwice", "katowice", "marseille"))
    poor = a_collaboration(other, sites=("marseille",))
    edit_collaboration(session, row, summary="What is wanted.", working_area=world.area)
    edit_collaboration(session, poor, summary=" \n")
    left = session.exec(select(Member).where(Member.collaboration_id == poor.id)).one()
    left.left_on = today()
    session.flush()
    read = Readings(session)
    assert [facts_of(read, one) for one in (row, poor)] == [
        ConsortiumFacts(organisations=3, nuts2=frozenset({"PL22", "FRL0"}), lead=True, working_area=True, summary=True),
        ConsortiumFacts(0, frozenset(), lead=False, working_area=False, summary=False),
    ]


def test_regions_are_those_of_the_sites_in_the_order_of_the_partners(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world, sites=("gliwice", "katowice", "marseille"))
    found = regions_among(partners_of(Readings(session), row.id), regions_of(session, world.partnership.id))
    assert found == (world.regions["upper-silesia"].id, world.regions["paca"].id)
