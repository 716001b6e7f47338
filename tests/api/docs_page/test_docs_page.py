"""The description of the API opens in a browser without the internet, and one may try it there."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect, sync_playwright

from api.docs_page.routes import POLICY
from api.http.tags import TAGS
from states.storage import begin
from tests.api.house import MANAGER, application, furnish, problem
from tests.serving import server

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PLENTY = 120_000  # milliseconds: a busy machine starts a browser slowly


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    here = next(filter(None, map(shutil.which, BROWSERS)), None)
    if here is None:
        pytest.skip("no Chromium; on Debian: sudo apt-get install -y chromium")
    with sync_playwright() as playwright:
        # The package's own browsers would have to be downloaded; the machine's, as root, knows no sandbox.
        launched = playwright.chromium.launch(executable_path=here, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    opened.set_default_timeout(PLENTY)
    expect.set_options(timeout=PLENTY)
    yield opened
    opened.close()


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.long
def test_the_page_opens_by_itself_and_asks_what_one_wants_to_know(installation: Path, page: Page) -> None:
    with begin() as session:
        _, tokens = furnish(session)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    with server() as address:
        page.goto(f"http://{address}/api/docs")
        chapters = page.locator(".opblock-tag")
        expect(chapters).to_have_count(len(TAGS))
        assert [one.get_attribute("data-tag") for one in chapters.all()] == list(TAGS)

        page.click("button.authorize")
        page.fill(".auth-container input", tokens[MANAGER])
        page.click(".auth-btn-wrapper button.authorize")
        page.click(".btn-done")
        page.click("#operations-tag-regions")
        page.click("#operations-regions-list_regions .opblock-summary-control")
        page.fill("#operations-regions-list_regions input[placeholder=partnership]", "medtech")
        page.click("#operations-regions-list_regions .execute")
        answer = page.locator("#operations-regions-list_regions .live-responses-table .response-col_description pre")
        shown = json.loads(answer.first.inner_text())

    assert [one["slug"] for one in shown["items"]] == ["navarra", "paca", "upper-silesia"]
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {address}
    assert said == []


def test_the_page_may_load_from_here_alone_and_holds_no_code() -> None:
    client = TestClient(application())

    answers = {name: client.get(f"/api/docs{name}") for name in ("", "/start.js", "/swagger-ui.css")}

    assert {one.headers["Content-Security-Policy"] for one in answers.values()} == {POLICY}
    assert "unsafe" not in POLICY
    assert "<script>" not in answers[""].text
    assert problem(client.get("/api/docs/page.html")) == (404, "no_such_route")
