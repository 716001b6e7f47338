"""Forms with files: who sends them is asked before they are read, and again where they are taken."""

from collections.abc import Callable
from typing import Generic, TypeVar

from fastapi import Request
from sqlmodel import Session

from api.http.access import COLLABORATION, Allowed
from api.http.dependencies import TokenMissing
from api.pages.signing import cookie_of
from states.collaborations.tables import Collaboration
from states.credentials.sessions import signed_in_by
from states.rights.access import Action, Actor
from states.storage import begin

Target = TypeVar("Target")


class OfPage(Generic[Target]):
    """Give a page the target of a route of the API that takes files, for who is signed in by the cookie.

    No transaction is open while the files come in; without the right to send them they are not read at all.
    """

    def __init__(self, target: Callable[[str, str], Target], action: Action) -> None:
        self._target, self._action = target, action

    def __call__(self, collaboration_id: str, request: Request) -> Target:
        """Return where the files go, or raise `TokenMissing`, `Missing` or `Denied`."""
        text = cookie_of(request)
        if text is None:
            raise TokenMissing
        with begin(read_only=True) as session:
            request.state.signed_in = signed_in_by(session, text)
            request.state.let_in = True
            admitted(session, text, collaboration_id, self._action)
        return self._target(text, collaboration_id)


def admitted(session: Session, cookie: str, key: str, action: Action) -> tuple[Collaboration, Actor]:
    """Return the collaboration and who acts by a cookie, or raise `Missing` or `Denied`."""
    actor = signed_in_by(session, cookie).actor
    return Allowed(COLLABORATION, action)(session, actor, collaboration_id=key), actor
