"""The mail ledger over HTTP: who reads it, how a mail of unknown fate is resolved, how one asks for fewer."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from documents.mails.message import write
from documents.mails.values import values_of
from states.credentials.links import LinkPurpose, lasting_link
from states.mail.ledger import enter_mail
from states.mail.queries import mail_by_id
from states.mail.sending import Result, due_mail, lease_mails, offer, record_handover
from states.mail.tables import Mail, MailKind, MailState
from states.storage import begin
from tests.api.house import House, a_house, codes, places, problem
from tests.factories import World, a_world

REVIEWER = "iag_member 1"
SIGNED = "http://127.0.0.1:8400/api/v1/links/sign-off/abc.def-123_"


def enter(
    world: World, kind: MailKind, key: str, *, to: str = REVIEWER, optional: bool = False, **values: object
) -> str:
    row = enter_mail(
        world.session,
        kind,
        key=key,
        person_id=world.people[to].id,
        partnership_id=world.partnership.id,
        values=values_of(kind, **values),
        optional=optional,
    )
    assert row is not None
    return row.id


def decision(world: World, key: str = "decision", **options: object) -> str:
    filled = {"title": "Centre", "panel": "IAG", "outcome": "endorse", "link": "http://127.0.0.1/x"} | options
    return enter(world, MailKind.DECISION, key, **filled)  # type: ignore[arg-type]


def sign_off(world: World) -> str:
    return enter(
        world,
        MailKind.SIGN_OFF,
        "sign-off",
        title="Centre",
        version="2",
        organisation="Centre for Biocompatibility",
        until="2026-04-01",
        link=SIGNED,
    )


def handed_over(result: Result) -> Callable[[World], str]:
    """Prepare a mail whose hand-over ended so."""

    def prepare(world: World) -> str:
        key = decision(world)
        world.session.flush()
        (mail,) = lease_mails(world.session, runner="one", limit=9)
        assert offer(world.session, key, runner="one", via="smtp")
        assert record_handover(world.session, mail, runner="one", result=result, error="no answer")
        return key

    return prepare


def state_of(mail_id: str) -> MailState:
    with begin(read_only=True) as session:
        return mail_by_id(session, mail_id)[0].state


def test_the_ledger_is_filtered_and_paged(installation: Path) -> None:
    def prepare(world: World) -> dict[str, str]:
        decision(a_world(world.session, slug="elsewhere"), "other")
        manager = decision(world, "m", to="project_manager")
        return {"manager": manager, "reviewer": decision(world, "r"), "sign_off": sign_off(world)}

    house, ids = a_house(prepare)

    def found(query: str) -> set[str]:
        return {item["id"] for item in house.manager.get(f"/mails{query}").json()["items"]}

    assert found("") == set(ids.values())
    assert found("?kind=sign_off") == {ids["sign_off"]}
    assert found("?state=sent") == set()
    with begin(read_only=True) as session:
        person = mail_by_id(session, ids["manager"])[0].person_id
    assert found(f"?person={person}") == {ids["manager"]}
    page = house.manager.get("/mails?limit=2")
    assert (len(page.json()["items"]), page.json()["total"], 'rel="next"' in page.headers["Link"]) == (2, 3, True)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_mail_is_shown_without_its_signed_links(installation: Path) -> None:
    house, key = a_house(sign_off)

    body = house.manager.get(f"/mails/{key}").json()

    assert (body["person"], body["email"]) == (REVIEWER, "iag_member-1@medtech.example.org")
    assert "http://127.0.0.1:8400/api/v1/links/..." in body["text"]
    assert "abc.def" not in str(body)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_mail_that_cannot_be_written_says_why(installation: Path) -> None:
    def prepare(world: World) -> str:
        key = decision(world)
        world.session.get_one(Mail, key).values = {"title": "Centre"}
        return key

    house, key = a_house(prepare)

    body = house.manager.get(f"/mails/{key}").json()

    assert (body["subject"], body["text"].startswith("The mail decision cannot be written: panel")) == ("", True)


def test_a_mail_of_unknown_fate_is_resolved_once(installation: Path) -> None:
    house, key = a_house(handed_over(Result.UNCLEAR))

    answer = house.manager.post(f"/mails/{key}/resolution", {"delivered": True})

    assert (answer.status_code, answer.json()["state"], answer.json()["why"]) == (200, "sent", "found_delivered")
    again = house.manager.post(f"/mails/{key}/resolution", {"delivered": False})
    assert (problem(again), codes(again), state_of(key)) == ((409, "mail_not_open"), ["mail_not_open"], MailState.SENT)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_failed_mail_is_sent_again_and_says_by_whom(installation: Path) -> None:
    house, key = a_house(handed_over(Result.REFUSED))

    body = house.manager.post(f"/mails/{key}/resolution", {"delivered": False}).json()

    assert (body["state"], body["tries_failed"], len(body["resolved_by"])) == ("waiting", 0, 32)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_another_partnership_s_mail_does_not_exist(installation: Path) -> None:
    house, key = a_house(lambda world: decision(a_world(world.session, slug="elsewhere"), "other"))

    assert problem(house.manager.get(f"/mails/{key}")) == (404, "missing")


WISHES = {
    "quiet_from": "21:00:00",
    "quiet_until": "06:30:00",
    "digest": True,
    "digest_at": 8,
    "opted_out": ["reminder.report"],
    "language": "pl",
    "time_zone": "Europe/Warsaw",
}


def test_one_chooses_how_one_is_written_to(installation: Path) -> None:
    house, _ = a_house()
    me = house.by(REVIEWER)
    before = me.get("/me/mail-preferences")

    after = me.put("/me/mail-preferences", WISHES, version=0)

    assert (before.headers["ETag"], before.json()["quiet_from"], before.json()["language"]) == ('"0"', "19:00:00", "en")
    assert (after.status_code, after.headers["ETag"], after.json()) == (200, '"1"', WISHES)
    assert me.get("/me/mail-preferences", If_None_Match='"1"').status_code == 304
    assert house.manager.get("/me/mail-preferences").json()["language"] == "en"


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_wishes_need_a_version_and_sense(installation: Path) -> None:
    house, _ = a_house()
    me = house.by(REVIEWER)

    assert problem(me.put("/me/mail-preferences", WISHES)) == (428, "precondition_required")
    assert problem(me.put("/me/mail-preferences", WISHES, version=4)) == (412, "stale")
    wrong = me.put("/me/mail-preferences", WISHES | {"language": "xx", "opted_out": ["spam"]}, version=0)
    assert (problem(wrong), places(wrong)) == ((422, "mail_wishes_invalid"), ["language", "opted_out"])


def link_in(key: str) -> str:
    """Return the path of the link in the header of a mail, as a mail program finds it."""
    with begin(read_only=True) as session:
        message = write(due_mail(*mail_by_id(session, key)))
    return urlsplit(str(message["List-Unsubscribe"]).strip("<>")).path


def click(house: House, method: str, path: str) -> tuple[int, object]:
    answer = house.client.request(method, path, data={"List-Unsubscribe": "One-Click"} if method == "POST" else None)
    return answer.status_code, answer.json()


def test_one_click_switches_a_kind_off_and_looking_does_not(installation: Path) -> None:
    house, keys = a_house(lambda world: [decision(world, key, optional=True) for key in ("a", "b")])
    path = link_in(keys[0])

    seen = [click(house, method, path) for method in ("GET", "POST", "POST", "GET")]

    assert seen == [(200, {"topic": "decision", "opted_out": clicked}) for clicked in (False, True, True, True)]
    assert [state_of(key) for key in keys] == [MailState.WITHDRAWN] * 2


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize("forged", ["0.x", "no-dot", "{id}.AAAA", "{other}"])
def test_a_link_that_was_not_made_here_does_nothing(installation: Path, forged: str) -> None:
    house, key = a_house(lambda world: decision(world, optional=True))
    token = forged.format(id=key, other=lasting_link(key, purpose=LinkPurpose.DECLARE))

    for method in ("GET", "POST"):
        assert problem(house.client.request(method, f"/api/v1/unsubscribe/{token}")) == (403, "link_forged")
    with begin(read_only=True) as session:
        assert session.exec(select(Mail.state)).one() is MailState.WAITING
