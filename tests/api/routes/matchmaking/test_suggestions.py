"""Suggestions over HTTP: explained, for whom they concern only, and one step away from an interest or a meeting."""

from dataclasses import dataclass
from math import isclose, sqrt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.clock import at
from states.funding.catalogue.loading import Catalogue, load_catalogue, shipped_catalogue
from states.matchmaking.profiles.tables import ProfileType
from tests.api.house import MANAGER, OBSERVER, PARTNER, House, a_house, codes, places, problem
from tests.api.two_partners import ADDRESSES, OTHER, speak_for_marseille
from tests.factories import World, a_collaboration
from tests.laws import often
from tests.meeting_factories import (
    BEFORE,
    a_brokerage_event,
    a_content,
    a_participant,
    a_profile,
    a_published_profile,
)

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@dataclass
class Fair:
    """The house with an offer of Gliwice, a request of Marseille, and an event at which both take part."""

    house: House
    keys: dict[str, str]

    def suggested(self, who: str, of: str, query: str = "") -> Any:
        return self.house.by(who).get(f"/profiles/{self.keys[of]}/suggestions{query}").json()


def _prepare(world: World) -> dict[str, str]:
    some = [one for one in shipped_catalogue().instruments if one.slug in ("i3-strand-1", "horizon-innovation-action")]
    load_catalogue(world.session, world.partnership.id, Catalogue(instruments=tuple(some)))
    with at(BEFORE):
        wanted = a_content(ProfileType.TECHNOLOGY_REQUEST, partner_types=["other"], title="Coating wanted")
        profiles = {
            "offer": a_published_profile(world).id,
            "request": a_published_profile(world, "marseille", wanted).id,
            "draft": a_profile(world).id,
        }
        event = a_brokerage_event(world)
        people = {who: a_participant(world, event, who).id for who in ("gliwice", "marseille")}
        people["free"] = a_participant(world, event, "marseille", label="head of sales").id
        a_participant(world, event, "marseille", label="busy", unavailable=tuple(range(6)))
    centre = a_collaboration(world, sites=("gliwice", "katowice"))
    return {"token": speak_for_marseille(world), "event": event.id, "centre": centre.id} | profiles | people


@pytest.fixture
def fair(installation: Path) -> Fair:
    house, keys = a_house(_prepare)
    house.tokens[OTHER] = keys.pop("token")
    return Fair(house, keys)


def test_a_suggestion_shows_both_sights_with_their_terms(fair: Fair) -> None:
    with at(BEFORE):
        found = fair.suggested(PARTNER, "offer", "?language=pl")
        back = fair.suggested(OTHER, "request")

    (one,) = found["items"]
    assert (found["total"], one["rank"], one["other"]["profile_id"]) == (1, 1, fair.keys["request"])
    assert (one["other"]["organisation"], one["other"]["title"]) == ("medtech-marseille", "Coating wanted")
    assert one["own"]["nodes"] == [
        {
            "keyword": "BI.IMP.DEN",
            "label": "Implanty stomatologiczne",
            "by": "BI.IMP.DEN",
            "by_label": "Implanty stomatologiczne",
            "credit": 1.0,
            "weight": 1.0,
        }
    ]
    for sight in (one["own"], one["theirs"]):
        assert isclose(sight["score"], sum(term["contribution"] for term in sight["terms"]), abs_tol=1e-3)
    assert isclose(one["score"], sqrt(one["own"]["score"] * one["theirs"]["score"]), abs_tol=1e-3)
    assert (back["items"][0]["score"], back["items"][0]["own"]["score"]) == (one["score"], one["theirs"]["score"])
    assert one["lacking"] == ["medium sme sought, this is sme of unknown size"]
    assert any(gain["instrument"] == "i3-strand-1" and gain["still"] for gain in one["gains"])
    assert not any(address in str(found) for address in ADDRESSES)


def test_suggestions_are_for_the_own_profile_and_the_organiser(fair: Fair) -> None:
    path = f"/profiles/{fair.keys['offer']}/suggestions"

    with at(BEFORE):
        answers = {who: fair.house.by(who).get(path).status_code for who in (PARTNER, MANAGER, OTHER, OBSERVER)}
        reviewer = fair.house.by("iag_member 1").get(path)

    assert answers == {PARTNER: 200, MANAGER: 200, OTHER: 403, OBSERVER: 403}
    assert problem(reviewer) == (403, "denied")


def test_what_does_not_fit_is_named(fair: Fair) -> None:
    for query in ("language=xx", "limit=0", "limit=201"):
        for path in (f"/profiles/{fair.keys['offer']}", f"/participants/{fair.keys['gliwice']}"):
            refused = fair.house.by(PARTNER).get(f"{path}/suggestions?{query}")

            assert problem(refused) == (422, "request_invalid")
            assert places(refused) == [f"query.{query.partition('=')[0]}"]


def test_a_draft_is_matched_with_nothing(fair: Fair) -> None:
    with at(BEFORE):
        draft = fair.house.by(PARTNER).get(f"/profiles/{fair.keys['draft']}/suggestions")

    assert (problem(draft), codes(draft)) == ((409, "nothing_suggested"), ["profile_not_public"])


def test_one_step_leads_to_an_expression_of_interest(fair: Fair) -> None:
    path = f"/profiles/{fair.keys['request']}/suggestions/{fair.keys['offer']}/interest"

    with at(BEFORE):
        foreign = fair.house.by(PARTNER).post(path, {})
        sent = fair.house.by(OTHER).post(path, {})
        again = fair.house.by(OTHER).post(path, {})

    made = sent.json()
    assert problem(foreign) == (403, "denied")
    assert (sent.status_code, made["sender"], made["host"]) == (201, "medtech-marseille", "medtech-gliwice")
    assert made["message"] == "Our profiles meet in: Dental implants."
    assert made["role_proposed"] == "Makes implants and tests the coating on them."
    assert (problem(again), codes(again)) == ((409, "interest_refused"), ["interest_known"])
    assert fair.house.by(OTHER).get(sent.headers["Location"].removeprefix("/api/v1")).json() == made


def test_at_an_event_whoever_is_free_is_suggested_and_asked_in_one_step(fair: Fair) -> None:
    path = f"/participants/{fair.keys['gliwice']}/suggestions"
    ask = f"{path}/{fair.keys['request']}/meeting"

    with at(BEFORE):
        first = fair.house.by(PARTNER).get(path).json()
        foreign = fair.house.by(OTHER).post(ask, {})
        odd = fair.house.by(PARTNER).post(ask, {"priority": 9})
        asked = fair.house.by(PARTNER).post(ask, {"message": "Tests?"})
        second = fair.house.by(PARTNER).get(path).json()
        fair.house.by(PARTNER).post(ask, {})
        third = fair.house.by(PARTNER).get(path).json()
        nobody = fair.house.by(PARTNER).post(ask, {})

    (one,) = first["items"]
    guests = [{"participant_id": fair.keys["marseille"], "label": "head of research"}]
    guests.append({"participant_id": fair.keys["free"], "label": "head of sales"})
    assert (one["profile_id"], one["other"]["profile_id"]) == (fair.keys["offer"], fair.keys["request"])
    assert one["guests"] == guests
    assert (problem(foreign), problem(odd)) == ((403, "denied"), (422, "meeting_invalid"))
    made = asked.json()
    assert (asked.status_code, made["subject"], made["message"]) == (201, "Coating wanted", "Tests?")
    assert [party["participant_id"] for party in made["parties"]] == [fair.keys["gliwice"], fair.keys["marseille"]]
    assert [one["guests"] for one in second["items"]] == [guests[1:]]
    assert third == {"items": [], "total": 0, "next": None}
    assert (problem(nobody), codes(nobody)) == ((409, "nothing_suggested"), ["nobody_free"])


def test_a_declared_competitor_is_suggested_to_neither_and_only_who_declared_it_knows(fair: Fair) -> None:
    sent = {"avoids": "medtech-gliwice", "kind": "competitor", "note": "The same stems."}
    step = f"/profiles/{fair.keys['offer']}/suggestions/{fair.keys['request']}/interest"

    with at(BEFORE):
        declared = fair.house.by(OTHER).post("/avoidances", sent)
        again = fair.house.by(OTHER).post("/avoidances", sent)
        known = {who: fair.house.by(who).get("/avoidances").json()["total"] for who in (OTHER, PARTNER, MANAGER)}
        lists = [fair.suggested(PARTNER, "offer")["total"], fair.suggested(OTHER, "request")["total"]]
        barred = fair.house.by(PARTNER).post(step, {})
        at_event = fair.house.by(PARTNER).get(f"/participants/{fair.keys['gliwice']}/suggestions").json()["total"]
        path = f"/avoidances/{declared.json()['id']}"
        foreign = fair.house.by(PARTNER).send("DELETE", path)
        withdrawn = [fair.house.by(OTHER).send("DELETE", path).status_code for _ in range(2)]
        after = fair.suggested(PARTNER, "offer")["total"]

    assert (declared.status_code, declared.json()["organisation"]) == (201, "medtech-marseille")
    assert (problem(again), codes(again)) == ((409, "avoidance_refused"), ["avoidance_known"])
    assert (known, lists, at_event) == ({OTHER: 1, PARTNER: 0, MANAGER: 1}, [0, 0], 0)
    assert (problem(barred), codes(barred)) == ((409, "nothing_suggested"), ["not_suggested"])
    assert "competitor" not in barred.text
    assert problem(foreign) == (404, "missing")
    assert (withdrawn, after) == ([204, 404], 1)


def test_what_cannot_be_declared_is_named(fair: Fair) -> None:
    faults: list[tuple[dict[str, object], str, list[str]]] = [
        ({"avoids": "nobody"}, "unknown_name", ["avoids"]),
        ({"avoids": "medtech-marseille", "note": "x" * 501}, "avoidance_invalid", ["avoids", "note"]),
        ({"kind": "dislike"}, "request_invalid", ["kind"]),
    ]
    for change, code, where in faults:
        refused = fair.house.by(OTHER).post("/avoidances", {"avoids": "medtech-gliwice", "kind": "conflict", **change})

        assert (problem(refused), places(refused)) == ((422, code), where)


def test_partners_wanted_names_needs_and_who_fits(fair: Fair) -> None:
    path = f"/collaborations/{fair.keys['centre']}/partners-wanted"

    found = fair.house.by(PARTNER).get(f"{path}?instrument=horizon-innovation-action&competence=SV.TES").json()
    odd = fair.house.by(PARTNER).get(f"{path}?instrument=none&competence=NO")
    outside = fair.house.by(OTHER).get(path)

    needs = {need["dimension"]: need["says"] for need in found["needs"]}
    assert needs == {
        "region": "a partner outside PL22 (Śląskie)",
        "competence": "competence in Testing",
        "partner": "one more partner",
        "country": "2 partners from other countries than PL",
    }
    (best,) = found["fits"]
    assert (best["organisation"], best["nuts"]) == ("medtech-marseille", "FRL04")
    assert best["helps"] == ["Horizon Europe, innovation action: 1 of at least 3 countries."]
    assert [one["organisation"] for one in found["together"]] == ["medtech-marseille"]
    assert len(found["unmet"]) == 2
    assert found["instruments"][0]["caveats"][0] == "minimums not verified"
    assert (problem(odd), places(odd)) == ((422, "partners_wanted_invalid"), ["competence", "instrument"])
    assert problem(outside) == (403, "denied")


def test_consents_are_recorded_with_their_text_and_withdrawn(fair: Fair) -> None:
    path = f"/participants/{fair.keys['marseille']}/consents"
    texts = fair.house.by(OTHER).get(f"{path}?language=fr").json()["items"]
    version = texts[0]["text_version"]

    old = fair.house.by(OTHER).put(f"{path}/contact", {"given": True, "text_version": "2020"})
    given = fair.house.by(OTHER).put(f"{path}/contact", {"given": True, "text_version": version})
    unproven = fair.house.manager.put(f"{path}/booklet", {"given": True, "text_version": version})
    proven = fair.house.manager.put(f"{path}/booklet", {"given": True, "text_version": version, "evidence": "A form."})
    gone = fair.house.by(OTHER).put(f"{path}/contact", {"given": False})
    said = {one["purpose"]: one["given"] for one in fair.house.by(OTHER).get(path).json()["items"]}
    odd = fair.house.by(OTHER).put(f"{path}/everything", {"given": True})

    assert [(one["purpose"], one["given"]) for one in texts] == [
        ("booklet", False),
        ("contact", False),
        ("recording", False),
    ]
    assert texts[1]["text"].startswith("Les personnes avec qui")
    assert (problem(old), places(old)) == ((422, "consent_invalid"), ["text_version"])
    assert (given.json()["given"], given.json()["said_under"]) == (True, version)
    assert (problem(unproven), places(unproven), proven.status_code) == ((422, "consent_invalid"), ["evidence"], 200)
    assert (gone.json()["given"], said) == (False, {"booklet": True, "contact": False, "recording": False})
    assert (problem(odd), places(odd)) == ((422, "request_invalid"), ["path.purpose"])
    assert problem(fair.house.by(PARTNER).get(path)) == (403, "denied")


def test_contacts_of_an_agreed_meeting_are_those_who_consent(fair: Fair) -> None:
    consents = f"/participants/{fair.keys['gliwice']}/consents"
    version = fair.house.by(PARTNER).get(consents).json()["items"][0]["text_version"]
    ask = f"/participants/{fair.keys['gliwice']}/suggestions/{fair.keys['request']}/meeting"
    with at(BEFORE):
        meeting = fair.house.by(PARTNER).post(ask, {}).json()["id"]
        early = fair.house.by(OTHER).get(f"/meetings/{meeting}/contacts")
        fair.house.by(OTHER).post(f"/meetings/{meeting}/answer", {"accepted": True})

    def shown() -> list[str]:
        return [one["email"] for one in fair.house.by(OTHER).get(f"/meetings/{meeting}/contacts").json()["items"]]

    without = shown()
    fair.house.by(PARTNER).put(f"{consents}/contact", {"given": True, "text_version": version})
    agreed = shown()
    fair.house.by(PARTNER).put(f"{consents}/contact", {"given": False})

    assert (problem(early), codes(early)) == ((409, "contacts_hidden"), ["not_agreed"])
    assert (without, agreed, shown()) == ([], [ADDRESSES[0]], [])


def test_a_withdrawn_consent_hides_the_contact_behind_an_interest_too(fair: Fair) -> None:
    with at(BEFORE):
        step = f"/profiles/{fair.keys['request']}/suggestions/{fair.keys['offer']}/interest"
        path = f"/interests/{fair.house.by(OTHER).post(step, {}).json()['id']}"
        fair.house.by(PARTNER).post(f"{path}/answer", {"answer": "interested"})
    before = fair.house.by(OTHER).get(f"{path}/contacts").json()["total"]

    fair.house.by(PARTNER).put(f"/participants/{fair.keys['gliwice']}/consents/contact", {"given": False})

    after = fair.house.by(OTHER).get(f"{path}/contacts").json()["items"]
    assert (before, [one["organisation"] for one in after]) == (2, ["medtech-marseille"])


WORDS = st.text(st.characters(exclude_characters="/?#%\\", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@settings(max_examples=often(25))
@given(word=WORDS, other=WORDS)
def test_no_odd_word_is_a_surprise(fair: Fair, word: str, other: str) -> None:
    manager, own = fair.house.manager, fair.keys["offer"]
    answers = [
        manager.get(f"/profiles/{word}/suggestions?language={other}"),
        manager.post(f"/profiles/{own}/suggestions/{word}/interest", {"message": other}),
        manager.get(f"/participants/{word}/suggestions"),
        manager.post(f"/participants/{fair.keys['gliwice']}/suggestions/{word}/meeting", {"message": other}),
        manager.get(f"/collaborations/{fair.keys['centre']}/partners-wanted?competence={word}&instrument={other}"),
        manager.get(f"/meetings/{word}/contacts"),
        manager.put(f"/participants/{fair.keys['gliwice']}/consents/{word}", {"given": True, "text_version": other}),
        manager.post("/avoidances", {"organisation": word, "avoids": other, "kind": "conflict"}),
        manager.send("DELETE", f"/avoidances/{word}"),
    ]

    assert [answer.status_code for answer in answers if answer.status_code not in (403, 404, 405, 409, 422)] == []
