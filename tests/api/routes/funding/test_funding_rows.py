"""What a funding case is made of, over HTTP: cost lines, calls, terms, figures, aid received, the question."""

from datetime import timedelta
from pathlib import Path

import pytest

from states.clock import today
from tests.api.funding_house import CALL, DECLARED, LINE, QUESTION, TERMS, a_case, items
from tests.api.house import PARTNER, House, codes, places, problem

GLIWICE = "/partnerships/medtech/organisations/medtech-gliwice"
AID = {"member_state": "PL", "granted_on": "2020-03-01", "amount": "100000.00", "basis": "de_minimis"}


@pytest.fixture
def case(installation: Path) -> tuple[House, str]:
    return a_case(stage="matchmaking")


def test_a_cost_line_is_read_where_the_answer_says_and_changed_under_its_version(case: tuple[House, str]) -> None:
    house, path = case
    made = house.manager.post(f"{path}/cost-lines", {**LINE, "slug": "clinic", "nuts": "PL22"})
    read = house.client.get(made.headers["Location"], headers=house.manager.headers)
    changed = house.manager.patch(f"{path}/cost-lines/clinic", {"amount": "2000.00"}, version=1)
    late = house.manager.patch(f"{path}/cost-lines/clinic", {"amount": "1.00"}, version=1)

    assert (made.status_code, made.headers["ETag"], read.json()) == (201, '"1"', made.json())
    assert changed.json() == {**made.json(), "amount": "2000.00", "version": 2}
    assert problem(late) == (412, "stale")
    assert [one["slug"] for one in items(house.manager.get(f"{path}/cost-lines"))] == ["clinic", "rigs"]


LINES: list[tuple[dict[str, object], list[str]]] = [
    ({"slug": "rigs"}, ["slug"]),
    ({"slug": "Two Words"}, ["slug"]),
    ({"slug": "a" * 61}, ["slug"]),
    ({"organisation": "medtech-katowice"}, ["organisation"]),
    ({"nuts": "PL9"}, ["nuts"]),
    ({"nuts": "PL2"}, ["nuts"]),
    ({"amount": "0.00"}, ["amount"]),
    ({"amount": "10000000000.00"}, ["amount"]),
    ({"starts_on": "1966-10-14"}, ["starts_on"]),
    ({"amount": "-1.00", "nuts": "Silesia", "organisation": "nobody"}, ["organisation", "nuts", "amount"]),
]


def test_a_cost_line_that_does_not_fit_is_not_kept(case: tuple[House, str]) -> None:
    house, path = case

    answers = [house.manager.post(f"{path}/cost-lines", {**LINE, "slug": "other", **change}) for change, _ in LINES]

    assert [(*problem(one), places(one)) for one in answers] == [(422, "cost_invalid", where) for _, where in LINES]
    assert house.manager.get(f"{path}/cost-lines").json()["total"] == 1


def test_a_line_that_aid_was_received_for_stays(case: tuple[House, str]) -> None:
    house, path = case
    line = house.manager.get(f"{path}/cost-lines/rigs").json()
    aid = house.manager.post(f"{GLIWICE}/aid-received", {**AID, "amount": "10.00", "cost_line_id": line["id"]})
    refused = house.manager.send("DELETE", f"{path}/cost-lines/rigs", version=1)
    struck = house.manager.send("DELETE", f"{GLIWICE}/aid-received/{aid.json()['id']}")
    gone = house.manager.send("DELETE", f"{path}/cost-lines/rigs", version=1)

    assert (problem(refused), codes(refused)) == ((409, "cost_refused"), ["aid_recorded"])
    assert (struck.status_code, gone.status_code) == (204, 204)
    assert problem(house.manager.get(f"{path}/cost-lines/rigs")) == (404, "missing")


def test_calls_follow_one_another_and_the_instrument_goes_by_the_next(case: tuple[House, str]) -> None:
    house, _ = case
    path = "/instruments/vouchers"
    house.manager.post(f"{path}/calls", {"slug": "2126", "closes_on": "2126-03-31"})
    house.manager.post(f"{path}/calls", {"slug": "over", "closes_on": "2020-03-31"})
    before = house.manager.get(path).json()
    moved = house.manager.patch(
        f"{path}/calls/2126", {"closes_on": "2127-05-31", "closes_at": "17:00", "time_zone": "Europe/Warsaw"}, version=1
    )
    after = house.manager.get(path).json()

    assert (before["closes_on"], after["closes_on"]) == ("2126-03-31", "2127-03-31")
    assert (moved.json()["closes_at"], moved.headers["ETag"]) == ("17:00:00", '"2"')
    assert [one["slug"] for one in items(house.manager.get(f"{path}/calls"))] == ["over", "2127", "2126"]
    assert before["version"] < after["version"]


def test_a_call_has_the_day_on_which_one_means_to_apply(case: tuple[House, str]) -> None:
    house, path = case
    call = "/instruments/vouchers/calls/2127"

    meant = house.manager.patch(call, {"apply_on": "2127-02-01"}, version=1)
    asked = house.manager.get(f"{path}/funding-case").json()["case"]["instruments"]
    taken_back = house.manager.patch(call, {"apply_on": None}, version=2)

    assert (meant.json()["apply_on"], taken_back.json()["apply_on"]) == ("2127-02-01", None)
    assert [one["call"]["apply_on"] for one in asked if one["id"] == "vouchers--2127"] == ["2127-02-01"]


CALLS: list[tuple[dict[str, object], list[str]]] = [
    ({"slug": "2127"}, ["slug"]),
    ({"slug": "a" * 51}, ["slug"]),
    ({"opens_on": "2128-01-01"}, ["closes_on"]),
    ({"closes_at": "17:00"}, ["closes_at"]),
    ({"opens_on": "1950-01-01"}, ["opens_on"]),
    ({"apply_on": "2127-04-01"}, ["apply_on"]),
    ({"apply_on": "2127-01-03"}, ["apply_on"]),
    ({"budget": "0.00", "months_to_award": 61}, ["budget", "months_to_award"]),
]


def test_a_call_that_does_not_fit_is_not_published(case: tuple[House, str]) -> None:
    house, _ = case
    path = "/instruments/vouchers/calls"

    answers = [house.manager.post(path, {**CALL, "slug": "other", **change}) for change, _ in CALLS]

    assert [(*problem(one), places(one)) for one in answers] == [(422, "invalid", where) for _, where in CALLS]
    assert house.manager.get(path).json()["total"] == 1


def test_a_date_that_was_given_is_not_taken_away(case: tuple[House, str]) -> None:
    house, _ = case

    refused = house.manager.patch("/instruments/vouchers/calls/2127", {"closes_on": None}, version=1)

    assert (problem(refused), places(refused)) == ((422, "invalid"), ["closes_on"])
    assert problem(house.manager.patch("/instruments/vouchers/calls/x", {}, version=1)) == (404, "missing")


def test_terms_are_read_as_they_were_put_and_refused_with_their_place(case: tuple[House, str]) -> None:
    house, _ = case
    path = "/instruments/vouchers/terms"
    read = house.manager.get(path)
    wrong = {"terms": {**TERMS["terms"], "rates": [{"percent": "150"}]}}
    refused = house.manager.put(path, wrong, version=int(read.headers["ETag"].strip('"')))

    assert read.json() == {**TERMS, "criteria": [], "overall_threshold": None}
    assert (problem(refused), places(refused)) == (
        (422, "funding_case_invalid"),
        ["vouchers.terms.rates[0].percent"],
    )


def test_accounts_of_a_year_are_put_once_and_mended(case: tuple[House, str]) -> None:
    house, _ = case
    path, figures = f"{GLIWICE}/accounts/2019", {"turnover": "3000000.00", "own_funds": "-100.00"}
    first = house.manager.put(path, {"headcount": "20", **figures}, version=0)
    blind = house.manager.put(path, {"headcount": "9"})
    mended = house.manager.put(path, {"headcount": "25.50", **figures}, version=first.json()["version"])
    stale = house.manager.put(path, {"headcount": "9"}, version=first.json()["version"])

    (found,) = items(house.by(PARTNER).get(f"{GLIWICE}/accounts"))

    assert [problem(blind), problem(stale)] == [(428, "precondition_required"), (412, "stale")]
    assert found == mended.json()
    assert (found["year"], found["headcount"], found["turnover"], found["own_funds"], found["debt"]) == (
        2019,
        "25.50",
        "3000000.00",
        "-100.00",
        None,
    )


FIGURES: list[tuple[str, dict[str, str], list[str]]] = [
    ("accounts/1900", {"headcount": "5"}, ["year"]),
    ("accounts/2019", {}, ["accounts"]),
    ("accounts/2019", {"headcount": "-5", "turnover": "-1.00"}, ["headcount", "turnover"]),
    ("holders/medtech-gliwice", {"percent": "60.00"}, ["holder"]),
    ("holders/medtech-katowice", {"percent": "160.00"}, ["percent"]),
    ("holders/medtech-katowice", {}, ["percent"]),
]


def test_figures_that_do_not_fit_are_not_kept(case: tuple[House, str]) -> None:
    house, _ = case

    answers = [house.manager.put(f"{GLIWICE}/{path}", sent) for path, sent, _ in FIGURES]

    expected = [(422, "figures_invalid", where) for _, _, where in FIGURES]
    assert [(*problem(one), places(one)) for one in answers] == expected
    assert [house.manager.get(f"{GLIWICE}/{kept}").json()["total"] for kept in ("accounts", "holders")] == [0, 0]


def test_a_holder_is_recorded_changed_and_taken_out(case: tuple[House, str]) -> None:
    house, _ = case
    path = f"{GLIWICE}/holders/medtech-katowice"
    first = house.manager.put(path, {"percent": "60.00"}).json()
    blind = house.manager.put(path, {"percent": "20.00"})
    changed = house.manager.put(path, {"percent": "20.00", "control": ["appoints_board"]}, version=first["version"])
    listed = items(house.manager.get(f"{GLIWICE}/holders"))
    kept = house.manager.put(path, {}, version=2).json()
    unread = [house.manager.send("DELETE", path, version=version).status_code for version in (None, 2)]
    gone = [house.manager.send("DELETE", path, version=3).status_code for _ in range(2)]

    assert listed == [changed.json()]
    assert listed[0] == {
        "holder": "medtech-katowice",
        "name": "katowice",
        "percent": "20.00",
        "control": ["appoints_board"],
        "version": 2,
    }
    assert problem(blind) == (428, "precondition_required")
    assert (kept["percent"], kept["control"]) == ("20.00", ["appoints_board"])
    assert (unread, gone) == ([428, 412], [204, 404])


AWARDS: list[tuple[dict[str, object], list[str]]] = [
    ({"member_state": "XX"}, ["member_state"]),
    ({"granted_on": "2199-01-01"}, ["granted_on"]),
    ({"amount": "0.00"}, ["amount"]),
    ({"basis": "gber-99"}, ["basis"]),
    ({"eu_grant": True}, ["eu_grant"]),
    ({"cost_line_id": "1"}, ["cost_line_id"]),
]


def test_aid_that_does_not_fit_is_not_recorded(case: tuple[House, str]) -> None:
    house, _ = case

    answers = [house.manager.post(f"{GLIWICE}/aid-received", {**AID, **change}) for change, _ in AWARDS]

    assert [(*problem(one), places(one)) for one in answers] == [(422, "aid_invalid", where) for _, where in AWARDS]
    assert house.manager.get(f"{GLIWICE}/aid-received").json()["total"] == 0


def test_a_question_is_asked_under_the_version_that_was_read(case: tuple[House, str]) -> None:
    house, path = case
    first = house.manager.get(f"{path}/funding-question")
    changed = house.manager.put(f"{path}/funding-question", {**QUESTION, "project": {"trl": 6}}, version=1)
    late = house.manager.put(f"{path}/funding-question", QUESTION, version=1)

    assert (first.headers["ETag"], first.json()["project"], changed.json()["project"]) == ('"1"', {}, {"trl": 6})
    assert (changed.headers["ETag"], problem(late)) == ('"2"', (412, "stale"))


def test_every_fault_of_a_question_comes_with_its_place(case: tuple[House, str]) -> None:
    house, path = case
    wrong = {
        "rule_set": "eu-1957",
        "project": {"trl": 12},
        "partners": {"nobody": {}, "medtech-gliwice": {"own_cash": "-1.00", "name": "Other"}},
        "wanted": {"gap": "1.00"},
    }

    refused = house.manager.put(f"{path}/funding-question", wrong, version=1)

    assert (problem(refused), places(refused)) == (
        (422, "question_invalid"),
        [
            "rule_set",
            "project.trl",
            "wanted.gap",
            "partners.nobody",
            "partners.medtech-gliwice.name",
            "partners.medtech-gliwice.own_cash",
        ],
    )


def test_a_case_is_shown_whole_or_with_what_it_lacks(case: tuple[House, str]) -> None:
    house, path = case
    whole = house.manager.get(f"{path}/funding-case").json()
    house.manager.send("DELETE", f"{path}/cost-lines/rigs", version=1)
    empty = house.manager.get(f"{path}/funding-case").json()
    refused = house.manager.get(f"{path}/funding-rules")

    assert ([one["id"] for one in whole["case"]["instruments"]], whole["faults"]) == (["vouchers--2127"], [])
    assert (empty["case"], [one["place"] for one in empty["faults"]]) == (None, ["cost_items"])
    assert (problem(refused), places(refused)) == ((422, "funding_case_invalid"), ["cost_items"])


def test_rules_and_ceilings_are_told_by_partner_and_line(case: tuple[House, str]) -> None:
    house, path = case
    house.manager.patch(f"{path}/cost-lines/rigs", {"activity": "experimental"}, version=1)
    house.manager.post(f"{GLIWICE}/aid-received", AID)

    rules = house.manager.get(f"{path}/funding-rules").json()
    told = house.manager.get(f"{path}/aid-ceilings?on=2021-01-01").json()
    far = [house.manager.get(f"{path}/aid-ceilings?on={day}") for day in ("0001-01-01", "9999-12-31")]

    assert (rules["rule_set"], {one["partner"] for one in rules["rules"]}) == (
        "eu-2023",
        {"medtech-gliwice", "medtech-marseille"},
    )
    assert [problem(one) for one in far] == [(422, "request_invalid")] * 2
    first = told["ceilings"][0]
    assert (first["item"], first["answer"], first["base"]["points"]) == ("rigs", "pass", "25.00")
    assert {one["answer"] for one in first["bonuses"]} >= {"unknown"}
    room = next(one for one in told["de_minimis"] if one["partner"] == "medtech-gliwice")
    assert (room["member_state"], room["on"], room["used"], room["left"]) == (
        "PL",
        "2021-01-01",
        "100000.00",
        "200000.00",
    )


def test_what_partners_declare_reaches_the_case(case: tuple[House, str]) -> None:
    house, path = case
    asked = {**QUESTION, "partners": {"medtech-gliwice": {**DECLARED, "own_cash": "300000.00"}}}
    house.manager.put(f"{path}/funding-question", asked, version=1)

    partners = house.manager.get(f"{path}/funding-case").json()["case"]["partners"]

    assert [one["own_cash"] for one in partners] == ["300000.00", None]


def test_size_and_room_follow_from_the_figures_of_all_that_are_linked(case: tuple[House, str]) -> None:
    house, _ = case
    small = {"headcount": "30", "turnover": "5000000.00", "balance_sheet": "4000000.00"}
    katowice = GLIWICE.replace("gliwice", "katowice")
    for year in (2024, 2025):
        house.manager.put(f"{GLIWICE}/accounts/{year}", small)
        house.manager.put(f"{katowice}/accounts/{year}", small)
    alone = house.manager.get(f"{GLIWICE}/undertaking").json()
    house.manager.put(f"{GLIWICE}/holders/medtech-katowice", {"percent": "60.00"})
    house.manager.post(f"{katowice}/aid-received", {**AID, "granted_on": f"{today() - timedelta(days=30)}"})
    jointly = house.manager.get(f"{GLIWICE}/undertaking").json()

    assert (alone["size"], alone["members"]) == ("small", ["medtech-gliwice"])
    assert jointly["by_year"] == [{"year": 2024, "size": "medium"}, {"year": 2025, "size": "medium"}]
    assert (jointly["size"], sorted(jointly["members"])) == ("medium", ["medtech-gliwice", "medtech-katowice"])
    assert jointly["de_minimis"] == [
        {"member_state": "PL", "ceiling": "300000.00", "used": "100000.00", "left": "200000.00"}
    ]
