"""What if a partner joins: guards that refuse, instruments that are missed, competences that are named."""

import pytest
from sqlmodel import Session

from states.clock import at
from states.funding.catalogue.loading import Catalogue, load_catalogue, shipped_catalogue
from states.lifecycle.partners_wanted import PartnersWantedInvalid, partners_wanted
from states.matchmaking.consents.avoidances import declare_avoidance
from states.matchmaking.consents.tables import AvoidanceKind
from states.matchmaking.interests.service import Statement, answer_interest, express_interest
from states.matchmaking.profiles.tables import InterestState
from states.matchmaking.queries import contact_by_id
from states.matchmaking.service import attach_contact
from states.partners.tables import Membership
from tests.expect import places
from tests.factories import World, a_collaboration, a_collaboration_at, a_world
from tests.meeting_factories import BEFORE, a_content, a_published_profile

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    """A partnership of three organisations, with one instrument that asks for partners from three countries."""
    world = a_world(session)
    some = tuple(one for one in shipped_catalogue().instruments if one.slug == "horizon-innovation-action")
    load_catalogue(session, world.partnership.id, Catalogue(instruments=some))
    session.add_all(
        Membership(partnership_id=world.partnership.id, organisation_id=row.id) for row in world.organisations.values()
    )
    session.flush()
    return world


def test_refusals_of_moves_and_shortfalls_are_mended_by_who_is_known(world: World) -> None:
    row = a_collaboration(world, sites=("gliwice", "katowice"))

    found = partners_wanted(world.session, row)

    codes = [need.refusal.code for need in found.found.needs]
    assert codes == ["not_interregional", "min_partners", "min_countries"]
    (fit,) = found.found.fits
    assert found.organisations[fit.party.organisation].slug == "medtech-marseille"
    assert [refusal.code for refusal in fit.mends] == ["not_interregional", "min_partners"]
    assert [refusal.code for refusal in fit.helps] == ["min_countries"]
    assert [need.refusal.code for need in found.found.unmet] == ["min_countries"]


def test_what_no_partner_mends_is_told_apart(world: World) -> None:
    row = a_collaboration_at(world, "outline")

    found = partners_wanted(world.session, row)

    assert {refusal.code for refusal in found.found.not_by_a_partner} == {"no_summary", "no_working_area"}
    assert [view.lacking == () for view in found.instruments] == [False]


def test_who_is_a_competitor_of_a_member_does_not_fit(world: World) -> None:
    row = a_collaboration(world, sites=("gliwice", "katowice"))
    declare_avoidance(
        world.session,
        world.organisations["marseille"],
        world.organisations["katowice"],
        partnership_id=world.partnership.id,
        kind=AvoidanceKind.COMPETITOR,
        person_id=world.people["partner"].id,
    )

    assert partners_wanted(world.session, row).found.fits == ()


def test_what_it_is_about_comes_from_the_profiles_behind_its_contacts(world: World) -> None:
    session, row = world.session, a_collaboration(world, sites=("gliwice", "katowice"))
    with at(BEFORE):
        profile = a_published_profile(world, "gliwice", a_content(keywords=["SV.TES.BIO"]))
        a_published_profile(world, "marseille", a_content(keywords=["SV.TES"]))
        person_id = world.people["partner"].id
        interest = express_interest(
            session, profile, Statement("Yes", "Tests"), sender=world.organisations["katowice"], person_id=person_id
        )
        answer_interest(session, interest, InterestState.INTERESTED, person_id=person_id)
        attach_contact(session, contact_by_id(session, interest.contact_id or ""), collaboration_id=row.id)

        found = partners_wanted(session, row, competences=["SV.TES.BIO"])

    (fit,) = found.found.fits
    assert (found.about, fit.competence) == (frozenset(["SV.TES.BIO"]), 0.5)
    assert "competence_missing" in [refusal.code for refusal in fit.mends]


def test_what_is_not_known_is_named(world: World) -> None:
    with pytest.raises(PartnersWantedInvalid) as caught:
        partners_wanted(world.session, a_collaboration(world), competences=["NO"], instruments=["none"])

    assert places(caught.value) == ["competence", "instrument"]
