"""Bearer tokens: made once, shown once, kept as a digest, each acting by one role grant."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from states.changes import act_as
from states.clock import machine_now, now
from states.errors import Denied, Fault, Invalid, Missing
from states.partners.tables import AccessToken, Partnership, RoleGrant
from states.rights.access import EVERY_SCOPE, Actor, TokenScope
from states.rights.authors import Author, Via

PREFIX = "bkb_"
DEFAULT_DAYS = 90


class TokenInvalid(Denied):
    """The token is unknown, expired or revoked."""

    code = "token_invalid"


def create_token(
    session: Session,
    grant: RoleGrant,
    *,
    days: int = DEFAULT_DAYS,
    label: str = "",
    scopes: Collection[TokenScope] = EVERY_SCOPE,
) -> str:
    """Make a token for a role grant and return its text: only now is it to be seen."""
    faults = []
    if days < 1:
        faults.append(Fault("days", "too_few_days", remedy="at_least_1", days=days))
    if not scopes:
        faults.append(Fault("scopes", "none_given", remedy="some_of", scopes=tuple(TokenScope)))
    if faults:
        raise Invalid(faults=faults)
    text = PREFIX + secrets.token_urlsafe(32)
    instant = machine_now()
    session.add(
        AccessToken(
            grant_id=grant.id,
            digest=digest(text),
            scopes=[scope.value for scope in TokenScope if scope in scopes],
            label=label,
            created_at=instant,
            expires_at=instant + timedelta(days=days),
        )
    )
    session.flush()
    return text


_WHOSE = (
    select(AccessToken, RoleGrant, Partnership.closed_at)
    .join(RoleGrant, col(RoleGrant.id) == col(AccessToken.grant_id))
    .join(Partnership, col(Partnership.id) == col(RoleGrant.partnership_id))
    .where(col(AccessToken.digest) == bindparam("digest"))
)


def actor_of(session: Session, text: str) -> Actor:
    """Return who acts with this token, or raise `TokenInvalid`; what the session writes from now on is theirs."""
    found = session.exec(_WHOSE, params={"digest": digest(text)}).one_or_none()
    instant = machine_now()
    if found is None:
        raise TokenInvalid("token_unknown")
    token, grant, closed_at = found
    # A token lives by the machine's time, a grant is a fact and ends by the installation's.
    if token.revoked_at is not None or token.expires_at <= instant or (grant.until and grant.until <= now()):
        raise TokenInvalid("token_ended")
    act_as(
        session,
        Author(
            Via.TOKEN,
            token.id,
            role=grant.role.value,
            partnership_id=grant.partnership_id,
            person_id=grant.person_id,
            organisation_id=grant.organisation_id,
        ),
    )
    scopes = frozenset(TokenScope(scope) for scope in token.scopes)
    return grant.actor(scopes, dormant=closed_at is not None)


def revoke_token(session: Session, token_id: str) -> None:
    """End a token at once, or raise `Missing`."""
    row = session.get(AccessToken, token_id)
    if row is None:
        raise Missing("token", token_id)
    row.revoked_at = machine_now()
    session.add(row)
    session.flush()


def digest(text: str) -> str:
    """Return what is kept of a token."""
    return sha256(text.encode()).hexdigest()
