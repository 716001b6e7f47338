"""The optimistic lock: whoever read an older version is told, and changes nothing."""

import pytest
from sqlalchemy import text
from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.errors import Stale
from states.storage import begin, bump_version
from tests.expect import race
from tests.factories import a_collaboration, a_world


def test_a_claim_counts_the_version(session: Session) -> None:
    row = a_collaboration(a_world(session))
    before = row.version
    bump_version(session, row)
    bump_version(session, row, expected=before + 1)
    session.expire_all()
    assert row.version == before + 2


def test_a_claim_of_an_older_version_says_both(session: Session) -> None:
    row = a_collaboration(a_world(session))
    before = row.version
    with pytest.raises(Stale) as caught:
        bump_version(session, row, expected=before - 1)
    session.expire_all()
    assert (caught.value.expected, caught.value.actual, row.version) == (before - 1, before, before)
    assert str(caught.value) == (
        f"This collaboration was changed by somebody else (you read version {before - 1}, it is at {before}): "
        "read it again, then repeat the change."
    )


def test_a_row_changed_behind_our_back_is_stale(session: Session) -> None:
    row = a_collaboration(a_world(session))
    session.execute(text("UPDATE collaboration SET version = version + 1"))
    with pytest.raises(Stale) as caught:
        bump_version(session, row)
    assert caught.value.actual is None


@pytest.mark.usefixtures("installation")
def test_of_two_who_read_the_same_version_one_wins() -> None:
    with begin() as session:
        key, read = (row := a_collaboration(a_world(session))).id, row.version

    def rename(title: str) -> str:
        with begin() as session:
            row = session.get_one(Collaboration, key)
            bump_version(session, row, expected=read)
            row.title = title
            return title

    outcomes = race(lambda: rename("One"), lambda: rename("Two"))
    won = [outcome for outcome in outcomes if isinstance(outcome, str)]
    with begin() as session:
        row = session.get_one(Collaboration, key)
        assert ([row.title], row.version) == (won, read + 1)
    assert sum(isinstance(outcome, Stale) for outcome in outcomes) == 1
