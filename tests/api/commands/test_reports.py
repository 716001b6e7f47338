"""`bankable report`: two people draft, explain, issue and correct a half-year's report, each by a token."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states import clock
from states.credentials.tokens import create_token
from states.partners.people import grant_role, person_by_email
from states.rights.access import Role
from states.storage import begin
from tests.factories import a_collaboration_at, a_world

PERIOD = "2020-H1"
PEOPLE = ("first", "second", "third", "fourth")


@pytest.fixture
def tokens(installation: Path) -> dict[str, str]:
    with clock.at(datetime(2020, 6, 30, tzinfo=UTC)), begin() as session:
        world = a_world(session)
        a_collaboration_at(world, "outline")
        found = {}
        for label in PEOPLE:
            person = person_by_email(session, email=f"{label}@example.org", label=label)
            grant = grant_role(session, world.partnership, person, Role.PROJECT_MANAGER)
            found[label] = create_token(session, grant)
    return found


def report(command: str, *arguments: str, token: str) -> Result:
    where = [] if command == "list" else [PERIOD]
    return CliRunner().invoke(app, ["report", command, *where, *arguments], env={"BANKABLE_TOKEN": token})


def explained(token: str) -> str:
    """Say of every open question why it has no answer; return what `show` prints then."""
    for line in report("show", token=token).stdout.splitlines():
        if line.startswith("no answer and no reason"):
            question = line.split("\t")[1].split()[0]
            assert report("reason", question, "Nothing happened.", token=token).exit_code == 0
    return report("show", token=token).stdout


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_report_is_issued_and_corrected_by_two_hands_each(tokens: dict[str, str]) -> None:
    first, second, third, fourth = (tokens[label] for label in PEOPLE)
    drafted = report("draft", token=first)
    answered = report("answer", "I.1", "Better care.", token=first)
    aimed = report("goal", "3", "strongly_agree", token=first)
    too_soon = report("prepare", token=first)
    assert [one.exit_code for one in (drafted, answered, aimed, too_soon)] == [0, 0, 0, 2]

    ready = explained(first)
    prepared, own = report("prepare", token=first), report("issue", token=first)
    read = report("show", token=second).stdout.splitlines()[0].split("version ")[1]
    report("take-back", token=first)
    report("answer", "I.1", "Far better care.", token=first)
    report("prepare", token=first)
    stale = report("issue", "--version", read, token=second)
    issued = report("issue", "--version", str(int(read) + 3), token=second)

    assert "no answer" not in ready
    assert (prepared.stdout, issued.stdout) == (f"{PERIOD}\tprepared\n", f"{PERIOD}\tissued\n")
    assert [(one.exit_code, one.stdout) for one in (own, stale)] == [(2, ""), (2, "")]
    assert f"you read version {read}, it is at {int(read) + 3}" in stale.stderr

    opened = report("correct", "--because", "A figure was wrong.", token=third)
    given_up = report("leave", token=third)
    report("correct", "--because", "A figure was wrong.", token=third)
    report("answer", "I.1", "Better care, once more.", token=third)
    explained(third)
    report("prepare", token=third)
    by_an_author = report("issue", token=first)
    again = report("issue", token=fourth)

    assert [one.stdout for one in (opened, given_up, again)] == [
        f"{PERIOD}\tdraft\n",
        f"{PERIOD}\tissued\n",
        f"{PERIOD}\tissued\n",
    ]
    assert (by_an_author.exit_code, by_an_author.stdout) == (2, "")
    editions = [one.split("\t") for one in report("show", token=first).stdout.splitlines() if one.startswith("edition")]
    assert [(name, until, *hands) for name, _, until, *hands in editions] == [
        ("edition 1", "replaced", "first", "second"),
        ("edition 2", "in force", "third", "fourth"),
    ]
    assert report("list", token=first).stdout == f"{PERIOD}\tissued\t2\n"


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_cannot_be_says_why(tokens: dict[str, str]) -> None:
    token = tokens["first"]
    undrafted = report("show", token=token)
    nobody = report("draft", token="no token")
    report("draft", token=token)
    unknown = report("answer", "X.9", "text", token=token)

    assert [(one.exit_code, one.stdout) for one in (undrafted, nobody, unknown)] == [(2, "")] * 3
    assert undrafted.stderr == f"There is no report '{PERIOD}' here.\n"
