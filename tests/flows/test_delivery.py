"""Every mail that is due goes out once by whatever way; what did not go well is in the ledger, and told."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Barrier

import pytest
from aiosmtpd.controller import Controller
from sqlmodel import col, select

from documents.mails.values import values_of
from flows import lines
from flows.catalogue import flow_named
from flows.delivery import deliver, escalate
from flows.host import FlowFailed, run_here
from flows.smtp import MailServerUnreachable
from states import clock
from states.crossings.sign_in import send_link, use_sign_in_link
from states.mail.ledger import withdraw_mails
from states.mail.preferences import opt_out
from states.mail.queries import mails_by_state
from states.mail.tables import Mail, MailKind, MailState
from states.partners.people import person_by_email
from states.partners.tables import Person
from states.review.tables import Outcome
from states.settings import settings
from states.storage import begin
from tests.flows.conftest import START, Inbox, flow_run_in_prefect, free_port
from tests.flows.smtp_script import DOT, HANG_UP, Script, scripted_server
from tests.statements import counted
from tests.states.mail.conftest import Post, a_post, stored

DECISION = values_of(
    MailKind.DECISION,
    title="A shared test bed",
    panel="Investment Advisory Group",
    outcome=Outcome.ENDORSE,
    link="http://127.0.0.1:8400/api/v1/rounds/7/decision",
)

EVENT = values_of(
    MailKind.EVENT,
    title="Brokerage day",
    change="announced",
    starts_at="2026-04-02T09:00:00+00:00",
    link="http://127.0.0.1:8400/api/v1/partnerships/optics/events/7",
)


@pytest.fixture
def post(installation: Path, simulated_clock: Path) -> Post:
    return a_post()


@pytest.fixture
def script(post: Post, monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A scripted mail server that the installation sends by."""
    with scripted_server() as opened:
        use_server(monkeypatch, opened.port)
        yield opened


def use_server(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("BANKABLE_SMTP_URL", f"smtp://127.0.0.1:{port}")
    settings.cache_clear()


def enter(post: Post, *keys: str, **options: object) -> list[str]:
    return post.enter(*keys, kind=MailKind.DECISION, values=DECISION, **options)


def enter_many(post: Post, number: int) -> None:
    with begin() as session:
        for one in range(number):
            post.put(session, str(one), kind=MailKind.DECISION, values=DECISION)


def states() -> Counter[MailState]:
    with begin(read_only=True) as session:
        return mails_by_state(session)


def ids(messages: list[EmailMessage]) -> Counter[str]:
    return Counter(message["Message-ID"].strip("<>") for message in messages)


def test_a_mail_goes_out_as_it_is_written(post: Post, inbox: Inbox) -> None:
    (key,) = enter(post)

    assert (deliver.fn(), deliver.fn()) == ({"sent": 1}, {})

    (message,) = inbox.messages
    row = stored(key)
    assert (row.state, row.sent_at, row.via) == (MailState.SENT, START, "smtp")
    assert {name: message[name] for name in ("From", "To", "Message-ID", "Auto-Submitted", "List-Unsubscribe")} == {
        "From": "bankable@localhost",
        "To": "reader@example.org",
        "Message-ID": f"<{row.message_id}>",
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": None,
    }
    assert message["Date"].datetime == START
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_a_link_to_sign_in_goes_out_at_once_signed_and_signs_in(post: Post, inbox: Inbox) -> None:
    with begin() as session:
        send_link(session, "manager@example.org", then="/cases/7")

    assert deliver.fn() == {"sent": 1}

    (message,) = inbox.messages
    plain = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    [link] = re.findall(r"http\S+/sign-in/link/(\S+)", plain.get_content())
    assert link.endswith("?next=/cases/7")
    with begin() as session:
        [row] = session.exec(select(Mail))
        assert link.partition(".")[2] not in str(row.values)
        assert use_sign_in_link(session, link.partition("?")[0]).id == post.manager_id


def test_without_a_mail_server_each_mail_is_a_file_named_by_its_id(post: Post, installation: Path) -> None:
    (key,) = enter(post)

    assert deliver.fn() == {"sent": 1}

    (path,) = (installation / "mail").iterdir()
    message = message_from_bytes(path.read_bytes(), policy=default)
    row = stored(key)
    assert (path.name, message["Message-ID"]) == (f"{row.message_id}.eml", f"<{row.message_id}>")
    assert (row.state, row.via) == (MailState.SENT, "folder")


def test_what_is_not_due_yet_waits(post: Post, inbox: Inbox) -> None:
    enter(post, not_before=START + timedelta(hours=1))
    assert deliver.fn() == {}

    clock.set_simulated(START + timedelta(hours=1))

    assert (deliver.fn(), len(inbox.messages)) == ({"sent": 1}, 1)


def test_two_runners_at_once_send_each_mail_once(post: Post, inbox: Inbox) -> None:
    enter_many(post, 120)
    start = Barrier(2)

    def run(_: int) -> dict[str, int]:
        start.wait()
        return deliver.fn()

    with ThreadPoolExecutor(2) as threads:
        runs = list(threads.map(run, range(2)))
    rest = deliver.fn()

    assert sum(run.get("sent", 0) for run in [*runs, rest]) == 120
    assert (len(ids(inbox.messages)), set(ids(inbox.messages).values())) == (120, {1})
    assert states() == {MailState.SENT: 120}


@pytest.mark.parametrize(("count", "connections"), [(10, 1), (25, 3), (90, 4)])
def test_all_batches_go_over_the_same_connections_more_of_them_where_many_mails_wait(
    post: Post, script: Script, monkeypatch: pytest.MonkeyPatch, count: int, connections: int
) -> None:
    monkeypatch.setenv("BANKABLE_MAIL_BATCH", "45")
    settings.cache_clear()
    enter_many(post, count)

    assert deliver.fn() == {"sent": count}
    assert (script.steps.count("EHLO"), len(script.messages)) == (connections, count)
    assert set(ids(script.messages).values()) == {1}
    assert states() == {MailState.SENT: count}


def test_a_server_that_lets_no_more_in_is_served_over_the_connections_there_are(post: Post, script: Script) -> None:
    enter_many(post, 40)
    script.answers[""] = ["220 script", "220 script", "421 too many connections"]

    assert deliver.fn() == {"sent": 40}
    assert script.steps.count("EHLO") == 2


def test_of_several_mails_on_their_way_each_is_judged_alone(post: Post, script: Script) -> None:
    enter_many(post, 30)
    script.answers["RCPT"] = ["250 OK", "550 no such mailbox", "450 later"]
    script.answers[DOT] = ["250 OK", HANG_UP, "250 OK"]

    assert deliver.fn() == {"sent": 27, "refused": 1, "later": 1, "unclear": 1}
    assert set(ids(script.messages).values()) == {1}


def test_while_no_mail_server_answers_all_wait_untouched_and_the_next_run_sends(
    post: Post, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_many(post, 3)
    with monkeypatch.context() as patch:
        use_server(patch, free_port())
        with pytest.raises(MailServerUnreachable, match="Connection refused"):
            deliver.fn()
    settings.cache_clear()
    with begin(read_only=True) as session:
        untouched = session.exec(select(Mail.tries_failed, Mail.leased_by, Mail.via)).all()

    assert untouched == [(0, None, "")] * 3
    assert (deliver.fn(), len(inbox.messages)) == ({"sent": 3}, 3)


def test_a_server_that_goes_down_within_a_batch_ends_it_and_nothing_is_lost(
    post: Post, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_many(post, 5)
    script.answers["RCPT"] = ["250 OK", "250 OK", HANG_UP]
    script.answers[""] = ["220 script", "421 closing"]

    with pytest.raises(MailServerUnreachable):
        deliver.fn()

    assert states() == {MailState.SENT: 2, MailState.WAITING: 3}
    assert deliver.fn() == {"sent": 2}  # the third was begun, and waits a minute
    clock.set_simulated(START + timedelta(minutes=1))
    assert deliver.fn() == {"sent": 1}
    assert set(ids(script.messages).values()) == {1}


@pytest.mark.parametrize("ahead", [0.0, 1000.0])
def test_what_was_offered_ahead_and_not_begun_is_taken_back(
    post: Post, script: Script, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    monkeypatch.setattr(lines, "_AHEAD", ahead)  # at once as many as have gone so far
    monkeypatch.setenv("BANKABLE_MAIL_CONNECTIONS", "1")
    settings.cache_clear()
    enter_many(post, 20)
    script.answers["RCPT"] = [*["250 OK"] * 9, HANG_UP]
    script.answers[""] = ["220 script", "421 closing"]

    with pytest.raises(MailServerUnreachable):
        deliver.fn()

    assert states() == {MailState.SENT: 9, MailState.WAITING: 11}
    with begin(read_only=True) as session:
        waiting = session.exec(select(Mail.leased_by, Mail.leased_until).where(Mail.state == MailState.WAITING)).all()
    assert waiting == [(None, None)] * 11
    clock.set_simulated(START + timedelta(minutes=1))
    assert deliver.fn() == {"sent": 11}
    assert (len(script.messages), set(ids(script.messages).values())) == (20, {1})


def test_to_a_quick_server_many_are_offered_at_once(
    post: Post, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_AHEAD", 1000.0)
    monkeypatch.setenv("BANKABLE_MAIL_CONNECTIONS", "1")
    settings.cache_clear()
    enter_many(post, 60)

    with counted() as statements:
        assert deliver.fn() == {"sent": 60}

    changed = [one for one in statements if one.startswith("UPDATE mail SET state")]
    assert len(changed) < 60  # one by one they were 120


def test_recipients_are_told_apart(post: Post, script: Script) -> None:
    refused, later, taken = enter(post, "a", "b", "c")
    script.answers["RCPT"] = ["550 no such mailbox", "450 greylisted"]

    assert deliver.fn() == {"refused": 1, "later": 1, "sent": 1}

    with begin(read_only=True) as session:
        rows = {row.state: row for row in session.exec(select(Mail))}
    assert {row.id for row in rows.values()} == {refused, later, taken}
    assert (rows[MailState.FAILED].last_error, rows[MailState.FAILED].why) == ("550 no such mailbox", "refused")
    waiting = rows[MailState.WAITING]
    assert (waiting.last_error, waiting.tries_failed, waiting.not_before) == (
        "450 greylisted",
        1,
        START + timedelta(minutes=1),
    )


def test_what_was_put_off_goes_out_once_under_the_same_id(post: Post, script: Script) -> None:
    (key,) = enter(post)
    script.answers["RCPT"] = ["450 greylisted"]
    script.answers[DOT] = ["451 not now"]
    for minutes in (0, 1, 6):
        clock.set_simulated(START + timedelta(minutes=minutes))
        deliver.fn()

    assert (stored(key).state, stored(key).tries_failed) == (MailState.SENT, 2)
    assert ids(script.messages) == {stored(key).message_id: 1}


def test_an_answer_that_got_lost_leaves_the_mail_uncertain_and_it_is_not_sent_again(post: Post, script: Script) -> None:
    (key,) = enter(post)
    script.answers[DOT] = [HANG_UP]

    assert (deliver.fn(), deliver.fn()) == ({"unclear": 1}, {})

    assert (stored(key).state, stored(key).why, len(script.messages)) == (MailState.UNCERTAIN, "answer_lost", 1)


def test_a_mail_that_cannot_be_written_is_no_fault_of_the_others(post: Post, inbox: Inbox) -> None:
    good = enter(post, "good")
    (wrong,) = post.enter("wrong", kind=MailKind.DECISION, values={"title": "x"})
    (unknown,) = enter(post, "unknown", attachment="event:none")
    with begin() as session:
        session.get_one(Person, post.manager_id).email = "two lines\n@example.org"
    (address,) = enter(post, "address", person_id=post.manager_id)

    with begin() as session:
        lost = person_by_email(session, email="lost@example.org", label="Lost")
        lost.time_zone = "Mars/Olympus"
    post.enter("zone", kind=MailKind.EVENT, values=EVENT, person_id=lost.id)

    assert deliver.fn() == {"sent": 1, "unwritten": 4}

    assert [stored(key).why for key in (*good, wrong, unknown, address)] == ["", *["unwritten"] * 3]
    assert "panel: is missing (give it)" in stored(wrong).last_error
    assert len(inbox.messages) == 1


@pytest.mark.parametrize("by", ["withdrawal", "opting out"])
def test_a_mail_withdrawn_at_the_last_moment_is_not_sent(post: Post, script: Script, by: str) -> None:
    (key,) = enter(post, "k", optional=True)

    def withdraw(step: str) -> None:
        if step == "RCPT":
            with begin() as session:
                if by == "withdrawal":
                    withdraw_mails(session, ["k"], why="done")
                else:
                    opt_out(session, post.reader_id, "decision")

    script.before = withdraw

    assert deliver.fn() == {"passed over": 1}
    assert (stored(key).state, script.messages) == (MailState.WITHDRAWN, [])


@pytest.mark.parametrize("written", [True, False])
def test_in_the_folder_it_is_known_what_became_of_a_mail(post: Post, installation: Path, written: bool) -> None:
    (key,) = enter(post)
    (mail,) = post.lease()
    post.offer(mail, via="folder")
    post.end_lease(key)
    if written:
        (installation / "mail").mkdir()
        (installation / "mail" / f"{mail.message_id}.eml").write_text("Subject: written before the crash\n\n")

    assert deliver.fn() == ({} if written else {"sent": 1})

    assert (stored(key).state, stored(key).resolved_by) == (MailState.SENT, "folder")
    assert len(list((installation / "mail").iterdir())) == 1


def test_managers_are_told_once_of_what_did_not_arrive_in_their_language(post: Post, script: Script) -> None:
    with begin() as session:
        session.get_one(Person, post.manager_id).language = "de"
    enter(post, "a", "b")
    script.answers["RCPT"] = ["550 no such mailbox"] * 2
    deliver.fn()

    assert (escalate.fn(), escalate.fn()) == ({"told": 1}, {"told": 0})

    deliver.fn()
    (message,) = script.messages
    assert message["To"] == "manager@example.org"
    text = message.get_body(("plain",))
    assert text is not None
    assert "550 no such mailbox" in text.get_content()
    with begin(read_only=True) as session:
        told = session.exec(select(Mail).where(col(Mail.kind) == MailKind.UNDELIVERED)).one()
    assert (told.values["whom"], told.values["reason"], told.values["others"]) == ("Reader", "550 no such mailbox", 1)


def test_a_mail_that_has_no_text_is_told_by_its_kind(post: Post, inbox: Inbox) -> None:
    post.enter("wrong", kind=MailKind.DECISION, values={"title": "x"})
    deliver.fn()

    assert (escalate.fn(), deliver.fn()) == ({"told": 1}, {"sent": 1})

    assert [message["Subject"] for message in inbox.messages] == ["Not delivered: decision"]


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_flow_run_says_what_it_did(post: Post, inbox: Inbox) -> None:
    enter(post)

    run = run_here(flow_named("deliver"), {})

    assert run.result == {"sent": 1}
    shown = flow_run_in_prefect(run.id)
    assert (shown.name, shown.tags, shown.state_name) == ("deliver/2026-03-02", ["mail"], "Completed")


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_delivery_that_fails_says_why(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(post)
    use_server(monkeypatch, free_port())

    with pytest.raises(FlowFailed, match="Connection refused") as raised:
        run_here(flow_named("deliver"), {})

    assert flow_run_in_prefect(raised.value.run_id).state_name == "Failed"


@pytest.mark.parametrize(("offered", "result"), [(True, "sent"), (False, "refused")])
def test_letters_before_the_at_go_where_the_server_takes_them(
    post: Post, monkeypatch: pytest.MonkeyPatch, offered: bool, result: str
) -> None:
    with begin() as session:
        session.get_one(Person, post.reader_id).email = "groß@mill.example"
        session.get_one(Person, post.manager_id).language = "en"
    (key,) = enter(post)
    other = enter(post, "m", person_id=post.manager_id)[0]
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=offered)
    controller.start()
    try:
        use_server(monkeypatch, controller.port)
        told = Counter(deliver.fn())
        escalate.fn()
        deliver.fn()
    finally:
        controller.stop()

    assert told == Counter([result, "sent"])
    assert stored(other).state is MailState.SENT
    to = [message["To"] for message in handler.messages]
    if offered:
        assert (stored(key).state, sorted(to)) == (MailState.SENT, ["groß@mill.example", "manager@example.org"])
    else:
        assert (stored(key).state, to) == (MailState.FAILED, ["manager@example.org"] * 2)
        assert "letters outside ASCII before the @" in stored(key).last_error
        report = handler.messages[1].get_body(("plain",))
        assert report is not None
        assert "give the person another address" in " ".join(report.get_content().split())
