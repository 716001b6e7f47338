"""Who writes, and by what means."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from getpass import getuser


class Via(StrEnum):
    """By what means somebody writes."""

    TOKEN = "token"
    SESSION = "session"
    LINK = "link"
    COMMAND = "command"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: a person in a role, an operator at the machine, or the clock.

    `key` is the id of the token, link or browser session, or the name of the command or flow; `operator` is the account
    that runs a command.
    """

    via: Via
    key: str
    role: str = ""
    partnership_id: str | None = None
    person_id: str | None = None
    organisation_id: str | None = None
    operator: str = ""


_acting: ContextVar[Author | None] = ContextVar("acting", default=None)
_route: ContextVar[Callable[[], str]] = ContextVar("route", default=str)


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
    """Let every transaction of the block be this author's, unless a token or a link names another."""
    token = _acting.set(author)
    try:
        yield
    finally:
        _acting.reset(token)


def present_author() -> Author | None:
    """Return whose block this is."""
    return _acting.get()


@contextmanager
def coming_by(route: Callable[[], str]) -> Iterator[None]:
    """Let what is written in the block have come by this route of the API, which is asked for when it is known."""
    token = _route.set(route)
    try:
        yield
    finally:
        _route.reset(token)


def present_route() -> str:
    """Return by which route of the API a request came; empty where none did."""
    return _route.get()()
