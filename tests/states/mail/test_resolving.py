"""Mails of unknown fate: a server's log or a person says what became of them; nothing else does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from states import clock
from states.mail.resolving import LogOfOthers, Resolved, resolve, resolve_by_log
from states.mail.sending import Result
from states.mail.states import MAIL, MailNotOpen
from states.mail.tables import Mail, MailState
from states.storage import begin
from tests.states.mail.conftest import START, Post, stored


def by_log(text: str) -> Resolved:
    with begin() as session:
        return resolve_by_log(session, text)


def exim(row: Mail) -> str:
    return f"2026-03-02 09:00:01 1vwA <= bankable@example.org H=x P=esmtp S=99 id={row.message_id}\n"


def postfix(row: Mail, *, queued: bool) -> str:
    text = f"Mar  2 09:00:01 mx postfix/cleanup[77]: 4Bx: message-id=<{row.message_id}>\n"
    return text + ("Mar  2 09:00:01 mx postfix/qmgr[8]: 4Bx: from=<bankable@example.org>, size=99\n" if queued else "")


def test_what_was_delivered_is_sent_and_the_rest_goes_again_under_the_same_id(post: Post) -> None:
    with clock.at(START):
        arrived = post.enter("arrived")[0]
        post.hand_over(Result.UNCLEAR)
        lost = post.enter("lost")[0]
        post.hand_over(Result.UNCLEAR)
        before = stored(lost).message_id

        assert by_log(exim(stored(arrived))) == Resolved(delivered=1, again=1)

        (again,) = post.lease("two")
    assert (stored(arrived).state, stored(arrived).sent_at, stored(arrived).resolved_by) == (
        MailState.SENT,
        START,
        "log",
    )
    assert (again.id, again.message_id, stored(lost).why) == (lost, before, "sent_again")


@pytest.mark.parametrize("queued", [True, False])
def test_a_server_that_noted_the_id_but_not_the_mail_did_not_take_it(post: Post, queued: bool) -> None:
    key = post.enter()[0]
    post.hand_over(Result.UNCLEAR)

    sent = post.enter("sent")[0]
    post.hand_over(Result.SENT)

    resolved = by_log(postfix(stored(key), queued=queued) + exim(stored(sent)))

    assert resolved == Resolved(delivered=int(queued), again=int(not queued))


def test_a_log_that_knows_none_of_ours_proves_nothing(post: Post) -> None:
    key = post.enter()[0]
    post.hand_over(Result.UNCLEAR)

    with pytest.raises(LogOfOthers):
        by_log("Mar  2 09:00:01 mx postfix/cleanup[77]: 4Bx: message-id=<other@example.com>")

    assert stored(key).state is MailState.UNCERTAIN


def test_a_log_that_knows_a_mail_that_was_sent_covers_ours(post: Post) -> None:
    sent = post.enter("sent")[0]
    post.hand_over(Result.SENT)
    unclear = post.enter("unclear")[0]
    post.hand_over(Result.UNCLEAR)

    assert by_log(exim(stored(sent))) == Resolved(delivered=0, again=1)
    assert stored(unclear).state is MailState.WAITING


def test_with_nothing_uncertain_any_log_will_do(post: Post) -> None:
    assert by_log("") == Resolved(delivered=0, again=0)


def test_a_mail_written_to_the_folder_is_no_matter_for_a_log(post: Post) -> None:
    key = post.enter()[0]
    (mail,) = post.lease()
    post.offer(mail, via="folder")
    post.settle(mail, Result.UNCLEAR)

    assert (by_log(exim(stored(key))), stored(key).state) == (Resolved(0, 0), MailState.UNCERTAIN)


@pytest.mark.parametrize(
    ("result", "delivered", "state", "why"),
    [
        (Result.UNCLEAR, True, MailState.SENT, "found_delivered"),
        (Result.UNCLEAR, False, MailState.WAITING, "sent_again"),
        (Result.REFUSED, False, MailState.WAITING, "sent_again"),
    ],
)
def test_a_person_may_resolve_it(post: Post, result: Result, delivered: bool, state: MailState, why: str) -> None:
    key = post.enter()[0]
    post.hand_over(result, "550 no such mailbox")

    with begin() as session:
        resolve(session, key, delivered=delivered, by=post.manager_id)

    row = stored(key)
    assert (row.state, row.why, row.resolved_by, row.leased_by) == (state, why, post.manager_id, None)


def send(post: Post) -> None:
    post.hand_over(Result.SENT)


def fail(post: Post) -> None:
    post.hand_over(Result.REFUSED)


def wait(_: Post) -> None:
    pass


@pytest.mark.parametrize(
    ("before", "delivered"), [(send, True), (send, False), (wait, True), (wait, False), (fail, True)]
)
def test_what_is_known_is_not_resolved(post: Post, before: Callable[[Post], None], delivered: bool) -> None:
    key = post.enter()[0]
    before(post)
    was = stored(key).state

    with pytest.raises(MailNotOpen, match=f"The mail is {MAIL.states[was].lower()}:"), begin() as session:
        resolve(session, key, delivered=delivered, by="x")

    assert stored(key).state is was


def test_of_two_who_resolve_at_once_one_does(post: Post) -> None:
    (key,) = post.enter()
    post.hand_over(Result.UNCLEAR)
    start = Barrier(2)

    def again(_: int) -> int:
        start.wait()
        try:
            with begin() as session:
                resolve(session, key, delivered=False, by="x")
        except MailNotOpen:
            return 0
        return 1

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(again, range(2))) == 1


def test_a_mail_resolved_meanwhile_is_not_settled_by_its_old_runner(post: Post) -> None:
    key = post.enter()[0]
    (mail,) = post.lease()
    post.offer(mail)
    post.settle(mail, Result.UNCLEAR)
    with begin() as session:
        resolve(session, key, delivered=False, by="x")

    assert (post.settle(mail, Result.SENT), stored(key).state) == (False, MailState.WAITING)
