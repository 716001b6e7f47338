"""The commands `bankable events`: an event is planned, announced, changed and cancelled; a dry run tells nobody."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, col, select
from typer.testing import CliRunner, Result

from api.cli import app
from states.changes.tables import ChangeRecord
from states.clock import at
from states.mail.tables import Mail, MailState
from states.partners.tables import PartnershipEvent
from states.storage import begin
from tests.api.house import furnish

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

SUNDAY = datetime(2026, 9, 6, 18, 0, tzinfo=UTC)
MONDAY = "2026-09-07 05:00 UTC"  # seven by their clocks: when people may be written to
ADD = ("add", "medtech", "Brokerage day", "--kind", "brokerage", "--audience", "iag_chair", "--audience", "wgra_chair")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["events", *arguments])


@pytest.fixture(autouse=True)
def sunday(installation: Path) -> Iterator[None]:
    with begin() as session:
        furnish(session)
    with at(SUNDAY):
        yield


def kept() -> tuple[int, list[tuple[str, MailState]]]:
    """Return how many events there are, and what the ledger of mails has."""
    with begin(read_only=True) as session:
        events = session.exec(select(PartnershipEvent)).all()
        mails = session.exec(select(Mail).order_by(col(Mail.key))).all()
        return len(events), [(str(mail.values["change"]), mail.state) for mail in mails]


def lines(answer: Result) -> list[list[str]]:
    assert answer.exit_code == 0, answer.output
    return [line.split("\t") for line in answer.stdout.splitlines()]


def told(change: str) -> list[list[str]]:
    return [[change, who, MONDAY] for who in ("iag_chair", "wgra_chair")]


def test_announcing_says_before_whom_it_tells_and_when(installation: Path) -> None:
    (key, *planned), nobody = lines(run(*ADD, "--held-on", "10 June 2027"))
    rehearsed, before = lines(run("announce", "medtech", key, "--dry-run")), kept()
    done, after = lines(run("announce", "medtech", key)), kept()
    again = run("announce", "medtech", key, "--dry-run")

    assert planned == ["2027-06-10", "Brokerage day", "brokerage", "planned"]
    assert nobody == ["0 mails wait to be sent."]
    assert rehearsed == [[key, *planned[:-1], "announced"], *told("announced"), ["2 mails would wait to be sent."]]
    assert done == [*rehearsed[:-1], ["2 mails wait to be sent."]]
    assert (before, after) == ((1, []), (1, [("announced", MailState.WAITING)] * 2))
    assert (again.exit_code, again.stderr) == (
        2,
        "This event was announced already; a change of it is told to those who know of it.\n",
    )
    assert lines(run("list", "medtech")) == [[key, *planned[:-1], "announced", "iag_chair, wgra_chair"]]
    with begin(read_only=True) as session:
        assert _commands(session) == {"bankable events add", "bankable events announce"}


def _commands(session: Session) -> set[str]:
    return set(session.exec(select(ChangeRecord.key).where(ChangeRecord.noun == "partnership_event")))


def test_an_event_is_announced_as_it_is_added_changed_and_cancelled(installation: Path) -> None:
    exact = ("--starts-at", "2027-06-10 09:00", "--time-zone", "Europe/Warsaw", "--announce")
    rehearsed, nothing = lines(run(*ADD, *exact, "--dry-run")), kept()
    added = lines(run(*ADD, *exact))
    key = added[0][0]
    changed = lines(run("change", "medtech", key, "--place", "Katowice", "--held-on", "June 11, 2027"))
    cancelled = lines(run("cancel", "medtech", key, "--reason", "Too few have registered."))

    assert nothing == (0, [])
    assert [line[1:] for line in rehearsed[:-1]] == [line[1:] for line in added[:-1]]
    assert added[0][1:] == ["2027-06-10 09:00 Europe/Warsaw", "Brokerage day", "brokerage", "announced"]
    assert added[1:] == [*told("announced"), ["2 mails wait to be sent."]]
    assert changed == [
        [key, "2027-06-11", "Brokerage day", "brokerage", "announced"],
        *told("announced"),  # nobody had heard of it yet
        ["2 mails wait to be sent."],
    ]
    assert cancelled == [
        [key, "2027-06-11", "Brokerage day", "brokerage", "cancelled"],
        ["0 mails wait to be sent."],
    ]
    assert {state for _, state in kept()[1]} == {MailState.WITHDRAWN}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("announce", "medtech", "nothing"), "There is no event 'nothing' here."),
        (("list", "atlantis"), "There is no partnership 'atlantis' here."),
        ((*ADD, "--held-on", "soon"), "held_on: "),
    ],
)
def test_what_cannot_be_is_one_line(installation: Path, arguments: tuple[str, ...], said: str) -> None:
    answer = run(*arguments)

    assert (answer.exit_code, answer.stdout, answer.stderr.count("\n")) == (2, "", 1)
    assert answer.stderr.startswith(said)
