"""A browser for the tests of pages, the machine's own; without one they are skipped."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.pages.browser.people import BROWSERS, PLENTY


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    here = next(filter(None, map(shutil.which, BROWSERS)), None)
    if here is None:
        pytest.skip("no Chromium; on Debian: sudo apt-get install -y chromium")
    expect.set_options(timeout=PLENTY)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=here, args=["--no-sandbox"])
        yield launched
        launched.close()
