"""What who reads a page may do with what stands on it: a page draws no door that is shut."""

from sqlmodel import Session

from states.rights.access import Action, Actor, may
from states.rights.scopes import scopes_of


class Abilities:
    """Tell for an action, by its key, whether the actor may do it with a row."""

    def __init__(self, session: Session, actor: Actor, row: object) -> None:
        [self._scope] = scopes_of(session, actor, [row])
        self._actor = actor

    def __call__(self, action: str) -> bool:
        return may(self._actor, Action(action), self._scope)
