"""Browser sessions over the API: one's own, and by an administrator all of somebody's; nothing secret comes along."""

from pathlib import Path

import pytest
from sqlmodel import select

from states.credentials.sessions import Means, sessions_of
from states.crossings.sign_in import begin_session
from states.partners.tables import Person
from states.storage import begin
from tests.api.house import MANAGER, OBSERVER, House, a_house, problem

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def signed_in(label: str, times: int = 1) -> list[str]:
    with begin() as session:
        person = session.exec(select(Person).where(Person.label == label)).one()
        return [begin_session(session, person.id, means=Means.LINK, browser=f"Browser {one}") for one in range(times)]


def test_one_lists_and_ends_ones_own_alone(house: House) -> None:
    texts, [others] = signed_in(MANAGER, 2), signed_in(OBSERVER)
    listed = house.manager.get("/me/sessions")
    keys = {row["id"] for row in listed.json()["items"]}

    assert [row["browser"] for row in listed.json()["items"]] == ["Browser 1", "Browser 0"]
    assert not any(text in listed.text for text in (*texts, others))
    [anothers] = house.by(OBSERVER).get("/me/sessions").json()["items"]
    assert problem(house.manager.send("DELETE", f"/me/sessions/{anothers['id']}")) == (404, "missing")
    for key in keys:
        assert house.manager.send("DELETE", f"/me/sessions/{key}").status_code == 204
    assert house.manager.get("/me/sessions").json()["items"] == []


def test_an_administrator_signs_somebody_out_everywhere(house: House) -> None:
    signed_in(MANAGER, 3)
    [grant] = house.manager.get("/partnerships/medtech/people?role=project_manager").json()["items"]
    path = f"/partnerships/medtech/people/{grant['id']}/sessions"

    assert problem(house.manager.send("DELETE", path)) == (403, "denied")
    assert house.by("administrator").send("DELETE", path).json() == {"browsers": 3}
    assert house.by("administrator").send("DELETE", path).json() == {"browsers": 0}
    with begin(read_only=True) as session:
        person = session.exec(select(Person).where(Person.label == MANAGER)).one()
        assert sessions_of(session, person.id) == []
