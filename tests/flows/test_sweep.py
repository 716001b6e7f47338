"""A sweep keeps what it could do: the transaction that fails takes nothing from those before, after and beside it."""

from collections.abc import Sequence

import pytest
from sqlmodel import Session, col, select

from flows.sweep import ids, sweep
from states.partners.tables import Region
from states.storage import begin
from tests.factories import a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
NAMES = "abcde"


@pytest.fixture
def partnership_id(installation: object) -> str:
    with begin() as session:
        return a_world(session).partnership.id


def kept() -> str:
    """Return which regions of the sweep are there, in a transaction of its own."""
    with begin(read_only=True) as session:
        found = session.exec(select(Region.slug).where(col(Region.slug).in_(list(NAMES))).order_by(col(Region.slug)))
        return "".join(found)


@pytest.mark.parametrize(
    ("wrong", "at_once", "transactions"),
    [
        ("", 2, ["ab", "cd", "e"]),
        ("c", 2, ["ab", "cd", "c", "d", "e"]),
        ("c", 1, ["a", "b", "c", "d", "e"]),
        (NAMES, 5, ["abcde", "a", "b", "c", "d", "e"]),
    ],
)
def test_what_fails_concerns_itself_alone(
    partnership_id: str, wrong: str, at_once: int, transactions: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def do(session: Session, keys: Sequence[str]) -> str:
        tried.append("".join(keys))
        for key in keys:
            session.add(Region(partnership_id=partnership_id, slug=key, name=key, country="PL", codes=["PL22"]))
        session.flush()
        if set(wrong) & set(keys):
            raise ArithmeticError(f"for a test: {keys}")
        return "".join(keys)

    done = sweep(lambda _: list(NAMES), do, at_once=at_once)

    right = "".join(name for name in NAMES if name not in wrong)
    assert ("".join(done), kept(), tried) == (right, right, transactions)
    assert ("for a test" in caplog.text) is bool(wrong)


def test_one_that_was_done_does_not_wait_for_the_others(partnership_id: str) -> None:
    seen = []

    def do(session: Session, keys: Sequence[str]) -> None:
        seen.append(kept())
        session.add(Region(partnership_id=partnership_id, slug=keys[0], name="R", country="PL", codes=["PL22"]))

    sweep(lambda _: list(NAMES), do, at_once=1)

    assert seen == ["", "a", "ab", "abc", "abcd"]


def test_where_nothing_is_due_nothing_is_done(installation: object) -> None:
    with begin() as session:
        rows = [a_world(session).partnership]

    assert ids(rows) == [rows[0].id]
    assert sweep(lambda _: list[str](), lambda _, keys: keys) == []
