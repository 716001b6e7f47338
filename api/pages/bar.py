"""The bar on top: the places that who is signed in may open, as far as this release has a page for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from fastapi import FastAPI, Request
from starlette.routing import Match

from api.pages.languages import gettext as _
from states.rights.access import Action, Actor, Scope, may


@dataclass(frozen=True, slots=True)
class BarPlace:
    """A place of the bar; `key` opens it after a g."""

    section: str
    address: str
    key: str
    text: str


_OPENED_BY: Sequence[tuple[str, str, str, Action]] = (
    ("work", "/", "w", Action.READ_PARTNERSHIP),
    ("cases", "/cases", "c", Action.READ_PARTNERSHIP),
    ("events", "/events", "e", Action.READ_BROKERAGE),
    ("partners", "/profiles", "o", Action.READ_PROFILES),
    ("funding", "/funding", "f", Action.READ_RULES),
    ("reports", "/reports", "r", Action.READ_REPORT),
    ("partnership", "/partnership", "p", Action.READ_PARTNERSHIP),
)


def places_in_bar(request: Request, actor: Actor) -> list[BarPlace]:
    """Return the places that the actor may open."""
    texts = {
        "work": _("My work"),
        "cases": _("Cases"),
        "events": _("Events"),
        "partners": _("Partners"),
        "funding": _("Funding"),
        "reports": _("Reports"),
        "partnership": _("Partnership"),
    }
    here = Scope(actor.partnership_id, cleared=True)
    return [
        BarPlace(section, address, key, texts[section])
        for section, address, key, action in _OPENED_BY
        if _is_there(request.app, address) and may(actor, action, here)
    ]


@cache
def _is_there(app: FastAPI, address: str) -> bool:
    asked = {"type": "http", "method": "GET", "path": address, "headers": []}
    return any(route.matches(asked)[0] is Match.FULL for route in app.routes)
