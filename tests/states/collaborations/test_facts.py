"""Facts of a consortium, from its members' sites."""

from sqlmodel import Session

from states.collaborations.facts import ConsortiumFacts, gather
from states.collaborations.service import edit_collaboration, remove_member
from tests.factories import a_collaboration, a_world


def test_facts_of_several_collaborations(session: Session) -> None:
    world, other = a_world(session), a_world(session, slug="energy")
    row = a_collaboration(world, sites=("gliwice", "katowice", "marseille"))
    poor = a_collaboration(other, sites=("marseille",))
    edit_collaboration(session, row, summary="What is wanted.", working_area=world.area)
    edit_collaboration(session, poor, summary=" \n")
    remove_member(session, poor, other.organisations["marseille"].id)
    assert gather(session, [row, poor]) == {
        row.id: ConsortiumFacts(
            organisations=3,
            nuts2=frozenset({"PL22", "FRL0"}),
            countries=frozenset({"PL", "FR"}),
            region_ids=(world.regions["upper-silesia"].id, world.regions["paca"].id),
            lead=True,
            working_area=True,
            summary=True,
        ),
        poor.id: ConsortiumFacts(0, frozenset(), frozenset(), (), lead=False, working_area=False, summary=False),
    }
