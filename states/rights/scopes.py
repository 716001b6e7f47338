"""What rights to rows depend on, for any number of rows of any kinds, in a fixed number of statements.

A stage offers a provider for each kind of row that it keeps: it gets all rows of the kind at once and answers in a
fixed number of statements. `states.crossings.rights` registers them, so that nothing here imports a stage.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlmodel import Session

from states.errors import Missing
from states.rights.access import Action, Actor, Scope, may, require

Row = TypeVar("Row")
Provider = Callable[[Session, Actor, Sequence[Any]], Sequence[Scope]]

_PROVIDERS: dict[type, Provider] = {}


def provide(kind: type, provider: Provider) -> None:
    """Let a provider answer for a kind of row; two for one kind are a fault of the program."""
    if _PROVIDERS.setdefault(kind, provider) is not provider:
        raise ValueError(f"two providers for {kind.__name__}")


def scopes_of(session: Session, actor: Actor, rows: Sequence[object]) -> list[Scope]:
    """Return what the actor's rights to each row depend on, in the order of the rows."""
    kinds: defaultdict[type, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        kinds[type(row)].append(place)
    found: dict[int, Scope] = {}
    for kind, places in kinds.items():
        scopes = _provider(kind)(session, actor, [rows[place] for place in places])
        found |= dict(zip(places, scopes, strict=True))
    return [found[place] for place in range(len(rows))]


def _provider(kind: type) -> Provider:
    if kind not in _PROVIDERS:
        raise LookupError(f"nobody answers for {kind.__name__}: states.crossings.rights.providers registers who does")
    return _PROVIDERS[kind]


def permitted(session: Session, actor: Actor, rows: Sequence[Row], action: Action) -> list[Row]:
    """Return those of the rows with which the actor may do this."""
    scopes = scopes_of(session, actor, rows)
    return [row for row, scope in zip(rows, scopes, strict=True) if may(actor, action, scope)]


def admit(session: Session, actor: Actor, row: object, action: Action, *, noun: str, named: object) -> Scope:
    """Return the scope of a row with which the actor may do this, or raise `Denied`.

    What belongs to another partnership, or is not shown to this actor, is `Missing` with the words of what never was.
    """
    [scope] = scopes_of(session, actor, [row])
    if scope.partnership_id != actor.partnership_id:
        raise Missing(noun, named)
    require(actor, action, scope, noun=noun, named=named)
    return scope
