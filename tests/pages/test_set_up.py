"""The first page of an empty installation: found a partnership from a messy list, or look at the example; once."""

from pathlib import Path

import pytest
from sqlmodel import select

from api.operations.supervisor import set_up_key
from states.mail.tables import Mail
from states.partners.tables import Partnership, Person, Region, RoleGrant, WorkingArea
from states.storage import begin
from tests.pages.house import Reader, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

WANTED = {
    "name": "Blue economy",
    "kind": "tssp",
    "playbook": "i3",
    "taxonomy": "nace",
    "regions": "Galicia, Bretagne (FR)\nPomorskie ; Azores",
    "areas": "Algae\nPort logistics",
    "email": "office@blue.example.org",
    "label": "coordinator",
    "people.0.email": "secretary@blue.example.org",
    "people.0.label": "secretary",
    "people.0.role": "iag_secretary",
}


def test_a_partnership_is_founded_from_what_people_have_at_hand(installation: Path) -> None:
    path, founder = f"/set-up/{set_up_key()}", Reader()

    checked = founder.send(path, {**WANTED, "then": "check"})
    codes = checked.text.partition('name="read" value="')[2].partition('"')[0]
    done = founder.send(path, {**WANTED, "then": "found", "read": codes})

    assert "So your regions were read" in said_on(checked.text)
    assert codes == "ES11 FRH0 PL63 PT20"
    assert (done.status_code, done.headers["Location"]) == (303, "/?told=welcome")
    assert "My work" in said_on(founder.read("/"))
    with begin(read_only=True) as session:
        assert [one.playbook for one in session.exec(select(Partnership))] == ["i3"]
        assert {one.codes[0] for one in session.exec(select(Region))} == set(codes.split())
        assert [one.name for one in session.exec(select(WorkingArea))] == ["Algae", "Port logistics"]
        assert {one.role.value for one in session.exec(select(RoleGrant))} == {
            "project_manager",
            "administrator",
            "iag_secretary",
        }
        assert [one.kind.value for one in session.exec(select(Mail))] == ["role_given"]
    assert set_up_key() is None
    assert founder.get(path).status_code == 409


def test_what_cannot_be_read_is_named_and_nothing_is_founded(installation: Path) -> None:
    path, founder = f"/set-up/{set_up_key()}", Reader()
    odd = {**WANTED, "regions": "Galicia, Atlantis", "email": "nobody"}

    checked = founder.send(path, {**odd, "then": "check"})
    refused = founder.send(path, {**odd, "then": "found", "read": "ES11"})
    lacking = founder.send(path, {**odd, "areas": "", "then": "check"})

    assert "“Atlantis” could not be read." in said_on(checked.text)
    assert (refused.status_code, 'href="#f-regions"' in refused.text) == (422, True)
    assert "Working areas: is missing" in said_on(lacking.text)
    with begin(read_only=True) as session:
        assert session.exec(select(Partnership)).all() == []


def test_who_names_an_administrator_is_none(installation: Path) -> None:
    path, founder = f"/set-up/{set_up_key()}", Reader()
    office = {"people.0.email": "head@example.org", "people.0.label": "head", "people.0.role": "administrator"}
    founder.send(path, {**WANTED, **office, "then": "found", "read": "ES11 FRH0 PL63 PT20"})

    with begin(read_only=True) as session:
        held = session.exec(select(RoleGrant, Person).join(Person)).all()
        roles = {(person.label, grant.role.value) for grant, person in held}
    assert roles == {("coordinator", "project_manager"), ("head", "administrator")}


def test_who_comes_to_an_empty_installation_is_told_how_it_begins(installation: Path) -> None:
    empty = said_on(Reader().read("/sign-in"))
    a_page_house()

    assert "This installation is empty" in empty
    assert "This installation is empty" not in said_on(Reader().read("/sign-in"))


def test_the_example_is_loaded_and_managed(installation: Path) -> None:
    path, guest = f"/set-up/{set_up_key()}", Reader()
    done = guest.send(f"{path}/example", {"email": "guest@example.org"}, page=path)

    assert done.status_code == 303
    assert "My work" in said_on(guest.read("/"))


def test_nobody_sets_up_without_the_link_or_twice(installation: Path) -> None:
    key = set_up_key()
    forged = Reader().get("/set-up/installation.forged")
    a_page_house()

    assert forged.status_code == 403
    assert Reader().get(f"/set-up/{key}").status_code == 409
