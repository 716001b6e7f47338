"""The account: another role, another language, browsers signed out, the password, passkeys and tokens."""

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from api.http import tries
from states.clock import machine_now
from states.credentials.passwords import hash_fit, set_password
from states.credentials.sessions import BrowserSession, Means, sessions_of
from states.credentials.tokens import digest
from states.partners.people import grant_role
from states.partners.tables import AccessToken, Person
from states.rights.access import Role
from states.settings import settings
from states.storage import begin
from tests.api.house import Caller
from tests.authenticator import Authenticator
from tests.factories import World
from tests.pages.house import Reader, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

OLD, NEW = "seven otters on the weir", "nine herons at the mill"


@pytest.fixture(autouse=True)
def nobody_has_tried() -> None:
    tries._tried.cache_clear()


def manager(world: World) -> Person:
    return world.session.exec(select(Person).where(Person.label == "project_manager")).one()


def with_password(world: World) -> str:
    person = manager(world)
    set_password(world.session, person.id, hash_fit(person, OLD))
    return person.email


def signed_in_before(minutes: int, means: Means = Means.LINK) -> None:
    """Let everybody have signed in so long ago."""
    with begin() as session:
        for row in session.exec(select(BrowserSession)):
            row.made_at, row.means = machine_now() - timedelta(minutes=minutes), means


def by_password(email: str, password: str) -> int:
    reader = Reader()
    fields = {"email": email, "password": password}
    return reader.send("/sign-in/password", fields, page="/sign-in/password").status_code


def test_somebody_with_two_roles_acts_in_the_other_one(installation: Path) -> None:
    house, _ = a_page_house(lambda world: grant_role(world.session, world.partnership, manager(world), Role.OBSERVER))
    reader = house.by("project_manager")
    page = reader.read("/account")
    grants = re.findall(r'name="grant" value="(\w+)"', page)
    shown = reader.send("/account/role", {"grant": grants[0]}, page="/account", follow=True)
    other = reader.send("/account/role", {"grant": "no such"}, page="/account")

    assert len(grants) == 1
    assert "You act in this role now." in said_on(shown.text)
    assert re.findall(r'name="grant" value="(\w+)"', shown.text) != grants
    assert other.status_code == 404


def test_another_language_is_the_persons_own(installation: Path) -> None:
    house, _ = a_page_house()
    shown = house.manager.send("/account/language", {"language": "de"}, page="/account", follow=True)
    wrong = house.manager.send("/account/language", {"language": "xx"}, page="/account")

    assert '<html lang="de">' in shown.text
    assert (wrong.status_code, 'id="f-language-fault1"' in wrong.text) == (422, True)


def test_other_browsers_are_signed_out_one_by_one_and_together(installation: Path) -> None:
    house, email = a_page_house(with_password)
    others = [Reader() for _ in range(3)]
    for other in others:
        other.send("/sign-in/password", {"email": email, "password": OLD}, page="/sign-in/password")
    keys = re.findall(r'action="/account/sessions/(\w+)/end"', house.manager.read("/account"))
    strangers = house.by("observer").send(f"/account/sessions/{keys[0]}/end", page="/account")

    assert (len(keys), strangers.status_code) == (3, 404)
    house.manager.send(f"/account/sessions/{keys[0]}/end", page="/account")
    assert sorted(other.get("/account").status_code for other in others) == [200, 200, 303]
    house.manager.send("/account/sessions/end-others", page="/account")
    assert {other.get("/account").status_code for other in others} == {303}
    assert house.manager.get("/account").status_code == 200


def test_it_is_noted_where_somebody_did_something_last(installation: Path) -> None:
    house, _ = a_page_house()
    with begin() as session:
        for row in session.exec(select(BrowserSession)):
            row.seen_at = machine_now() - timedelta(hours=1)
    house.manager.read("/account")
    house.manager.send("/account/language", {"language": "en"}, page="/account")

    with begin(read_only=True) as session:
        seen = [row.seen_at > machine_now() - timedelta(minutes=30) for row in session.exec(select(BrowserSession))]
    assert (seen.count(True), len(seen) > 1) == (1, True)


def idle_for(hours: int) -> None:
    with begin() as session:
        for row in session.exec(select(BrowserSession)):
            row.seen_at = machine_now() - timedelta(hours=hours)


def test_a_browser_in_which_nobody_does_anything_is_signed_out(installation: Path) -> None:
    house, _ = a_page_house()
    reader = house.manager
    page = reader.read("/partnership/edit")
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    idle_for(9)
    typed = {"form_token": unescape(token[1]), "form_page": "/partnership/edit", "description": "Half a page typed."}
    sent = reader.client.post("/partnership/edit", data=typed)

    assert reader.get("/account").headers["Location"].startswith("/sign-in?next=%2Faccount&told=ended")
    assert (sent.status_code, "Half a page typed." in sent.text) == (401, True)
    with begin(read_only=True) as session:
        own = select(BrowserSession.person_id).where(BrowserSession.digest == digest(house.cookies["project_manager"]))
        assert sessions_of(session, session.exec(own).one()) == []


def test_reading_alone_keeps_somebody_signed_in_and_a_poll_does_not(installation: Path) -> None:
    house, _ = a_page_house()
    idle_for(7)
    house.manager.get("/account", **{"Sec-Fetch-Dest": "empty"})
    with begin(read_only=True) as session:
        ends = {row.ends_at - row.seen_at for row in session.exec(select(BrowserSession))}
        polled = [row.seen_at > machine_now() - timedelta(hours=1) for row in session.exec(select(BrowserSession))]
    house.manager.read("/account")
    with begin(read_only=True) as session:
        read = [row.seen_at > machine_now() - timedelta(hours=1) for row in session.exec(select(BrowserSession))]

    assert (ends, any(polled), read.count(True)) == ({timedelta(hours=8)}, False, 1)
    assert "if nothing is done in it" in said_on(house.manager.read("/account"))


def test_an_installation_may_do_without_the_end_for_being_idle(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = a_page_house()
    idle_for(200)
    assert house.manager.get("/account").status_code == 303
    monkeypatch.setenv("BANKABLE_SESSION_IDLE_MINUTES", "0")
    settings.cache_clear()

    assert house.manager.get("/account").status_code == 200


def test_the_password_is_changed_with_the_one_before(installation: Path) -> None:
    house, email = a_page_house(with_password)
    signed_in_before(60)
    reader, other = house.manager, Reader()
    other.send("/sign-in/password", {"email": email, "password": OLD}, page="/sign-in/password")
    for fields, field in (
        ({"password": "not the old one", "new_password": NEW}, "f-password-fault1"),
        ({"new_password": NEW}, "f-password-fault1"),
        ({"password": OLD, "new_password": "short"}, "f-new_password-fault1"),
    ):
        answer = reader.send("/account/password", fields, page="/account/password")
        assert (answer.status_code, f'id="{field}"' in answer.text) == (422, True)
        assert NEW not in answer.text

    shown = reader.send(
        "/account/password", {"password": OLD, "new_password": NEW}, page="/account/password", follow=True
    )
    assert "The password is set" in said_on(shown.text)
    assert other.get("/account").status_code == 303  # whoever came by the old one is out
    assert [by_password(email, one) for one in (OLD, NEW)] == [422, 303]


@pytest.mark.parametrize(
    ("minutes", "means", "status"),
    [
        (1, Means.LINK, 303),
        (1, Means.PASSKEY, 303),
        (1, Means.ISSUER, 303),
        (1, Means.PASSWORD, 422),  # by the old one: it is asked for
        (16, Means.LINK, 422),
    ],
)
def test_who_forgot_the_password_sets_another_soon_after_a_link(
    installation: Path, minutes: int, means: Means, status: int
) -> None:
    house, email = a_page_house(with_password)
    signed_in_before(minutes, means)
    answer = house.manager.send("/account/password", {"new_password": NEW}, page="/account/password")

    assert answer.status_code == status
    assert by_password(email, NEW) == (303 if status == 303 else 422)


def test_who_has_none_sets_one_soon_after_the_sign_in_alone_and_may_remove_it(installation: Path) -> None:
    house, email = a_page_house(lambda world: manager(world).email)
    reader = house.manager
    signed_in_before(16)
    assert "sign in anew" in said_on(reader.read("/account/password")).lower()
    token = hidden(reader, "/account")
    late = reader.client.post("/account/password", data={**token, "new_password": NEW})
    signed_in_before(14)
    assert (late.status_code, by_password(email, NEW)) == (403, 422)
    assert reader.send("/account/password", {"new_password": NEW}, page="/account/password").status_code == 303
    assert by_password(email, NEW) == 303
    reader.send("/account/password/removal", page="/account/password")
    assert by_password(email, NEW) == 422


def hidden(reader: Reader, page: str) -> dict[str, str]:
    found = re.search(r'name="form_token" value="([^"]+)"', reader.read(page))
    assert found is not None
    return {"form_token": unescape(found[1])}


def at_localhost(reader: Reader) -> Reader:
    reader.client.base_url = httpx.URL("http://localhost:8400")
    reader.client.cookies.clear()
    if reader.cookie:
        reader.client.cookies.set("bankable_session", reader.cookie)
    return reader


def test_a_passkey_is_made_and_signs_in(installation: Path) -> None:
    house, _ = a_page_house()
    reader, device = at_localhost(house.manager), Authenticator("http://localhost:8400")
    token = hidden(reader, "/account/passkeys")
    asked = reader.client.post("/account/passkeys/options", data=token).json()
    made = {"challenge": asked["challenge"], "answer": device.make(json.dumps(asked["options"])), "name": "my phone"}
    kept = reader.client.post("/account/passkeys", data={**token, **made})
    again = reader.client.post("/account/passkeys", data={**token, **made})

    assert (kept.status_code, again.status_code) == (303, 403)
    assert 'value="my phone"' in reader.read("/account/passkeys")
    other = at_localhost(Reader())
    token = hidden(other, "/sign-in/passkey?next=/account/tokens")
    asked = other.client.post("/sign-in/passkey/options", data=token).json()
    used = {"challenge": asked["challenge"], "answer": device.use(json.dumps(asked["options"]))}
    signed_in = other.client.post("/sign-in/passkey", data={**token, **used, "next": "/account/tokens"})
    assert signed_in.headers["Location"] == "/account/tokens"
    assert "project_manager" in said_on(other.read("/account"))
    assert at_localhost(Reader()).client.post("/sign-in/passkey", data={**token, **used}).status_code != 303


def test_there_are_no_passkeys_where_browsers_know_none(installation: Path) -> None:
    house, _ = a_page_house()

    assert "By a passkey" not in said_on(Reader().read("/sign-in"))
    assert "Here neither is so" in said_on(house.manager.read("/account/passkeys"))
    assert Reader().get("/sign-in/passkey").status_code == 403


def test_a_token_is_made_shown_once_and_ended(installation: Path) -> None:
    house, _ = a_page_house()
    reader = house.manager
    fields = {"label": "nightly export", "scopes": "read", "days": "30"}
    made = reader.send("/account/tokens", fields, page="/account/tokens")
    [text] = re.findall(r'id="made" readonly value="(bkb_[^"]+)"', made.text)

    assert made.status_code == 200
    assert text not in reader.read("/account/tokens")
    with begin(read_only=True) as session:
        row = session.exec(select(AccessToken).where(AccessToken.digest == digest(text))).one()
    assert (row.label, row.scopes) == ("nightly export", ["read"])
    api = Caller(reader.client, text)
    assert api.get("/me").status_code == 200
    reader.send(f"/account/tokens/{row.id}/end", page="/account/tokens")
    assert api.get("/me").status_code == 401
    wrong = reader.send("/account/tokens", {"label": "", "days": "x"}, page="/account/tokens")
    assert (wrong.status_code, 'id="f-days-fault1"' in wrong.text) == (422, True)
    signed_in_before(16)
    late = reader.client.post("/account/tokens", data={**hidden(reader, "/account"), **fields})
    assert (late.status_code, "sign in anew" in said_on(late.text)) == (403, True)


def test_markup_in_what_browsers_and_people_say_stays_text(installation: Path) -> None:
    house, _ = a_page_house()
    with begin() as session:
        for row in session.exec(select(BrowserSession)):
            row.browser = "<script>alert(1)</script>"
    page = house.manager.read("/account")

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
