"""Agreements by the API: the office and the lead write, a partner reads its own, an authority what its region pays."""

from datetime import timedelta
from typing import Any

from states.clock import today
from states.collaborations.tables import Collaboration
from states.rights.access import Role
from tests.after_factories import a_financed_case
from tests.api.house import House, a_house, codes, places, problem
from tests.api.two_partners import OTHER, speak_for_marseille
from tests.factories import World

SIGNED = {"reference": "A-1", "agreed_on": today().isoformat(), "starts_on": today().isoformat()}


def a_planned_house() -> tuple[House, str]:
    def prepare(world: World) -> tuple[Collaboration, str]:
        row, _ = a_financed_case(world)
        return row, speak_for_marseille(world)

    house, (row, token) = a_house(prepare)
    house.tokens[OTHER] = token
    path = f"/collaborations/{row.id}"
    assert house.manager.post(f"{path}/agreements/planning").status_code == 200
    return house, path


def listed(house: House, who: str, path: str) -> list[Any]:
    answer = house.by(who).get(f"{path}/agreements")
    assert answer.status_code == 200, answer.json()
    return [(one["number"], one["state"], one["instrument"]) for one in answer.json()["items"]]


def test_each_reads_what_is_theirs(installation: object) -> None:
    house, path = a_planned_house()
    grant, loan = (1, "planned", "silesian-grant"), (2, "planned", "paca-loan")

    assert listed(house, "project_manager", path) == [grant, loan]
    assert listed(house, Role.IAG_SECRETARY.value, path) == [grant, loan]
    assert listed(house, "partner", path) == [grant, loan]  # it leads
    assert listed(house, OTHER, path) == [loan]
    assert listed(house, "paca", path) == [loan]
    assert listed(house, "upper-silesia", path) == [grant]
    assert listed(house, "observer", path) == []
    assert problem(house.by(OTHER).get(f"{path}/agreements/1"))[0] == 403
    assert house.by("upper-silesia").get(f"{path}/agreements/1").json()["organisation"] == "medtech-gliwice"
    assert problem(house.by("upper-silesia").get(f"{path}/agreements/2"))[0] == 403
    assert problem(house.by(OTHER).post(f"{path}/agreements/2/signature", SIGNED, version=1))[0] == 403
    assert problem(house.by("paca").post(f"{path}/agreements/planning"))[0] == 403


def test_from_the_plan_to_the_end(installation: object) -> None:
    house, path = a_planned_house()
    lead, one = house.by("partner"), f"{path}/agreements/1"
    end = (today() + timedelta(days=1000)).isoformat()

    signed = lead.post(f"{one}/signature", SIGNED | {"amount": "480.00", "ends_on": end}, version=1)
    assert (signed.json()["state"], signed.headers["ETag"]) == ("signed", '"2"')
    stale = lead.post(f"{one}/amendments", {"agreed_on": today().isoformat(), "because": "Late."}, version=1)
    assert problem(stale) == (422, "award_invalid")  # it changes nothing
    amendment = {"agreed_on": today().isoformat(), "amount": "500.00", "because": "The call had money left."}
    assert problem(lead.post(f"{one}/amendments", amendment, version=1)) == (412, "stale")
    assert lead.post(f"{one}/amendments", amendment, version=2).json()["terms"] == 2
    [former] = lead.get(f"{one}/terms").json()["items"]
    assert (former["amount"], former["replaced_because"]) == ("480.00", "The call had money left.")
    made = lead.post(f"{one}/conditions", {"text": "Building permit", "due_on": end})
    assert (made.status_code, made.headers["Location"].endswith("/conditions/1")) == (201, True)
    assert "Building permit" not in str(house.by("upper-silesia").get("/me/tasks").json())
    [task] = [one for one in lead.get("/me/tasks").json()["items"] if one["kind"] == "meet_agreement_condition"]
    assert task["due_on"] == end
    met = lead.post(f"{one}/conditions/1/settlement", {"note": "Filed."}, version=1)
    assert (met.json()["state"], lead.get(one).json()["conditions_open"]) == ("met", 0)
    sources = lead.get(f"{path}/agreed-sources").json()
    assert [row["apart"] for row in sources["sources"]] == ["0.00", "-200.10"]
    assert (sources["expected"], sources["agreed"], sources["apart"]) == ("700.10", "500.00", "-200.10")
    version = int(lead.get(one).headers["ETag"].strip('"'))
    ended = lead.post(f"{one}/ending", {"on": today().isoformat(), "because": "All was paid."}, version=version)
    assert ended.json()["state"] == "ended"
    again = lead.post(f"{one}/withdrawal", {"because": "A mistake."}, version=version + 1)
    assert (problem(again), codes(again)) == ((409, "agreement_refused"), ["agreement_elsewhere"])
    changes = house.manager.get(f"{path}/changes").json()["items"]
    assert {"agreement", "agreement_terms", "agreement_condition"} <= {change["noun"] for change in changes}


def test_a_wrong_name_is_said_at_its_place(installation: object) -> None:
    house, path = a_planned_house()
    wrong = SIGNED | {"instrument": "none", "organisation": "nobody", "evidence": "no file"}
    answer = house.manager.post(f"{path}/agreements/1/signature", wrong, version=1)
    assert places(answer) == ["organisation", "instrument", "evidence"]
