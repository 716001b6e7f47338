"""`bankable mails`: listed, shown as they go out, and resolved by hand or by a mail server's log."""

from email import message_from_string
from email.policy import default
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from documents.mails.values import values_of
from states.mail.queries import mail_by_id
from states.mail.sending import Result
from states.mail.tables import Mail, MailKind, MailState
from states.review.tables import Outcome
from states.storage import begin
from tests.states.mail.conftest import Post, a_post

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

VALUES = values_of(
    MailKind.DECISION, title="Centre", panel="IAG", outcome=Outcome.ENDORSE, link="https://bankable.example/x"
)


@pytest.fixture
def post(installation: Path) -> Post:
    return a_post()


def unclear(post: Post, key: str) -> Mail:
    post.enter(key, kind=MailKind.DECISION, values=VALUES)
    return stored(post.hand_over(Result.UNCLEAR, "no answer"))


def stored(mail_id: str) -> Mail:
    with begin(read_only=True) as session:
        return mail_by_id(session, mail_id)[0]


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["mails", *arguments])
    return result.exit_code, result.output


def test_mails_are_listed_by_state(post: Post) -> None:
    row = unclear(post, "a")
    (waits,) = post.enter("b")

    code, listed = run("list", "--state", "uncertain")

    at = row.created_at.isoformat(timespec="minutes")
    line = "\t".join([row.id, "uncertain", "answer_lost", "decision", at, "Reader", row.message_id, "no answer"])
    assert (code, listed) == (0, f"{line}\n")
    assert {one.split("\t")[0] for one in run("list")[1].splitlines()} == {row.id, waits}


def test_a_mail_is_shown_as_it_would_go_out(post: Post) -> None:
    row = unclear(post, "a")

    code, shown = run("show", row.id)

    message = message_from_string(shown, policy=default)
    assert (code, message["To"], message["Message-ID"], message["Subject"]) == (
        0,
        "reader@example.org",
        f"<{row.message_id}>",
        "Decision: Centre",
    )
    assert run("show", "7") == (2, "There is no mail '7' here.\n")


@pytest.mark.parametrize(("option", "state"), [("--delivered", MailState.SENT), ("--again", MailState.WAITING)])
def test_one_is_resolved_by_hand(post: Post, option: str, state: MailState) -> None:
    row = unclear(post, "a")

    assert run("resolve", row.id, option) == (0, f"The mail is {state.value}.\n")
    assert (stored(row.id).state, stored(row.id).resolved_by) == (state, "command line")


def test_all_are_resolved_by_a_log(post: Post, tmp_path: Path) -> None:
    arrived, lost = unclear(post, "a"), unclear(post, "b")
    log = tmp_path / "mail.log"
    log.write_bytes(b"\xff <= bankable@example.org id=" + arrived.message_id.encode() + b"\n")

    assert run("resolve", "--log", str(log)) == (0, "1 were delivered, 1 are sent again.\n")
    assert (stored(arrived.id).state, stored(lost.id).state) == (MailState.SENT, MailState.WAITING)


@pytest.mark.parametrize("arguments", [(), ("7",), ("--delivered",), ("7", "--again", "--log")])
def test_it_asks_for_one_way(post: Post, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    log = tmp_path / "mail.log"
    log.write_text("")
    row = unclear(post, "a")

    code, said = run("resolve", *arguments, *([str(log)] if "--log" in arguments else []))

    assert (code, "name one mail with --delivered or --again, or --log FILE for all" in said) == (2, True)
    assert stored(row.id).state is MailState.UNCERTAIN
