"""Leases and offers are exact on both engines; a try that failed comes later, and not for ever."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from states import clock
from states.mail.ledger import withdraw_mails
from states.mail.resolving import resolve
from states.mail.sending import PAUSES, Result, deliverable, give_back, keep_quiet_hours, mark_unclear
from states.mail.tables import MailState
from states.storage import begin
from tests.states.mail.conftest import START, Post, stored


def is_deliverable() -> bool:
    with begin(read_only=True) as session:
        return deliverable(session)


def mark() -> None:
    with begin() as session:
        mark_unclear(session)


def keep_quiet() -> None:
    with begin() as session:
        keep_quiet_hours(session)


def test_what_is_due_is_leased_in_its_order_with_what_it_is_written_from(post: Post) -> None:
    with clock.at(START):
        post.enter("third", "fourth", not_before=START)
        (first,) = post.enter("first", not_before=START - timedelta(hours=2))
        post.enter("tomorrow", not_before=START + timedelta(hours=1))

        leased = post.lease(limit=2)

    assert (len(leased), leased[0].id) == (2, first)
    assert (leased[0].recipient, leased[0].email, leased[0].language, leased[0].time_zone) == (
        "Reader",
        "reader@example.org",
        "en",
        "Europe/Brussels",
    )


def test_a_lease_holds_until_it_is_given_back_or_ends(post: Post) -> None:
    (key,) = post.enter()
    assert is_deliverable()
    assert [mail.id for mail in post.lease("one")] == [key]
    assert (is_deliverable(), post.lease("two")) == (False, [])

    with begin() as session:
        give_back(session, runner="two")
    assert not is_deliverable()
    with begin() as session:
        give_back(session, runner="one")
    assert [mail.id for mail in post.lease("two")] == [key]

    post.end_lease(key)
    assert [mail.id for mail in post.lease("three")] == [key]


def test_what_was_offered_and_not_begun_is_given_back_unless_it_was_withdrawn_meanwhile(post: Post) -> None:
    kept, gone, sent = post.enter("kept", "gone", "sent")
    leased = post.lease("one")
    assert all(post.offer(mail, "one") for mail in leased)
    with begin() as session:
        withdraw_mails(session, ["gone"], why="done")
    [of_sent] = [mail for mail in leased if mail.id == sent]
    post.settle(of_sent, Result.SENT, runner="one")

    for runner in ("two", "one"):
        with begin() as session:
            give_back(session, runner=runner, unbegun=[kept, gone, sent])
        assert (stored(kept).state is MailState.WAITING) is (runner == "one")

    assert [stored(key).state for key in (kept, gone, sent)] == [
        MailState.WAITING,
        MailState.WITHDRAWN,
        MailState.SENT,
    ]
    assert (stored(gone).why, stored(kept).tries_failed) == ("done", 0)
    assert [mail.id for mail in post.lease("two")] == [kept]


def test_many_runners_offer_each_mail_once(post: Post) -> None:
    with begin() as session:
        for number in range(60):
            post.put(session, str(number))
    start = Barrier(3)
    offered: Counter[str] = Counter()

    def run(runner: str) -> None:
        start.wait()
        while batch := post.lease(runner, limit=7):
            for mail in batch:
                offered[mail.id] += post.offer(mail, runner)
                assert post.settle(mail, Result.SENT, runner=runner)

    with ThreadPoolExecutor(3) as threads:
        for one in [threads.submit(run, name) for name in ("one", "two", "three")]:
            one.result()

    while batch := post.lease("last"):  # on PostgreSQL two who lease at once may leave some of it
        for mail in batch:
            offered[mail.id] += post.offer(mail, "last")
    assert (len(offered), set(offered.values())) == (60, {1})


def test_of_a_withdrawal_and_an_offer_at_once_one_wins(post: Post) -> None:
    with begin() as session:
        for number in range(20):
            post.put(session, str(number))
    leased = post.lease()
    start = Barrier(2)

    def withdraw() -> set[str]:
        start.wait()
        found: set[str] = set()
        for number in range(20):
            with begin() as session:
                found |= withdraw_mails(session, [str(number)], why="done")
        return found

    def offer_all() -> set[str]:
        start.wait()
        return {mail.id for mail in reversed(leased) if post.offer(mail)}

    with ThreadPoolExecutor(2) as threads:
        gone, out = threads.submit(withdraw), threads.submit(offer_all)

    states = Counter(stored(mail.id).state for mail in leased)
    assert states == Counter({MailState.WITHDRAWN: len(gone.result()), MailState.OFFERED: len(out.result())})
    assert len(gone.result()) + len(out.result()) == 20


@pytest.mark.parametrize("lost", ["ended", "taken"])
def test_whoever_lost_the_lease_does_not_offer(post: Post, lost: str) -> None:
    post.enter()
    (mail,) = post.lease("one")
    post.end_lease(mail.id)
    if lost == "taken":
        assert post.lease("two")

    assert (post.offer(mail, "one"), stored(mail.id).state) == (False, MailState.WAITING)


def test_what_was_sent_says_when(post: Post) -> None:
    with clock.at(START):
        key = post.enter()[0]
        post.hand_over(Result.SENT)

    row = stored(key)
    assert (row.state, row.sent_at, row.via, row.leased_until) == (MailState.SENT, START, "smtp", None)


@pytest.mark.parametrize(
    ("result", "state", "why"),
    [
        (Result.REFUSED, MailState.FAILED, "refused"),
        (Result.UNWRITTEN, MailState.FAILED, "unwritten"),
        (Result.UNCLEAR, MailState.UNCERTAIN, "answer_lost"),
    ],
)
def test_what_did_not_go_well_keeps_the_reason(post: Post, result: Result, state: MailState, why: str) -> None:
    key = post.enter()[0]
    post.hand_over(result, "550 no such mailbox")

    row = stored(key)
    assert (row.state, row.why, row.last_error, row.sent_at) == (state, why, "550 no such mailbox", None)
    assert not is_deliverable()


def test_what_is_put_off_comes_again_later_each_time_and_fails_after_two_days(post: Post) -> None:
    at = START
    with clock.at(at):
        key = post.enter()[0]
    for pause in PAUSES:
        with clock.at(at):
            post.hand_over(Result.LATER, "451 later")
            assert not is_deliverable()
        at += timedelta(minutes=pause)
        with clock.at(at - timedelta(seconds=1)):
            assert not is_deliverable()

    assert stored(key).state is MailState.WAITING
    with clock.at(at):
        post.hand_over(Result.LATER, "451 later")

    row = stored(key)
    assert (row.state, row.why, row.last_error) == (MailState.FAILED, "tries_used_up", "451 later")
    assert timedelta(hours=40) < at - START < timedelta(hours=50)


def test_no_try_disturbs_its_reader_at_a_quiet_hour_or_on_a_free_day(post: Post) -> None:
    friday_night = datetime(2026, 3, 6, 22, tzinfo=UTC)
    with clock.at(friday_night):
        (reminder,) = post.enter("reminder", site="BE32")
        (urgent,) = post.enter("urgent")
        keep_quiet()
        assert [mail.id for mail in post.lease()] == [urgent]

    monday_at_seven = datetime(2026, 3, 9, 6, tzinfo=UTC)
    assert (stored(reminder).not_before, stored(urgent).not_before) == (monday_at_seven, friday_night)
    with clock.at(monday_at_seven):
        keep_quiet()
        assert [mail.id for mail in post.lease()] == [reminder]


def test_what_somebody_sends_again_goes_out_at_any_hour(post: Post) -> None:
    with clock.at(START):
        post.enter(site="BE32")
        key = post.hand_over(Result.REFUSED, "550 no such mailbox")
    with clock.at(START + timedelta(hours=13)):
        with begin() as session:
            resolve(session, key, delivered=False, by=post.manager_id)
        keep_quiet()
        assert [mail.id for mail in post.lease()] == [key]


def test_an_offer_whose_lease_ended_is_uncertain_and_never_leased_again(post: Post) -> None:
    key = post.enter()[0]
    (mail,) = post.lease()
    post.offer(mail)
    mark()
    assert stored(key).state is MailState.OFFERED
    post.end_lease(key)

    mark()

    assert (stored(key).state, stored(key).why, is_deliverable()) == (MailState.UNCERTAIN, "runner_lost", False)


def test_a_lease_that_ended_before_the_offer_leaves_the_mail_waiting(post: Post) -> None:
    key = post.enter()[0]
    post.lease()
    post.end_lease(key)

    mark()

    assert (stored(key).state, is_deliverable()) == (MailState.WAITING, True)


def test_a_slow_runner_still_knows_best_what_became_of_its_mail(post: Post) -> None:
    key = post.enter()[0]
    (mail,) = post.lease()
    post.offer(mail)
    post.end_lease(key)
    mark()

    assert (post.settle(mail, Result.SENT), stored(key).state) == (True, MailState.SENT)


def test_a_runner_settles_nothing_that_is_another_s_or_withdrawn(post: Post) -> None:
    key = post.enter()[0]
    (mail,) = post.lease("one")
    assert not post.settle(mail, Result.SENT, runner="two")
    with begin() as session:
        withdraw_mails(session, ["k"], why="done")

    assert (post.settle(mail, Result.REFUSED, runner="one"), stored(key).state) == (False, MailState.WITHDRAWN)
