"""Signing in on pages: by a link, a password, a passkey; out again; and what keeps others out."""

from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from sqlmodel import col, select

from api.http import tries
from states.credentials.links import texts_of
from states.credentials.passwords import hash_fit, set_password
from states.credentials.sessions import BrowserSession
from states.mail.tables import Mail, MailKind
from states.partners.tables import Person
from states.settings import settings
from states.storage import begin
from tests.factories import World
from tests.pages.house import Reader, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

PASSWORD = "seven otters on the weir"
COOKIE = "bankable_session"


@pytest.fixture(autouse=True)
def nobody_has_tried() -> None:
    tries._tried.cache_clear()


def somebody(world: World) -> str:
    """Give the manager a password, and return the address."""
    person = world.session.exec(select(Person).where(Person.label == "project_manager")).one()
    set_password(world.session, person.id, hash_fit(person, PASSWORD))
    return person.email


def links_sent() -> list[Mail]:
    with begin(read_only=True) as session:
        return list(session.exec(select(Mail).where(Mail.kind == MailKind.SIGN_IN).order_by(col(Mail.created_at))))


def newest_link() -> str:
    """Return the path of the link in the newest mail, signed as it goes out."""
    mail = links_sent()[-1]
    with begin(read_only=True) as session:
        path, _, query = str(mail.values["link"]).removeprefix(settings().public_url).partition("?")
        way, _, key = path.rpartition("/")
        return f"{way}/{texts_of(session, [key])[key]}" + (f"?{query}" if query else "")


def ask_for_link(address: str, then: str = "") -> Reader:
    reader = Reader()
    sent = reader.send("/sign-in/link", {"email": address, "next": then}, page=f"/sign-in?next={quote(then)}")
    assert sent.status_code == 303
    return reader


def cookie_line(answer: httpx.Response) -> str:
    [line] = [one for one in answer.headers.get_list("set-cookie") if one.startswith((COOKIE, f"__Host-{COOKIE}"))]
    return line


def test_a_link_in_a_mail_signs_in_and_leads_on(installation: Path) -> None:
    _, address = a_page_house(somebody)
    reader = ask_for_link(address, "/account")
    link = newest_link()

    shown = Reader().read(link)  # a scanner of mails follows it, and uses nothing up
    assert "You sign in as project_manager" in said_on(shown)
    signed_in = reader.send(link.partition("?")[0], {"next": "/account"}, page=link)
    assert (signed_in.status_code, signed_in.headers["Location"]) == (303, "/account")
    assert "project_manager" in said_on(reader.read("/account"))
    again = Reader().get(link)
    assert (again.status_code, "used already" in said_on(again.text)) == (410, True)


def test_the_answer_is_the_same_for_who_is_not_known(installation: Path) -> None:
    _, address = a_page_house(somebody)
    answers = []
    for asked in (address, "nobody@fields.example"):
        reader = Reader()
        sent = reader.send("/sign-in/link", {"email": asked}, page="/sign-in")
        answers.append((sent.status_code, sent.headers["Location"], said_on(reader.read(sent.headers["Location"]))))

    assert answers[0] == answers[1]
    assert len(links_sent()) == 1


def test_what_is_no_address_is_told_beside_its_field(installation: Path) -> None:
    a_page_house()
    answer = Reader().send("/sign-in/link", {"email": "office"}, page="/sign-in")

    assert (answer.status_code, 'id="f-email-fault1"' in answer.text, 'value="office"' in answer.text) == (
        422,
        True,
        True,
    )


def test_a_password_signs_in_with_a_new_cookie_and_ends_what_the_browser_had(installation: Path) -> None:
    house, address = a_page_house(somebody)
    reader = house.manager
    reader.client.cookies.clear()
    reader.client.cookies.set(COOKIE, str(reader.cookie))
    answer = reader.send("/sign-in/password", {"email": address, "password": PASSWORD}, page="/sign-in/password")

    line = cookie_line(answer)
    assert answer.headers["Location"] == "/"
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(line.split("; "))
    assert str(reader.cookie) not in line
    assert Reader(reader.cookie).get("/account").status_code == 303  # what somebody fixed there before opens nothing


@pytest.mark.parametrize("password", ["", "not that one", PASSWORD.upper()])
def test_a_wrong_password_and_an_unknown_address_look_the_same(installation: Path, password: str) -> None:
    _, address = a_page_house(somebody)
    told = []
    for asked in (address, "nobody@fields.example"):
        answer = Reader().send("/sign-in/password", {"email": asked, "password": password}, page="/sign-in/password")
        assert (answer.status_code, "set-cookie" in answer.headers) == (422, False)
        assert not password or password not in answer.text
        told.append(said_on(answer.text))

    assert told[0] == told[1]
    assert "address and password do not fit" in told[0]


@pytest.mark.long
def test_who_tries_too_often_waits_and_others_do_not(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, address = a_page_house(somebody)
    monkeypatch.setenv("BANKABLE_SIGN_IN_TRIES", "3")
    settings.cache_clear()

    def tried(asked: str, password: str = "wrong wrong wrong") -> int:
        return (
            Reader()
            .send("/sign-in/password", {"email": asked, "password": password}, page="/sign-in/password")
            .status_code
        )

    assert [tried(address.upper() if turn % 2 else address) for turn in range(4)] == [422, 422, 422, 429]
    assert tried(address, PASSWORD) == 429  # a right one too: who guesses learns nothing
    assert tried("other@fields.example") == 422
    assert [ask_for_link(address) for _ in range(3)]
    assert Reader().send("/sign-in/link", {"email": address}, page="/sign-in").status_code == 429
    assert {tried(f"{number}@fields.example") for number in range(30)} == {422, 429}  # one client, many addresses


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/api/v1/me",
        "/%0d%0aSet-Cookie:x",
        " /account",
    ],
)
def test_nobody_is_sent_to_another_site(installation: Path, then: str) -> None:
    _, address = a_page_house(somebody)
    page = f"/sign-in/password?next={quote(then, safe='')}"
    answer = Reader().send("/sign-in/password", {"email": address, "password": PASSWORD, "next": then}, page=page)
    ask_for_link(address, then)

    assert answer.headers["Location"] in ("/", "/%0d%0aSet-Cookie:x")
    assert newest_link().partition("?")[2] in ("", "next=/%250d%250aSet-Cookie%3Ax")


def test_a_form_of_another_site_signs_nobody_in(installation: Path) -> None:
    _, address = a_page_house(somebody)
    reader = Reader()
    fields = {"email": address, "password": PASSWORD}
    without = reader.client.post("/sign-in/password", data=fields)
    reader.read("/sign-in/password")
    forged = reader.client.post("/sign-in/password", data={**fields, "form_token": "forged"})
    page = Reader().read("/sign-in/password")
    other = page.partition('name="form_token" value="')[2].partition('"')[0]
    of_another = reader.client.post("/sign-in/password", data={**fields, "form_token": other})

    for answer in (without, forged, of_another):
        assert COOKIE not in str(answer.headers.get_list("set-cookie"))
        assert PASSWORD not in answer.text


def test_over_https_the_cookie_is_of_this_host_alone(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, address = a_page_house(somebody)
    monkeypatch.setenv("BANKABLE_PUBLIC_URL", "https://pages.example")
    settings.cache_clear()
    reader = Reader()
    reader.client.base_url = httpx.URL("https://pages.example")
    answer = reader.send("/sign-in/password", {"email": address, "password": PASSWORD}, page="/sign-in/password")

    line = cookie_line(answer)
    assert line.startswith(f"__Host-{COOKIE}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(line.split("; "))
    assert "Domain" not in line
    assert "project_manager" in said_on(reader.read("/account"))


def test_signing_out_ends_the_session_and_takes_the_cookie_away(installation: Path) -> None:
    house, _ = a_page_house()
    reader = house.manager
    answer = reader.send("/sign-out", page="/account")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?told=signed_out")
    assert 'bankable_session=""' in cookie_line(answer)
    assert Reader(reader.cookie).get("/account").status_code == 303
    with begin(read_only=True) as session:
        ended = [row for row in session.exec(select(BrowserSession)) if row.revoked_at is not None]
        assert len(ended) == 1


def test_who_is_signed_in_goes_on(installation: Path) -> None:
    house, _ = a_page_house()

    assert house.manager.get("/sign-in?next=/account").headers["Location"] == "/account"
    assert "Send me a link" in said_on(house.manager.read("/sign-in?next=/account&again=1"))
