"""For which site passkeys are made and used here: the public one over https, or localhost."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

from states.credentials.passkeys import PasskeyRefused, Site
from states.settings import settings

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def site_of(request: Request) -> Site | None:
    """Return the site of passkeys; None where browsers know none: over http, or by the number of a machine.

    On this machine alone what the browser says is believed: `localhost`, on whichever port.
    """
    public, asked = urlsplit(settings().public_url), request.url
    if public.hostname in _THIS_MACHINE:
        return Site("localhost", f"{asked.scheme}://{asked.netloc}") if asked.hostname == "localhost" else None
    if public.scheme != "https" or public.hostname is None or _is_number(public.hostname):
        return None
    return Site(public.hostname, f"https://{public.netloc}")


def need_site(request: Request) -> Site:
    """Return the site of passkeys, or raise `PasskeyRefused`."""
    site = site_of(request)
    if site is None:
        raise PasskeyRefused("passkeys_not_here")
    return site


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
