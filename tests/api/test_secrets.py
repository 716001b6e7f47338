"""Whatever lets somebody in is nowhere but with whom it was given to: in no row, no log, no error."""

import logging
import re
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from typer.testing import CliRunner

from api.cli import app
from api.http.idempotency import HEADER
from flows.delivery import deliver
from flows.smtp import MailServerUnreachable
from states.credentials.links import LinkPurpose, lasting_link
from states.mail.sending import DueMail, lease_mails
from states.schema import METADATA
from states.seals.secrets import secret_in_force
from states.settings import settings
from states.storage import begin, engine
from tests.api.house import House, a_house
from tests.api.routes.people.test_people import OF_MARSEILLE, PEOPLE

PASSWORD = "of-a-machine-Ab3xyz"


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def _mails() -> list[DueMail]:
    with begin() as session:
        found = lease_mails(session, runner="test", limit=100)
        session.rollback()
    return found


def _cells() -> dict[str, str]:
    """Return all that the database holds, by table."""
    with engine().connect() as connection:
        return {
            table.name: repr([tuple(row) for row in connection.execute(select(table))])
            for table in METADATA.sorted_tables
        }


def _known(house: House) -> dict[str, str]:
    """Let a journey give out one secret of each kind, each under a key by which its answer is kept, and return them."""

    def post(path: str, sent: object) -> httpx.Response:
        headers = house.manager.headers | {HEADER: path}
        answer: httpx.Response = house.client.post(f"/api/v1{path}", json=sent, headers=headers)
        return answer

    token = post("/me/tokens", {"label": "script", "days": 2})
    feed = post("/me/calendar-feeds", {})
    invited = post(PEOPLE, OF_MARSEILLE)
    assert (token.status_code, feed.status_code, invited.status_code) == (201, 201, 201)
    (mail,) = [one for one in _mails() if "/links/role/" in str(one.values.get("link"))]
    role = str(mail.values["link"]).rpartition("/")[2]
    taken = house.client.post(f"/api/v1/links/role/{role}", headers={HEADER: "taken"})
    assert taken.status_code == 200
    return {
        "the bearer's token": house.manager.headers["Authorization"].removeprefix("Bearer "),
        "a token": token.json()["token"],
        "a calendar": feed.json()["url"].rpartition("/")[2].removesuffix(".ics"),
        "a signed link": role.partition(".")[2],
        "a lasting link": lasting_link("x", purpose=LinkPurpose.UNSUBSCRIBE),
        "a token by a link": taken.json()["token"],
        "the installation's secret": secret_in_force().decode(),
    }


def test_no_row_holds_what_lets_somebody_in(house: House) -> None:
    known = _known(house)

    cells = _cells()

    assert all(len(secret) > 20 for secret in known.values())
    assert [(what, table) for what, secret in known.items() for table, cell in cells.items() if secret in cell] == []


def test_no_log_and_no_error_holds_it(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    known = _known(house)
    client = TestClient(house.client.app)
    paths = [f"/calendars/{known['a calendar']}.ics"]
    paths += [f"/api/v1/{door}/x.{known['a signed link']}" for door in ("links", "links/role", "links/sign-off")]
    paths += [f"/api/v1/unsubscribe/{known['a lasting link']}"]

    answers = [client.get(path) for path in paths]
    with monkeypatch.context() as broken:
        broken.setenv("BANKABLE_DATABASE_URL", f"sqlite:///{tmp_path}/without-tables.db")
        settings.cache_clear()
        answers += [client.get(path) for path in paths]
        answers += [client.get("/api/v1/me", headers=house.manager.headers)]
        engine().dispose()
    settings.cache_clear()

    assert [answer.status_code for answer in answers[len(paths) :]] == [503] * (len(paths) + 1)
    assert caplog.text.count("database unavailable") == len(paths) + 1
    # httpx is the test's own client: it tells where it goes.
    logged = "".join(caplog.handler.format(record) for record in caplog.records if record.name != "httpx")
    assert [what for what, secret in known.items() if secret in logged] == []


def test_an_error_of_the_database_hides_what_was_asked(installation: Path) -> None:
    with pytest.raises(Exception, match=r"no such column|does not exist") as caught, begin() as session:
        session.connection().exec_driver_sql(
            "SELECT absent FROM partnership WHERE id = " + ("?" if engine().dialect.name == "sqlite" else "%s"),
            ("bkb_secret",),
        )

    assert "bkb_secret" not in str(caught.value)


def test_a_mail_is_signed_as_it_goes_out_and_opens_what_its_row_does_not(house: House) -> None:
    assert house.client.post(f"/api/v1{PEOPLE}", json=OF_MARSEILLE, headers=house.manager.headers).status_code == 201
    (mail,) = [one for one in _mails() if "/links/role/" in str(one.values.get("link"))]
    sent = re.sub(r"^.*?/api/v1", "/api/v1", str(mail.values["link"]))

    kept = sent.rpartition(".")[0]
    assert (house.client.get(sent).status_code, house.client.get(kept).status_code) == (200, 403)
    assert LinkPurpose.ROLE.value in sent


def test_no_password_of_the_settings_is_told(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where the mail server or the database does not answer, nor where somebody asks what is set."""
    caplog.set_level(logging.DEBUG)
    assert house.client.post(f"/api/v1{PEOPLE}", json=OF_MARSEILLE, headers=house.manager.headers).status_code == 201
    with monkeypatch.context() as broken:
        broken.setenv("BANKABLE_SMTP_URL", f"smtp://post:{PASSWORD}@127.0.0.1:1")
        settings.cache_clear()
        with pytest.raises(MailServerUnreachable) as refused:
            deliver.fn()
        cells = _cells()
        broken.setenv("BANKABLE_DATABASE_URL", f"postgresql+psycopg://bankable:{PASSWORD}@127.0.0.1:1/bankable")
        settings.cache_clear()
        doctor, shown = (CliRunner().invoke(app, [command]).output for command in ("doctor", "settings"))
        client = TestClient(house.client.app)
        answers = [client.get(path) for path in ("/api/health", "/api/v1/me", "/calendars/x.ics")]
        engine().dispose()
    settings.cache_clear()

    logged = "".join(caplog.handler.format(record) for record in caplog.records)
    outputs = {"rows": repr(cells), "error": str(refused.value), "logs": logged, "doctor": doctor, "settings": shown}
    outputs |= {str(answer.url): answer.text for answer in answers}
    assert "BANKABLE_SMTP_URL" in outputs["settings"]
    assert {answer.status_code for answer in answers} == {401, 503}
    assert [where for where, text in outputs.items() if PASSWORD in text] == []
