"""Partners sign their part of a frozen version, by account or by a link of their own; risks are reviewed on record."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from states.clock import now
from states.credentials.links import texts_of
from states.deadlines.queries import open_deadlines_of
from states.mail.tables import Mail, MailKind
from states.partners.tables import RoleGrant
from states.storage import begin
from tests.api.house import PARTNER, House, a_house, codes, places, problem
from tests.factories import World, a_collaboration_at, fill_protocol

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def _frozen(world: World) -> str:
    return a_collaboration_at(world, "iag_review").id


@pytest.fixture
def frozen(installation: Path) -> tuple[House, str]:
    return a_house(_frozen)


def link() -> str:
    """Return the path in the mail that asks the partner."""
    with begin(read_only=True) as session:
        return path_in(session.exec(select(Mail).where(Mail.kind == MailKind.SIGN_OFF)).one())


def path_in(mail: Mail) -> str:
    path, _, key = str(mail.values["link"]).partition("/api/v1/")[2].rpartition("/")
    with begin(read_only=True) as session:
        return f"/api/v1/{path}/{texts_of(session, [key])[key]}"


def person_of(role: str) -> str:
    with begin(read_only=True) as session:
        return session.exec(select(RoleGrant.person_id).where(RoleGrant.role == role)).one()


def signed(house: House, key: str) -> list[tuple[str, bool, str]]:
    items = house.manager.get(f"/collaborations/{key}/protocol/sign-offs").json()["items"]
    return [(one["organisation"], one["signed_at"] is not None, one["refused_because"]) for one in items]


def test_freezing_over_http_asks_every_partner(installation: Path) -> None:
    def prepare(world: World) -> str:
        row = a_collaboration_at(world, "investment_protocol")
        fill_protocol(world, row)
        return row.id

    house, key = a_house(prepare)
    assert signed(house, key) == []

    house.manager.post(f"/collaborations/{key}/protocol/versions")

    assert signed(house, key) == [("gliwice", False, ""), ("marseille", False, "")]


def test_a_link_shows_what_is_asked_and_is_good_for_one_signature(frozen: tuple[House, str]) -> None:
    house, key = frozen
    path = link()

    seen = house.client.get(path).json()
    done = house.client.post(path, json={})

    assert (seen["organisation"], seen["title"], seen["number"]) == ("gliwice", "Centre for Biocompatibility", 1)
    assert set(seen["content"]) >= {"risks", "partners"}
    named = {"object.sites", "partners.team", "technology.route", "work_plan.packages", "work_plan.deliverables"}
    assert set(seen["part"]) == named
    assert (done.status_code, signed(house, key)) == (200, [("gliwice", True, ""), ("marseille", False, "")])
    assert [problem(one) for one in (house.client.get(path), house.client.post(path, json={}))] == [
        (410, "link_ended")
    ] * 2


def test_the_part_of_an_organisation_is_the_rows_that_name_it(installation: Path) -> None:
    def prepare(world: World) -> None:
        world.organisations["gliwice"].name = "text"  # every cell of the filled protocol holds this
        a_collaboration_at(world, "iag_review")

    house, _ = a_house(prepare)

    part = house.client.get(link()).json()["part"]

    assert part["partners.roles"][0]["organisation"] == "text"
    assert "investment_plan.costs" in part


def test_a_link_is_for_this_alone_and_for_who_speaks_for_the_organisation(frozen: tuple[House, str]) -> None:
    house, _ = frozen
    path = link()
    token = path.rpartition("/")[2]
    forged = [
        house.client.get(f"/api/v1/links/{token}"),
        house.client.get(f"{path}x"),
        house.client.get("/api/v1/links/sign-off/x.y"),
    ]
    with begin() as session:
        for grant in session.exec(select(RoleGrant).where(RoleGrant.role == "partner")):
            grant.until = now()
            session.add(grant)

    assert [problem(one) for one in forged] == [(403, "link_forged")] * 3
    assert problem(house.client.get(path)) == (410, "link_ended")


def test_who_refuses_says_why_and_may_sign_after_all(frozen: tuple[House, str]) -> None:
    house, key = frozen
    item = house.by(PARTNER).get(f"/collaborations/{key}/protocol/sign-offs").json()["items"][0]
    path = f"/sign-offs/{item['id']}"

    refused = house.by(PARTNER).post(path, {"refused_because": "Our costs are wrong."}, version=item["version"])
    between = signed(house, key)[0]
    done = house.by(PARTNER).post(path, {}, version=refused.json()["version"])
    again = house.by(PARTNER).post(path, {}, version=done.json()["version"])

    assert (between, signed(house, key)[0]) == (("gliwice", False, "Our costs are wrong."), ("gliwice", True, ""))
    assert (problem(again), codes(again)) == ((409, "sign_off_refused"), ["signed_already"])
    assert problem(house.by(PARTNER).post(path, {})) == (428, "precondition_required")
    assert problem(house.client.get(link())) == (409, "sign_off_refused")


def test_managers_hear_of_a_refusal_and_may_ask_once_more(frozen: tuple[House, str]) -> None:
    house, key = frozen
    house.client.post(link(), json={"refused_because": "Our costs are wrong."})
    item = house.manager.get(f"/collaborations/{key}/protocol/sign-offs").json()["items"][0]

    asked = house.manager.post(f"/sign-offs/{item['id']}/requests")

    with begin(read_only=True) as session:
        (told,) = session.exec(select(Mail).where(Mail.kind == MailKind.SIGN_OFF_REFUSED))
        old, new = session.exec(select(Mail).where(Mail.kind == MailKind.SIGN_OFF).order_by(col(Mail.key)))
        waiting = open_deadlines_of(session, kind="sign_off", subject_id=item["id"])
    assert (told.person_id, told.values["reason"]) == (person_of("project_manager"), "Our costs are wrong.")
    assert (asked.status_code, old.state, new.state, len(waiting)) == (202, "withdrawn", "waiting", 1)
    assert house.client.post(path_in(new), json={}).status_code == 200
    assert signed(house, key)[0] == ("gliwice", True, "")
    again = house.manager.post(f"/sign-offs/{item['id']}/requests")
    assert (problem(again), codes(again)) == ((409, "sign_off_refused"), ["signed_already"])


def test_with_a_new_link_the_former_one_ends(frozen: tuple[House, str]) -> None:
    house, key = frozen
    former = link()
    item = house.manager.get(f"/collaborations/{key}/protocol/sign-offs").json()["items"][0]

    house.manager.post(f"/sign-offs/{item['id']}/requests")

    with begin(read_only=True) as session:
        newest = session.exec(select(Mail).where(Mail.kind == MailKind.SIGN_OFF, Mail.state == "waiting")).one()
    assert problem(house.client.get(former)) == (410, "link_ended")
    assert house.client.get(path_in(newest)).status_code == 200
    assert problem(house.by(PARTNER).post(f"/sign-offs/{item['id']}/requests")) == (403, "denied")


def test_after_the_stages_of_signing_nobody_is_asked(frozen: tuple[House, str]) -> None:
    house, key = frozen
    item = house.manager.get(f"/collaborations/{key}/protocol/sign-offs").json()["items"][0]
    row = house.manager.get(f"/collaborations/{key}").json()
    left = house.manager.post(
        f"/collaborations/{key}/moves", {"move": "drop", "reason": "Nobody pays."}, version=row["version"]
    )
    assert left.status_code == 201

    asked = house.manager.post(f"/sign-offs/{item['id']}/requests")

    assert (problem(asked), codes(asked)) == ((409, "sign_off_refused"), ["nobody_signs_now"])


def test_nobody_signs_for_another_organisation(frozen: tuple[House, str]) -> None:
    house, key = frozen
    other = house.manager.get(f"/collaborations/{key}/protocol/sign-offs").json()["items"][1]

    answers = [house.by(who).post(f"/sign-offs/{other['id']}", {}, version=1) for who in (PARTNER, "project_manager")]

    assert [problem(one) for one in answers] == [(403, "denied")] * 2


def test_what_waits_is_a_task_until_it_is_done(frozen: tuple[House, str]) -> None:
    house, _ = frozen

    def tasks(who: str) -> list[dict[str, str]]:
        found = house.by(who).get("/me/tasks").json()["items"]
        return [one for one in found if one["kind"] in ("sign_off", "review_risks")]

    partner, manager = tasks(PARTNER), tasks("project_manager")
    path = partner[0]["link"].removeprefix("/api/v1")
    house.by(PARTNER).post(path, {}, version=1)
    risks = manager[0]["link"].removeprefix("/api/v1")
    held = house.manager.post(risks, {"note": "Nothing changed."})
    bare = house.manager.post(risks, {"note": " "})

    assert [(one["kind"], one["title"].partition(": ")[2]) for one in (*partner, *manager)] == [
        ("sign_off", "sign-off of version 1 by gliwice"),
        ("review_risks", "risk review 1"),
    ]
    assert tasks(PARTNER) == []
    assert [one["title"].rpartition(" ")[2] for one in tasks("project_manager")] == ["2"]
    assert (held.status_code, held.json()["number"], held.json()["reviewed_by"]) == (201, 1, "project_manager")
    assert house.manager.get(risks).json()["items"] == [held.json()]
    assert (problem(bare), places(bare)) == ((422, "invalid"), ["note"])


def test_a_deputy_has_the_task_too(frozen: tuple[House, str]) -> None:
    house, _ = frozen
    (due,) = [one for one in house.manager.get("/deadlines").json()["items"] if one["kind"] == "risk_review"]
    sent = {
        "person": "project_manager@medtech.example.org",
        "deputy": "iag_chair@medtech.example.org",
        "reason": "Away.",
    }

    house.manager.post(f"/deadlines/{due['id']}/assignment", sent, version=due["version"])

    found = [one["kind"] for one in house.by("iag_chair").get("/me/tasks").json()["items"]]
    assert "review_risks" in found


def test_there_are_no_risks_to_review_before_a_version_is_frozen(installation: Path) -> None:
    house, key = a_house(lambda world: a_collaboration_at(world, "outline").id)

    early = house.manager.post(f"/collaborations/{key}/risk-reviews", {"note": "Early."})

    assert (problem(early), codes(early)) == ((409, "nothing_to_review"), ["protocol_not_frozen"])
