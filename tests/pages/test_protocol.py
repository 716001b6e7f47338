"""The protocol in a browser: sections are written, two who write at once lose nothing, and each writes its own part."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from states.collaborations.tables import Collaboration
from states.partners.people import grant_role, person_by_email
from states.protocol.service import write_section
from states.rights.access import Role
from tests.api.house import OBSERVER, PARTNER
from tests.factories import World, a_collaboration, s3
from tests.pages.house import Reader, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

MARSEILLE = "partner of marseille"
MARKUP = "<script>alert(1)</script>\"'&"


def speak_for_marseille(world: World) -> None:
    email = "marseille@medtech.example.org"
    world.people[MARSEILLE] = person_by_email(world.session, email=email, label=MARSEILLE)
    organisation = world.organisations["marseille"]
    grant_role(world.session, world.partnership, world.people[MARSEILLE], Role.PARTNER, organisation=organisation)


def a_case(world: World) -> str:
    speak_for_marseille(world)
    return a_collaboration(world).id


def with_partners(world: World) -> str:
    key = a_case(world)
    rows = [
        {"organisation": name, "role": "Laboratory", "nuts": nuts, "commitment": "Half a laboratory"}
        for name, nuts in (("gliwice", "PL229"), ("marseille", "FRL04"))
    ]
    row = world.session.get_one(Collaboration, key)
    write_section(world.session, row, "partners", {"roles": rows}, sections=s3().protocol)
    return key


def autosave(reader: Reader, page: str, fields: Mapping[str, Any], *, version: int) -> httpx.Response:
    """Send a form as the module of the pages does while somebody types."""
    token = reader.read(page).partition('name="form_token" value="')[2].partition('"')[0]
    sent = {"form_token": token, "form_page": page, "version": str(version), **fields}
    answer: httpx.Response = reader.client.post(page, data=sent, headers={"Accept": "application/json"})
    return answer


def test_a_section_is_written_and_the_next_one_is_shown(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/identity"
    fields = {"identity.acronym": "BIOCOMP", "identity.abstract": "One laboratory.", "then": "investment_thesis"}
    answer = house.manager.send(page, fields)

    assert answer.headers["Location"] == f"/cases/{case}/protocol/investment_thesis?told=saved"
    assert "BIOCOMP" in house.manager.read(page)
    overview = said_on(house.manager.read(f"/cases/{case}/protocol"))
    assert "1 of 17 sections are complete." in overview


def test_rows_are_added_and_removed_by_forms_alone(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/technology"
    name = "technology.readiness"
    first = {f"{name}.0.component": "Chamber", f"{name}.0.now": "4", f"{name}.0.target": "7", f"{name}.shown": "1"}
    second = {f"{name}.1.component": "Sensor", f"{name}.1.now": "5", f"{name}.1.target": "8"}
    house.manager.send(page, first)
    house.manager.send(page, first | second)
    read = house.manager.read(page)
    assert ["Chamber" in read, "Sensor" in read] == [True, True]

    house.manager.send(page, first | second | {"remove": f"{name}.0"})
    read = house.manager.read(page)
    assert ["Chamber" in read, "Sensor" in read] == [False, True]


def test_a_fault_stands_at_its_cell_and_all_that_was_typed_stays(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/technology"
    name = "technology.readiness"
    fields = {
        f"{name}.shown": "1",
        f"{name}.3.component": "Chamber",
        f"{name}.3.now": "four",
        f"{name}.3.target": "7",
        "technology.property": "A patent of the lead.",
    }
    answer = house.manager.send(page, fields)

    assert answer.status_code == 422
    assert 'href="#f-technology-readiness-0-now"' in answer.text
    assert 'id="f-technology-readiness-0-now" name="technology.readiness.0.now" value="four"' in answer.text
    assert "A patent of the lead." in answer.text


def test_what_two_wrote_in_different_places_is_put_together(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/market"
    house.manager.send(page, {"market.users": "Clinics.", "market.competition": "Two firms."})
    house.manager.send(page, {"market.users": "Clinics in three regions.", "market.competition": "Two firms."})
    late = {"version": "1", "market.users": "Clinics.", "market.competition": "Two firms, one of them certified."}
    answer = house.by(PARTNER).send(page, late)

    assert answer.headers["Location"].endswith("?told=merged")
    read = house.manager.read(page)
    assert "Clinics in three regions." in read
    assert "Two firms, one of them certified." in read


def a_conflict(reader: Reader, page: str) -> httpx.Response:
    reader.send(page, {"market.users": "Clinics.", "market.competition": "Two firms."})
    reader.send(page, {"market.users": "Hospitals.", "market.competition": "Two firms."})
    return reader.send(page, {"version": "1", "market.users": "Doctors.", "market.competition": "Two firms."})


def test_where_two_wrote_one_place_both_are_shown_and_one_is_chosen(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/market"
    shown = a_conflict(house.manager, page)

    assert shown.status_code == 412
    told = said_on(shown.text)
    assert "Two wrote the same place" in told
    assert all(f"<{mark}>" in shown.text for mark in ("ins", "del"))
    assert ["Doctors" in told, "Hospitals" in told] == [True, True]
    sent = {"conflict": "market.users", "read": "1", "version": "2", "market.competition": "Two firms."}
    undecided = house.manager.send(page, {**sent, "market.users": "Doctors."})
    assert undecided.status_code == 412
    assert "Please choose for each place." in said_on(undecided.text)
    mine = {**sent, "market.users": "Doctors and hospitals.", "choose.market.users": "yours"}
    assert house.manager.send(page, mine).status_code == 303
    assert "Doctors and hospitals." in house.manager.read(page)


def test_theirs_stands_where_it_is_chosen(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/market"
    a_conflict(house.manager, page)
    sent = {"conflict": "market.users", "read": "1", "version": "2", "market.competition": "Three firms."}
    assert house.manager.send(page, {**sent, "market.users": "x", "choose.market.users": "theirs"}).status_code == 303

    read = house.manager.read(page)
    assert ["Hospitals." in read, "Three firms." in read] == [True, True]


def test_what_is_typed_is_saved_while_it_is_typed(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/market"
    first = autosave(house.manager, page, {"market.users": "Cli"}, version=0).json()
    second = autosave(house.manager, page, {"market.users": "Clinics."}, version=first["version"])

    assert first["told"].startswith("Saved, ")
    assert second.json()["version"] == 2
    assert "Clinics." in house.manager.read(page)


def test_a_row_that_is_not_ready_waits_and_the_rest_is_saved(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/technology"
    half = {"technology.readiness.shown": "1", "technology.readiness.0.component": "Chamber"}
    answer = autosave(house.manager, page, half | {"technology.property": "A patent."}, version=0).json()

    assert "Not yet: " in answer["told"]
    assert answer["whole"] is False
    assert "A patent." in house.manager.read(page)


def test_what_another_wrote_meanwhile_comes_into_the_form_that_saves_itself(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/market"
    house.manager.send(page, {"market.users": "Clinics.", "market.competition": "Two firms."})
    autosave(house.by(PARTNER), page, {"market.users": "Clinics.", "market.competition": "Three."}, version=1)
    told = autosave(
        house.manager, page, {"market.users": "All clinics.", "market.competition": "Two firms."}, version=1
    )

    assert told.json()["fields"] == {"market.competition": "Three."}
    assert told.json()["version"] == 3
    touching = autosave(house.by(PARTNER), page, {"market.users": "Every clinic."}, version=1)
    assert touching.status_code == 412
    assert touching.json()["conflict"]["theirs"]["users"] == "All clinics."


def test_a_partner_writes_its_own_row_and_no_other(installation: Path) -> None:
    house, case = a_page_house(with_partners)
    page = f"/cases/{case}/protocol/partners"
    marseille = house.by(MARSEILLE)
    read = marseille.read(page)
    assert 'name="partners.roles.1.role"' in read
    assert '<input type="hidden" name="partners.roles.0.role" value="Laboratory">' in read

    name = "partners.roles"
    lead = {"organisation": "gliwice", "role": "Laboratory", "nuts": "PL229", "commitment": "Half a laboratory"}
    own = {"role": "Tests", "nuts": "FRL04", "commitment": "A whole one"}
    fields = {f"{name}.shown": "1"}
    fields |= {f"{name}.0.{key}": value for key, value in lead.items()}
    fields |= {f"{name}.1.{key}": value for key, value in own.items()}
    assert marseille.send(page, fields).status_code == 303
    assert "A whole one" in marseille.read(page)

    forged = marseille.send(page, fields | {f"{name}.0.role": "Nothing at all", f"{name}.1.role": "Tests, twice"})
    assert forged.status_code == 403
    assert "Tests, twice" in forged.text
    assert "Nothing at all" not in house.manager.read(page)


def test_a_partner_reads_the_texts_of_the_lead(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/market"
    house.manager.send(page, {"market.users": "Clinics."})
    read = house.by(MARSEILLE).read(page)

    assert "Clinics." in read
    assert 'name="market.users"' not in read


def test_who_may_not_read_the_draft_is_told_so(installation: Path) -> None:
    house, case = a_page_house(a_case)

    assert house.by("iag_member 1").get(f"/cases/{case}/protocol").status_code == 403
    assert house.by(OBSERVER).get(f"/cases/{case}/protocol/market").status_code == 403


def test_a_session_that_ends_in_the_middle_of_a_section_keeps_what_was_typed(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/market"
    manager = house.manager
    manager.client.cookies.set("bankable_session", "gone")
    answer = manager.client.post(page, data={"form_token": "x", "version": "0", "market.users": "Clinics."})

    assert answer.status_code == 401
    assert 'name="market.users" value="Clinics."' in answer.text


def test_markup_in_a_text_or_a_cell_is_shown_as_it_was_typed(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = f"/cases/{case}/protocol/technology"
    name = "technology.readiness"
    cells = {f"{name}.0.component": MARKUP, f"{name}.0.now": "4", f"{name}.0.target": "7", f"{name}.shown": "1"}
    house.manager.send(page, {"technology.property": MARKUP, **cells})
    for reader in (house.manager, house.by(MARSEILLE)):
        read = reader.read(page)
        assert "<script>alert" not in read
        assert read.count("&lt;script&gt;") >= 2
