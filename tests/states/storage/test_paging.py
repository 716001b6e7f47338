"""Pages of a query after a key: all rows once, whatever is written in between, and no cursor that is not ours."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from states.partners.tables import Organisation, OrganisationKind
from states.places.nuts import unit
from states.storage.paging import CursorInvalid, Key, cut_part, read_cursor, read_part, write_cursor

ORDERS = (
    (col(Organisation.name), col(Organisation.slug)),
    (col(Organisation.name).desc(), col(Organisation.slug)),
    (col(Organisation.name), col(Organisation.slug).desc()),
)


def add(session: Session, slug: str, name: str) -> Organisation:
    row = Organisation(slug=slug, name=name, kind=OrganisationKind.SME, country="PL", nuts=unit("PL229").code)
    session.add(row)
    session.flush()
    return row


def walk(session: Session, order: tuple[object, ...], limit: int) -> list[str]:
    slugs: list[str] = []
    after: Key | None = None
    while True:
        part = read_part(session, select(Organisation), order, limit=limit, after=after)  # type: ignore[arg-type]
        slugs += [row.slug for row in part.items]
        if part.last is None:
            assert part.total == len(slugs)
            return slugs
        after = read_cursor(write_cursor(part.last, of="list"), of="list")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 2, 7, 50])
def test_pages_hold_what_the_whole_list_holds(session: Session, order: tuple[object, ...], limit: int) -> None:
    for number in range(7):
        add(session, f"one-{number}", name=f"Name {number % 3}")

    whole = session.exec(select(Organisation.slug).order_by(*order)).all()  # type: ignore[arg-type]
    assert walk(session, order, limit) == list(whole)


def test_what_is_written_between_two_pages_repeats_and_skips_nothing(session: Session) -> None:
    rows = {name: add(session, name, name) for name in ("b", "d", "f", "h")}
    order = ORDERS[0]
    first = read_part(session, select(Organisation), order, limit=2)
    add(session, "a", "a")  # before the place where we are: an offset would repeat "d"
    add(session, "e", "e")  # after it
    session.delete(rows["b"])  # an offset would skip a row
    session.delete(rows["d"])  # the very row after which we go on
    session.flush()

    second = read_part(session, select(Organisation), order, limit=10, after=first.last)

    assert [row.slug for row in first.items] == ["b", "d"]
    assert [row.slug for row in second.items] == ["e", "f", "h"]
    assert second.last is None


def test_a_computed_list_goes_on_after_an_entry_or_says_that_it_changed() -> None:
    entries = ["x", "y", "z"]
    first = cut_part(entries, [("x",), ("y",), ("z",)], limit=2)

    assert (first.items, first.total, first.last) == (["x", "y"], 3, ("y",))
    assert cut_part(entries, [("x",), ("y",), ("z",)], limit=2, after=first.last).items == ["z"]
    with pytest.raises(CursorInvalid, match="the list has changed"):
        cut_part(["x", "z"], [("x",), ("z",)], limit=2, after=first.last)


keys = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.integers(-(2**53), 2**53),
        st.datetimes(timezones=st.just(UTC)),
        st.dates(),
        st.decimals(allow_nan=False, allow_infinity=False, places=2),
    ),
    max_size=4,
).map(tuple)


@given(key=keys)
def test_a_cursor_brings_its_key_back(key: Key) -> None:
    assert read_cursor(write_cursor(key, of="list"), of="list") == key


@given(cursor=st.text(max_size=60))
def test_any_other_text_is_no_place_in_a_list(cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        read_cursor(cursor, of="list")


@pytest.mark.parametrize("value", ["text", 7, datetime(2026, 5, 4, tzinfo=UTC), date(2026, 5, 4), Decimal("1.50")])
def test_a_place_in_one_list_is_none_in_another(value: object) -> None:
    with pytest.raises(CursorInvalid, match="another list"):
        read_cursor(write_cursor((value,), of="one"), of="another")
