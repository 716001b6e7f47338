"""Signing in by an OpenID Connect issuer: a real one on loopback, and each of its answers that must not let in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlmodel import select

from states.credentials.sessions import BrowserSession, Means
from states.partners.tables import Person
from states.settings import settings
from states.storage import begin
from tests.factories import World
from tests.issuer import CLIENT, SECRET, Issuer, an_issuer
from tests.pages.house import Reader, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def issuer(installation: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Issuer]:
    file = tmp_path / "secret of the client"
    file.write_text(SECRET + "\n", encoding="utf-8")
    with an_issuer() as issuer:
        for name, value in {
            "BANKABLE_OIDC_ISSUER": issuer.address,
            "BANKABLE_OIDC_CLIENT_ID": CLIENT,
            "BANKABLE_OIDC_CLIENT_SECRET_FILE": str(file),
            "BANKABLE_OIDC_NAME": "the fields' own login",
        }.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        _, address = a_page_house(manager)
        issuer.claims |= {"email": address, "email_verified": True}
        yield issuer


def manager(world: World) -> str:
    return world.session.exec(select(Person.email).where(Person.label == "project_manager")).one()


def gone_to(reader: Reader, then: str = "/account") -> str:
    """Begin, and return the address of the issuer to which the browser is sent."""
    answer = reader.get(f"/sign-in/oidc?next={then}")
    assert answer.status_code == 303, said_on(answer.text)
    [line] = answer.headers.get_list("set-cookie")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=600"} <= set(line.split("; "))
    return answer.headers["Location"]


def come_back(issuer: Issuer, reader: Reader, then: str = "/account") -> httpx.Response:
    return reader.get(issuer.authorise(gone_to(reader, then)).removeprefix(settings().public_url))


def test_who_is_verified_there_is_signed_in_here(issuer: Issuer) -> None:
    reader = Reader()
    assert "By the fields' own login" in said_on(reader.read("/sign-in"))
    answer = come_back(issuer, reader)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "project_manager" in said_on(reader.read("/account"))
    with begin(read_only=True) as session:
        [row] = [one for one in session.exec(select(BrowserSession)) if one.means is Means.ISSUER]
    assert row.revoked_at is None


def test_an_address_that_is_told_apart_counts_too(issuer: Issuer) -> None:
    address = issuer.claims.pop("email")
    issuer.at_userinfo = {"sub": "7", "email": address, "email_verified": True}
    assert come_back(issuer, Reader()).status_code == 303
    issuer.at_userinfo["sub"] = "8"
    assert come_back(issuer, Reader()).status_code == 403


@pytest.mark.parametrize(
    ("claims", "header"),
    [
        ({"email_verified": False}, {}),
        ({"email_verified": "true"}, {}),
        ({"email": None}, {}),
        ({"nonce": "of another"}, {}),
        ({"aud": "another program"}, {}),
        ({"aud": [CLIENT, "another"], "azp": "another"}, {}),
        ({"iss": "https://elsewhere.example"}, {}),
        ({"exp": 1_000_000_000}, {}),
        ({}, {"alg": "none"}),
    ],
)
def test_what_does_not_fit_lets_nobody_in(issuer: Issuer, claims: dict[str, Any], header: dict[str, Any]) -> None:
    issuer.claims |= claims
    issuer.header |= header
    if header:
        unsigned(issuer)
    reader = Reader()
    answer = come_back(issuer, reader)

    assert answer.status_code == 403
    assert reader.get("/account").status_code == 303


def unsigned(issuer: Issuer) -> None:
    """Let tokens bear no signature, and say so."""
    signed = issuer.token

    def bare(sent: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        issuer.header = {"alg": "RS256", "kid": "one"}
        status, said = signed(sent, authorization)
        claims = said["id_token"].split(".")[1]
        return status, {**said, "id_token": f"eyJhbGciOiJub25lIn0.{claims}."}

    issuer.token = bare  # type: ignore[method-assign]


def test_a_signature_by_a_key_that_is_not_published_lets_nobody_in(issuer: Issuer) -> None:
    issuer.publishes = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256"})
    assert come_back(issuer, Reader()).status_code == 403


def test_an_answer_is_good_once_and_in_the_browser_that_asked(issuer: Issuer) -> None:
    reader, other = Reader(), Reader()
    back = issuer.authorise(gone_to(reader)).removeprefix(settings().public_url)

    assert other.get(back).status_code == 403  # it has no cookie of a beginning
    gone_to(other)
    assert other.get(back).status_code == 403  # it has another one
    assert reader.get(back.replace("state=", "state=x")).status_code == 403
    back = issuer.authorise(gone_to(reader)).removeprefix(settings().public_url)
    assert reader.get(back.replace("iss=http", "iss=https")).status_code == 403
    back = issuer.authorise(gone_to(reader)).removeprefix(settings().public_url)
    assert reader.get(back).status_code == 303
    assert reader.get(back).status_code == 403
    assert reader.get("/sign-in/oidc/back?error=access_denied").status_code == 403


def test_whom_nobody_knows_here_is_told_so(issuer: Issuer) -> None:
    issuer.claims["email"] = "stranger@elsewhere.example"
    answer = come_back(issuer, Reader())

    assert answer.status_code == 403
    assert "stranger@elsewhere.example. Nobody with this address holds a role here." in said_on(answer.text)


def test_nobody_is_sent_on_to_another_site(issuer: Issuer) -> None:
    assert come_back(issuer, Reader(), "//evil.example").headers["Location"] == "/"


def test_an_issuer_that_is_away_or_set_up_wrongly_is_named(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer.down = True
    away = Reader().get("/sign-in/oidc")
    issuer.down = False
    issuer.told = {"issuer": "https://elsewhere.example"}
    other = Reader().get("/sign-in/oidc")
    issuer.told = {"token_endpoint": "http://elsewhere.example/token"}
    clear = Reader().get("/sign-in/oidc")
    issuer.told = {}
    monkeypatch.setenv("BANKABLE_OIDC_CLIENT_SECRET_FILE", "/nowhere")
    settings.cache_clear()
    unread = Reader().get("/sign-in/oidc")

    assert (away.status_code, "does not answer" in said_on(away.text)) == (503, True)
    for answer, said in ((other, "calls itself https://elsewhere"), (clear, "without https"), (unread, "/nowhere")):
        assert (answer.status_code, said in said_on(answer.text)) == (500, True)


def test_without_an_issuer_there_is_no_such_way(installation: Path) -> None:
    a_page_house()
    assert "/sign-in/oidc" not in Reader().read("/sign-in")
    assert Reader().get("/sign-in/oidc").status_code == 404
