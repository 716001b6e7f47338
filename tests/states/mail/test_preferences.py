"""What a person wishes is kept by version, and what waits against it is withdrawn."""

from dataclasses import replace
from datetime import UTC, time

import pytest

from documents.mails.languages import LOCALES
from states.errors import Stale
from states.mail.preferences import (
    LANGUAGES,
    MailWishes,
    MailWishesInvalid,
    change_preference,
    is_opted_out,
    opt_out,
    preference_of,
)
from states.mail.sending import Result
from states.mail.tables import MailKind, MailPreference, MailState
from states.partners.tables import Person
from states.storage import begin
from tests.states.mail.conftest import Post, stored

WISHES = MailWishes(
    quiet_from=time(21),
    quiet_until=time(6, 30),
    digest=True,
    digest_at=8,
    opted_out=("reminder.report", "digest"),
    language="pl",
    time_zone="Europe/Warsaw",
)


def change(post: Post, wishes: MailWishes, *, expected: int) -> MailPreference:
    with begin() as session:
        return change_preference(session, post.reader_id, wishes, expected=expected)


def current(post: Post) -> MailPreference:
    with begin(read_only=True) as session:
        return preference_of(session, post.reader_id)


def test_whoever_has_chosen_nothing_has_the_defaults(post: Post) -> None:
    found = current(post)

    assert (found.quiet_from, found.quiet_until, found.digest, found.digest_at, found.opted_out, found.version) == (
        time(19),
        time(7),
        False,
        7,
        [],
        0,
    )


def test_wishes_are_kept_and_counted(post: Post) -> None:
    change(post, WISHES, expected=0)
    change(post, replace(WISHES, digest_at=9), expected=1)

    found = current(post)
    assert (found.quiet_from, found.quiet_until, found.digest, found.digest_at, found.opted_out, found.version) == (
        time(21),
        time(6, 30),
        True,
        9,
        ["digest", "reminder.report"],
        2,
    )
    with begin(read_only=True) as session:
        person = session.get_one(Person, post.reader_id)
    assert (person.language, person.time_zone) == ("pl", "Europe/Warsaw")


@pytest.mark.parametrize("expected", [1, 3])
def test_a_version_that_nobody_read_is_stale(post: Post, expected: int) -> None:
    with pytest.raises(Stale):
        change(post, WISHES, expected=expected)
    change(post, WISHES, expected=0)
    change(post, WISHES, expected=1)

    with pytest.raises(Stale):
        change(post, WISHES, expected=expected)


def test_every_fault_is_said_at_once_and_nothing_is_kept(post: Post) -> None:
    wrong = replace(
        WISHES,
        language="xx",
        time_zone="Mars/Olympus",
        opted_out=("spam",),
        quiet_until=time(7, tzinfo=UTC),
        digest_at=24,
    )

    with pytest.raises(MailWishesInvalid) as raised:
        change(post, wrong, expected=0)

    places = [fault.place for fault in raised.value.faults]
    assert places == ["language", "time_zone", "opted_out", "quiet_until", "digest_at"]
    assert current(post).version == 0


def test_the_languages_are_those_that_mails_are_written_in() -> None:
    assert set(LANGUAGES) == set(LOCALES)


@pytest.mark.parametrize(
    ("opted_out", "topic", "expected"),
    [
        (["reminder"], "reminder.report", True),
        (["reminder.report"], "reminder.report", True),
        (["reminder.report"], "reminder.evaluation", False),
        (["reminder.report"], "reminder", False),
        ([], "reminder", False),
    ],
)
def test_a_kind_covers_the_topics_below_it(opted_out: list[str], topic: str, expected: bool) -> None:
    assert is_opted_out(MailPreference(person_id="p", opted_out=opted_out), topic) is expected


def test_opting_out_withdraws_what_waits_of_the_topic_and_nothing_else(post: Post) -> None:
    options = {"kind": MailKind.REMINDER, "optional": True}
    post.enter("sent", **options, topic="report")
    sent = post.hand_over(Result.SENT)
    (report,) = post.enter("report", **options, topic="report")
    (law,) = post.enter("law", kind=MailKind.REMINDER, topic="report")
    (other,) = post.enter("other", **options, topic="evaluation")
    (another,) = post.enter("another", **options, topic="report", person_id=post.manager_id)

    for _ in range(2):
        with begin() as session:
            opt_out(session, post.reader_id, "reminder.report")

    assert (stored(report).state, stored(report).why) == (MailState.WITHDRAWN, "opted_out")
    assert [stored(key).state.value for key in (sent, law, other, another)] == ["sent", "waiting", "waiting", "waiting"]
    assert (current(post).opted_out, current(post).version) == (["reminder.report"], 1)


def test_opting_out_of_a_kind_withdraws_all_of_it(post: Post) -> None:
    (report,) = post.enter("report", kind=MailKind.REMINDER, optional=True, topic="report")

    change(post, replace(WISHES, opted_out=("reminder",)), expected=0)

    assert stored(report).state is MailState.WITHDRAWN
