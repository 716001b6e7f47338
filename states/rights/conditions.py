"""Rights as conditions of SQL: with which rows of a kind somebody may do something, before any of them is read.

The table of rights stays the one truth. What rights to a row depend on are a few facts, each a condition over columns;
the table is asked what it says of every combination of them, and what it answers becomes one condition. A stage offers
a provider for a kind of row; `states.crossings.rights` registers them.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, true
from sqlmodel import Session

from states.rights.access import Action, Actor, Scope, may


class Fact(StrEnum):
    """One thing of a scope on which a right may depend; `member`: the actor's organisation is one of the partners."""

    MEMBER = "member"
    SEATED = "seated"
    CLEARED = "cleared"
    CONFLICTED = "conflicted"
    BLIND = "blind"


Facts = Mapping[Fact, Callable[[], ColumnElement[bool]]]
"""Facts as conditions, each made only where it decides."""


@dataclass(frozen=True, slots=True)
class Case:
    """Rows of which all but some facts are the same: which rows, their scope, and the facts as conditions.

    No condition is ever NULL. A fact that is left out is as `scope` says.
    """

    where: ColumnElement[bool]
    scope: Scope
    facts: Facts = field(default_factory=dict)


Known = Callable[[Session, Actor], Hashable]
"""Reads what the cases of a kind depend on besides the actor: the same value as long as it says the same."""


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases of a kind within the actor's partnership: no row is in two; `whole` says that each is in one.

    A row that is in none is closed.
    """

    cases: Sequence[Case]
    whole: bool = True


Tell = Callable[[Actor, Any], Cases]
"""Makes the cases of a kind, of the actor and of what was read."""

_PROVIDERS: dict[type, tuple[Known, Tell]] = {}

Decision = bool | tuple[Fact, "Decision", "Decision"]
"""What the table says, or which fact decides: then what it says with the fact, and without."""


def provide_cases(kind: type, known: Known, tell: Tell) -> None:
    """Let a provider answer for a kind of row; two for one kind are a fault of the program."""
    if _PROVIDERS.setdefault(kind, (known, tell)) != (known, tell):
        raise ValueError(f"two providers for {kind.__name__}")


def permitted_where(session: Session, actor: Actor, kind: type, action: Action) -> ColumnElement[bool]:
    """Return the condition under which the actor may do this with a row of the kind, within the own partnership."""
    if kind not in _PROVIDERS:
        raise LookupError(f"nobody answers for {kind.__name__}: states.crossings.rights.providers registers who does")
    known, _ = _PROVIDERS[kind]
    return _permitted(actor, kind, action, known(session, actor))


@lru_cache(maxsize=512)  # making a condition costs more than asking it
def _permitted(actor: Actor, kind: type, action: Action, known: Hashable) -> ColumnElement[bool]:
    _, tell = _PROVIDERS[kind]
    told = tell(actor, known)
    groups: dict[tuple[Decision, int], list[Case]] = {}
    for case in told.cases:
        decision = decide(actor, action, case.scope, tuple(case.facts))
        groups.setdefault((decision, 0 if isinstance(decision, bool) else id(case.facts)), []).append(case)
    if told.whole and all(decision is True for decision, _ in groups):
        return true()
    return or_(
        false(),
        *(
            and_(or_(*(case.where for case in same)), _condition(decision, same[0].facts))
            for (decision, _), same in groups.items()
            if decision is not False
        ),
    )


@lru_cache(maxsize=4096)
def decide(actor: Actor, action: Action, scope: Scope, facts: tuple[Fact, ...]) -> Decision:
    """Ask the table of rights of every combination of these facts, and return only those that decide."""
    if not facts:
        return may(actor, action, scope)
    fact, *others = facts
    known, without = (decide(actor, action, _with(actor, scope, fact, holds), tuple(others)) for holds in (True, False))
    return known if known == without else (fact, known, without)


def _with(actor: Actor, scope: Scope, fact: Fact, holds: bool) -> Scope:
    match fact:
        case Fact.MEMBER:
            own = {actor.organisation_id} if holds and actor.organisation_id is not None else set()
            return replace(scope, organisation_ids=frozenset(own))
        case Fact.SEATED:
            return replace(scope, seated=holds)
        case Fact.CLEARED:
            return replace(scope, cleared=holds)
        case Fact.CONFLICTED:
            return replace(scope, conflicted=holds)
        case Fact.BLIND:
            return replace(scope, blind=holds)


def _condition(decision: Decision, facts: Facts) -> ColumnElement[bool]:
    if isinstance(decision, bool):
        return true() if decision else false()
    fact, known, without = decision
    holds = facts[fact]()
    if without is False:
        return and_(holds, _condition(known, facts))
    if known is False:
        return and_(not_(holds), _condition(without, facts))
    if known is True:
        return or_(holds, _condition(without, facts))
    return or_(and_(holds, _condition(known, facts)), and_(not_(holds), _condition(without, facts)))
