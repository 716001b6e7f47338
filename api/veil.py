"""The blind first stage: partners go by kind and region for a reviewer until that reviewer's evaluation is in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from string import ascii_uppercase
from typing import TypeVar

from pydantic import BaseModel
from sqlmodel import Session

from api.reach import REVIEWERS
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.crossings.review.rounds import panel_of
from states.partners.tables import Organisation
from states.review.queries import rounds_of, submissions_of
from states.review.tables import RoundState
from states.rights.access import Actor

_NUTS2 = 4
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Veil:
    """What stands for each partner's name; empty where nobody is hidden."""

    aliases: Mapping[str, str]
    spellings: tuple[tuple[str, str], ...]

    @property
    def drawn(self) -> bool:
        """Tell whether names are hidden."""
        return bool(self.aliases)

    def name(self, organisation: Organisation) -> str:
        """Return the name, or what stands for it."""
        return self.aliases.get(organisation.id, organisation.name)

    def slug(self, organisation: Organisation) -> str:
        """Return the short name, or what stands for it."""
        return self.aliases.get(organisation.id, organisation.slug)

    def shown(self, output: T) -> T:
        """Return what is shown with every partner's name hidden."""
        return type(output).model_validate(self.over(output.model_dump())) if self.drawn else output

    def over(self, value: object) -> object:
        """Return a text, or whatever holds texts, with every partner's name hidden."""
        if isinstance(value, str):
            for spelling, alias in self.spellings:
                value = re.sub(re.escape(spelling), _constant(alias), value, flags=re.IGNORECASE)
            return value
        if isinstance(value, Mapping):
            return {key: self.over(part) for key, part in value.items()}
        return [self.over(part) for part in value] if isinstance(value, list) else value


def _constant(alias: str) -> Callable[[re.Match[str]], str]:
    return lambda _: alias  # a name may hold what a template of a substitution takes for a group


_NOTHING = Veil({}, ())


def veil_of(session: Session, actor: Actor, row: Collaboration) -> Veil:
    """Return what hides the partners of a collaboration from this actor."""
    if actor.role not in REVIEWERS or not _blind(session, actor, row):
        return _NOTHING
    aliases, spellings = {}, []
    letters = [*ascii_uppercase, *map("".join, product(ascii_uppercase, repeat=2))]
    for letter, entry in zip(letters, members_of(session, [row.id])[row.id], strict=False):
        one = entry.organisation
        aliases[one.id] = f"Partner {letter} ({one.kind.value.replace('_', ' ')}, {one.nuts[:_NUTS2]})"
        spellings += [(one.name, aliases[one.id]), (one.slug, aliases[one.id])]
    return Veil(aliases, tuple(sorted(spellings, key=lambda pair: -len(pair[0]))))


def _blind(session: Session, actor: Actor, row: Collaboration) -> bool:
    """Whoever may score in an open blind round is blind, invited or not, until the own evaluation is in."""
    for opened in rounds_of(session, [row.id]):
        if opened.state is RoundState.CLOSED:
            continue
        panel = panel_of(session, opened)
        own = any(one.person_id == actor.person_id for one in submissions_of(session, opened.id))
        if panel.blind and panel.members is actor.role and not own:
            return True
    return False
