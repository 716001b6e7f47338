"""Rows written as columns are what rows written one by one are, on both engines."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlmodel import select

from states.mail.tables import Mail, MailKind, MailState
from states.storage import begin, insert_columns, new_id, table_of
from tests.states.mail.conftest import Post, a_post

AT = datetime(2026, 3, 2, 9, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=2)))
MAIL = table_of(Mail)
WORDS = ["plain", "Śląskie % 'and' \"more\" {}, NULL", "two\nlines\t\\"]


@pytest.fixture
def post(installation: Path) -> Post:
    return a_post()


def columns(post: Post, keys: list[str]) -> tuple[dict[str, list[object]], dict[str, object]]:
    each: dict[str, list[object]] = {
        "id": [new_id() for _ in keys],
        "key": [*keys],
        "message_id": [f"{key}@example.org" for key in keys],
        "values": [{"title": word, "lines": [1, None, {"a": True}]} for word in keys],
        "site": [None if number else "FRL04" for number in range(len(keys))],
        "optional": [number % 2 == 0 for number in range(len(keys))],
        "tries_failed": list(range(len(keys))),
    }
    same: dict[str, object] = {
        **dict.fromkeys(("topic", "attachment", "why", "unwanted", "via", "last_error", "resolved_by"), ""),
        **dict.fromkeys(("leased_by", "leased_until", "sent_at", "told_at")),
        "kind": MailKind.REMINDER,
        "partnership_id": post.partnership_id,
        "person_id": post.reader_id,
        "created_at": AT,
        "not_before": AT,
        "state": MailState.WAITING,
    }
    return each, same


def test_every_type_reads_back_as_it_was_written(post: Post) -> None:
    each, same = columns(post, WORDS)

    with begin() as session:
        assert insert_columns(session, MAIL, each=each, same=same) == 3

    with begin(read_only=True) as session:
        rows = session.exec(select(Mail).order_by(Mail.tries_failed)).all()  # type: ignore[arg-type]
    for name, values in each.items():
        assert [getattr(row, name) for row in rows] == values
    for name, value in same.items():
        assert [getattr(row, name) for row in rows] == [value] * 3
    assert rows[0].not_before.tzinfo is UTC


def test_what_is_there_is_left_out(post: Post) -> None:
    with begin() as session:
        each, same = columns(post, ["a", "b"])
        insert_columns(session, MAIL, each=each, same=same, unless="key")
        again, _ = columns(post, ["b", "c"])
        again["message_id"] = ["other@example.org", "c@example.org"]
        assert insert_columns(session, MAIL, each=again, same=same, unless="key") == 1

    with begin(read_only=True) as session:
        assert sorted(session.exec(select(Mail.key, Mail.message_id)).all()) == [
            ("a", "a@example.org"),
            ("b", "b@example.org"),
            ("c", "c@example.org"),
        ]


def test_nothing_is_nothing(post: Post) -> None:
    each, same = columns(post, [])

    with begin() as session:
        assert insert_columns(session, MAIL, each=each, same=same) == 0


def test_a_column_that_is_left_out_is_an_error(post: Post) -> None:
    with begin() as session, pytest.raises(ValueError, match="of mail left out, or unknown"):
        insert_columns(session, MAIL, each={"id": [new_id()]}, same={"key": post.reader_id})
