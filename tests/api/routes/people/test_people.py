"""People over HTTP: invited by link, changed, confirmed by somebody else, ended with what was theirs handed over."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from states.changes.tables import ChangeRecord
from states.credentials.links import texts_of
from states.deadlines.queries import open_deadlines
from states.mail.tables import Mail, MailKind, MailState
from states.partners.people import grant_role, person_by_email
from states.partners.tables import Person
from states.protocol.queries import latest_versions, sign_offs_of
from states.rights.access import Role
from states.storage import begin
from tests.api.house import Caller, House, a_house, places, problem
from tests.factories import World, a_collaboration_at, open_iag

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

PEOPLE = "/partnerships/medtech/people"
SOMEBODY = {"email": "New@Partner.example", "label": "head of research", "role": "partner"}
OF_MARSEILLE = SOMEBODY | {"organisation": "medtech-marseille"}


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def link_of(kind: MailKind = MailKind.ROLE_GIVEN) -> str:
    """Return the link in the newest mail of a kind, as a path, signed as it goes out."""
    with begin(read_only=True) as session:
        mails = session.exec(select(Mail).where(Mail.kind == kind).order_by(Mail.created_at)).all()  # type: ignore[arg-type]
        path, _, key = str(mails[-1].values["link"]).rpartition("/")
        return re.sub(r"^.*?/api/v1", "/api/v1", f"{path}/{texts_of(session, [key])[key]}")


def grant_of(house: House, email: str) -> dict[str, Any]:
    [found] = house.by("administrator").get(f"{PEOPLE}?email={email}").json()["items"]
    return dict(found)


def test_somebody_is_invited_and_takes_the_role_up_by_the_link(house: House) -> None:
    invited = house.by("administrator").post(PEOPLE, OF_MARSEILLE)
    link = link_of()
    seen, taken = house.client.get(link), house.client.post(link)
    me = Caller(house.client, taken.json()["token"]).get("/me").json()

    assert (invited.status_code, invited.json()["email"]) == (201, "new@partner.example")
    assert (seen.json()["speaks_for"], taken.json()["unconfirmed"]) == ("marseille", False)
    assert (me["person"], me["role"], me["grant"]["organisation"]) == (
        "head of research",
        "partner",
        "medtech-marseille",
    )
    assert problem(house.client.post(link)) == (410, "link_ended")


def test_a_second_invitation_ends_the_first_link(house: House) -> None:
    invited = house.manager.post(PEOPLE, OF_MARSEILLE).json()
    first = link_of()

    assert house.manager.post(f"{PEOPLE}/{invited['id']}/invitations").status_code == 202
    assert problem(house.client.post(first)) == (410, "link_ended")
    assert house.client.post(link_of()).status_code == 200


def test_managers_appoint_nobody_who_judges_and_administrators_do(house: House) -> None:
    chair = {"email": "chair@judges.example", "label": "chair", "role": "iag_chair"}

    assert problem(house.manager.post(PEOPLE, chair)) == (403, "denied")
    assert house.by("administrator").post(PEOPLE, chair).status_code == 201
    key = grant_of(house, "chair@judges.example")["id"]
    assert problem(house.manager.post(f"{PEOPLE}/{key}/ending", {"reason": "No."}, version=1)) == (403, "denied")


def test_all_faults_of_an_invitation_come_at_once(house: House) -> None:
    wrong = house.manager.post(PEOPLE, OF_MARSEILLE | {"email": "x", "language": "xx", "time_zone": "Mars"})

    assert (problem(wrong), places(wrong)) == ((422, "registry_invalid"), ["email", "language", "time_zone"])
    assert places(house.manager.post(PEOPLE, SOMEBODY)) == ["organisation"]


def _asked_to_sign(world: World) -> str:
    row = a_collaboration_at(world, "iag_review")
    version = latest_versions(world.session, [row.id])[row.id]
    return next(asked.id for asked, of in sign_offs_of(world.session, version.id) if of.slug == "medtech-marseille")


def test_a_manager_who_names_somebody_signs_for_no_partner(installation: Path) -> None:
    house, asked = a_house(_asked_to_sign)
    house.manager.post(PEOPLE, OF_MARSEILLE)
    named = Caller(house.client, house.client.post(link_of()).json()["token"])
    grant = grant_of(house, "new@partner.example")
    confirmation = f"{PEOPLE}/{grant['id']}/confirmation"

    refused = named.post(f"/sign-offs/{asked}", {}, version=1)
    by_manager = house.manager.post(confirmation, version=1)
    by_oneself = named.post(confirmation, version=1)
    confirmed = house.by("administrator").post(confirmation, version=1)
    signed = named.post(f"/sign-offs/{asked}", {}, version=1)

    assert (problem(refused), "confirm" in refused.json()["detail"]) == ((403, "denied"), True)
    assert (problem(by_manager), problem(by_oneself)) == ((403, "denied"), (403, "denied"))
    assert (confirmed.json()["unconfirmed"], signed.status_code) == (False, 200)


def test_who_speaks_for_a_partner_confirms_a_colleague(house: House) -> None:
    house.manager.post(PEOPLE, SOMEBODY | {"organisation": "medtech-gliwice"})
    key = grant_of(house, "new@partner.example")["id"]

    assert house.by("partner").post(f"{PEOPLE}/{key}/confirmation", version=1).json()["unconfirmed"] is False


def test_who_is_moved_to_another_partner_is_confirmed_anew(house: House) -> None:
    grant = grant_of(house, "partner@medtech.example.org")
    path = f"{PEOPLE}/{grant['id']}"

    same = house.manager.patch(path, {"label": "director", "expertise": ["soil"]}, version=1).json()
    moved = house.manager.patch(path, {"organisation": "medtech-katowice"}, version=2).json()

    assert (same["label"], same["expertise"], same["unconfirmed"]) == ("director", ["soil"], False)
    assert (moved["organisation"], moved["unconfirmed"]) == ("medtech-katowice", True)


def test_what_another_partnership_describes_is_not_changed_here(installation: Path) -> None:
    def prepare(world: World) -> None:
        from tests.factories import a_world

        other = a_world(world.session, slug="elsewhere")
        grant_role(world.session, other.partnership, world.people["observer"], Role.OBSERVER)

    house, _ = a_house(prepare)
    key = grant_of(house, "observer@medtech.example.org")["id"]

    assert problem(house.manager.patch(f"{PEOPLE}/{key}", {"label": "x"}, version=1)) == (409, "person_elsewhere")


def _waiting_for_the_manager(world: World) -> dict[str, str]:
    row = a_collaboration_at(world, "outline")
    [deadline] = [one for one in open_deadlines(world.session, world.partnership.id) if one.kind == "stage"]
    deadline.owner_person_id = world.people["project_manager"].id
    second = person_by_email(world.session, email="second@medtech.example.org", label="second manager")
    grant = grant_role(world.session, world.partnership, second, Role.PROJECT_MANAGER)
    world.session.flush()
    return {"deadline": deadline.id, "successor": grant.id, "second": second.id, "row": row.id}


def test_a_role_ends_with_its_tokens_and_its_deadlines_go_to_the_successor(installation: Path) -> None:
    house, keys = a_house(_waiting_for_the_manager)
    key = grant_of(house, "project_manager@medtech.example.org")["id"]
    administrator = house.by("administrator")

    wrong = administrator.post(f"{PEOPLE}/{key}/ending", {"reason": " ", "successor": key}, version=1)
    ended = administrator.post(
        f"{PEOPLE}/{key}/ending", {"reason": "Retired.", "successor": keys["successor"]}, version=1
    )

    assert places(wrong) == ["reason", "successor"]
    counted = {"deadlines": 1, "seats": 0, "profiles": 0, "cases": 0, "sections": 0, "questions": 0}
    assert ended.json() == counted | {"unattended": []}
    assert problem(house.manager.get("/me")) == (401, "token_invalid")
    with begin(read_only=True) as session:
        [deadline] = [one for one in open_deadlines(session, _partnership(session)) if one.id == keys["deadline"]]
    assert deadline.owner_person_id == keys["second"]
    listed = administrator.get(f"{PEOPLE}?role=project_manager").json()["items"]
    assert [one["label"] for one in listed] == ["second manager"]
    assert len(administrator.get(f"{PEOPLE}?role=project_manager&ended=true").json()["items"]) == 2


def _partnership(session: Any) -> str:
    from states.partners.queries import partnership_by_slug

    return partnership_by_slug(session, "medtech").id


def test_a_reviewer_who_leaves_leaves_the_seats(installation: Path) -> None:
    house, opened = a_house(lambda world: open_iag(world, a_collaboration_at(world, "iag_review")).id)
    key = grant_of(house, "iag_member-1@medtech.example.org")["id"]

    ended = house.by("administrator").post(f"{PEOPLE}/{key}/ending", {"reason": "Left the group."}, version=1)

    seats = house.by("iag_secretary").get(f"/rounds/{opened}").json()["seats"]
    assert ended.json()["seats"] == 1
    assert [one["state"] for one in seats if one["person"] == "iag_member 1"] == ["withdrawn"]


def test_ones_own_tokens_are_made_for_no_more_than_the_present_one(house: House) -> None:
    made = house.manager.post("/me/tokens", {"label": "spreadsheet", "scopes": ["read"], "days": 7})
    reader = Caller(house.client, made.json()["token"])

    assert problem(reader.post("/me/tokens", {"label": "more"})) == (403, "denied")
    listed = house.manager.get("/me/tokens").json()["items"]
    assert (listed[0]["label"], listed[0]["scopes"]) == ("spreadsheet", ["read"])
    assert house.manager.send("DELETE", f"/me/tokens/{listed[0]['id']}").status_code == 204
    assert problem(reader.get("/me")) == (401, "token_invalid")


def test_a_manager_ends_any_token_of_the_partnership_and_makes_none_for_others(house: House) -> None:
    tokens = house.manager.get("/partnerships/medtech/tokens?limit=200").json()["items"]
    [observers] = [one["id"] for one in tokens if one["role"] == "observer"]

    assert house.manager.send("DELETE", f"/partnerships/medtech/tokens/{observers}").status_code == 204
    assert problem(house.by("observer").get("/me")) == (401, "token_invalid")
    assert "bkb_" not in str(tokens)


@pytest.mark.parametrize(
    ("email", "kept", "said"),
    [
        ("Groß@Mühle.example", "groß@xn--mhle-0ra.example", True),
        ("Jörg Groß <lab@mühle.example>", "lab@xn--mhle-0ra.example", False),
    ],
)
def test_an_address_that_few_servers_take_is_said(house: House, email: str, kept: str, said: bool) -> None:
    answer = house.manager.post(
        "/partnerships/medtech/people", {"email": email, "label": "laboratory", "role": "observer"}
    )

    assert (answer.status_code, answer.json()["email"]) == (201, kept)
    assert ("email: letters outside ASCII before the @" in answer.headers.get("Warning", "")) is said


def test_somebody_is_erased_once_every_role_has_ended_and_what_was_written_stays(installation: Path) -> None:
    house, opened = a_house(lambda world: open_iag(world, a_collaboration_at(world, "iag_review")).id)
    address, office = "iag_member-1@medtech.example.org", house.by("administrator")
    key = grant_of(house, address)["id"]
    seats = len(office.get(f"/rounds/{opened}").json()["seats"])

    early = office.post(f"{PEOPLE}/{key}/erasure", {"reason": "Asked for it."})
    office.post(f"{PEOPLE}/{key}/ending", {"reason": "Left the group."}, version=1)
    silent = office.post(f"{PEOPLE}/{key}/erasure", {"reason": " "})
    by_manager = house.manager.post(f"{PEOPLE}/{key}/erasure", {"reason": "Asked for it."})
    done = office.post(f"{PEOPLE}/{key}/erasure", {"reason": "Asked for it."})

    assert (problem(early), early.json()["reasons"][0]["code"]) == ((409, "person_acts_still"), "person_holds_role")
    assert (places(silent), problem(by_manager), done.status_code) == (["reason"], (403, "denied"), 204)
    listed = office.get(f"{PEOPLE}?role=iag_member&ended=true").json()["items"]
    assert [one["label"] for one in listed if one["id"] == key] == ["erased"]
    assert address not in house.manager.get(f"{PEOPLE}?ended=true").text
    assert len(office.get(f"/rounds/{opened}").json()["seats"]) == seats
    with begin(read_only=True) as session:
        person = session.exec(select(Person).where(Person.label == "erased")).one()
        assert person.email.endswith(".invalid")
        waiting = select(Mail).where(Mail.person_id == person.id, Mail.state == MailState.WAITING)
        assert session.exec(waiting).all() == []
        records = session.exec(select(ChangeRecord).where(ChangeRecord.subject_id == person.id)).all()
    assert address not in repr([(row.before, row.after) for row in records])
    assert [row.after for row in records if row.field == "erased"] == ["Asked for it."]
