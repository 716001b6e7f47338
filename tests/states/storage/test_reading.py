"""Several reads in one statement: each row comes to its reading and key, typed as its table has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlmodel import Session

from states.outbox.tables import OutboxMessage
from states.partners.tables import Organisation, OrganisationKind, Region
from states.storage import Keys, Length, PlainSelect, Reading, Readings, columns_of, is_one_of
from tests.factories import World, a_world
from tests.statements import counted


def _regions(keys: Keys) -> PlainSelect:
    region = columns_of(Region)
    return select(region.partnership_id, region.slug, region.codes).where(region.partnership_id.in_(keys))


def _sizes(keys: Keys) -> PlainSelect:
    one = columns_of(Organisation)
    return select(one.id, one.kind, one.turnover, one.headcount, one.illustrative).where(one.id.in_(keys))


def _messages(keys: Keys) -> PlainSelect:
    one = columns_of(OutboxMessage)
    return select(one.partnership_id, one.name, one.payload, one.created_at).where(one.partnership_id.in_(keys))


def _tuple(*values: object) -> tuple[object, ...]:
    return values


REGIONS, SIZES, MESSAGES = Reading(_tuple, _regions), Reading(_tuple, _sizes), Reading(_tuple, _messages)
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@contextmanager
def _sent(session: Session) -> Iterator[list[str]]:
    session.flush()
    with counted() as statements:
        yield statements


def _world(session: Session) -> World:
    world = a_world(session)
    world.organisations["gliwice"].turnover = Decimal("1234.56")
    message = OutboxMessage(name="told", partnership_id=world.partnership.id, payload={"a": "b"}, created_at=AT)
    session.add(message)
    session.flush()
    return world


def test_tables_of_different_types_come_in_one_statement(session: Session) -> None:
    world = _world(session)
    key, organisation, read = world.partnership.id, world.organisations["gliwice"].id, Readings(session)

    with _sent(session) as statements:
        read.load({REGIONS: [key], SIZES: [organisation], MESSAGES: [key]})
        found = [read.of(REGIONS, key), read.of(SIZES, organisation), read.of(MESSAGES, key)]

    assert len(statements) == 1
    assert sorted(found[0]) == [("navarra", ["ES22"]), ("paca", ["FRL0"]), ("upper-silesia", ["PL22"])]
    assert found[1:] == [[(OrganisationKind.SME, Decimal("1234.56"), None, False)], [("told", {"a": "b"}, AT)]]


def test_each_key_has_its_own_and_nothing_is_read_twice(session: Session) -> None:
    first, second = _world(session), a_world(session, slug="energy")
    keys, read = [first.partnership.id, second.partnership.id, "nobody"], Readings(session)

    with _sent(session) as statements:
        read.load({REGIONS: keys, MESSAGES: keys[1:]})
        read.load({REGIONS: keys, MESSAGES: keys[1:]})
        counted = [(len(read.of(REGIONS, key))) for key in keys] + [len(read.of(MESSAGES, key)) for key in keys]

    assert counted == [3, 3, 0, 1, 0, 0]
    assert len(statements) == 2  # the messages of the first were not asked for at once


def test_nothing_is_sent_for_no_keys(session: Session) -> None:
    with _sent(session) as statements:
        Readings(session).load({REGIONS: [], MESSAGES: []})
        Readings(session).load({})

    assert statements == []


def test_what_the_session_holds_is_read(session: Session) -> None:
    world = a_world(session)
    world.regions["paca"].codes = ["FRL04"]

    found = Readings(session).of(REGIONS, world.partnership.id)

    assert ("paca", ["FRL04"]) in found


def test_thousands_of_keys_are_one_parameter(session: Session) -> None:
    world = a_world(session)
    region = columns_of(Region)
    slugs = set(session.execute(select(region.slug)).scalars())
    odd = ["'", '"', "ś\n", "NULL", "%s", ":a"]

    with counted() as statements:
        for keys in (odd, [*slugs, *odd, *map(str, range(5000))], []):
            found = session.execute(select(region.slug).where(is_one_of(region.slug, keys))).scalars().all()
            assert sorted(found) == sorted(slugs & set(keys))

    assert world.partnership.id
    assert len(set(statements)) == 1


def test_the_length_of_a_list_is_asked_of_either_engine(session: Session) -> None:
    a_world(session)
    session.flush()
    region = columns_of(Region)

    found = session.execute(select(region.codes, Length(region.codes))).all()

    assert found
    assert [many for _, many in found] == [len(codes) for codes, _ in found]
