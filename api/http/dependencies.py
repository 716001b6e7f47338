"""What routes ask for: the transaction of the request, and who acts."""

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from inspect import signature
from typing import Annotated, Any, TypeVar

from anyio import CapacityLimiter
from fastapi import Depends, Request
from fastapi.concurrency import contextmanager_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session

from states.credentials.tokens import actor_of
from states.errors import Denied
from states.rights.access import Action, Actor, Scope, require
from states.storage import begin

SAFE_METHODS = ("GET", "HEAD")

# SQLAlchemy's pool holds five connections and ten more. A sixteenth request would sit in a worker thread
# waiting for one, and enough of those would leave no thread to those who hold the connections.
_transactions = CapacityLimiter(15)


class TokenMissing(Denied):
    """The request names nobody."""

    code = "token_missing"


async def transaction(request: Request) -> AsyncIterator[Session]:
    """Yield the session of the request: read-only for GET, committed before the answer goes out otherwise."""
    block = begin(read_only=request.method in SAFE_METHODS)
    async with _transactions, contextmanager_in_threadpool(block) as session:
        request.state.session = session  # an answer kept under a key goes into this transaction
        yield session


# scope="function": with the default scope the commit runs after the answer, and a commit that fails answers 200.
Tx = Annotated[Session, Depends(transaction, scope="function")]


_http_bearer = HTTPBearer(auto_error=False, bearerFormat="bkb_", description="`bankable token create` makes one")


async def bearer(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_http_bearer)]) -> str:
    """Return the token of the request, or raise `TokenMissing`."""
    if credentials is None or not credentials.credentials:
        raise TokenMissing
    return credentials.credentials


Made = TypeVar("Made")


def at_once(make: Callable[..., Made]) -> Callable[..., Coroutine[Any, Any, Made]]:
    """Let a dependency that waits for nothing run where it is asked for; FastAPI sends any other to a thread."""

    async def made(**values: Any) -> Made:
        return make(**values)

    made.__signature__ = signature(make)  # type: ignore[attr-defined] # FastAPI fills in what is asked for
    return made


# The token comes first: a request without one never takes a connection.
def current_actor(token: Annotated[str, Depends(bearer)], session: Tx, request: Request) -> Actor:
    """Return who acts, or raise `TokenInvalid`."""
    actor = actor_of(session, token)
    request.state.let_in = True  # the count of guesses asks for it
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


def person_of(actor: Actor) -> str:
    """Return the id of the person who acts, or raise `Denied`: the clock gives no opinion."""
    if actor.person_id is None:
        raise Denied("only_a_person")
    return actor.person_id


@dataclass(frozen=True)
class InPartnership:
    """Let through who may do this in the own partnership."""

    action: Action

    async def __call__(self, actor: CurrentActor) -> Actor:
        """Return the actor, or raise `Denied`."""
        require(actor, self.action, Scope(actor.partnership_id))
        return actor
