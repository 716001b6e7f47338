"""Who speaks in the demonstration: one API client for each person, with a token of that person's role."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from sqlmodel import Session

from states.computations.states import COMPUTATION
from states.credentials.tokens import create_token
from states.errors import BankableError
from states.partners.queries import holders
from states.partners.tables import Partnership
from states.rights.access import Role

# Enough for any machine, however busy: it ends a story that hangs, and no other.
PATIENCE_SECONDS = 1800.0
POLL_SECONDS = 0.1


class StoryFailed(BankableError):
    """The API answered otherwise than the story goes."""

    code = "story_failed"


class Voice:
    """One person's way to the API."""

    def __init__(self, address: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS
        )

    def close(self) -> None:
        """Say no more."""
        self._client.close()

    def get(self, path: str, **query: str | int) -> Any:
        return self._json(self._client.get(path, params=query))

    def settled(self, path: str) -> Any:
        """Return a computation when it has come to its end; raise `StoryFailed` where it does not."""
        until = time.monotonic() + PATIENCE_SECONDS
        while (run := self.get(path))["state"] in COMPUTATION.live:
            if time.monotonic() > until:
                raise StoryFailed(
                    "computation_too_long", path=path, state=run["state"], seconds=round(PATIENCE_SECONDS)
                )
            time.sleep(POLL_SECONDS)
        return run

    def every(self, path: str) -> list[Any]:
        """Return the entries of all pages of a list."""
        found: list[Any] = []
        while True:
            page = self.get(path)
            found += page["items"]
            if page["next"] is None:
                return found
            path = page["next"].removeprefix(self._client.base_url.path.rstrip("/"))

    def content(self, path: str) -> bytes:
        answer = self._client.get(path)
        self._check(answer)
        return answer.content

    def post(self, path: str, sent: Mapping[str, object] | None = None, *, version: int | None = None) -> Any:
        """Send something new; with the version that was read where the resource wants to know."""
        return self._json(self._client.post(path, json=sent, headers=_match(version)))

    def put(self, path: str, sent: Mapping[str, object], *, version: int | None = None) -> Any:
        """Replace something."""
        return self._json(self._client.put(path, json=sent, headers=_match(version)))

    def upload(self, path: str, said: Mapping[str, str], file: tuple[str, bytes]) -> Any:
        """Send a file, by its name and bytes, with what is said of it."""
        return self._json(self._client.post(path, data=said, files={"file": file}))

    def without_account(self, link: str, sent: Mapping[str, object], *, file: tuple[str, bytes] | None = None) -> Any:
        """Send something by a signed link, without the token of this person; with a file as a form."""
        body: dict[str, Any] = {"json": sent} if file is None else {"data": sent, "files": {"file": file}}
        return self._json(httpx.post(self._client.base_url.join(link), timeout=PATIENCE_SECONDS, **body))

    def refused(self, path: str, sent: Mapping[str, object], *, version: int) -> Any:
        """Replace something that somebody else has changed since; return what the refusal says."""
        answer = self._client.put(path, json=sent, headers=_match(version))
        if answer.status_code != httpx.codes.PRECONDITION_FAILED:
            raise StoryFailed(method="PUT", path=path, status=answer.status_code, answer=answer.text)
        return answer.json()

    def patch(self, path: str, sent: Mapping[str, object], *, version: int) -> Any:
        """Change something in part."""
        return self._json(self._client.patch(path, json=sent, headers=_match(version)))

    def _json(self, answer: httpx.Response) -> Any:
        self._check(answer)
        return answer.json()

    def _check(self, answer: httpx.Response) -> None:
        if answer.is_error:
            request = answer.request
            raise StoryFailed(
                method=request.method, path=request.url.path, status=answer.status_code, answer=answer.text
            )


def _match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def voices(session: Session, partnership: Partnership, address: str) -> Callable[[str], Voice]:
    """Return a function from a person's e-mail address to that person's voice."""
    made = {
        holder.person.email: Voice(address, create_token(session, holder.grant, days=1, label="demonstration"))
        for holder in holders(session, partnership.id, *Role)
    }
    return made.__getitem__
