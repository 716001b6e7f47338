"""`bankable people`: an administrator signs somebody in at the shell, sees where somebody is, and signs them out."""

from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from api.cli import app
from states.credentials.links import LinkEnded
from states.credentials.sessions import Means
from states.crossings.sign_in import begin_session, read_link, use_sign_in_link
from states.partners.tables import Person
from states.settings import settings
from states.storage import begin
from tests.factories import a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def email(installation: Path) -> str:
    with begin() as session:
        a_world(session)
        return session.exec(select(Person.email).where(Person.label == "project_manager")).one()


def bankable(*words: str) -> Result:
    return CliRunner().invoke(app, ["people", *words])


def test_a_link_is_printed_that_signs_in_once(email: str) -> None:
    printed = bankable("sign-in", email.upper())
    text = printed.stdout.strip().removeprefix(f"{settings().public_url}/sign-in/link/")

    assert (printed.exit_code, "15 minutes" in printed.stderr) == (0, True)
    with begin() as session:
        assert use_sign_in_link(session, text).email == email
    with begin() as session, pytest.raises(LinkEnded):
        read_link(session, text)


def test_nobody_is_named_as_such(email: str) -> None:
    for command in ("sign-in", "sessions", "sign-out"):
        result = bankable(command, "nobody@fields.example")
        assert (result.exit_code, result.stdout) == (2, "")


def test_sessions_are_listed_and_all_ended(email: str) -> None:
    with begin() as session:
        person = session.exec(select(Person).where(Person.email == email)).one()
        texts = [begin_session(session, person.id, means=Means.PASSKEY, browser="Firefox") for _ in range(2)]
    listed = bankable("sessions", email).stdout
    link = bankable("sign-in", email).stdout.strip().rpartition("/")[2]

    assert [line.split("\t")[4:] for line in listed.splitlines()] == [
        ["passkey", "project_manager in medtech", "Firefox"]
    ] * 2
    assert not any(text in listed for text in texts)
    assert bankable("sign-out", email).stdout == "browsers 2\n"
    assert bankable("sessions", email).stdout == ""
    with begin() as session, pytest.raises(LinkEnded):
        read_link(session, link)
