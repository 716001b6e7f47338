"""The commands `bankable questions`: the office asks at the machine, answers, asks on, closes, withdraws and lists."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from api.cli import app
from states.clock import today
from states.mail.tables import Mail, MailKind
from states.storage import begin
from tests.api.house import furnish
from tests.factories import a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

CASE = ("medtech", "centre")
PERSON = ("--person", "Partner@medtech.example.org")  # in any case of letters
DAY = today() + timedelta(days=30)


def run(*arguments: str, code: int = 0) -> list[str]:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, arguments)
    assert done.exit_code == code, done.output
    return done.output.splitlines()


@pytest.fixture
def case(installation: Path) -> None:
    with begin() as session:
        world, _ = furnish(session)
        a_collaboration(world)


def listed(*options: str) -> list[tuple[str, str]]:
    return [(line.split("\t")[0], line.split("\t")[1]) for line in run("questions", "list", *CASE, *options)]


def test_asked_answered_asked_on_and_closed(case: None) -> None:
    [[key, day]] = [
        line.split("\t") for line in run("questions", "ask", *CASE, "Who pays?", *PERSON, "--due", str(DAY))
    ]
    with begin(read_only=True) as session:
        told = session.exec(select(Mail.kind)).all()
    answered = run("questions", "answer", key, "The lead does.")
    asked_on = run("questions", "ask-on", key, "Until when?", "--due", str(DAY + timedelta(days=7)))
    shown = [line.split("\t") for line in run("questions", "show", key)]

    assert (day, told, answered) == (str(DAY), [MailKind.QUESTION], [f"{key}\t1"])
    assert [line.split("\t")[1:] for line in asked_on] == [["open", str(DAY + timedelta(days=7))]]
    assert [(one[0], one[3]) for one in shown[1:]] == [("1", "The lead does."), ("2", "Until when?")]
    assert run("questions", "close", key) == ["It is closed."]
    assert listed("--state", "closed") == [(key, "closed")]
    assert listed("--state", "open") == []


def test_put_to_others_found_by_words_and_withdrawn(case: None) -> None:
    first, second = (
        run("questions", "ask", *CASE, text, "--organisation", "medtech-gliwice")[0].split("\t")[0]
        for text in ("Which permits?", "Which patents?")
    )

    changed = run("questions", "change", first, "--role", "iag_secretary", "--due", str(DAY))

    assert [line.split("\t")[1:] for line in changed] == [["open", str(DAY)]]
    assert listed("--q", "permits") == [(first, "open")]
    assert (listed("--overdue"), run("questions", "withdraw", second)) == ([], ["It is withdrawn."])
    assert sorted(listed()) == sorted([(first, "open"), (second, "withdrawn")])


def test_what_cannot_be_is_refused_with_a_word(case: None) -> None:
    assert run("questions", "ask", *CASE, " ", *PERSON, code=2) != []
    assert run("questions", "ask", *CASE, "Who?", "--person", "nobody@medtech.example.org", code=2) != []
    [line] = run("questions", "ask", *CASE, "Who pays?", *PERSON)
    key = line.split("\t")[0]
    run("questions", "answer", key, "We do.")
    assert run("questions", "withdraw", key, code=2) != []
