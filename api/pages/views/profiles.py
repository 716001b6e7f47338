"""Partnering profiles: what organisations offer and want; written, checked, published, found by others."""

from collections.abc import Callable, Collection
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import PROFILE, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.http.searching import Narrowing
from api.pages.formats import here
from api.pages.forms import UNANSWERED, Form, Typed
from api.pages.languages import present_language
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.routes.matchmaking import interests, profile_schemas, profiles
from states.matchmaking.profiles.content import LENGTHS, missing_before_check
from states.matchmaking.profiles.states import EDIT, RENEW, REOPEN, SUBMIT, WITHDRAW
from states.matchmaking.profiles.tables import (
    OFFERS,
    Cooperation,
    Development,
    Ipr,
    OfferKind,
    PartnerType,
    Profile,
    ProfileState,
    ProfileType,
)
from states.matchmaking.suggestions.chosen_taxonomy import taxonomy_of
from states.matchmaking.suggestions.taxonomy import Node, Taxonomy
from states.partners.queries import organisations_of
from states.partners.tables import Organisation
from states.rights.access import Action, Actor, Scope, confined_to, may

router = APIRouter(prefix="/profiles")

# Offered for a choice; whatever else a profile holds is offered with it.
_LANGUAGES = frozenset("bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv uk".split())  # noqa: SIM905
_COUNTRIES = frozenset(
    "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IL IS IT LT LU LV MT NL NO PL PT RO RS SE SI SK TR UA".split()  # noqa: SIM905
)
_LISTS = ("partner_types", "cooperation", "keywords", "countries", "languages")
_CLEARABLE = (
    *("offer_kind", "development", "trl", "ipr", "call_closes_on", "coordinator_wanted", "budget"),
    *("interest_until", "duration_weeks"),
)
_STEPS: dict[str, Callable[[Profile, Session], Any]] = {
    "submit": lambda row, session: profiles.post_profile_submission(row, session, UNANSWERED),
    "renew": lambda row, session: profiles.post_renewal(row, session, UNANSWERED),
    "reopen": lambda row, session: profiles.post_reopening(row, session, UNANSWERED),
    "withdraw": lambda row, session: profiles.post_profile_withdrawal(row, session, UNANSWERED),
}


def pool_rights(actor: Actor) -> Callable[[str], bool]:
    """Return what tells for an action, by its key, whether the actor may do it somewhere in the partnership."""
    return lambda action: may(actor, Action(action), Scope(actor.partnership_id))


@router.get("")
def get_profiles(
    request: Request,
    session: Tx,
    actor: profiles.Reader,
    cut: Page,
    words: Narrowing,
    type: str = "",
    state: str = "",
    keyword: Annotated[str, Query(max_length=80)] = "",
    organisation: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """List offers and requests; the filters stand in the address."""
    found = profiles.list_profiles(
        session,
        actor,
        cut,
        words,
        type=ProfileType(type) if type in set(ProfileType) else None,
        state=ProfileState(state) if state in set(ProfileState) else None,
        keyword=keyword or None,
        organisation=organisation or None,
    )
    tree = taxonomy_of(session, actor.partnership_id)
    return page(
        request,
        "profiles/profiles.html",
        can=pool_rights(actor),
        listed=found,
        types=list(ProfileType),
        states=list(ProfileState),
        keywords=[(one.code, f"{'– ' * (one.depth - 1)}{_label(tree, one.code)}") for one in tree.nodes.values()],
        organisations=_organisations(session, actor),
        wanted={
            "q": request.query_params.get("q", ""),
            "type": type,
            "state": state,
            "keyword": keyword,
            "organisation": organisation,
        },
    )


def _organisations(session: Session, actor: Actor) -> list[tuple[str, str]]:
    return [(one.slug, one.name) for one, _ in organisations_of(session, actor.partnership_id)]


def _label(tree: Taxonomy, code: str) -> str:
    return tree.label(code, present_language()) if code in tree.nodes else code


@router.get("/new")
def get_new_profile(request: Request, session: Tx, actor: profiles.Drafter, type: str = "") -> Response:
    """Ask what kind of profile it is, then for what such a one says."""
    if type not in set(ProfileType):
        return page(request, "profiles/kinds.html", types=list(ProfileType))
    chosen = ProfileType(type)
    own = confined_to(actor)
    return page(
        request,
        "profiles/edit.html",
        profile=None,
        type=chosen,
        own=session.get_one(Organisation, own) if own else None,
        organisations=_organisations(session, actor),
        **_choices(session, actor, chosen),
    )


def _choices(session: Session, actor: Actor, type: ProfileType, row: Profile | None = None) -> dict[str, Any]:
    tree, locale = taxonomy_of(session, actor.partnership_id), here()
    languages = _LANGUAGES.union(row.languages, [row.text_language]) if row else _LANGUAGES
    countries = _COUNTRIES.union(row.countries) if row else _COUNTRIES
    return {
        "offers": type in OFFERS,
        "is_research": type is ProfileType.RESEARCH_REQUEST,
        "lengths": LENGTHS,
        "kinds": list(OfferKind),
        "developments": list(Development),
        "rights": list(Ipr),
        "partner_types": list(PartnerType),
        "cooperations": list(Cooperation),
        "branches": [(_label(tree, top.code), _below(tree, top)) for top in tree.children(None)],
        "languages_spoken": _named(locale.languages, languages),
        "countries": _named(locale.territories, countries),
    }


def _below(tree: Taxonomy, top: Node) -> list[tuple[str, str, int]]:
    """Return a branch of the taxonomy with its code, label and depth."""
    under = (one for one in tree.nodes.values() if one.path[0] == top.code)
    return [(one.code, _label(tree, one.code), one.depth) for one in under]


def _named(names: Any, codes: Collection[str]) -> list[tuple[str, str]]:
    found = [(code, str(names.get(code, code))) for code in codes]
    return sorted(found, key=lambda one: one[1].casefold())


@router.post("/new")
def post_new_profile(sent: Form, session: Tx, actor: profiles.Drafter) -> Response:
    """Begin a profile; it may be incomplete until it is sent to its check."""
    said = sent.read(profile_schemas.ProfileDraftIn, lists=_LISTS)
    made = profiles.post_profile(said, session, actor, UNANSWERED)
    return lead_to(f"/profiles/{made.id}", told="drafted")


@router.get("/{profile_id}")
def get_profile_page(request: Request, row: profiles.Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show a profile, what may be done with it, and how it was checked."""
    can, tree = Abilities(session, actor, row), taxonomy_of(session, actor.partnership_id)
    owns = can("edit_profile")
    own = confined_to(actor)
    return page(
        request,
        "profiles/profile.html",
        profile=profiles.get_profile(row, session, UNANSWERED),
        can=can,
        owns=owns,
        may_now={move.name for move in (EDIT, SUBMIT, RENEW, REOPEN, WITHDRAW) if owns and move.leaves(row.state)},
        missing=missing_before_check(row) if owns else [],
        checks=profiles.list_checks(row, session, lists.whole()).items if can("read_profile_checks") else [],
        keywords=[_label(tree, code) for code in row.keywords],
        languages_named=_names(here().languages, row.languages),
        countries_named=_names(here().territories, row.countries),
        senders=_organisations(session, actor) if own is None else [],
        is_own=own == row.organisation_id,
        scores=[("5", "5"), ("4", "4"), ("3", "3"), ("2", "2"), ("1", "1"), ("0", "0")],
    )


def _names(names: Any, codes: list[str]) -> list[str]:
    return [str(names.get(code, code)) for code in codes]


@router.post("/{profile_id}")
def post_profile_step(sent: Form, row: profiles.Edit, session: Tx) -> Response:
    """Send a profile to its check, renew it, take it back to a draft, or out of the pool."""
    then = sent.get("then")
    if then in _STEPS:
        _STEPS[then](row, session)
    return lead_to(f"/profiles/{row.id}", told=then)


@router.get("/{profile_id}/edit")
def get_edit(request: Request, row: profiles.Edit, session: Tx, actor: CurrentActor) -> Response:
    """Show a profile as a form."""
    return page(
        request,
        "profiles/edit.html",
        profile=profiles.get_profile(row, session, UNANSWERED),
        type=row.type,
        own=None,
        organisations=[],
        **_choices(session, actor, row.type, row),
    )


@router.post("/{profile_id}/edit")
def post_edit(sent: Form, row: profiles.Edit, session: Tx) -> Response:
    """Write a draft, or what is on hold."""
    said = sent.read(profile_schemas.ProfileIn, type=row.type, **_written(sent))
    profiles.put_profile(row, must_match(sent.version), said, session, UNANSWERED)
    return lead_to(f"/profiles/{row.id}", told="saved")


def _written(sent: Typed) -> dict[str, Any]:
    """Return every field of the form, so that an empty one takes away what stood there."""
    texts = {name: sent.get(name) for name in LENGTHS if name in sent}
    figures = {name: sent.get(name) or None for name in _CLEARABLE if name in sent}
    return texts | figures | {name: sent.all(name) for name in _LISTS}


@router.post("/{profile_id}/checks")
def post_check_page(sent: Form, row: profiles.Check, session: Tx, actor: CurrentActor) -> Response:
    """Check a profile: it is published, put on hold or rejected."""
    profiles.post_check(row, sent.read(profile_schemas.CheckIn), session, actor, UNANSWERED)
    return lead_to(f"/profiles/{row.id}", told="checked")


@router.post("/{profile_id}/interests")
def post_interest_page(sent: Form, profile_id: str, session: Tx, actor: CurrentActor) -> Response:
    """Express interest in a profile."""
    row = Allowed(PROFILE, Action.EXPRESS_INTEREST)(session, actor, profile_id=profile_id)
    made = interests.post_interest(row, sent.read(profile_schemas.InterestIn), session, actor, UNANSWERED)
    return lead_to(f"/interests/{made.id}", told="sent")
