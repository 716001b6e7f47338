"""A partnership behind the pages: a reader for each person, signed in; pages as people find them, by what they say."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
from fastapi.testclient import TestClient
from sqlmodel import Session

from states.credentials.sessions import start_session
from states.partners.queries import holders
from states.rights.access import Role
from states.rights.authors import acting
from states.storage import begin
from tests.api.house import MANAGER, application, furnish
from tests.factories import World

ADDRESS = "http://127.0.0.1:8400"
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_VERSION = re.compile(r'name="version" value="([^"]+)"')


class Reader:
    """One person's browser, without JavaScript: it keeps cookies, follows no redirect by itself, and fills forms in."""

    def __init__(self, cookie: str | None = None) -> None:
        self.client = TestClient(application(), base_url=ADDRESS, follow_redirects=False)
        self.cookie = cookie
        if cookie is not None:
            self.client.cookies.set("bankable_session", cookie)

    def get(self, path: str, **headers: str) -> httpx.Response:
        with acting(None):
            answer: httpx.Response = self.client.get(path, headers=headers)
        return answer

    def read(self, path: str) -> str:
        """Return a page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, said_on(answer.text))
        return answer.text

    def send(
        self,
        path: str,
        fields: Mapping[str, Any] | None = None,
        *,
        page: str | None = None,
        files: Any = None,
        follow: bool = False,
    ) -> httpx.Response:
        """Send a form as its page makes it: token and version are those of the page, by default its own address."""
        read = self.read(page or path)
        token, version = _TOKEN.search(read), _VERSION.search(read)
        assert token is not None, "the page has no form"
        hidden = {"form_token": unescape(token[1]), "form_page": page or path}
        if version is not None:
            hidden["version"] = version[1]
        with acting(None):
            answer: httpx.Response = self.client.post(path, data={**hidden, **(fields or {})}, files=files)
        if follow:
            assert answer.status_code == 303, (answer.status_code, said_on(answer.text))
            return self.get(answer.headers["Location"])
        return answer


@dataclass
class PageHouse:
    """A cookie for each person by the person's label."""

    cookies: dict[str, str]

    def by(self, label: str) -> Reader:
        return Reader(self.cookies[label])

    @property
    def manager(self) -> Reader:
        return self.by(MANAGER)


def sign_in_everybody(session: Session, partnership_id: str) -> dict[str, str]:
    """Return the cookie of a session for everybody with a role, by label."""
    found = holders(session, partnership_id, *Role)
    return {one.person.label: start_session(session, one.grant, browser="a test") for one in found}


def a_page_house(prepare: Callable[[World], Any] = lambda _: None) -> tuple[PageHouse, Any]:
    """Return the house behind its pages, and what `prepare` made of its world before the doors opened."""
    with begin() as session:
        world, _ = furnish(session)
        prepared = prepare(world)
        cookies = sign_in_everybody(session, world.partnership.id)
    return PageHouse(cookies), prepared


def said_on(text: str) -> str:
    """Return what stands on a page, without marks."""
    body = text.partition("<main")[2].partition("</main>")[0] or text
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", body))).strip()
