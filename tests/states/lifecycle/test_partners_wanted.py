"""What if a partner joins: guards that refuse, instruments that are missed, competences that are named."""

import pytest
from sqlmodel import Session

from states.clock import at
from states.crossings.dossier import dossiers_of
from states.errors import Refusal
from states.funding.catalogue.loading import Catalogue, load_catalogue, shipped_catalogue
from states.lifecycle.partners_wanted import PartnersWantedInvalid, partners_wanted
from states.matchmaking.consents.avoidances import declare_avoidance
from states.matchmaking.consents.tables import AvoidanceKind
from states.matchmaking.interests.service import Statement, answer_interest, express_interest
from states.matchmaking.profiles.tables import InterestState
from states.matchmaking.queries import contact_by_id
from states.matchmaking.service import attach_contact
from states.partners.tables import Membership
from states.playbooks.guards import GUARDS
from tests.expect import places
from tests.factories import World, a_collaboration, a_collaboration_at, a_world
from tests.meeting_factories import BEFORE, a_content, a_published_profile
from tests.rule_documents import CATEGORIES, in_force

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


MORE_DEVELOPED = {
    "slug": "growth",
    "name": "Growth",
    "programme": "Regional",
    "kind": "grant",
    "terms": {
        "basis": ["eu_direct"],
        "rates": [{"percent": 50}],
        "consortium": {"seats": [{"whom": {"cohesion": ["more_developed"]}, "at_least": 1}]},
    },
}


def test_categories_of_an_office_go_before_those_that_ship(world: World) -> None:
    session, row = world.session, a_collaboration(world, sites=("gliwice", "katowice"))
    load_catalogue(session, world.partnership.id, Catalogue.model_validate({"instruments": [MORE_DEVELOPED]}))

    def lacking() -> tuple[list[str], Refusal | None]:
        (view,) = partners_wanted(session, row, instruments=["growth"]).instruments
        (dossier,) = dossiers_of(session, [row])
        guard = GUARDS["consortium_eligible"](dossier, {"instruments": ["growth"]})
        return [refusal.code for refusal in view.lacking], guard

    before, refused = lacking()
    text = CATEGORIES.replace("valid_from: 2028-01-01", "valid_from: 2021-01-01")
    in_force(
        world, text.replace("transition: [PL22]", "more_developed: [PL22]").replace("    more_developed: [PL91]\n", "")
    )
    after = lacking()

    assert (before, refused is not None) == (["min_category"], True)
    assert after == ([], None)


def test_a_partner_is_wanted_by_the_categories_of_the_office(world: World) -> None:
    session, row = world.session, a_collaboration(world, sites=("gliwice", "katowice"))
    load_catalogue(session, world.partnership.id, Catalogue.model_validate({"instruments": [MORE_DEVELOPED]}))
    text = CATEGORIES.replace("valid_from: 2028-01-01", "valid_from: 2021-01-01").replace("[PL91]", "[FRL0]")

    def who() -> list[str]:
        found = partners_wanted(session, row, instruments=["growth"])
        return [
            found.organisations[fit.party.organisation].slug
            for fit in found.found.fits
            if "min_category" in [refusal.code for refusal in fit.mends]
        ]

    before = who()
    in_force(world, text)

    assert (before, who()) == ([], ["medtech-marseille"])
