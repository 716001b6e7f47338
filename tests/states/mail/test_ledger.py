"""A mail is entered once for ever, under an id that its key alone makes, and withdrawn while it waits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from states import clock
from states.mail.ledger import message_id, withdraw_mails
from states.mail.preferences import opt_out
from states.mail.sending import Result
from states.mail.tables import Mail, MailKind, MailState
from states.settings import settings
from states.storage import begin
from tests.states.mail.conftest import START, VALUES, Post, stored


def test_a_mail_waits_from_now_on(post: Post) -> None:
    with clock.at(START):
        (key,) = post.enter("seat-1", attachment="event:7")

    row = stored(key)
    assert (row.state, row.created_at, row.not_before, row.values) == (MailState.WAITING, START, START, VALUES)
    assert (row.topic, row.optional, row.attachment, row.message_id) == (
        "invitation",
        False,
        "event:7",
        message_id("seat-1"),
    )


def test_a_key_is_entered_once_for_ever(post: Post) -> None:
    with clock.at(START):
        (key,) = post.enter("seat-1")
        assert post.hand_over(Result.SENT) == key

    assert (post.enter("seat-1"), stored(key).state) == ([], MailState.SENT)


def test_of_two_who_enter_one_key_at_once_one_does(post: Post) -> None:
    start = Barrier(2)

    def enter(_: int) -> list[str]:
        start.wait()
        return post.enter("seat-1")

    with ThreadPoolExecutor(2) as threads:
        entered = list(threads.map(enter, range(2)))

    assert sorted(map(len, entered)) == [0, 1]


def test_a_person_that_is_none_is_an_error_and_no_repetition(post: Post) -> None:
    with pytest.raises(IntegrityError):
        post.enter("seat-1", person_id="nobody")


@pytest.mark.parametrize(
    ("sender", "domain"),
    [("Bankable <post@mail.example.org>", "mail.example.org"), ("post@example.org", "example.org"), ("x", "localhost")],
)
def test_the_message_id_depends_on_the_key_and_the_senders_domain(
    sender: str, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANKABLE_MAIL_FROM", sender)
    settings.cache_clear()
    first, again, other = message_id("a"), message_id("a"), message_id("b")
    settings.cache_clear()

    assert (first, first.partition("@")[2], first == other) == (again, domain, False)


def test_only_what_waits_is_withdrawn(post: Post) -> None:
    with clock.at(START):
        (sent,) = post.enter("sent")
        post.hand_over(Result.SENT)
        (waits,) = post.enter("waits", not_before=START + timedelta(days=1))
        with begin() as session:
            withdrawn = withdraw_mails(session, ["sent", "waits", "unknown"], why="done")

    assert withdrawn == {"waits"}
    assert [(stored(key).state, stored(key).why) for key in (sent, waits)] == [
        (MailState.SENT, ""),
        (MailState.WITHDRAWN, "done"),
    ]


def test_a_withdrawn_row_in_the_session_says_so(post: Post) -> None:
    with begin() as session:
        row = post.put(session)
        assert row is not None
        withdraw_mails(session, ["k"], why="moved")

        assert (row.state, row.why) == (MailState.WITHDRAWN, "moved")


def test_what_was_opted_out_of_is_held_back_and_the_rest_is_not(post: Post) -> None:
    with begin() as session:
        opt_out(session, post.reader_id, "reminder.evaluation")
        post.put(session, "evaluation", kind=MailKind.REMINDER, optional=True, topic="evaluation")
        post.put(session, "law", kind=MailKind.REMINDER, optional=False, topic="evaluation")
        post.put(session, "report", kind=MailKind.REMINDER, optional=True, topic="report")
        post.put(session, "other", kind=MailKind.REMINDER, optional=True, topic="evaluation", person_id=post.manager_id)

        rows = {row.key: (row.state.value, row.why) for row in session.exec(select(Mail))}

    assert rows == {
        "evaluation": ("withdrawn", "opted_out"),
        "law": ("waiting", ""),
        "report": ("waiting", ""),
        "other": ("waiting", ""),
    }
