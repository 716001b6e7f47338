"""After the yes, by pages alone: agreements, progress of a period, a change, results and what is open at the end."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from states.clock import today
from tests.after_factories import a_financed_case, a_running_case
from tests.api.house import OBSERVER, PARTNER
from tests.factories import World
from tests.pages.house import a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

BEGAN, ENDS = today() - timedelta(days=30), today() + timedelta(days=700)


def financed(world: World) -> str:
    return a_financed_case(world)[0].id


def running(world: World) -> str:
    return a_running_case(world, began=BEGAN, days=730).id


def test_an_agreement_is_planned_signed_and_its_condition_settled(installation: Path) -> None:
    house, case = a_page_house(financed)
    lead, page = house.by(PARTNER), f"/cases/{case}/agreements"
    lead.send(f"{page}/planning", page=page, follow=True)
    sign = f"{page}/1/signature"
    days = {"agreed_on": BEGAN.isoformat(), "starts_on": BEGAN.isoformat(), "ends_on": ENDS.isoformat()}
    bare = lead.send(sign, {"reference": "A-1", "amount": "500.00", **days, "agreed_on": ""})
    signed = lead.send(sign, {"reference": "A-1", "amount": "500.00", **days}, follow=True)
    asked = lead.send(
        f"{page}/1/conditions", {"text": "Building permit", "due_on": ENDS.isoformat()}, page=f"{page}/1", follow=True
    )
    condition = f"{page}/1/conditions/1"
    empty = lead.send(condition, {"waived": "true"})
    settled = lead.send(condition, {"note": "The permit of March is filed."}, follow=True)
    amended = lead.send(
        f"{page}/1/amendments",
        {"reference": "A-1", "amount": "450.00", **days, "because": "The rigs were cheaper."},
        follow=True,
    )

    assert (bare.status_code, 'href="#f-agreed_on"' in bare.text, 'value="A-1"' in bare.text) == (422, True, True)
    assert "Signed" in said_on(signed.text)
    assert "Building permit" in said_on(asked.text)
    assert (empty.status_code, 'value="true" checked' in empty.text) == (422, True)
    assert "The permit of March is filed." in said_on(settled.text)
    assert "The rigs were cheaper." in said_on(amended.text)
    assert "EUR 450.00" in said_on(amended.text)
    assert f"{page}/1" not in house.by(OBSERVER).get(page).text


def test_a_partner_reports_and_the_office_returns_and_accepts(installation: Path) -> None:
    house, case = a_page_house(running)
    lead, office, page = house.by(PARTNER), house.manager, f"/cases/{case}/drawdown"
    office.send(f"/cases/{case}/progress/opening", page=page)
    reports = dict(re.findall(r'href="(/progress/[0-9a-f]+)">([^,]+),', office.read(page)))
    report = next(path for path in reports if "Whom you ask" in office.read(f"{path}/requests"))
    silent = next(path for path in reports if "nobody in the partnership" in office.read(f"{path}/requests"))
    assert 'href="/partnership/people/invite"' in office.read(f"{silent}/requests")
    person = re.search(r'<option value="([0-9a-f]+)">partner<', office.read(f"{report}/requests"))
    assert person is not None, office.read(f"{report}/requests")[1500:6000]
    asked = office.send(f"{report}/requests", {"person": person[1], "days": "30"})
    assert re.search(r"/links/progress/[^\"]+", asked.text)
    assert lead.get(f"{report}/requests").status_code == 403
    typed = {"done": "The pilot line stands.", "readiness": "6", "spent.0.on": "Equipment", "spent.0.amount": "x"}
    wrong = lead.send(report, {**typed, "do": "save"})
    handed = lead.send(report, {**typed, "spent.0.amount": "12.00", "do": "hand_in"}, follow=True)
    returned = office.send(f"{report}/return", {"question": "Which line?"}, page=report, follow=True)
    again = lead.send(report, {**typed, "spent.0.amount": "12.00", "done": "Line 2.", "do": "hand_in"}, follow=True)
    accepted = office.send(f"{report}/acceptance", page=report, follow=True)

    assert (wrong.status_code, "The pilot line stands." in wrong.text, 'value="x"' in wrong.text) == (422, True, True)
    assert "Handed in." in said_on(handed.text)
    assert "Which line?" in said_on(returned.text)
    assert "Handed in." in said_on(again.text)
    assert "Accepted: it counts" in said_on(accepted.text)
    assert "EUR 12.00" in said_on(office.read(page))


def test_a_change_is_described_asked_for_and_answered(installation: Path) -> None:
    house, case = a_page_house(running)
    lead, page = house.by(PARTNER), f"/cases/{case}/change-requests"
    typed = {"kind": "dates", "title": "Later", "because": "The rig came late.", "differences.0.what": "End"}
    bare = lead.send(f"{page}/new", {**typed, "kind": ""})
    made = lead.send(f"{page}/new", {**typed, "differences.0.after": "2030"}, follow=True)
    asked = lead.send(f"{page}/1/asking", page=f"{page}/1", follow=True)
    numbers = re.findall(rf"{page}/1/approvals/(\d+)", house.manager.read(f"{page}/1"))
    for number in numbers:
        told = house.manager.send(
            f"{page}/1/approvals/{number}", {"approval": number, "agrees": "true"}, page=f"{page}/1", follow=True
        )
        assert "Your answer is on record." in said_on(told.text)

    assert (bare.status_code, 'href="#f-kind"' in bare.text, 'value="Later"' in bare.text) == (422, True, True)
    assert "nobody is asked yet" in said_on(made.text)
    assert "Everybody who must agree is asked." in said_on(asked.text)
    assert numbers != []
    assert "Approved" in said_on(house.manager.read(f"{page}/1"))


def test_results_are_told_and_what_is_open_leads_to_its_place(installation: Path) -> None:
    house, case = a_page_house(running)
    lead, page = house.by(PARTNER), f"/cases/{case}/closure"
    open_at_first = lead.read(page)
    lead.send(f"/cases/{case}/results", {"indicator": "Prototypes", "target": "12"}, page=page)
    result = f"/cases/{case}/results/1"
    bare = lead.send(result, {"indicator": "Prototypes", "target": "12", "achieved": "11", "do": "save"})
    told = {"achieved": "12", "source": "The test log", "do": "save"}
    done = lead.send(result, {"indicator": "Prototypes", "target": "12", **told}, follow=True)

    assert f"/cases/{case}/agreements/1" in open_at_first
    assert (bare.status_code, 'value="11"' in bare.text) == (422, True)
    assert "The test log" in said_on(done.text)
    assert house.by(OBSERVER).get(page).status_code == 403
