"""Solving a case over HTTP: asked for, watched, cancelled, a mix adopted and chosen, and what if something changed."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from states.computations.service import begin_computation, computation_by_id
from states.crossings.scenarios.revalidation import revalidate_scenarios, touched_by
from states.funding.solutions import COMPUTING, KIND, record_answer
from states.funding.solver.answer import Answer
from states.funding.solver.solve import solve
from states.outbox.queries import message_by_id
from states.outbox.tables import OutboxMessage
from states.storage import begin
from tests.api.funding_house import DECLARED, LINE, QUESTION, a_case, items
from tests.api.house import House, codes, places, problem

BEST = {"kind": "best", "name": "The best mix", "protocol_version": 1}


@pytest.fixture
def case(installation: Path) -> tuple[House, str]:
    return a_case()


def solved(key: str) -> Answer:
    """Do what the flow does: solve the case of a run in the solver's own process, and keep the answer."""
    with begin() as session:
        found = begin_computation(session, COMPUTING, computation_by_id(session, KIND, key))
    assert found is not None
    answer = solve(found.case, rules=found.rules, seconds=60)
    with begin() as session:
        record_answer(session, computation_by_id(session, KIND, key), answer)
    return answer


def asked(house: House, path: str) -> Any:
    made = house.manager.post(f"{path}/funding-solutions", {"seconds": 60})
    assert made.status_code == 201, made.text
    return made.json()


def reviewed() -> None:
    """Do what the flow does after the last fact: look again at the scenarios that it touches."""
    with begin() as session:
        last = session.exec(select(OutboxMessage.id).order_by(col(OutboxMessage.sequence).desc())).first()
        for key in touched_by(session, message_by_id(session, str(last))):
            revalidate_scenarios(session, key)


def test_a_mix_is_solved_adopted_chosen_and_stale_after_a_later_fact(case: tuple[House, str]) -> None:
    house, path = case
    run = asked(house, path)
    answer = solved(run["id"])

    found = house.manager.get(f"/funding-solutions/{run['id']}").json()
    adopted = house.manager.post(f"/funding-solutions/{run['id']}/adoption", BEST)
    scenario = adopted.json()
    chosen = house.manager.post(f"/scenarios/{scenario['id']}/choice", version=1)
    house.manager.patch(f"{path}/cost-lines/rigs", {"amount": "1200.00"}, version=1)
    reviewed()
    stale = house.manager.get(f"/scenarios/{scenario['id']}").json()
    tasks = [one for one in items(house.manager.get("/me/tasks")) if one["kind"] == "renew_scenario"]

    assert (found["state"], found["answer"]) == ("done", answer.model_dump(mode="json"))
    assert (adopted.status_code, scenario["total"], scenario["gap"], scenario["stale"]) == (201, "1000.10", "0.00", [])
    assert [(one["kind"], one["amount"], one["instrument"]) for one in scenario["sources"]] == [
        ("grant", "500.05", "vouchers"),
        ("own_cash", "500.05", None),
    ]
    assert chosen.json()["chosen"] is True
    assert len(stale["stale"]) == 1
    assert [one["link"] for one in tasks] == [f"/api/v1/scenarios/{scenario['id']}"]


def test_one_solving_at_a_time_and_one_that_was_cancelled_keeps_nothing(case: tuple[House, str]) -> None:
    house, path = case
    run = asked(house, path)
    second = house.manager.post(f"{path}/funding-solutions", {})
    cancelled = house.manager.post(f"/funding-solutions/{run['id']}/cancellation")
    again = house.manager.post(f"/funding-solutions/{run['id']}/cancellation")
    adopted = house.manager.post(f"/funding-solutions/{run['id']}/adoption", BEST)

    assert (problem(second), codes(second)) == ((409, "funding_run_refused"), ["funding_run_open"])
    assert (cancelled.json()["state"], cancelled.json()["answer"]) == ("cancelled", None)
    assert [(problem(one), codes(one)) for one in (again, adopted)] == [
        ((409, "funding_run_refused"), ["wrong_state"])
    ] * 2
    assert [one["state"] for one in items(house.manager.get(f"{path}/funding-solutions"))] == ["cancelled"]


def test_what_cannot_be_asked_for(case: tuple[House, str]) -> None:
    house, path = case
    long = house.manager.post(f"{path}/funding-solutions", {"seconds": 601})
    early = house.manager.post(f"{path}/funding-what-ifs", {"change": {"kind": "rules_change", "rule_set": "eu-2023"}})
    house.manager.send("DELETE", f"{path}/cost-lines/rigs", version=1)
    empty = house.manager.post(f"{path}/funding-solutions", {})

    assert (problem(long), places(long)) == ((422, "funding_run_invalid"), ["seconds"])
    assert (problem(early), codes(early)) == ((409, "funding_run_refused"), ["no_funding_solution"])
    assert (problem(empty), places(empty)) == ((422, "funding_case_invalid"), ["cost_items"])


def test_rules_that_clash_are_answered_and_nothing_is_adopted(case: tuple[House, str]) -> None:
    house, path = case
    poor = {**QUESTION["partners"], "medtech-gliwice": {**DECLARED, "own_cash": "1.00"}}
    house.manager.put(f"{path}/funding-question", {"partners": poor, "wanted": {"gap_most": "0.00"}}, version=1)
    run = asked(house, path)
    solved(run["id"])

    found = house.manager.get(f"/funding-solutions/{run['id']}").json()
    refused = house.manager.post(f"/funding-solutions/{run['id']}/adoption", BEST)

    assert (found["state"], found["answer"]["clash"] != []) == ("infeasible", True)
    assert (problem(refused), places(refused)) == ((422, "funding_run_invalid"), ["kind"])


def test_a_mix_of_a_partner_that_left_is_not_adopted(case: tuple[House, str]) -> None:
    house, path = case
    run = asked(house, path)
    solved(run["id"])
    version = house.manager.get(path).json()["version"]
    left = house.manager.send("DELETE", f"{path}/members/medtech-marseille", version=version)

    refused = house.manager.post(f"/funding-solutions/{run['id']}/adoption", BEST)

    assert (left.status_code, problem(refused), places(refused)) == (204, (422, "funding_run_invalid"), ["partners"])
    assert house.manager.get(f"{path}/scenarios").json()["total"] == 0


@pytest.mark.long
def test_a_change_is_solved_beside_what_it_changes(case: tuple[House, str]) -> None:
    house, path = case
    run = asked(house, path)
    solved(run["id"])
    change = {"kind": "rate_changes", "instrument": "vouchers--2127", "percent": "30"}
    tried = house.manager.post(f"{path}/funding-what-ifs", {"change": change}).json()
    solved(tried["id"])

    found = house.manager.get(f"/funding-solutions/{tried['id']}").json()
    best = {one["what"]: (one["before"], one["after"]) for one in found["differences"] if one["kind"] == "best"}
    adopted = house.manager.post(f"/funding-solutions/{tried['id']}/adoption", BEST)

    assert (found["before_id"], found["change"]) == (run["id"], change)
    assert best["vouchers--2127"] == ("500.05", "300.03")
    assert best["own"] == ("500.05", "700.07")
    assert (problem(adopted), codes(adopted)) == ((409, "funding_run_refused"), ["wrong_state"])
    assert [one["id"] for one in items(house.manager.get(f"{path}/funding-what-ifs"))] == [tried["id"]]
    assert [one["id"] for one in items(house.manager.get(f"{path}/funding-solutions"))] == [run["id"]]


def test_each_kind_of_change_makes_another_case(case: tuple[House, str]) -> None:
    house, path = case
    solved(asked(house, path)["id"])
    line = {"id": "clinic", "nuts": "PL22A", "activity": "other", "amount": "50.00", "starts": "2127-10-01"}
    joins = {"kind": "partner_joins", "organisation": "medtech-katowice", "cost_items": [line]}
    changes: list[dict[str, Any]] = [
        joins,
        {"kind": "partner_leaves", "partner": "medtech-marseille"},
        {"kind": "call_closes", "instrument": "vouchers--2127"},
        {"kind": "rules_change", "rule_set": "eu-2014"},
    ]
    cases = []
    for change in changes:
        run = house.manager.post(f"{path}/funding-what-ifs", {"change": change}).json()
        cases.append(house.manager.get(f"/funding-solutions/{run['id']}/case").json())
        house.manager.post(f"/funding-solutions/{run['id']}/cancellation")

    joined, left, closed, other = cases
    assert [one["id"] for one in joined["partners"]] == ["medtech-gliwice", "medtech-marseille", "medtech-katowice"]
    assert [one["id"] for one in joined["cost_items"]] == [LINE["slug"], "clinic"]
    assert [one["id"] for one in left["partners"]] == ["medtech-gliwice"]
    assert closed["instruments"] == []
    assert other["rule_set"] == "eu-2014"


def test_a_change_of_what_is_not_there(case: tuple[House, str]) -> None:
    house, path = case
    solved(asked(house, path)["id"])
    changes = {
        "change.partner": {"kind": "partner_leaves", "partner": "nobody"},
        "cost_items": {"kind": "partner_leaves", "partner": "medtech-gliwice"},
        "change.instrument": {"kind": "call_closes", "instrument": "lottery"},
        "change.rule_set": {"kind": "rules_change", "rule_set": "eu-1957"},
    }

    answers = [house.manager.post(f"{path}/funding-what-ifs", {"change": change}) for change in changes.values()]

    assert [problem(one) for one in answers] == [(422, "funding_case_invalid")] * 4
    assert [places(one) for one in answers] == [[place] for place in changes]
