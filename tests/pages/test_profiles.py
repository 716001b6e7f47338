"""Offers and requests in a browser: written, checked, found, suggested; interest in them, and the case that follows."""

from pathlib import Path

import pytest
from sqlmodel import select

from states.matchmaking.profiles.tables import Profile, ProfileState, ProfileType
from states.matchmaking.tables import Contact
from states.storage import begin
from tests.api.house import OBSERVER, PARTNER
from tests.factories import World
from tests.meeting_factories import a_content, a_published_profile
from tests.pages.house import Reader, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

OFFER = {
    "type": "technology_offer",
    "title": "Coating that lets bone grow in",
    "text_language": "en",
    "summary": "A coating for implants.",
    "description": "A porous coating that bone grows into.",
    "advantages": "Half the time to load-bearing.",
    "offer_kind": "technology",
    "development": "lab_tested",
    "trl": "6",
    "ipr": "patent_applied",
    "partner_role": "Makes implants and tests the coating on them.",
    "partner_types": ["sme_50_to_249"],
    "cooperation": ["research", "outsourcing"],
    "keywords": ["BI.IMP.DEN"],
    "languages": ["en", "pl"],
}
CHECK = {"innovation": "4", "clarity": "4", "expectations": "3", "guidelines": "4", "comment": "Clear."}


def drafted(partner: Reader, **changes: object) -> str:
    """Return the address of a draft."""
    made = partner.send("/profiles/new?type=technology_offer", {**OFFER, **changes}, follow=False)
    assert made.status_code == 303, said_on(made.text)
    return made.headers["Location"].partition("?")[0]


def test_a_profile_is_written_told_what_is_missing_checked_and_published(installation: Path) -> None:
    house, _ = a_page_house()
    partner = house.by(PARTNER)
    address = drafted(partner, advantages="", keywords=[])

    early = partner.read(address)
    refused = partner.send(address, {"then": "submit"})
    partner.send(f"{address}/edit", OFFER, follow=True)
    sent = partner.send(address, {"then": "submit"}, follow=True)
    checked = house.manager.send(f"{address}/checks", CHECK, page=address, follow=True)
    seen = house.by(OBSERVER).read("/profiles")

    assert f'href="{address}/edit#f-advantages"' in early
    assert f'href="{address}/edit#f-keywords"' in early
    assert refused.status_code in (409, 422)
    assert "It is sent to its check." in said_on(sent.text)
    assert "15/20" in said_on(checked.text)
    assert f'href="{address}"' in seen


def test_what_is_taken_away_is_gone_and_what_is_wrong_stays_typed(installation: Path) -> None:
    house, _ = a_page_house()
    partner = house.by(PARTNER)
    address = drafted(partner)

    wrong = partner.send(f"{address}/edit", {**OFFER, "trl": "12", "title": "Coating, new"})
    partner.send(f"{address}/edit", {**OFFER, "summary": "", "trl": "", "languages": []}, follow=True)

    assert (wrong.status_code, 'value="Coating, new"' in wrong.text) == (422, True)
    with begin(read_only=True) as session:
        row = session.exec(select(Profile)).one()
        assert (row.summary, row.trl, row.languages, row.keywords) == ("", None, [], ["BI.IMP.DEN"])


def test_a_published_profile_is_renewed_reopened_and_withdrawn(installation: Path) -> None:
    house, key = a_page_house(lambda world: a_published_profile(world).id)
    partner, address = house.by(PARTNER), f"/profiles/{key}"

    told = [
        said_on(partner.send(address, {"then": then}, follow=True).text) for then in ("renew", "reopen", "withdraw")
    ]

    assert "in force for a year from today" in told[0]
    assert "a draft again" in told[1]
    assert "out of the pool" in told[2]
    with begin(read_only=True) as session:
        assert session.get_one(Profile, key).state is ProfileState.WITHDRAWN


def two_profiles(world: World) -> tuple[str, str]:
    """Return an offer of Gliwice and a request of Marseille that suit each other."""
    offer = a_published_profile(world)
    wish = a_content(ProfileType.TECHNOLOGY_REQUEST, title="Coating wanted", summary="For stems.")
    return offer.id, a_published_profile(world, "marseille", wish).id


def test_profiles_are_found_by_words_kind_keyword_and_organisation(installation: Path) -> None:
    house, (offer, wish) = a_page_house(two_profiles)
    observer = house.by(OBSERVER)

    def found(query: str) -> set[str]:
        text = observer.read(f"/profiles?{query}")
        return {key for key in (offer, wish) if f'href="/profiles/{key}"' in text}

    assert found("") == {offer, wish}
    assert found("q=&type=&keyword=") == {offer, wish}
    assert found("q=PLASMA+bone") == {offer, wish}
    assert found("q=stem") == {wish}
    assert found("q=gliwice") == {offer}
    assert found("type=technology_offer") == {offer}
    assert found("keyword=BI.IMP") == {offer, wish}
    assert found("organisation=medtech-marseille") == {wish}


def test_a_suggestion_tells_why_and_leads_over_interest_to_a_case(installation: Path) -> None:
    house, (offer, wish) = a_page_house(two_profiles)
    partner, manager = house.by(PARTNER), house.manager
    to = f"/profiles/{offer}/suggestions"

    suggested = partner.read(to)
    sent = partner.send(f"{to}/{wish}", {"message": "We coat stems."}, page=to, follow=True)
    interest = str(sent.url).partition("8400")[2].partition("?")[0]
    listed = partner.read("/interests")
    answered = manager.send(interest, {"answer": "interested"}, follow=True)
    with begin(read_only=True) as session:
        [contact] = session.exec(select(Contact)).all()
    asked = manager.read(f"/cases/new?contact={contact.id}")

    assert "Coating wanted" in said_on(suggested)
    assert "What you find there" in said_on(suggested)
    assert "We coat stems." in said_on(sent.text)
    assert f'href="{interest}"' in listed
    assert f'href="/cases/new?contact={contact.id}"' in answered.text
    assert f'<option value="{contact.id}" selected>' in asked


def test_interest_is_expressed_for_a_member_by_the_manager_alone(installation: Path) -> None:
    house, (_, wish) = a_page_house(two_profiles)
    address = f"/profiles/{wish}"
    said = {"organisation": "medtech-katowice", "message": "We test.", "role_proposed": "Tests"}

    blank = house.manager.send(f"{address}/interests", {**said, "message": ""}, page=address)
    sent = house.manager.send(f"{address}/interests", said, page=address, follow=True)
    foreign = house.by(PARTNER).send(f"{address}/interests", said, page=address)

    assert (blank.status_code, 'value="Tests"' in blank.text) == (422, True)
    assert "ten working days to answer" in said_on(sent.text)
    assert foreign.status_code == 403
    assert "Express interest" not in house.by(OBSERVER).read(address)


def test_a_contact_is_recorded_corrected_and_withdrawn(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    said = {"kind": "meeting", "requester": "medtech-gliwice", "host": "medtech-marseille", "subject": "Coatings"}

    undated = manager.send("/contacts/new", {**said, "status": "held"})
    made = manager.send("/contacts/new", {**said, "status": "held", "held_on": "2026-01-20"})
    address = made.headers["Location"].partition("?")[0]
    mended = manager.send(address, {"subject": "Coatings for hips", "held_on": "2026-01-21"}, follow=True)
    opened = manager.read("/contacts")
    gone = manager.send(address, {"then": "withdraw", "reason": "Recorded twice."}, follow=True)

    assert (undated.status_code, 'value="Coatings"' in undated.text) == (422, True)
    assert "Open a case from it" in said_on(mended.text)
    assert "Coatings for hips" in said_on(opened)
    assert "Recorded twice." in said_on(gone.text)
    assert house.by(PARTNER).get("/contacts").status_code == 403


def test_who_is_not_to_be_introduced_is_known_to_who_declared_it(installation: Path) -> None:
    house, (offer, wish) = a_page_house(two_profiles)
    partner, to = house.by(PARTNER), f"/profiles/{offer}/suggestions"

    declared = partner.send("/avoidances", {"avoids": "medtech-marseille", "kind": "competitor"}, follow=True)
    without = partner.read(to)
    key = declared.text.partition('action="/avoidances/')[2].partition('"')[0]
    gone = partner.send(f"/avoidances/{key}", page="/avoidances", follow=True)

    assert "Competitor" in said_on(declared.text)
    assert f"/profiles/{wish}" not in without
    assert "It is withdrawn." in said_on(gone.text)
    assert f"/profiles/{wish}" in partner.read(to)
    assert house.by(OBSERVER).get("/avoidances").status_code == 403


def test_what_came_of_it_is_told_apart_in_three_ways(installation: Path) -> None:
    house, _ = a_page_house()

    for way, said in (("event", "By event"), ("cluster", "By cluster"), ("region", "By region")):
        assert said in said_on(house.manager.read(f"/funnel?by={way}"))
    assert house.by(PARTNER).get("/funnel").status_code == 403
