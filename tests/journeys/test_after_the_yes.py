"""After the yes, by the API and each in the own role: agreements, a year's progress by a link, a change, the end."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from states.clock import today
from states.mail.tables import Mail, MailKind
from states.storage import begin
from tests.after_factories import a_financed_case, a_running_case
from tests.api.house import House, a_house, codes, problem
from tests.api.two_partners import OTHER, speak_for_marseille
from tests.factories import World

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

BEGAN, ENDS = today() - timedelta(days=30), today() + timedelta(days=700)
DAYS = {"agreed_on": BEGAN.isoformat(), "starts_on": BEGAN.isoformat(), "ends_on": ENDS.isoformat()}


def version_of(house: House, who: str, path: str) -> int:
    return int(house.by(who).get(path).headers["ETag"].strip('"'))


def done(house: House, who: str, path: str, body: object = None, *, of: str = "") -> Any:
    """Do something with what was read just now, and return the answer."""
    version = version_of(house, who, of) if of else None
    answer = house.by(who).post(path, body, version=version)
    assert answer.status_code in (200, 201), answer.json()
    return answer.json()


def test_from_the_yes_to_the_end(installation: Path) -> None:
    def prepare(world: World) -> tuple[str, str, str]:
        row, _ = a_financed_case(world)
        return row.id, speak_for_marseille(world), world.people[OTHER].id

    house, (key, token, person) = a_house(prepare)
    house.tokens[OTHER] = token
    case, office, lead = f"/collaborations/{key}", "project_manager", "partner"

    # One agreement for each source: the lead plans and signs, a condition waits for who receives the money.
    planned = done(house, lead, f"{case}/agreements/planning")["items"]
    assert [(one["instrument"], one["amount"]) for one in planned] == [
        ("silesian-grant", "500.00"),
        ("paca-loan", "200.10"),
    ]
    for number in (1, 2):
        path = f"{case}/agreements/{number}"
        done(house, lead, f"{path}/signature", DAYS | {"reference": f"A-{number}"}, of=path)
    asked = {"text": "Guarantee of the shareholders", "due_on": ENDS.isoformat()}
    done(house, lead, f"{case}/agreements/2/conditions", asked)
    assert [one["kind"] for one in house.by(OTHER).get("/me/tasks").json()["items"]].count(
        "meet_agreement_condition"
    ) == 1
    assert house.by("paca").get(f"{case}/agreements").json()["total"] == 1
    assert house.by(office).get(f"{case}/agreed-sources").json()["apart"] == "0.00"

    # A year's progress: one partner by a link without an account, the lead by its token; the office asks and accepts.
    opened = done(house, office, f"{case}/progress/opening")["items"]
    of = {one["organisation"]: f"/progress/{one['id']}" for one in opened}
    mine, theirs = of["medtech-gliwice"], of["medtech-marseille"]
    assert problem(house.by(OTHER).get(mine))[0] == 403
    link = done(house, office, f"{theirs}/requests", {"person": person, "days": 30})["link"]
    with begin(read_only=True) as session:
        assert [one.person_id for one in session.exec(select(Mail).where(Mail.kind == MailKind.PROGRESS_ASKED))] == [
            person
        ]
    shown = house.client.get(link).json()
    assert (shown["progress"]["period"], shown["agreements"]) == (1, [2])
    said = {"done": "Staff trained.", "readiness": 6, "spent": [{"on": "Staff", "amount": "120.10"}]}
    received = [{"agreement": 2, "on": today().isoformat(), "amount": "100.05"}]
    wrong = house.client.post(link, json=said | {"received": [{**received[0], "agreement": 1}]})
    assert problem(wrong) == (422, "progress_invalid")
    handed = house.client.post(link, json=said | {"received": received, "hand_in": True})
    assert (handed.status_code, handed.json()["progress"]["state"]) == (200, "handed_in")
    done(house, office, f"{theirs}/return", {"question": "How many people?"}, of=theirs)
    again = house.client.post(link, json={"done": "Three people trained.", "hand_in": True})
    assert again.json()["progress"]["received_total"] == "100.05"
    done(house, office, f"{theirs}/acceptance", of=theirs)
    assert problem(house.client.get(link)) == (410, "link_ended")
    written = house.by(lead).patch(mine, said | {"spent": [{"on": "Rigs", "amount": "0.00"}]}, version=1)
    assert written.status_code == 200, written.json()
    done(house, lead, f"{mine}/handing-in", of=mine)
    assert problem(house.by(lead).post(f"{mine}/acceptance", version=3))[0] == 403
    done(house, office, f"{mine}/acceptance", of=mine)
    drawdown = house.by(office).get(f"{case}/drawdown").json()
    assert (drawdown["planned"], drawdown["received"], drawdown["spent"]) == ("700.10", "100.05", "120.10")
    assert drawdown["waiting"] == 0

    # A change: who must agree is asked by the rules, the authority answers for its own region's money alone.
    change = {
        "kind": "dates",
        "title": "Half a year more",
        "because": "The rigs came late.",
        "differences": [{"what": "End", "before": "2028-06", "after": "2028-12"}],
    }
    request = f"{case}/change-requests/{done(house, lead, f'{case}/change-requests', change)['number']}"
    approvals = done(house, lead, f"{request}/asking", of=request)["approvals"]
    assert [one["agreement"] for one in approvals] == [None, 1, 2]
    assert problem(house.by("paca").post(f"{request}/approvals/2/answer", {"agrees": True}))[0] == 403
    done(house, "paca", f"{request}/approvals/3/answer", {"agrees": True})
    done(house, "upper-silesia", f"{request}/approvals/2/answer", {"agrees": True, "reason": "Within the aims."})
    last = done(house, office, f"{request}/approvals/1/answer", {"agrees": True})
    assert (last["state"], last["redline"]) == ("approved", None)
    done(house, lead, f"{request}/carrying-out", of=request)
    later = {"ends_on": (ENDS + timedelta(days=180)).isoformat(), "agreed_on": today().isoformat()}
    path = f"{case}/agreements/1"
    done(house, lead, f"{path}/amendments", later | {"because": "Change request 1."}, of=path)

    # The end: what is open is named, and results stand beside their targets.
    done(house, lead, f"{case}/results", {"indicator": "People trained", "target": "4"})
    open_ = house.by(lead).get(f"{case}/closure").json()
    assert (open_["open"], open_["agreements_not_ended"], open_["indicators_unknown"]) == (
        4,
        [1, 2],
        ["People trained"],
    )
    missed = {"achieved": "3", "source": "Training log", "explanation": "One fell ill."}
    assert house.by(lead).patch(f"{case}/results/1", missed, version=1).json()["missed"] is True
    condition = f"{case}/agreements/2/conditions/1"
    done(house, lead, f"{condition}/settlement", {"note": "Given."}, of=condition)
    for number in (1, 2):
        path = f"{case}/agreements/{number}"
        done(house, lead, f"{path}/ending", {"on": today().isoformat(), "because": "All was paid."}, of=path)
    assert house.by(lead).get(f"{case}/closure").json()["open"] == 0
    refused = house.by(lead).post(f"{request}/withdrawal", {"because": "No."}, version=version_of(house, lead, request))
    assert (problem(refused), codes(refused)) == ((409, "change_refused"), ["change_elsewhere"])
    nouns = {one["noun"] for one in house.by(office).get(f"{case}/changes?limit=200").json()["items"]}
    assert {"agreement", "partner_progress", "change_request", "change_approval", "project_result"} <= nouns


def test_what_was_a_slip_is_taken_back_by_whom_it_is_and_stays_on_record(installation: Path) -> None:
    house, key = a_house(lambda world: a_running_case(world, began=BEGAN, days=700).id)
    case, office, lead = f"/collaborations/{key}", "project_manager", "partner"

    # An application and an agreement that were never made.
    sent = {"lender": "Bank", "reference": "B-1", "amount": "500.00", "submitted_on": today().isoformat()}
    assert problem(house.by(lead).post(f"{case}/submissions", sent))[0] == 403
    done(house, office, f"{case}/submissions", sent)
    applied = f"{case}/submissions/1"
    corrected = house.by(office).patch(applied, {"amount": "400.00"}, version=1)
    assert (corrected.status_code, corrected.json()["amount"]) == (200, "400.00")
    assert house.by(office).send("DELETE", applied, version=2).status_code == 204
    added = done(house, lead, f"{case}/agreements", DAYS | {"funder": "Town", "reference": "T", "amount": "1.00"})
    assert house.by(lead).send("DELETE", f"{case}/agreements/{added['number']}", version=1).status_code == 204

    # A condition that was not met, an end that was none, a change that is described anew.
    first = f"{case}/agreements/1"
    done(house, lead, f"{first}/conditions", {"text": "Permit"})
    condition = f"{first}/conditions/1"
    done(house, lead, f"{condition}/settlement", {"note": "Filed."}, of=condition)
    assert done(house, lead, f"{condition}/reopening", {"note": "Of another site."}, of=condition)["state"] == "open"
    done(house, lead, f"{first}/ending", {"on": today().isoformat(), "because": "All was paid."}, of=first)
    assert done(house, lead, f"{first}/reopening", {"because": "A rate is out."}, of=first)["state"] == "signed"
    difference = {"what": "End", "before": "June", "after": "July"}
    change = {"kind": "dates", "title": "Later", "because": "Late rigs.", "differences": [difference]}
    request = f"{case}/change-requests/{done(house, lead, f'{case}/change-requests', change)['number']}"
    done(house, lead, f"{request}/asking", of=request)
    assert done(house, lead, f"{request}/revision", of=request)["state"] == "draft"

    # What a partner handed in comes back to it; what the office accepted holds until its correction is accepted.
    opened = done(house, office, f"{case}/progress/opening")["items"]
    mine = next(f"/progress/{one['id']}" for one in opened if one["organisation"] == "medtech-gliwice")
    said = {"done": "Built.", "readiness": 7, "spent": [{"on": "Rigs", "amount": "0.00"}]}
    assert house.by(lead).patch(mine, said, version=1).status_code == 200
    done(house, lead, f"{mine}/handing-in", of=mine)
    assert done(house, lead, f"{mine}/taking-back", of=mine)["state"] == "draft"
    done(house, lead, f"{mine}/handing-in", of=mine)
    done(house, office, f"{mine}/acceptance", of=mine)
    because = {"because": "An invoice was found."}
    version = version_of(house, lead, mine)
    assert problem(house.by("observer").post(f"{mine}/correction", because, version=version))[0] == 403
    anew = done(house, lead, f"{mine}/correction", because, of=mine)
    assert (anew["state"], anew["because"], anew["id"] in mine) == ("draft", "An invoice was found.", False)
    assert house.by(lead).get(mine).json()["state"] == "accepted"

    def recorded(noun: str, field: str) -> list[tuple[str, object, object]]:
        listed = house.by(office).get(f"{case}/changes?noun={noun}&field={field}&limit=200").json()["items"]
        return [(one["kind"], one["before"], one["after"]) for one in listed]

    assert ("changed", "500.00", "400.00") in recorded("submission", "amount")
    assert ("changed", "handed_in", "draft") in recorded("partner_progress", "state")
    assert ("changed", "asked", "draft") in recorded("change_request", "state")
    removed = house.by(office).get(f"{case}/changes?limit=200").json()["items"]
    assert {one["noun"] for one in removed if one["kind"] == "removed"} >= {"submission", "agreement"}
