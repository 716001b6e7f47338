"""Feeds: a secret seen once, kept as a digest; listed, noted when read, and revoked for good."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from states.calendars.feeds import (
    feed_address,
    feed_of,
    feeds_of,
    is_to_note,
    make_feed,
    note_reading,
    open_feed,
    revoke_feed,
)
from states.clock import machine_now
from states.credentials.tokens import digest
from states.errors import Missing
from tests.factories import World, a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def test_a_feed_opens_by_its_secret_of_which_a_digest_is_kept(world: World) -> None:
    row, secret = make_feed(world.session, world.partnership.id, label=" laptop ")

    assert open_feed(world.session, secret) is row
    assert (row.digest, row.label, row.person_id) == (digest(secret), "laptop", None)
    assert secret not in repr(row)
    assert feed_address(secret) == f"http://127.0.0.1:8400/calendars/{secret}.ics"


def test_a_revoked_feed_is_as_unknown_as_one_that_never_was(world: World) -> None:
    row, secret = make_feed(world.session, world.partnership.id)
    revoke_feed(world.session, row)
    first = row.revoked_at
    revoke_feed(world.session, row)

    found = []
    for one in (secret, "never"):
        with pytest.raises(Missing) as caught:
            open_feed(world.session, one)
        found.append(caught.value.message.replace(one, "-"))
    assert found[0] == found[1]
    assert row.revoked_at == first


def test_each_sees_the_own_feeds(world: World) -> None:
    key, chair = world.partnership.id, world.people["iag_chair"].id
    whole, _ = make_feed(world.session, key)
    own, _ = make_feed(world.session, key, person_id=chair)
    gone, _ = make_feed(world.session, key, person_id=chair)
    make_feed(world.session, a_world(world.session, slug="energy").partnership.id)
    revoke_feed(world.session, gone)

    assert (feeds_of(world.session, key), feeds_of(world.session, key, person_id=chair)) == ([whole], [own])
    assert feed_of(world.session, own.id, key, person_id=chair) is own
    for sought in (whole.id, gone.id):
        with pytest.raises(Missing):
            feed_of(world.session, sought, key, person_id=chair)


def test_a_reading_is_noted_once_an_hour(world: World) -> None:
    row, _ = make_feed(world.session, world.partnership.id)
    asked = [is_to_note(row)]
    note_reading(world.session, row.id)
    asked.append(is_to_note(row))
    row.last_read_at = machine_now() - timedelta(hours=1)
    asked.append(is_to_note(row))

    assert asked == [True, False, True]
