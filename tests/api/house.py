"""A partnership behind the API: one client for each person, with a token of that person's role."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from api.app import create_app
from api.http.dependencies import SAFE_METHODS
from states.credentials.tokens import create_token, digest
from states.partners.people import grant_role, person_by_email
from states.partners.queries import holders
from states.partners.tables import AccessToken, Membership
from states.rights.access import Role
from states.rights.authors import Via, acting
from states.storage import begin
from tests import unrecorded
from tests.factories import World, a_world
from tests.replay import replayed

MANAGER, SECRETARY, OBSERVER, PARTNER = "project_manager", "iag_secretary", "observer", "partner"


class Doors(TestClient):
    """The way to the API: each request names its own author, and no other may stand in the records that it leaves.

    One that is refused leaves none. Of requests that run at once nobody knows which record is whose: what they
    leave is not looked at.
    """

    _begun = _ended = 0

    def request(self, method: str, url: Any, **options: Any) -> httpx.Response:
        before = len(unrecorded.committed)
        Doors._begun += 1
        begun, alone = Doors._begun, Doors._begun == Doors._ended + 1
        try:
            with acting(None):
                answer: httpx.Response = super().request(method, url, **options)
        finally:
            Doors._ended += 1
        if not alone or begun != Doors._begun:
            return answer
        left = {(row["via"], row["key"]) for row in unrecorded.committed[before:]}
        if left:
            assert left == {_author(str(url), dict(options.get("headers") or {}).get("Authorization", ""))}
            assert method not in SAFE_METHODS
            assert not answer.is_client_error
        return answer


def _author(url: str, authorization: str) -> tuple[Via, str]:
    """Return by what a request is made: the token that it carries, or the link that it opens."""
    if authorization:
        with begin(read_only=True) as session:
            found = select(AccessToken.id).where(AccessToken.digest == digest(authorization.removeprefix("Bearer ")))
            return Via.TOKEN, session.exec(found).one()
    return Via.LINK, url.rpartition("/")[2].partition(".")[0]


class Caller:
    """One person's way to the API."""

    def __init__(self, client: TestClient, token: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.send("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        version: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        match = {} if version is None else {"If-Match": f'"{version}"'}
        sent = {**self.headers, **match, **(headers or {})}
        answer: httpx.Response = self.client.request(method, f"/api/v1{path}", json=body, headers=sent)
        return answer

    def post(self, path: str, body: object = None, *, version: int | None = None) -> httpx.Response:
        return self.send("POST", path, body, version=version)

    def put(self, path: str, body: object = None, *, version: int | None = None) -> httpx.Response:
        return self.send("PUT", path, body, version=version)

    def patch(self, path: str, body: object = None, *, version: int | None = None) -> httpx.Response:
        return self.send("PATCH", path, body, version=version)


@dataclass
class House:
    """The application, and a token for each person by the person's label."""

    app: FastAPI
    client: TestClient
    tokens: dict[str, str]

    def by(self, label: str) -> Caller:
        return Caller(self.client, self.tokens[label])

    @property
    def manager(self) -> Caller:
        return self.by(MANAGER)


@cache
def application() -> FastAPI:
    """Return the application, built once in each worker; a test that adds to it builds its own."""
    return create_app()


@replayed
def furnish(session: Session, *, slug: str = "medtech") -> tuple[World, dict[str, str]]:
    """Return a world whose organisations are members, with an administrator, and a token for each person."""
    world = a_world(session, slug=slug)
    session.add_all(
        Membership(partnership_id=world.partnership.id, organisation_id=row.id) for row in world.organisations.values()
    )
    administrator = person_by_email(session, email=f"administrator@{slug}.example.org", label="administrator")
    grant_role(session, world.partnership, administrator, Role.ADMINISTRATOR)
    session.flush()
    found = holders(session, world.partnership.id, *Role)
    return world, {holder.person.label: create_token(session, holder.grant) for holder in found}


def a_house(prepare: Callable[[World], Any] = lambda _: None) -> tuple[House, Any]:
    """Return the house over HTTP, and what `prepare` made of its world before the doors opened."""
    with begin() as session:
        world, tokens = furnish(session)
        prepared = prepare(world)
    return House(application(), Doors(application()), tokens), prepared


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a problem, having checked that it is one."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["type"]) == (answer.status_code, f"/problems/{body['code']}")
    return answer.status_code, body["code"]


def places(answer: httpx.Response) -> list[str]:
    """Return the places of a problem's faults."""
    return [fault["place"] for fault in answer.json()["faults"]]


def codes(answer: httpx.Response) -> list[str]:
    """Return the codes of a refusal's reasons."""
    return [reason["code"] for reason in answer.json()["reasons"]]
