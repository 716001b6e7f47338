"""A partnership's own words over HTTP: listed, chosen, brought; codes that profiles use are kept."""

from pathlib import Path

import pytest

from tests.api.house import House, a_house, codes, places, problem
from tests.meeting_factories import a_published_profile

PATH = "/partnerships/medtech/taxonomy"
SOIL = [{"code": "SOIL", "en": "Soil", "de": "Boden"}, {"code": "SOIL.WATER", "en": "Water in the soil"}]

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def test_the_words_of_another_field_are_chosen_and_listed(house: House) -> None:
    before = house.by("observer").get(PATH).json()["items"][0]

    chosen = house.manager.put(PATH, {"name": "nace"}, version=1)

    listed = house.by("partner").get(f"{PATH}?limit=200").json()["items"]
    assert (before["code"], chosen.json()["taxonomy"], chosen.headers["ETag"]) == ("CH", "nace", '"2"')
    assert [(one["code"], one["parent"], one["labels"]["en"]) for one in listed[:2]] == [
        ("A", None, "Farming, forestry and fishing"),
        ("A.01", "A", "Crops and livestock"),
    ]
    assert places(house.manager.put(PATH, {"name": "sheep"}, version=2)) == ["taxonomy"]


def test_words_of_ones_own_are_spoken_by_profiles(house: House) -> None:
    brought = house.manager.put(PATH, {"nodes": SOIL}, version=1)
    draft = {
        "organisation": "medtech-gliwice",
        "type": "technology_offer",
        "title": "Probe",
        "keywords": ["SOIL.WATER"],
    }

    assert brought.json() == {"taxonomy": "own", "edition": "1", "keywords": 2}
    assert house.manager.post("/profiles", draft).status_code == 201
    refused = house.manager.post("/profiles", draft | {"keywords": ["BI.IMP.DEN"]})
    assert (problem(refused), places(refused)) == ((422, "profile_invalid"), ["keywords[1]"])
    lost = house.manager.put(PATH, {"nodes": SOIL[:1]}, version=2)
    assert (codes(lost), lost.json()["reasons"][0]["missing"]) == (["codes_in_use"], ["SOIL.WATER"])


def test_codes_in_use_keep_their_taxonomy(installation: Path) -> None:
    house, _ = a_house(lambda world: a_published_profile(world).id)

    assert problem(house.manager.put(PATH, {"name": "nace"}, version=1)) == (409, "taxonomy_codes_in_use")


def test_every_fault_of_a_taxonomy_is_named(house: House) -> None:
    wrong = house.manager.put(PATH, {"nodes": [*SOIL, SOIL[0], {"code": "AIR.DRY", "en": "soil"}]}, version=1)

    assert problem(wrong) == (422, "taxonomy_invalid")
    assert places(wrong) == ["SOIL", "AIR.DRY", "en: soil", "de: boden"]
