"""The catalogue of instruments, kept by the office: one put in and corrected; terms written, calls made and changed."""

import json
from collections.abc import Mapping
from io import StringIO
from typing import Any

from fastapi import APIRouter, Request
from ruamel.yaml import YAML
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import Tx
from api.pages.forms import UNANSWERED, Form, Typed, read_as
from api.pages.lists import Lists
from api.pages.numbers import plain_numbers, unmistakable
from api.pages.rendering import lead_to, page
from api.routes.funding import calls, instruments
from states.errors import Invalid, Missing
from states.funding.tables import SourceKind
from states.yaml_source import read_yaml

router = APIRouter(prefix="/funding/instruments")

_MONEY = frozenset({"maximum_rate", "maximum_amount", "budget"})
_CLEARED = ("maximum_rate", "maximum_amount", "verified_on", "legal_basis", "source")
_CALL_CLEARED = ("opens_on", "closes_on", "closes_at", "apply_on", "budget")


@router.get("/new")
def get_new_instrument_page(request: Request, _keeper: instruments.Keeper) -> Response:
    """Ask for another instrument."""
    return page(request, "funding/instrument_form.html", one=None, shown={}, kinds=list(SourceKind))


@router.post("/new")
def post_new_instrument_page(sent: Form, actor: instruments.Keeper, session: Tx) -> Response:
    """Put an instrument into the catalogue."""
    said = plain_numbers(sent, _MONEY).read(instruments.InstrumentIn, **_fixed(sent))
    made = instruments.post_instrument(said, session, actor, UNANSWERED)
    return lead_to(f"/funding/instruments/{made.slug}", told="saved")


@router.get("/{slug}/edit")
def get_instrument_form(request: Request, row: instruments.Edit, session: Tx) -> Response:
    """Show what is said of an instrument as a form."""
    one = instruments.get_instrument(row, session, UNANSWERED)
    shown = _texts(one.model_dump(mode="json")) | {"territory": " ".join(one.territory)}
    return page(request, "funding/instrument_form.html", one=one, shown=shown, kinds=list(SourceKind))


@router.post("/{slug}/edit")
def post_instrument_form(sent: Form, row: instruments.Edit, session: Tx) -> Response:
    """Correct what is said of an instrument."""
    said = plain_numbers(sent, _MONEY).read(instruments.InstrumentPatch, keep_empty=_CLEARED, **_fixed(sent))
    instruments.patch_instrument(row, must_match(sent.version), said, session, UNANSWERED)
    return lead_to(f"/funding/instruments/{row.slug}", told="saved")


@router.get("/{slug}/terms")
def get_terms_form(request: Request, row: instruments.Edit) -> Response:
    """Show the terms of an instrument, and by what applications are judged, as a text."""
    kept = instruments.get_terms(row, UNANSWERED).model_dump(mode="json", exclude_none=True)
    written = StringIO()
    if kept["terms"]:
        YAML().dump(kept, written)
    return page(request, "funding/terms_form.html", instrument=row, text=written.getvalue())


@router.post("/{slug}/terms")
def post_terms_form(sent: Form, row: instruments.Edit, session: Tx) -> Response:
    """Put other terms in the place of an instrument's; every fault is told with its place."""
    tree, faults = read_yaml(sent.get("text"))
    if faults:
        raise Invalid(faults=[fault.at("text") for fault in faults])
    plain = json.loads(json.dumps(tree, default=str))
    said = read_as(instruments.TermsIn, plain if isinstance(plain, dict) else {"terms": plain})
    instruments.put_terms(row, must_match(sent.version), said, session, UNANSWERED)
    return lead_to(f"/funding/instruments/{row.slug}", told="saved")


@router.get("/{slug}/calls/new")
def get_new_call_page(request: Request, row: instruments.Edit) -> Response:
    """Ask for another call of an instrument."""
    return page(request, "funding/call_form.html", instrument=row, call=None, shown={})


@router.post("/{slug}/calls/new")
def post_new_call_page(sent: Form, row: instruments.Edit, session: Tx) -> Response:
    """Publish a call: deadlines hang on its closing where it is the next one."""
    said = plain_numbers(sent, _MONEY).read(calls.CallIn, illustrative="illustrative" in sent)
    calls.post_call(row, said, session, UNANSWERED)
    return lead_to(f"/funding/instruments/{row.slug}", told="saved")


@router.get("/{slug}/calls/{call}")
def get_call_page(request: Request, row: instruments.Edit, call: str, session: Tx, lists: Lists) -> Response:
    """Show a call as a form."""
    listed = calls.list_calls(row, session, lists.whole()).items
    found = next((one for one in listed if one.slug == call), None)
    if found is None:
        raise Missing("call", call)
    shown = _texts(found.model_dump(mode="json"))
    return page(request, "funding/call_form.html", instrument=row, call=found, shown=shown)


@router.post("/{slug}/calls/{call}")
def post_call_page(sent: Form, row: instruments.Edit, call: str, session: Tx) -> Response:
    """Change a call, or say when it closes; every deadline on its closing moves along."""
    said = plain_numbers(sent, _MONEY).read(
        calls.CallPatch,
        keep_empty=_CALL_CLEARED,
        illustrative="illustrative" in sent,
        time_zone=sent.get("time_zone"),
        source=sent.get("source"),
    )
    calls.patch_call(row, call, must_match(sent.version), said, session, UNANSWERED)
    return lead_to(f"/funding/instruments/{row.slug}", told="saved")


def _fixed(sent: Typed) -> dict[str, Any]:
    return {"territory": sent.get("territory").replace(",", " ").split(), "illustrative": "illustrative" in sent}


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    """Return values as fields show them."""
    shown = {name: "" if value is None else str(value) for name, value in values.items()}
    return {name: unmistakable(text) if name in _MONEY else text for name, text in shown.items()}
