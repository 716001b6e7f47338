"""The commands `bankable sections`: the office gives sections to people, hands them on and sees them back."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner

from api.cli import app
from states.clock import today
from states.mail.tables import Mail, MailKind
from states.protocol.service import write_section
from states.storage import begin
from tests.api.house import furnish
from tests.api.two_partners import OTHER, speak_for_marseille
from tests.factories import a_collaboration_at, s3

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

CASE = ("medtech", "centre")
DAY = today() + timedelta(days=20)
PARTNER = "partner@medtech.example.org"


def run(*arguments: str, code: int = 0) -> list[list[str]]:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, arguments)
    assert done.exit_code == code, done.output
    return [line.split("\t") for line in done.output.splitlines()]


@pytest.fixture
def case(installation: Path) -> str:
    """A case whose sections may be written, and the address of who speaks for its second partner."""
    with begin() as session:
        world, _ = furnish(session)
        row = a_collaboration_at(world, "investment_protocol")
        write_section(session, row, "market", {"users": "Makers of implants."}, sections=s3().protocol)
        speak_for_marseille(world)
        return str(world.people[OTHER].email)


def mails(session: Session) -> list[str]:
    return [kind for kind in session.exec(select(Mail.kind)).all() if kind.startswith("section")]


def test_given_handed_in_returned_handed_over_and_taken_back(case: str) -> None:
    given = run("sections", "give", *CASE, "market", "identity", "--to", PARTNER, "--due", str(DAY), "--note", "Soon.")
    [market, identity] = [one[0] for one in given]
    with begin(read_only=True) as session:
        assert mails(session) == [MailKind.SECTION_GIVEN]  # one for both

    [handed] = run("sections", "hand-in", market)
    later = DAY + timedelta(days=5)
    [returned] = run("sections", "return", market, "--question", "Which markets?", "--due", str(later))
    [over] = run("sections", "hand-over", market, "--to", case)
    [changed] = run("sections", "change", identity, "--due", str(later), "--note", "At last.")
    [back] = run("sections", "take-back", identity, "--reason", "The office writes it.")

    assert [(one[1], one[2], one[3]) for one in given] == [
        ("market", "given", str(DAY)),
        ("identity", "given", str(DAY)),
    ]
    assert (handed[2], returned[2:4], returned[6]) == ("handed_in", ["returned", str(later)], "Which markets?")
    assert (over[1], over[5]) == ("market", "medtech-marseille")
    assert (changed[3], back[2], back[6]) == (str(later), "taken_back", "The office writes it.")
    assert [one[0] for one in run("sections", "list", *CASE, "--open")] == [market]
    assert [one[0] for one in run("sections", "list", *CASE, "--state", "taken_back")] == [identity]
    assert run("sections", "list", *CASE, "--overdue") == []


def test_what_cannot_be_is_refused_with_a_word(case: str) -> None:
    assert run("sections", "give", *CASE, "weather", "--to", PARTNER, code=2) != []
    assert run("sections", "give", *CASE, "market", "--to", "nobody@medtech.example.org", code=2) != []
    [given] = run("sections", "give", *CASE, "risks", "--to", PARTNER)
    assert run("sections", "hand-in", given[0], code=2) != []  # nothing is written
