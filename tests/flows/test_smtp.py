"""What becomes of a mail wherever the conversation with its server breaks: repeated only where that is safe."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from flows.smtp import Handed, MailServerUnreachable, SmtpPost
from states.clock import machine_now
from states.mail.sending import Result
from states.settings import settings
from tests.flows.smtp_script import DOT, HANG_UP, Script, scripted_server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A scripted server that mails go out by."""
    with scripted_server() as script:
        monkeypatch.setenv("BANKABLE_SMTP_URL", f"smtp://127.0.0.1:{script.port}")
        settings.cache_clear()
        yield script
    settings.cache_clear()


def a_message(text: str = "Good day") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "Bankable <bankable@example.org>", "m@example.org", "<1@x>"
    message.set_content(text)
    return message


def in_time() -> datetime:
    return machine_now() + timedelta(seconds=60)


def hand_over(script: Script, message: EmailMessage | None = None) -> Handed | None:
    opened = SmtpPost()
    try:
        return opened.hand_over(message or a_message(), offer=in_time)
    finally:
        opened.close()


def test_what_the_server_takes_is_sent_as_it_was_written(server: Script) -> None:
    handed = hand_over(server, a_message("first\n.\n..two dots\nlast"))

    assert handed == Handed(Result.SENT)
    assert [message.get_content().splitlines() for message in server.messages] == [["first", ".", "..two dots", "last"]]
    assert server.steps == ["", "EHLO", "MAIL", "RCPT", "DATA", DOT, "QUIT"]


@pytest.mark.parametrize(
    ("step", "answer", "handed"),
    [
        ("RCPT", "450 try later", Handed(Result.LATER, "450 try later")),
        ("RCPT", "550 no such mailbox", Handed(Result.REFUSED, "550 no such mailbox")),
        ("RCPT", HANG_UP, Handed(Result.LATER, "the connection broke: Connection unexpectedly closed")),
        ("DATA", "451 try later", Handed(Result.LATER, "451 try later")),
        ("DATA", "554 no", Handed(Result.REFUSED, "554 no")),
        ("DATA", HANG_UP, Handed(Result.LATER, "the connection broke: Connection unexpectedly closed")),
        (DOT, "452 no room", Handed(Result.LATER, "452 no room")),
        (DOT, "552 too large", Handed(Result.REFUSED, "552 too large")),
        (DOT, HANG_UP, Handed(Result.UNCLEAR, "no answer after the text: Connection unexpectedly closed")),
        (DOT, "gibberish", Handed(Result.UNCLEAR, "-1 erish")),
    ],
)
def test_each_break_is_judged_by_where_it_came(server: Script, step: str, answer: str, handed: Handed) -> None:
    server.answers[step] = [answer]

    assert hand_over(server) == handed


def test_a_server_that_hangs_up_within_the_text_has_taken_nothing(server: Script) -> None:
    server.answers["DATA"] = ["354 go on"]
    opened = SmtpPost()
    assert opened.hand_over(a_message(), offer=in_time) == Handed(Result.SENT)

    late = opened.hand_over(a_message(), offer=lambda: machine_now() - timedelta(seconds=1))

    assert (late, len(server.messages)) == (Handed(Result.LATER, "the server was too slow for the lease"), 1)
    assert opened.hand_over(a_message(), offer=in_time) == Handed(Result.SENT)
    opened.close()
    assert len(server.messages) == 2


def test_a_mail_that_is_not_to_go_out_any_more_leaves_no_trace(server: Script) -> None:
    opened = SmtpPost()

    assert opened.hand_over(a_message(), offer=lambda: None) is None

    opened.close()
    assert server.steps == ["", "EHLO", "MAIL", "RCPT", "RSET", "QUIT"]


@pytest.mark.parametrize("answer", [HANG_UP, "421 good night"])
def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(server: Script, answer: str) -> None:
    server.answers["MAIL"] = ["250 OK", answer]
    opened = SmtpPost()

    handed = [opened.hand_over(a_message(), offer=in_time) for _ in range(2)]
    opened.close()

    assert (handed, server.steps.count("EHLO")) == ([Handed(Result.SENT)] * 2, 2)


def test_after_a_refusal_the_next_mail_goes_over_the_same_connection(server: Script) -> None:
    server.answers["RCPT"] = ["550 no such mailbox"]
    opened = SmtpPost()

    handed = [opened.hand_over(a_message(), offer=in_time) for _ in range(2)]
    opened.close()

    assert [one.result for one in handed if one] == [Result.REFUSED, Result.SENT]
    assert server.steps.count("EHLO") == 1


@pytest.mark.parametrize("answer", ["550 not from you", "451 not now"])
def test_a_sender_that_is_refused_is_no_fault_of_the_mail(server: Script, answer: str) -> None:
    server.answers["MAIL"] = [answer]

    with pytest.raises(MailServerUnreachable, match=f"takes nothing from bankable@example.org: {answer}"):
        hand_over(server)


@pytest.mark.parametrize("greeting", ["554 go away", HANG_UP])
def test_a_server_that_lets_nobody_in_is_said(server: Script, greeting: str) -> None:
    server.answers[""] = [greeting]

    with pytest.raises(MailServerUnreachable, match=r"^127.0.0.1: "):
        SmtpPost()
