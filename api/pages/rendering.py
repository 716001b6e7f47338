"""Pages from templates: what every page knows, and the answers that pages give."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from api.pages import formats, languages, places
from api.pages.bar import places_in_bar
from api.pages.browsers import browser_name
from api.pages.called import Called
from api.pages.forms import Typed
from api.pages.moments import local
from api.pages.signing import form_token, keep_forms
from api.pages.static import address_of
from api.pages.words import role_name, word
from states.clock import today
from states.credentials.sessions import SignedIn
from states.places.exonyms import region_said
from states.playbooks.way import way_of

_HERE = Path(__file__).parent / "templates"
# No line of a page is a script or a style; whatever it loads is ours.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@cache
def environment() -> Environment:
    """Return the templates' environment: everything is escaped, and a name that nobody gave is an error."""
    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined] # of the extension
        languages.gettext,
        languages.ngettext,
        newstyle=True,
        pgettext=languages.pgettext,
        npgettext=languages.npgettext,
    )
    made.filters |= {
        "browser": browser_name,
        "money": formats.money,
        "number": formats.number,
        "percent": formats.percent,
        "day": formats.day,
        "moment": formats.moment,
        "clock": formats.clock,
        "local": local,
        "from_today": formats.from_today,
        "size": formats.size,
        "half": formats.half,
        "lookup": lambda key, names: names.get(key, key),
        "cell": formats.cell,
        "led_on": formats.led_on,
        "region_name": lambda region: region_said(region.name, region.codes),
        "as_written": str,
        "word": word,
        "role_name": role_name,
        "named": lambda key, names: names.get(key, key),
        "way": way_of,
        "pair_of": lambda row, key, text: (getattr(row, key), getattr(row, text)),
        "worded": lambda key: (key.value, word(key)),
        "pair": lambda key, texts=None: (key, texts[key] if texts else key),
        "urlquery": lambda values: urlencode([(name, one) for name, one in values.items() if one not in (None, "")]),
        "segment": lambda text: quote(str(text), safe=""),
    }
    made.globals |= {"asset": address_of, "page_of": places.page_of, "languages": languages.NAMES}
    return made


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page. A form that failed is shown again with what was typed, and the status of its problem."""
    state = request.state
    signed_in: SignedIn | None = getattr(state, "signed_in", None)
    problem = getattr(state, "problem", None)
    known = {
        "request": request,
        "path": request.url.path,
        "here": _here(request),
        "language": languages.present_language(),
        "signed_in": signed_in,
        "zone": signed_in.time_zone if signed_in else "Europe/Brussels",
        "form_token": form_token(request),
        "typed": getattr(state, "typed", None) or Typed(),
        "problem": problem,
        "labels": dict[str, str](),  # what the fields of the page are called, for the summary of its faults
        "told": request.query_params.get("told", ""),
        "today": today(),
        "called": _called(request),
        "bar": places_in_bar(request, signed_in.actor) if signed_in else [],
        "case_id": request.path_params.get("collaboration_id"),
    }
    text = environment().get_template(template).render(known | values)
    shown = problem.status if problem is not None else status
    # With no referrer at all a browser names no origin for a form either; to other sites nothing goes out.
    answer = HTMLResponse(text, shown, {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"})
    keep_forms(request, answer)
    return answer


def _called(request: Request) -> Callable[[str], str]:
    """Return what says names for short names: of the partnership, as long as its transaction is open."""
    state = request.state
    signed_in, session = getattr(state, "signed_in", None), getattr(state, "session", None)
    problem = getattr(state, "problem", None)
    if signed_in is None or session is None or (problem is not None and problem.is_page):
        return str
    return Called(session, signed_in.actor.partnership_id)


def _here(request: Request) -> str:
    """Return the address of the page with its query, for a form to come back to."""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def lead_to(path: str, **query: str | int | date | None) -> Response:
    """Send the browser on to a page (or a place in it, by `#`), by GET: reading it again sends no form twice."""
    path, _, place = path.partition("#")
    asked = urlencode({name: value for name, value in query.items() if value not in (None, "")})
    joined = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{joined if asked else ''}{asked}{place and f'#{place}'}", status_code=303)
