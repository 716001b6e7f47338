"""Who acts, in which role and with what scopes; and what is acted upon, as far as rights depend on it."""

from dataclasses import dataclass
from enum import StrEnum

from states.rights.actions import Action


class TokenScope(StrEnum):
    """What a token was made for: a part of what its holder may do."""

    READ = "read"
    REVIEW = "review"
    MANAGE = "manage"


EVERY_SCOPE = frozenset(TokenScope)


class Role(StrEnum):
    """What a person (or the clock) is in one partnership."""

    PROJECT_MANAGER = "project_manager"
    IAG_SECRETARY = "iag_secretary"
    IAG_MEMBER = "iag_member"
    IAG_CHAIR = "iag_chair"
    WGRA_MEMBER = "wgra_member"
    WGRA_CHAIR = "wgra_chair"
    PARTNER = "partner"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: a role in a partnership, held by a person, for a region or an organisation.

    `scopes` narrow what the role may do to what the token was made for. Where the partnership is `dormant`, it was
    closed: everybody reads, and nobody writes but who opens it again. `unconfirmed` is who was named by a manager alone
    to speak for an organisation: nobody signs for a partner by naming a person.
    """

    role: Role
    partnership_id: str
    person_id: str | None = None
    region_id: str | None = None
    organisation_id: str | None = None
    scopes: frozenset[TokenScope] = EVERY_SCOPE
    dormant: bool = False
    unconfirmed: bool = False


class Closed(StrEnum):
    """Why a row is closed to somebody whose role would open it."""

    HIDDEN = "hidden"
    ANOTHERS = "anothers"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Scope:
    """What is acted upon, as far as rights depend on it.

    `organisation_ids` are the partners of the collaboration, or whose a row of the matchmaking is; `host_id` and
    `sender_id` the sides of an expression of interest; `owner_ids` the organisations that answer for a file. `seated`
    says that the actor holds a seat there, `cleared` that its declaration and the yearly agreement open the dossier,
    `conflicted` that a conflict of interest closes it, `blind` that partners stand under labels for this actor.
    `of_review` says that a deadline is one of a review, `also` what one must be allowed besides, and `closed` why the
    row is shut to this actor all the same.
    """

    partnership_id: str
    organisation_ids: frozenset[str] = frozenset()
    seated: bool = False
    cleared: bool = False
    conflicted: bool = False
    blind: bool = False
    of_review: bool = False
    region_id: str | None = None
    person_id: str | None = None
    host_id: str | None = None
    sender_id: str | None = None
    owner_ids: frozenset[str] = frozenset()
    also: tuple[Action, ...] = ()
    closed: Closed | None = None
