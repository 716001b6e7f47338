"""In whose name a session writes."""

from dataclasses import replace

from sqlalchemy.orm import Session

from states.rights.authors import Author, present_author

_INFO = "author"


class AuthorUnknown(RuntimeError):
    """Something is written and nobody is named who writes it: a fault of the program, never of its user."""


def act_as(session: Session, author: Author) -> None:
    """Let the session write in this author's name."""
    session.info[_INFO] = author


def speak_as(session: Session, *, role: str, organisation_id: str | None = None) -> None:
    """Say in which role, and for which organisation, the author writes whose link was read first."""
    act_as(session, replace(author_of(session), role=role, organisation_id=organisation_id))


def author_of(session: Session) -> Author:
    """Return in whose name the session writes, or raise `AuthorUnknown`."""
    author = session.info.get(_INFO) or present_author()
    if not isinstance(author, Author):
        raise AuthorUnknown("Nobody is named who writes: name them with acting(...) or act_as(session, ...).")
    return author
