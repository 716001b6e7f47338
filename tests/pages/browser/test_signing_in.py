"""Passkeys in a real browser, by its virtual authenticator; and the pages of sign-in and account by axe and a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from sqlmodel import select

from states.partners.tables import Person
from tests.factories import World
from tests.pages.browser.people import PHONE, WIDE, need_accessible, need_no_sideways, window
from tests.pages.house import a_page_house
from tests.pages.test_sign_in import PASSWORD, links_sent, newest_link
from tests.serving import server
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]


def an_authenticator(page: Page) -> CDPSession:
    """Give a browser an authenticator that keeps passkeys and whose owner is always there."""
    door = page.context.new_cdp_session(page)
    door.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    door.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    return door


def test_a_passkey_is_made_named_used_and_removed(installation: Path, browser: Browser) -> None:
    house, _ = a_page_house()
    with server() as address:
        here = f"http://localhost:{address.rpartition(':')[2]}"
        with window(browser, here, house.cookies["project_manager"]) as page:
            an_authenticator(page)
            page.goto("/account/passkeys")
            page.get_by_label("Name", exact=True).fill("office laptop")
            page.get_by_role("button", name="Make a passkey").click()
            expect(page.get_by_role("status")).to_have_text("The passkey is kept: it signs you in from now on.")
            expect(page.get_by_label("Name of the passkey")).to_have_value("office laptop")

            page.goto("/account")
            page.get_by_role("button", name="Sign out here").click()
            page.get_by_role("link", name="By a passkey").click()
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(f"{here}/")
            page.goto("/account/passkeys")
            page.get_by_role("button", name="Remove").click()
            expect(page.get_by_role("status")).to_have_text("The passkey signs nobody in any more.")

            page.goto("/account")
            page.get_by_role("button", name="Sign out here").click()
            page.goto("/sign-in/passkey")
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("main")).to_contain_text("This passkey is not known here")


def test_an_authenticator_that_refuses_is_told_and_the_page_stays(installation: Path, browser: Browser) -> None:
    a_page_house()
    with server() as address:
        here = f"http://localhost:{address.rpartition(':')[2]}"
        with window(browser, here) as page:
            an_authenticator(page)  # it holds no passkey of this site
            page.goto("/sign-in/passkey")
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("alert")).to_contain_text("The device gave no passkey")


@pytest.mark.parametrize("script", [True, False], ids=["with", "without"])
def test_somebody_signs_in_by_a_link_and_sets_a_password(installation: Path, browser: Browser, script: bool) -> None:
    _, email = a_page_house(address_of)
    with server() as address, window(browser, f"http://{address}", script=script) as page:
        page.goto("/account/password")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_role("button", name="Send me a link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
        wait_until(links_sent)  # the answer comes before the mail
        page.goto(newest_link())
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("New password").fill("short")
        page.get_by_role("button", name="Set a password").click()
        expect(page.get_by_role("alert")).to_contain_text("fewer than 12 characters")
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Set a password").click()
        expect(page.get_by_role("status")).to_contain_text("The password is set")


def address_of(world: World) -> str:
    return world.session.exec(select(Person.email).where(Person.label == "project_manager")).one()


@pytest.mark.long
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(installation: Path, browser: Browser, dark: bool) -> None:
    house, _ = a_page_house()
    with server() as address:
        here = f"http://localhost:{address.rpartition(':')[2]}"
        for cookie, paths in (
            (None, ("/sign-in", "/sign-in/link", "/sign-in/link/forged", "/sign-in/password", "/sign-in/passkey")),
            (house.cookies["project_manager"], ("", "/password", "/passkeys", "/tokens")),
        ):
            for size in (WIDE, PHONE):
                with window(browser, here, cookie, size=size, dark=dark) as page:
                    for path in paths:
                        page.goto(path if cookie is None else f"/account{path}")
                        need_accessible(page)
                        need_no_sideways(page)
