"""What the office keeps of money and law in a browser: rates, simplified costs, instruments, calls, rules, what-ifs."""

import json
import re
from pathlib import Path

import pytest

from states.funding.inputs.tables import FundingQuestion
from states.storage import begin
from tests.api.house import OBSERVER, PARTNER
from tests.api.routes.funding.test_solutions import solved
from tests.pages.house import PageHouse, a_page_house, said_on
from tests.pages.test_protocol import MARKUP
from tests.rule_documents import A_MAP

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

MONEY = "/partnership/money"
HOUR = {
    "slug": "hour",
    "title": "An hour of work",
    "kind": "unit_cost",
    "covers": ["personnel"],
    "amount": "43.21",
    "unit": "hour",
    "source": "programme manual",
    "valid_from": "2026-01-01",
}


def test_the_rule_of_rates_is_set_and_rates_are_brought_in(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    assert f'href="{MONEY}"' in manager.read("/partnership")
    ruled = manager.send(MONEY, {"rate_rule": "month_of_award", "options": ["interreg-office-15"]}, follow=True)
    assert re.search(r'value="month_of_award" checked', ruled.text)
    assert re.search(r'value="interreg-office-15" checked', ruled.text)
    assert "not chosen" in said_on(ruled.text)

    rates = json.dumps([{"isoA3Code": "PLN", "value": 4.25}]).encode()
    files = {"file": ("rates.json", rates, "application/json")}
    told = manager.send(f"{MONEY}/rates", {"month": "2026-11"}, page=MONEY, files=files, follow=True)
    assert "Rates are in: 1 new, 0 changed, 0 as before." in said_on(told.text)
    assert "PLN Nov 2026 4.25" in said_on(told.text)
    broken = {"file": ("rates.json", b"no rates", "application/json")}
    assert manager.send(f"{MONEY}/rates", page=MONEY, files=broken).status_code == 422

    observer = house.by(OBSERVER)
    assert "PLN" in observer.read(MONEY)
    assert 'name="rate_rule"' not in observer.read(MONEY)
    assert observer.get("/partnership/simplified-costs/new").status_code == 403


def test_a_simplified_cost_of_a_programme_is_added_ended_and_taken_out(installation: Path) -> None:
    house, _ = a_page_house()
    manager, form = house.manager, "/partnership/simplified-costs/new"
    wrong = manager.send(form, {**HOUR, "amount": "400.000"})
    assert (wrong.status_code, 'href="#f-amount"' in wrong.text) == (422, True)
    made = manager.send(form, {**HOUR, "title": MARKUP}, follow=True)
    assert "<script>alert" not in made.text
    one = "/partnership/simplified-costs/hour"
    ended = manager.send(one, {"valid_to": "2027-12-31"}, follow=True)
    assert "31 Dec 2027" in said_on(ended.text)
    assert "open" in said_on(manager.send(one, {"valid_to": ""}, follow=True).text)
    assert "Take it out" not in said_on(house.by(OBSERVER).read(one))
    assert "Taken out." in said_on(manager.send(one, {"then": "withdraw"}, follow=True).text)
    assert manager.get(one).status_code == 404


def test_an_instrument_and_its_calls_are_kept(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    loan = {
        "slug": "loan",
        "name": "Loan for innovation",
        "programme": "Regional fund",
        "kind": "loan",
        "territory": "PL22, ITC1",
        "maximum_amount": "2,000,000.00",
        "closes_on": "2099-09-30",
    }
    made = manager.send("/funding/instruments/new", loan, follow=True)
    assert "PL22, ITC1" in said_on(made.text)
    one = "/funding/instruments/loan"
    edit = f"{one}/edit"
    said = {name: loan[name] for name in ("name", "programme", "kind")}
    changed = manager.send(edit, {**said, "territory": "", "maximum_rate": "60", "maximum_amount": ""}, follow=True)
    assert "anywhere" in said_on(changed.text)
    assert "60 %" in said_on(changed.text).replace("\N{NO-BREAK SPACE}", " ")
    late = manager.send(edit, {**said, "name": "Other", "version": "1"})
    assert (late.status_code, 'value="Other"' in late.text) == (412, True)

    call = {"slug": "2100-1", "closes_on": "2100-03-31", "months_to_award": "4", "months_to_money": "6"}
    told = manager.send(f"{one}/calls/new", call, follow=True)
    assert "31 Mar 2100" in said_on(told.text)
    moved = {**call, "closes_on": "2100-04-30", "closes_at": "17:00", "time_zone": "Europe/Warsaw", "budget": "4000000"}
    told = manager.send(f"{one}/calls/2100-1", moved, follow=True)
    assert "30 Apr 2100, 17:00 Europe/Warsaw EUR 4,000,000.00 4, 6" in said_on(told.text).replace(
        "\N{NO-BREAK SPACE}", " "
    )

    terms = f"{one}/terms"
    assert manager.send(terms, {"text": "terms: ["}).status_code == 422
    odd = manager.send(terms, {"text": "terms: {basis: [nothing_known], odd: 1}"})
    assert (odd.status_code, "terms.odd" in said_on(odd.text) or "odd" in said_on(odd.text)) == (422, True)
    written = "terms:\n  basis: [eu_direct]\n  whom: {territory: [PL22]}\n  rates:\n  - percent: 50\n"
    assert "eu_direct" in said_on(manager.send(terms, {"text": written}, follow=True).text)
    assert "- percent: " in manager.read(terms)

    partner = house.by(PARTNER)
    assert partner.get(terms).status_code == 403
    assert "Add a call" not in said_on(partner.read(one))
    assert "Add an instrument" not in said_on(partner.read("/funding"))
    assert partner.get(edit).status_code == 403
    assert partner.get("/funding/instruments/new").status_code == 403


def test_a_document_of_law_is_checked_kept_verified_by_another_and_put_in_force(installation: Path) -> None:
    house, _ = a_page_house()
    manager, form = house.manager, "/funding/rules/new"
    wrong = A_MAP.replace("nuts: PL22", "nuts: XX99")
    faults = manager.send(form, {"text": wrong, "then": "check"})
    assert (faults.status_code, "XX99" in said_on(faults.text)) == (200, True)
    assert "It has no fault: own-map@1." in said_on(manager.send(form, {"text": A_MAP, "then": "check"}).text)
    kept = manager.send(form, {"text": A_MAP}, follow=True)
    assert "It is kept as a draft." in said_on(kept.text)
    one = "/funding/rules/own-map@1"
    assert manager.send(f"{one}/verify", page=one).status_code == 409
    chair = house.by("iag_chair")
    assert "It is verified." in said_on(chair.send(f"{one}/verify", page=one, follow=True).text)
    assert "It is in force." in said_on(manager.send(f"{one}/put_in_force", page=one, follow=True).text)

    other = next(key for key in re.findall(r'<option value="([^"]+)"', manager.read(one)))
    assert "How another one differs" in said_on(manager.read(f"{one}?with={other}"))
    assert "own-map" in manager.read(f"{form}?like=own-map@1")
    observer = house.by(OBSERVER)
    assert "Withdraw it" not in said_on(observer.read(one))
    assert observer.get(form).status_code == 403
    assert manager.send(f"{one}/withdraw", {"then": "withdraw", "reason": ""}, page=one).status_code == 422
    done = manager.send(f"{one}/withdraw", {"then": "withdraw", "reason": "It was wrong."}, page=one, follow=True)
    assert "It was wrong." in said_on(done.text)


@pytest.mark.long
def test_what_if_a_rate_changed_is_laid_beside_what_was_solved(whole: tuple[PageHouse, str]) -> None:
    house, case = whole
    manager, page = house.manager, f"/cases/{case}/funding/what-ifs"
    assert "Nothing is solved yet." in said_on(manager.read(page))
    begun = manager.send(f"/cases/{case}/funding/solving", {"seconds": "60"}, follow=True)
    [run] = set(re.findall(r"funding-solutions/([0-9a-f]+)/cancellation", begun.text))
    solved(run)
    wrong = manager.send(page, {"kind": "rate_changes", "instrument": "vouchers--2127", "percent": "many"})
    assert wrong.status_code == 422
    tried = manager.send(page, {"kind": "rate_changes", "instrument": "vouchers--2127", "percent": "25"}, follow=True)
    [run] = set(re.findall(r"funding-solutions/([0-9a-f]+)/cancellation", tried.text))
    solved(run)
    told = said_on(manager.read(f"{page}?run={run}"))
    assert "An instrument pays another rate: vouchers--2127, 25 %" in told
    assert "From instruments EUR 500.05 EUR 250.02" in told.replace("\N{NO-BREAK SPACE}", " ")
    joined = manager.send(
        page,
        {
            "kind": "partner_joins",
            "organisation": "medtech-katowice",
            "nuts": "PL22A",
            "activity": "experimental",
            "amount": "1,000.00",
            "starts": "2027-09-01",
            "economic": "true",
        },
        follow=True,
    )
    assert "A partner joins: medtech-katowice" in said_on(joined.text)
    assert "Try a change" not in said_on(house.by(PARTNER).read(page))
    assert house.by(OBSERVER).get(page).status_code == 403


def test_what_the_rules_ask_is_answered_and_left_open_again(whole: tuple[PageHouse, str]) -> None:
    house, case = whole
    manager, page = house.manager, f"/cases/{case}/funding/question"
    assert f'href="{page}"' in manager.read(f"/cases/{case}/funding/rules")
    answers = {
        "rule_set": "by-date",
        "project.trl": "6",
        "project.effective_collaboration": "true",
        "project.designing_states": "pl, fr",
        "partners.medtech-gliwice.own_cash": "300,000.00",
        "partners.medtech-gliwice.difficulty.insolvent": "false",
        "wanted.verified_only": "true",
    }
    wrong = manager.send(page, {**answers, "project.trl": "12"})
    assert (wrong.status_code, 'href="#f-project-trl"' in wrong.text) == (422, True)
    manager.send(page, answers, follow=True)
    with begin(read_only=True) as session:
        asked = session.get_one(FundingQuestion, case)
        assert (asked.project["effective_collaboration"], asked.project["designing_states"]) == (True, ["PL", "FR"])
        assert asked.partners["medtech-gliwice"]["difficulty"] == {"insolvent": False}
        assert asked.wanted == {"verified_only": True}
    shown = manager.read(page)
    assert 'value="300000.00"' in shown
    assert re.search(r'<option value="true" selected>', shown)
    assert manager.send(page, {**answers, "version": "1"}).status_code == 412

    manager.send(page, {"rule_set": "by-date"}, follow=True)
    with begin(read_only=True) as session:
        asked = session.get_one(FundingQuestion, case)
        assert (asked.project, asked.partners, asked.wanted) == ({}, {}, {})
    assert "fieldset disabled" in house.by(PARTNER).read(page)
    assert house.by(PARTNER).send(page, answers, page=f"/cases/{case}/new-cost").status_code == 403
    assert house.by(OBSERVER).get(page).status_code == 403
