"""A house with two partners: the organisations in Gliwice and in Marseille each have somebody who speaks for them."""

from states.credentials.tokens import create_token
from states.partners.people import grant_role, person_by_email
from states.rights.access import Role
from tests.api.house import PARTNER, House, a_house
from tests.factories import World

OTHER = "other partner"
ADDRESSES = ("partner@medtech.example.org", "other-partner@medtech.example.org")
OFFER = {
    "type": "technology_offer",
    "title": "Coating that lets bone grow in",
    "summary": "A coating for implants.",
    "description": "A porous coating that bone grows into.",
    "advantages": "Half the time to load-bearing.",
    "offer_kind": "service",
    "development": "lab_tested",
    "trl": 6,
    "ipr": "patent_applied",
    "partner_role": "Makes implants and tests the coating on them.",
    "partner_types": ["sme_50_to_249"],
    "cooperation": ["research", "outsourcing"],
    "keywords": ["BI.IMP.DEN"],
    "countries": ["FR"],
    "languages": ["en", "pl"],
}
CHECK = {"innovation": 4, "clarity": 4, "expectations": 3, "guidelines": 4, "comment": "Clear."}


def speak_for_marseille(world: World) -> str:
    """Let somebody speak for the organisation in Marseille; return the token."""
    person = person_by_email(world.session, email=ADDRESSES[1], label=OTHER)
    marseille = world.organisations["marseille"]
    grant = grant_role(world.session, world.partnership, person, Role.PARTNER, organisation=marseille)
    world.people[OTHER] = person
    return create_token(world.session, grant)


def a_house_of_two() -> House:
    """Return the house; Gliwice is spoken for by `PARTNER`, Marseille by `OTHER`."""
    house, token = a_house(speak_for_marseille)
    house.tokens[OTHER] = token
    return house


def a_published_profile(house: House) -> str:
    """Return the path of a profile of Gliwice that is public."""
    path = house.by(PARTNER).post("/profiles", OFFER).headers["Location"].removeprefix("/api/v1")
    house.by(PARTNER).post(f"{path}/submission")
    house.manager.post(f"{path}/checks", CHECK)
    return str(path)
