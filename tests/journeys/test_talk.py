"""A section goes to a partner's person and comes back, with a question on the way; nobody else learns of it."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from states.clock import at, now, today
from states.credentials.links import LinkPurpose, SignedLink, texts_of
from states.credentials.tokens import create_token
from states.deadlines.planning import plan_reminders
from states.mail.tables import Mail, MailKind
from states.partners.people import grant_role, person_by_email
from states.rights.access import Role
from states.rights.authors import acting, by_flow
from states.storage import begin
from tests.api.house import PARTNER, House, a_house
from tests.api.two_partners import OTHER, speak_for_marseille
from tests.factories import World, a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

QUESTION = "Which of the two competitors do you mean?"
THIRD = "third partner"
NOT_INVOLVED = (THIRD, "observer", "iag_member 1", "paca")


@dataclass
class Journey:
    """The house, and a case of three partners: Gliwice leads, Marseille writes, Katowice has no part in it."""

    house: House
    path: str
    writer: str

    def link(self, purpose: LinkPurpose) -> str:
        """Return the newest link of a purpose, as its mail has it once it is sent."""
        with begin(read_only=True) as session:
            wanted = select(SignedLink).where(SignedLink.purpose == purpose)
            row = session.exec(wanted.order_by(SignedLink.made_at.desc())).first()  # type: ignore[attr-defined]
            assert row is not None
            return f"/api/v1/links/{purpose.value}/{texts_of(session, [row.id])[row.id]}"

    def write(self, link: str, version: int, **content: str) -> httpx.Response:
        sent = {"section": "market", "content": content}
        answer: httpx.Response = self.house.client.put(link, json=sent, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.json()
        return answer

    def post(self, path: str, body: object = None, *, by: str = PARTNER) -> dict[str, Any]:
        """Send it with the version in force."""
        version = self.house.by(by).get(path.rpartition("/")[0]).json()["version"]
        answer = self.house.by(by).post(path, body, version=version)
        assert answer.is_success, answer.json()
        return dict(answer.json())

    def seen_by(self, label: str) -> str:
        """Return all that somebody reads where it might stand."""
        caller = self.house.by(label)
        case = self.path.rpartition("/")[2]
        paths = [
            *("/questions", "/deadlines", "/me/tasks", "/me/changes", f"/deadlines?collaboration={case}"),
            *(f"{self.path}/{one}" for one in ("changes", "protocol/assignments")),
        ]
        return "".join(caller.get(path).text for path in paths)


def _prepared(world: World) -> tuple[dict[str, str], str, str]:
    session = world.session
    tokens = {OTHER: speak_for_marseille(world)}
    person = person_by_email(session, email="third@medtech.example.org", label=THIRD)
    grant = grant_role(session, world.partnership, person, Role.PARTNER, organisation=world.organisations["katowice"])
    tokens[THIRD] = create_token(session, grant)
    row = a_collaboration(world, sites=("gliwice", "marseille", "katowice"))
    return tokens, row.id, world.people[OTHER].id


@pytest.fixture
def journey(installation: Path) -> Journey:
    house, (tokens, key, writer) = a_house(_prepared)
    house.tokens.update(tokens)
    return Journey(house, f"/collaborations/{key}", writer)


def reminded() -> list[tuple[str, bool]]:
    """Plan what is due; return the reminders so far: of what, and whether somebody else's delay is told."""
    with acting(by_flow("remind")), begin() as session:
        plan_reminders(session)
    with begin(read_only=True) as session:
        found = session.exec(select(Mail).where(Mail.kind == MailKind.REMINDER).order_by(Mail.created_at, Mail.id))  # type: ignore[arg-type]
        told = [(str(one.values["kind"]), bool(one.values["escalation"])) for one in found]
        return [one for one in told if one[0] == "section"]


def test_a_section_is_given_asked_about_handed_in_returned_and_handed_in_again(journey: Journey) -> None:
    house, day = journey.house, today() + timedelta(days=60)
    given = house.by(PARTNER).post(
        f"{journey.path}/protocol/assignments",
        {"sections": ["market"], "person": journey.writer, "due_on": str(day), "note": "Two pages will do."},
    )
    [one] = given.json()["items"]
    path = f"/section-assignments/{one['id']}"

    # The writer has no account: the link shows the part, takes the question and the text.
    part = journey.link(LinkPurpose.PART)
    assert house.client.get(part).json()["parts"][0]["assignment"]["note"] == "Two pages will do."
    assert house.client.post(part, json={"section": "market", "question": QUESTION}).status_code == 200
    [asked] = house.by(PARTNER).get("/questions?mine=waiting").json()["items"]
    assert (asked["text"], asked["asked_by"]["organisation"]) == (QUESTION, "marseille")

    # The lead answers by the link of the mail, the writer reads it by the own one, and the office closes it.
    answered = house.client.post(journey.link(LinkPurpose.QUESTION), json={"text": "The one from Lyon."})
    assert answered.status_code == 201
    [told] = house.client.get(part).json()["parts"][0]["questions"]
    assert [line["text"] for line in told["answers"]] == ["The one from Lyon."]
    assert journey.post(f"/questions/{asked['id']}/closing", by="project_manager")["state"] == "closed"

    # Reminders fall due by the clock: none at once, then the writer is reminded, at last the office is told.
    assert reminded() == []
    with at(now() + timedelta(days=58)):
        assert reminded() == [("section", False)]
    with at(now() + timedelta(days=75)):
        assert ("section", True) in reminded()

    journey.write(part, 0, users="Clinics.", competition="The one from Lyon.")
    assert house.client.post(part, json={"section": "market"}).json()["assignment"]["state"] == "handed_in"
    assert journey.post(f"{path}/return", {"question": "Who pays?"})["state"] == "returned"
    again = journey.link(LinkPurpose.PART)
    assert house.client.get(again).json()["parts"][0]["assignment"]["remark"] == "Who pays?"
    journey.write(again, 1, users="Clinics, and two insurers that pay.")
    assert house.client.post(again, json={"section": "market"}).json()["assignment"]["state"] == "handed_in"
    assert house.by(PARTNER).get(path).json()["state"] == "handed_in"

    for label in NOT_INVOLVED:
        seen = journey.seen_by(label)
        assert [text for text in (QUESTION, "Two pages", "Who pays?", one["id"], asked["id"]) if text in seen] == []
        assert not house.by(label).get(path).is_success
        assert not house.by(label).get(f"/questions/{asked['id']}").is_success
