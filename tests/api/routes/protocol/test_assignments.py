"""A section is given to somebody, who writes it and no other one: by token, or by a link without an account."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from states.clock import at, now, today
from states.credentials.links import SignedLink, texts_of
from states.credentials.tokens import create_token
from states.crossings.people import end_role
from states.deadlines.tables import Deadline, DeadlineState
from states.mail.tables import Mail, MailKind
from states.partners.people import grant_role
from states.partners.tables import Organisation, Partnership, Person, RoleGrant
from states.rights.access import Actor, Role
from states.rights.authors import acting, by_command
from states.storage import begin
from tests.api.house import PARTNER, House, a_house, places, problem
from tests.api.two_partners import OTHER, speak_for_marseille
from tests.factories import a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

MARKET = {"users": "Clinics in three regions.", "competition": "Two others."}


@dataclass
class Case:
    """The house, a collaboration that Gliwice leads and in which Marseille takes part, and its people by label."""

    house: House
    path: str
    people: dict[str, str]

    def give(self, *sections: str, by: str = PARTNER, **said: object) -> httpx.Response:
        sent = {"sections": list(sections), "person": self.people[OTHER], **said}
        return self.house.by(by).post(f"{self.path}/protocol/assignments", sent)

    def write(self, section: str = "market", by: str = OTHER, version: int = 0, **content: str) -> httpx.Response:
        sent = {"content": content or MARKET}
        return self.house.by(by).put(f"{self.path}/protocol/sections/{section}", sent, version=version)

    def do(self, given: dict[str, Any], what: str, by: str = PARTNER, **said: object) -> httpx.Response:
        path = f"/section-assignments/{given['id']}"
        version = self.house.manager.get(path).json()["version"]
        return self.house.by(by).post(f"{path}/{what}", said or None, version=version)


def case_of() -> Case:
    house, (token, key, people) = a_house(
        lambda world: (
            speak_for_marseille(world),
            a_collaboration(world).id,
            {label: person.id for label, person in world.people.items()},
        )
    )
    house.tokens[OTHER] = token
    return Case(house, f"/collaborations/{key}", people)


@pytest.fixture
def case(installation: Path) -> Case:
    return case_of()


def deadlines() -> list[tuple[date, DeadlineState]]:
    with begin(read_only=True) as session:
        found = session.exec(select(Deadline).where(Deadline.kind == "section").order_by(Deadline.opened_at))  # type: ignore[arg-type]
        return [(one.due_on, one.state) for one in found]


def mails(kind: MailKind) -> list[dict[str, Any]]:
    with begin(read_only=True) as session:
        found = session.exec(select(Mail).where(Mail.kind == kind).order_by(Mail.created_at, Mail.id))  # type: ignore[arg-type]
        return [dict(one.values) for one in found]


def newest_link() -> str:
    """Return the path of the newest link to a part, as its mail holds it once it is sent."""
    with begin(read_only=True) as session:
        row = session.exec(select(SignedLink).order_by(SignedLink.made_at.desc())).first()  # type: ignore[attr-defined]
        assert row is not None
        return f"/api/v1/links/part/{texts_of(session, [row.id])[row.id]}"


def test_who_was_given_a_section_writes_its_texts_and_no_others(case: Case) -> None:
    before = problem(case.write())

    given = case.give("market", note="Who pays?", due_on=str(today() + timedelta(days=20)))
    written, other = case.write(), case.write("identity", acronym="X")

    assert before == (403, "part_of_another")
    assert given.status_code == 201
    [one] = given.json()["items"]
    shown = {name: one[name] for name in ("section", "title", "person", "organisation", "note", "state", "overdue")}
    assert shown == {
        "section": "market",
        "title": "Market and demand",
        "person": OTHER,
        "organisation": "medtech-marseille",
        "note": "Who pays?",
        "state": "given",
        "overdue": False,
    }
    assert (written.status_code, written.json()["yours"]) == (200, ["users", "competition", "evidence", "segments"])
    assert problem(other) == (403, "part_of_another")


def test_it_is_handed_in_returned_with_a_question_and_handed_in_again(case: Case) -> None:
    day = today() + timedelta(days=20)
    [one] = case.give("market", due_on=str(day)).json()["items"]
    too_early = case.do(one, "handing-in", by=OTHER)
    case.write()

    done = case.do(one, "handing-in", by=OTHER)
    late = case.write(version=1, users="More.")
    back = case.do(one, "return", question="Which one is certified?", due_on=str(day + timedelta(days=7)))
    again = case.write(version=1, competition="The second one is certified.")
    done_again = case.do(one, "handing-in", by=OTHER)

    assert problem(too_early) == (409, "assignment_refused")
    assert (done.json()["state"], len(done.json()["sha256"])) == ("handed_in", 64)
    assert problem(late) == (403, "part_of_another")
    assert (back.json()["state"], back.json()["remark"]) == ("returned", "Which one is certified?")
    assert again.status_code == 200
    assert done_again.json()["state"] == "handed_in"
    assert done_again.json()["sha256"] != done.json()["sha256"]
    assert deadlines() == [(day, DeadlineState.DONE), (day + timedelta(days=7), DeadlineState.DONE)]
    assert [one["question"] for one in mails(MailKind.SECTION_GIVEN)] == ["", "Which one is certified?"]
    assert [one["by"] for one in mails(MailKind.SECTION_HANDED_IN)] == ["marseille", "marseille"]
    receipts = [(one["what"], one["named"], one["sha256"]) for one in mails(MailKind.RECEIPT)]
    assert receipts == [("section", "Market and demand", answer.json()["sha256"]) for answer in (done, done_again)]


def test_a_partner_writes_by_a_link_without_an_account_its_part_alone(case: Case) -> None:
    case.write("identity", by=PARTNER, acronym="BIOCOMP")
    case.give("market")
    link = newest_link()

    def write(section: str, content: dict[str, str], version: int = 0) -> httpx.Response:
        sent = {"section": section, "content": content}
        answer: httpx.Response = case.house.client.put(link, json=sent, headers={"If-Match": f'"{version}"'})
        return answer

    told = case.house.client.get(link)
    without = case.house.client.put(link, json={"section": "market", "content": MARKET})
    written, stale, other = (
        write("market", MARKET),
        write("market", {"users": "Old."}),
        write("identity", {"acronym": "X"}),
    )
    done = case.house.client.post(link, json={"section": "market"})
    after = write("market", {"users": "More."}, version=1)

    [part] = told.json()["parts"]
    assert (told.json()["collaboration"], part["section"]["key"]) == ("Centre for Biocompatibility", "market")
    assert "BIOCOMP" not in told.text
    assert problem(without) == (428, "precondition_required")
    assert (written.status_code, written.json()["section"]["content"]) == (200, MARKET)
    assert problem(stale)[0] == 412
    assert problem(other) == (404, "missing")
    assert done.json()["assignment"]["state"] == "handed_in"
    assert problem(after) == (403, "denied")
    # The record names the person behind the link.
    changes = case.house.manager.get(f"{case.path}/changes?noun=section_draft").json()["items"]
    assert "link" in {one["author"]["via"] for one in changes}


def test_a_stranger_another_partner_and_a_reviewer_learn_nothing_of_it(case: Case) -> None:
    with begin() as session:
        partnership = session.exec(select(Partnership)).one()
        katowice = session.exec(select(Organisation).where(Organisation.slug == "medtech-katowice")).one()
        person = Person(email="katowice@medtech.example.org", label="katowice")
        session.add(person)
        session.flush()
        grant = grant_role(session, partnership, person, Role.PARTNER, organisation=katowice)
        case.house.tokens["katowice"] = create_token(session, grant)
    joined = case.house.manager.post(
        f"{case.path}/members",
        {"organisation": "medtech-katowice", "part": "partner"},
        version=case.house.manager.get(case.path).json()["version"],
    )
    assert joined.status_code == 201
    [one] = case.give("market").json()["items"]
    path = f"/section-assignments/{one['id']}"
    listed = f"{case.path}/protocol/assignments"

    seen = {
        label: (
            case.house.by(label).get(path).status_code,
            [item["id"] for item in case.house.by(label).get(listed).json().get("items", [])],
            [
                item["kind"]
                for item in case.house.by(label).get("/deadlines").json()["items"]
                if item["kind"] == "section"
            ],
            [task["kind"] for task in case.house.by(label).get("/me/tasks").json()["items"]],
        )
        for label in (PARTNER, OTHER, "katowice", "iag_member 1", "observer")
    }

    assert seen[PARTNER] == (200, [one["id"]], [], [])
    assert seen[OTHER] == (200, [one["id"]], ["section"], ["write_section"])
    assert seen["katowice"] == (403, [], [], [])
    assert seen["iag_member 1"] == (403, [], [], [])
    assert seen["observer"] == (403, [], [], [])
    assert problem(case.do(one, "return", by="katowice", question="?")) == (403, "denied")


def test_only_the_lead_and_the_office_give_and_take_back(case: Case) -> None:
    [one] = case.give("market", by="project_manager").json()["items"]

    assert problem(case.give("object", by=OTHER)) == (403, "denied")
    assert problem(case.do(one, "taking-back", by=OTHER, reason="No.")) == (403, "denied")
    assert problem(case.do(one, "handing-in", by="iag_secretary")) == (403, "denied")
    assert case.do(one, "taking-back", reason="The lead writes it.").json()["state"] == "taken_back"
    assert problem(case.write()) == (403, "part_of_another")
    assert [state for _, state in deadlines()] == [DeadlineState.CANCELLED]
    assert problem(case.do(one, "return", question="More?")) == (409, "assignment_refused")


def test_every_fault_is_named_at_once(case: Case) -> None:
    case.give("market")

    answer = case.give("market", "nothing", "object", "object", person="nobody", due_on="2020-01-01")

    assert answer.status_code == 422
    assert sorted(places(answer)) == ["due_on", "person", "sections[1]", "sections[2]", "sections[4]"]


def test_it_is_handed_over_and_given_another_day(case: Case) -> None:
    [one] = case.give("market", due_on=str(today() + timedelta(days=20))).json()["items"]
    path, day = f"/section-assignments/{one['id']}", today() + timedelta(days=40)

    moved = case.house.by(PARTNER).patch(path, {"due_on": str(day)}, version=1)
    stale = case.house.by(PARTNER).patch(path, {"due_on": str(day)}, version=1)
    handed = case.do(one, "handing-over", person=case.people["project_manager"])

    assert (moved.json()["due_on"], moved.json()["note"]) == (str(day), "")
    assert problem(stale) == (412, "stale")
    assert (handed.json()["person"], handed.json()["organisation"]) == ("project_manager", None)
    assert problem(case.write()) == (403, "part_of_another")
    states = [state for _, state in deadlines()]
    assert states == [DeadlineState.CANCELLED, DeadlineState.CANCELLED, DeadlineState.OPEN]
    link = case.house.client.get(newest_link())
    assert [part["assignment"]["person"] for part in link.json()["parts"]] == ["project_manager"]


def test_its_deadline_is_changed_where_it_was_asked(case: Case) -> None:
    case.give("market")
    [due] = [one for one in case.house.manager.get("/deadlines").json()["items"] if one["kind"] == "section"]

    answer = case.house.manager.post(
        f"/deadlines/{due['id']}/extension",
        {"due_on": str(today() + timedelta(days=50)), "reason": "More time."},
        version=due["version"],
    )

    assert problem(answer)[0] == 409
    assert answer.json()["reasons"][0]["where"] == "section-assignments"


def test_lists_are_filtered(case: Case) -> None:
    case.give("market", "object", due_on=str(today() + timedelta(days=2)))
    path = f"{case.path}/protocol/assignments"

    def sections(by: str = PARTNER, **asked: object) -> list[str]:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        return [one["section"] for one in case.house.by(by).get(f"{path}?{query}").json()["items"]]

    assert sections(open="true") == ["market", "object"] == sections(by=OTHER, mine="true")
    assert sections(mine="true") == [] == sections(state="handed_in") == sections(overdue="true")
    with at(now() + timedelta(days=10)):
        assert sections(overdue="true") == ["market", "object"]
    assert sections(section="object") == ["object"]
    assert [one["label"] for one in case.house.by(PARTNER).get(f"{case.path}/protocol/writers").json()["items"]] == [
        OTHER,
        PARTNER,
        "administrator",
        "project_manager",
    ]


def test_a_member_that_leaves_and_a_role_that_ends_take_it_along(case: Case) -> None:
    [first] = case.give("market").json()["items"]
    with acting(by_command("test")), begin() as session:
        grant = session.exec(select(RoleGrant).where(RoleGrant.person_id == case.people[OTHER])).one()
        manager = Actor(Role.PROJECT_MANAGER, grant.partnership_id, case.people["project_manager"])
        end_role(session, grant, actor=manager, reason="Works elsewhere now.")
    ended = case.house.manager.get(f"/section-assignments/{first['id']}").json()

    assert (ended["state"], ended["remark"]) == ("lapsed", "Works elsewhere now.")
    assert [state for _, state in deadlines()] == [DeadlineState.CANCELLED]
    assert problem(case.give("object"))[0] == 422


def test_what_was_given_lapses_with_the_member(case: Case) -> None:
    [one] = case.give("market").json()["items"]
    link = newest_link()
    version = case.house.manager.get(case.path).json()["version"]

    left = case.house.manager.send("DELETE", f"{case.path}/members/medtech-marseille", version=version)

    assert left.status_code in (200, 204)
    assert case.house.manager.get(f"/section-assignments/{one['id']}").json()["state"] == "lapsed"
    assert problem(case.house.client.get(link)) == (410, "link_ended")


def test_freezing_ends_nothing_and_a_resting_collaboration_asks_for_nothing(case: Case) -> None:
    [one] = case.give("market").json()["items"]
    case.write()
    frozen = case.house.manager.post(f"{case.path}/protocol/versions")
    assert frozen.status_code == 201
    assert case.write(version=1, users="More.").status_code == 200

    moved = case.house.manager.post(
        f"{case.path}/moves",
        {"move": "park", "reason": "The lead is ill."},
        version=case.house.manager.get(case.path).json()["version"],
    )

    assert moved.status_code == 201
    assert case.house.manager.get(f"/section-assignments/{one['id']}").json()["state"] == "given"
    assert DeadlineState.OPEN not in [state for _, state in deadlines()]
    assert problem(case.write(version=2, users="And more.")) == (403, "part_of_another")
