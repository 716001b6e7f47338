"""Copies that are sealed are as the services would have made them."""

from sqlmodel import Session

from states.search import rebuild
from tests.copies import copy_row, seal_copies
from tests.factories import a_collaboration_at, a_world
from tests.sealed import breaches


def test_copies_that_are_sealed_fit(session: Session) -> None:
    row = a_collaboration_at(a_world(session), "outline")

    keys = copy_row(session, row, 3)
    assert breaches(session) != []
    seal_copies(session, keys)

    assert breaches(session) == []
    rebuild(session)  # what is found of copies is not copied
