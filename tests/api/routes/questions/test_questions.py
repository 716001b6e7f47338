"""Questions on a case: asked, answered, closed and asked on, by token or by a link, and read by their audience."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from states.clock import at, now, today
from states.collaborations.queries import collaboration_by_id
from states.credentials.links import LinkPurpose, SignedLink, texts_of
from states.crossings.people import end_role
from states.crossings.questions.case_file import questions_of_case
from states.deadlines.tables import Deadline, DeadlineState
from states.mail.tables import Mail, MailKind
from states.partners.tables import RoleGrant
from states.rights.access import Actor, Role
from states.rights.authors import acting, by_command
from states.storage import begin
from states.texts import Text
from tests.api.house import PARTNER, House, a_house, places, problem
from tests.api.two_partners import OTHER, speak_for_marseille
from tests.factories import World, a_collaboration_at, clear, evaluate, open_iag

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

TEXT = "Which of the two competitors is certified?"
REVIEWER = "iag_member 1"


@dataclass
class Case:
    """The house, a case in review that Gliwice leads and in which Marseille takes part, and its people by label."""

    house: House
    key: str
    people: dict[str, str]

    def ask(self, by: str = PARTNER, **said: object) -> httpx.Response:
        sent = {"text": TEXT, **said}
        return self.house.by(by).post(f"/collaborations/{self.key}/questions", sent)

    def asked(self, by: str = PARTNER, **said: object) -> str:
        answer = self.ask(by, **said)
        assert answer.status_code == 201, answer.json()
        return str(answer.json()["id"])

    def read(self, key: str, by: str = "project_manager") -> dict[str, Any]:
        found: dict[str, Any] = self.house.by(by).get(f"/questions/{key}").json()
        return found

    def do(self, key: str, what: str, by: str = PARTNER, **said: object) -> httpx.Response:
        version = self.read(key)["version"]
        return self.house.by(by).post(f"/questions/{key}/{what}", said or None, version=version)

    def reply(self, key: str, by: str = OTHER, text: str = "The second one.") -> httpx.Response:
        return self.house.by(by).post(f"/questions/{key}/answers", {"text": text})

    def found(self, by: str, query: str = "") -> list[str]:
        return [one["id"] for one in self.house.by(by).get(f"/questions?{query}").json()["items"]]


def _prepared(world: World) -> tuple[str, str, dict[str, str]]:
    token = speak_for_marseille(world)
    row = a_collaboration_at(world, "iag_review")
    opened = open_iag(world, row)
    clear(world, row, opened, REVIEWER)
    evaluate(world, row, opened, REVIEWER)
    return token, row.id, {label: person.id for label, person in world.people.items()}


@pytest.fixture
def case(installation: Path) -> Case:
    house, (token, key, people) = a_house(_prepared)
    house.tokens[OTHER] = token
    return Case(house, key, people)


def deadlines() -> list[DeadlineState]:
    with begin(read_only=True) as session:
        found = session.exec(select(Deadline).where(Deadline.kind == "question").order_by(Deadline.opened_at))  # type: ignore[arg-type]
        return [one.state for one in found]


def mails(kind: MailKind) -> list[dict[str, Any]]:
    with begin(read_only=True) as session:
        found = session.exec(select(Mail).where(Mail.kind == kind).order_by(Mail.created_at, Mail.id))  # type: ignore[arg-type]
        return [dict(one.values) for one in found]


def links() -> list[str]:
    with begin(read_only=True) as session:
        wanted = select(SignedLink).where(SignedLink.purpose == LinkPurpose.QUESTION)
        rows = session.exec(wanted.order_by(SignedLink.made_at)).all()  # type: ignore[arg-type]
        texts = texts_of(session, [row.id for row in rows])
        return [f"/api/v1/links/question/{texts[row.id]}" for row in rows]


def test_a_question_is_asked_answered_and_closed_by_who_asked(case: Case) -> None:
    day = today() + timedelta(days=10)
    asked = case.ask(
        to={"organisation": "medtech-marseille"}, subject="section", subject_name="market", due_on=str(day)
    )
    key = asked.json()["id"]

    answered = case.reply(key)
    by_other = case.do(key, "closing", by=OTHER)
    closed = case.do(key, "closing")
    again = case.do(key, "closing")

    assert (asked.status_code, asked.headers["Location"]) == (201, f"/api/v1/questions/{key}")
    assert asked.json()["asked_by"] == {
        "role": "partner",
        "organisation": "gliwice",
        "person_id": case.people[PARTNER],
        "person": PARTNER,
        "yours": True,
    }
    shown = {name: asked.json()[name] for name in ("about", "audience", "state", "due_on", "overdue")}
    assert shown == {
        "about": "Section: Market and demand",
        "audience": "parties",
        "state": "open",
        "due_on": str(day),
        "overdue": False,
    }
    assert (answered.status_code, answered.json()["state"]) == (201, "answered")
    [written] = answered.json()["answers"]
    assert (written["text"], written["by"]["organisation"], written["asks_on"]) == (
        "The second one.",
        "marseille",
        False,
    )
    assert problem(by_other) == (403, "denied")
    assert closed.json()["state"] == "closed"
    assert problem(again) == (409, "question_refused")
    assert deadlines() == [DeadlineState.DONE]
    assert [(one["asked_by"], one["question"]) for one in mails(MailKind.QUESTION)] == [("gliwice", TEXT)]
    assert [(one["answered_by"], one["answer"]) for one in mails(MailKind.ANSWER)] == [("marseille", "The second one.")]


def test_whoever_has_no_account_reads_and_answers_by_a_link(case: Case) -> None:
    key = case.asked(to={"person": case.people[OTHER]})
    [link] = links()

    told = case.house.client.get(link)
    answered = case.house.client.post(link, json={"text": "The second one."})
    more = case.house.client.post(link, json={"text": "Since 2024."})

    assert (told.json()["collaboration"], told.json()["question"]["text"]) == ("Centre for Biocompatibility", TEXT)
    assert [answered.status_code, more.status_code] == [201, 201]
    assert [one["text"] for one in case.read(key)["answers"]] == ["The second one.", "Since 2024."]
    moved = case.house.by(PARTNER)
    asked_on = case.do(key, "reopening", text="By whom?")
    assert asked_on.json()["state"] == "open"
    version = case.read(key)["version"]
    assert moved.patch(f"/questions/{key}", {"to": {"role": "project_manager"}}, version=version).status_code == 200
    assert problem(case.house.client.get(link)) == (410, "link_ended")


def test_it_is_asked_on_and_an_answer_is_corrected_and_withdrawn(case: Case) -> None:
    key = case.asked(to={"organisation": "medtech-marseille"})
    own = case.reply(key, by=PARTNER)
    case.reply(key)
    path = f"/questions/{key}/answers/1"

    def version() -> int:
        return int(case.read(key)["answers"][0]["version"])

    by_other = case.house.by(PARTNER).patch(path, {"text": "The first one."}, version=version())
    corrected = case.house.by(OTHER).patch(path, {"text": "The first one."}, version=version())
    gone = case.house.by(OTHER).post(f"{path}/withdrawal", version=version())
    case.reply(key, text="Both are.")
    closed = case.do(key, "closing")
    reopened = case.do(key, "reopening", text="Since when?")

    assert problem(own) == (403, "denied")
    assert problem(by_other) == (403, "denied")
    assert (corrected.json()["answers"][0]["text"], corrected.json()["state"]) == ("The first one.", "answered")
    assert corrected.json()["answers"][0]["corrected_at"] is not None
    assert (gone.json()["answers"][0]["text"], gone.json()["state"]) == ("", "open")
    assert closed.json()["state"] == "closed"
    assert reopened.json()["state"] == "open"
    assert [one["asks_on"] for one in reopened.json()["answers"]] == [False, False, True]
    assert deadlines() == [DeadlineState.DONE, DeadlineState.DONE, DeadlineState.OPEN]


def test_each_reads_by_the_audience_and_no_reviewer_is_named(case: Case) -> None:
    asked = {
        "parties": case.asked(to={"organisation": "medtech-marseille"}, audience="parties"),
        "partners": case.asked(to={"role": "project_manager"}, audience="partners"),
        "case": case.asked(by=REVIEWER, to={"organisation": "medtech-gliwice"}),
        "review": case.asked(by=REVIEWER, to={"role": "iag_secretary"}),
    }
    of_manager = case.asked(by="project_manager", to={"organisation": "medtech-gliwice"}, audience="parties")

    def reads(by: str) -> set[str]:
        by_list = set(case.found(by))
        known = {name for name, key in asked.items() if key in by_list}
        assert known == {name for name, key in asked.items() if case.house.by(by).get(f"/questions/{key}").is_success}
        return known

    assert reads("project_manager") == {"parties", "partners", "case", "review"}
    assert reads(PARTNER) == {"parties", "partners", "case"}
    assert reads(OTHER) == {"parties", "partners", "case"}
    assert reads(REVIEWER) == {"case", "review"}
    assert reads("iag_chair") == {"case", "review"}
    assert reads("iag_member 2") == set()
    assert reads("observer") == set()
    assert case.read(of_manager, by=OTHER)["status"] == 403
    for by in (PARTNER, OTHER, "iag_chair"):
        side = case.read(asked["case"], by=by)["asked_by"]
        assert side == {"role": "iag_member", "organisation": None, "person_id": None, "person": None, "yours": False}
    assert case.read(asked["case"], by="project_manager")["asked_by"]["person"] == REVIEWER
    assert case.read(asked["case"], by=REVIEWER)["asked_by"]["yours"] is True
    # What partners are told says the role; so do the changes, the deadlines and the tasks that they may read.
    told = mails(MailKind.QUESTION)
    assert [one["asked_by"] for one in told].count(str(Text("role", "iag_member"))) == 2
    assert REVIEWER not in str(told)
    for path in (f"/collaborations/{case.key}/changes", "/deadlines", "/me/tasks", "/questions"):
        text = case.house.by(PARTNER).get(path).text
        assert case.people[REVIEWER] not in text
        assert REVIEWER not in text


def test_nobody_is_asked_who_would_not_read_it(case: Case) -> None:
    def faults(by: str = PARTNER, **said: object) -> list[tuple[str, str]]:
        answer = case.ask(by, **said)
        assert answer.status_code == 422, answer.json()
        return [(one["place"], one["code"]) for one in answer.json()["faults"]]

    assert faults(to={"role": "iag_chair"}, audience="parties") == [("audience", "asked_would_not_read")]
    assert faults(REVIEWER, to={"role": "iag_secretary"}, audience="partners") == [("audience", "asker_would_not_read")]
    assert faults(to={"person": case.people[REVIEWER]}) == [("audience", "asked_would_not_read")]
    assert faults(to={"role": "iag_member"}) == [("to.role", "role_is_not_asked")]
    assert faults(to={"organisation": "medtech-katowice"}) == [("to.organisation", "takes_no_part")]
    assert faults(to={"person": "nobody"}) == [("to.person", "nobody_to_ask")]
    assert faults(to={"role": "iag_chair", "person": "x"}) == [("to", "asked_several")]
    assert problem(case.ask("observer")) == (403, "denied")
    assert problem(case.ask("iag_member 2")) == (403, "denied")
    answer = case.ask(text=" ", subject="cost_line", subject_name="nothing", due_on="2020-01-01")
    assert sorted(places(answer)) == ["due_on", "subject_name", "text"]


def test_lists_are_filtered_and_searched(case: Case) -> None:
    first = case.asked(to={"organisation": "medtech-marseille"}, subject="section", subject_name="market")
    second = case.asked(by=OTHER, text="Who pays for the rig?", due_on=str(today() + timedelta(days=1)))
    case.reply(first, text="Zwei Bürgschaften liegen vor.")

    assert case.found(PARTNER) == [first, second]
    assert case.found(PARTNER, "sort=-asked") == [second, first]
    assert case.found(PARTNER, "mine=asked") == [first] == case.found(OTHER, "mine=waiting&state=answered")
    assert case.found(PARTNER, "subject=section&subject_id=market") == [first]
    assert case.found(PARTNER, "q=buergschaft") == [first] == case.found(PARTNER, "q=BÜRGSCHAFTEN")
    assert case.found(PARTNER, 'q="pays for"') == [second]
    assert case.found(PARTNER, "q=-rig who") == []
    assert case.found(PARTNER, "overdue=true") == []
    with at(now() + timedelta(days=5)):
        assert case.found(PARTNER, "overdue=true") == [second]
    assert case.found(PARTNER, f"collaboration={case.key}") == [first, second]


def test_tasks_say_who_answers_and_who_closes(case: Case) -> None:
    key = case.asked(to={"organisation": "medtech-marseille"})

    def tasks(by: str) -> list[tuple[str, str]]:
        found = case.house.by(by).get("/me/tasks").json()["items"]
        return [(one["kind"], one["link"].removeprefix("/api/v1")) for one in found if "question" in one["kind"]]

    assert (tasks(OTHER), tasks(PARTNER)) == ([("answer_question", f"/questions/{key}")], [])
    case.reply(key)
    assert (tasks(OTHER), tasks(PARTNER)) == ([], [("close_question", f"/questions/{key}")])


def test_a_role_that_ends_and_a_member_that_leaves_leave_no_question_with_nobody(case: Case) -> None:
    key = case.asked(to={"person": case.people[OTHER]})
    with acting(by_command("test")), begin() as session:
        grant = session.exec(select(RoleGrant).where(RoleGrant.person_id == case.people[OTHER])).one()
        manager = Actor(Role.PROJECT_MANAGER, grant.partnership_id, case.people["project_manager"])
        assert end_role(session, grant, actor=manager, reason="Works elsewhere.").questions == 1
    left_to_all = case.read(key)["to"]
    version = case.house.manager.get(f"/collaborations/{case.key}").json()["version"]
    case.house.manager.send("DELETE", f"/collaborations/{case.key}/members/medtech-marseille", version=version)

    assert (left_to_all["organisation"], left_to_all["person"]) == ("marseille", None)
    assert case.read(key)["to"]["role"] == "project_manager"


def test_the_case_file_holds_every_question_without_a_person(case: Case) -> None:
    key = case.asked(by=REVIEWER, to={"organisation": "medtech-gliwice"})
    case.reply(key, by=PARTNER)

    with begin(read_only=True) as session:
        [kept] = questions_of_case(session, collaboration_by_id(session, case.key))

    assert (kept.text, kept.put_to, [one.text for one in kept.answers]) == (TEXT, "gliwice", ["The second one."])
    assert REVIEWER not in str(kept)
    assert case.people[REVIEWER] not in str(kept)
