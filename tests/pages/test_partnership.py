"""The partnership in a browser: its people, members, regions and areas, by the API's own doors and refusals."""

import re
from pathlib import Path

import pytest
from sqlmodel import select

from states.mail.tables import Mail, MailKind
from states.partners.tables import Organisation, Region, WorkingArea
from states.storage import begin
from tests.api.house import OBSERVER, PARTNER
from tests.pages.house import a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

PLACES = ("/partnership", "/partnership/members", "/partnership/members/medtech-gliwice")


def test_everybody_inside_reads_and_a_manager_has_the_doors(installation: Path) -> None:
    house, _ = a_page_house()

    for path in PLACES:
        assert "PL22" in house.by(OBSERVER).read(path)
    assert "Make a working area" in said_on(house.manager.read("/partnership"))
    assert "Make a working area" not in said_on(house.by(OBSERVER).read("/partnership"))
    assert house.by(OBSERVER).get("/partnership/edit").status_code == 403
    assert house.by(PARTNER).get("/partnership/people/invite").status_code == 403


def test_a_region_and_an_area_are_made_by_what_people_call_them(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager

    manager.send("/partnership/regions", {"name": "Bretagne"}, page="/partnership", follow=True)
    unknown = manager.send("/partnership/regions", {"name": "Atlantis"}, page="/partnership")
    manager.send("/partnership/areas", {"name": "Algae"}, page="/partnership", follow=True)

    assert (unknown.status_code, "Atlantis" in unknown.text) == (422, True)
    with begin(read_only=True) as session:
        assert "FRH0" in {code for one in session.exec(select(Region)) for code in one.codes}
        assert "Algae" in {one.name for one in session.exec(select(WorkingArea))}


def test_a_region_is_called_as_its_reader_calls_it(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    manager.send("/partnership/regions", {"name": "Andalucía"}, page="/partnership", follow=True)
    manager.send("/account/language", {"language": "de"}, page="/account")
    pages = ("/partnership", "/partnership/regions/andalucia", "/partnership/people/invite")

    assert [path for path in pages if "Andalusien" not in said_on(manager.read(path))] == []
    assert 'value="Andalucía"' in manager.read("/partnership/regions/andalucia")  # what is kept is corrected


def test_a_partner_is_invited_and_the_role_ended_with_a_reason(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    wanted = {"email": "lab@m.example", "label": "laboratory", "role": "partner", "organisation": "medtech-marseille"}

    told = manager.send("/partnership/people/invite", wanted, follow=True)
    found = re.search(r'href="([^"]+)">laboratory<', manager.read("/partnership/people?role=partner"))
    assert found is not None
    no_reason = manager.send(found[1], {"then": "end"})
    ended = manager.send(found[1], {"then": "end", "reason": "Has left."}, follow=True)

    assert "The invitation is on its way" in said_on(told.text)
    with begin(read_only=True) as session:
        assert MailKind.ROLE_GIVEN in [one.kind for one in session.exec(select(Mail))]
    assert no_reason.status_code == 422
    assert "The role has ended." in said_on(ended.text)


def test_a_manager_may_not_choose_who_judges(installation: Path) -> None:
    house, _ = a_page_house()
    wanted = {"email": "chair@example.org", "label": "chair", "role": "iag_chair"}

    answer = house.manager.send("/partnership/people/invite", wanted)

    assert answer.status_code == 403
    assert 'value="chair@example.org"' in answer.text
    assert house.by("administrator").send("/partnership/people/invite", wanted).status_code == 303


def test_a_member_is_registered_corrected_and_markup_stays_text(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    name = "<script>alert(1)</script> Works"

    made = manager.send("/partnership/members/new", {"name": name, "kind": "sme", "nuts": "PL229"})
    assert made.status_code == 303, said_on(made.text)
    path = made.headers["Location"].partition("?")[0]
    wrong = manager.send(path, {"name": name, "headcount": "many"})

    assert "<script>alert" not in manager.read(path)
    assert (wrong.status_code, 'value="many"' in wrong.text) == (422, True)
    with begin(read_only=True) as session:
        assert name in [one.name for one in session.exec(select(Organisation))]


def test_a_workbook_is_checked_first_and_then_brought_in(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    book = manager.get("/partnership/workbook.xlsx").content

    checked = manager.send("/partnership/workbook", {"dry_run": "true"}, files={"file": ("plan.xlsx", book)})
    brought = manager.send("/partnership/workbook", files={"file": ("plan.xlsx", book)})
    broken = manager.send("/partnership/workbook", files={"file": ("plan.xlsx", b"PK not one")})

    assert "nothing is changed yet" in said_on(checked.text)
    assert "It is in." in said_on(brought.text)
    assert broken.status_code == 422


def test_working_areas_name_their_regions_as_people_do(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    manager.send("/partnership/areas", {"name": "Algae"}, page="/partnership", follow=True)
    number = re.findall(r"/partnership/areas/(\d+)", manager.read("/partnership"))[-1]
    with begin(read_only=True) as session:
        region = session.exec(select(Region)).first()
    assert region is not None
    with begin() as session:
        session.get_one(Region, region.id).name = "The region of Algae"

    manager.send(f"/partnership/areas/{number}", {"name": "Algae", "in_charge": region.slug}, follow=True)

    assert said_on(manager.read("/partnership")).count("The region of Algae") == 2  # the area's, and the region's own


def test_who_manages_is_told_who_invites_the_others_and_who_confirms(installation: Path) -> None:
    house, _ = a_page_house()
    told = said_on(house.manager.read("/partnership/people/invite"))

    assert "Reviewers, authorities and the office are invited by an administrator" in told
    assert "Administrators: administrator" in told
    assert "are invited by an administrator" not in said_on(
        house.by("administrator").read("/partnership/people/invite")
    )


def test_only_who_may_confirm_a_role_is_offered_to(installation: Path) -> None:
    house, _ = a_page_house()
    wanted = {"email": "new@example.org", "label": "new head", "role": "partner", "organisation": "medtech-gliwice"}
    house.manager.send("/partnership/people/invite", wanted, follow=True)
    listed = house.manager.read("/partnership/people")
    person = re.search(r'href="(/partnership/people/[0-9a-f]+)">new head', listed)
    assert person is not None

    assert "new head Partner gliwice new@example.org" in re.sub(r"\s+", " ", said_on(listed))  # not its short name
    assert "Confirm the role" not in said_on(house.manager.read(person[1]))
    assert "Confirm the role" in said_on(house.by("administrator").read(person[1]))


def test_amounts_and_sites_are_written_as_people_write_them(installation: Path) -> None:
    house, _ = a_page_house()
    page, wanted = "/partnership/members/new", {"name": "Timber Works", "kind": "sme", "nuts": "Zahodna Slovenija"}
    refused = house.manager.send(page, {**wanted, "turnover": "3,500"})
    made = house.manager.send(page, {**wanted, "turnover": "3 500 000,50", "balance_sheet": "EUR 2.000.000"})

    assert "may be thousands or decimals; write 1200 or 1.20" in said_on(refused.text)
    assert made.status_code == 303, said_on(made.text)
    with begin(read_only=True) as session:
        row = session.exec(select(Organisation).where(Organisation.name == "Timber Works")).one()
    assert (row.nuts, str(row.turnover), str(row.balance_sheet)) == ("SI04", "3500000.50", "2000000.00")
