"""Who acts in a transaction, and by what means."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from getpass import getuser

from sqlalchemy.orm import Session

_INFO = "author"


class Via(StrEnum):
    """By what means somebody acts."""

    TOKEN = "token"
    LINK = "link"
    COMMAND = "command"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts: a person in a role, an operator at the machine, or the clock.

    `key` is the id of the token or link, or the name of the command or flow; `operator` is the account that runs a
    command.
    """

    via: Via
    key: str
    role: str = ""
    partnership_id: str | None = None
    person_id: str | None = None
    organisation_id: str | None = None
    operator: str = ""


class AuthorUnknown(RuntimeError):
    """Something is written and nobody is named who writes it: a fault of the program, never of its user."""


_acting: ContextVar[Author | None] = ContextVar("acting", default=None)


def by_command(name: str) -> Author:
    """Return the operator of this machine, who runs a command."""
    try:
        operator = getuser()
    except (OSError, KeyError):  # an account without a name, as containers have them
        operator = str(os.getuid())
    return Author(Via.COMMAND, name, operator=operator)


def by_flow(name: str) -> Author:
    """Return the clock, by whose flow something happens."""
    return Author(Via.FLOW, name, role="clock")


@contextmanager
def acting(author: Author | None) -> Iterator[None]:
    """Let every transaction of the block be this author's, unless `act_as` names another."""
    token = _acting.set(author)
    try:
        yield
    finally:
        _acting.reset(token)


def act_as(session: Session, author: Author) -> None:
    """Let the session's transaction be this author's."""
    session.info[_INFO] = author


def speak_as(session: Session, *, role: str, organisation_id: str | None = None) -> None:
    """Say in which role, and for which organisation, the author acts whose link was read first."""
    act_as(session, replace(author_of(session), role=role, organisation_id=organisation_id))


def author_of(session: Session) -> Author:
    """Return who acts in the session, or raise `AuthorUnknown`."""
    author = session.info.get(_INFO) or _acting.get()
    if not isinstance(author, Author):
        raise AuthorUnknown("Nobody is named who writes: name them with acting(...) or act_as(session, ...).")
    return author
