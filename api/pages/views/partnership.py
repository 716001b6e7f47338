"""The partnership: what it says of itself, its people, members, regions and working areas; in and out by a workbook."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import PARTNERSHIP, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.forms import SentForm
from api.http.paging import Page
from api.http.searching import Narrowing
from api.pages.forms import UNANSWERED, Form
from api.pages.languages import speaking_to
from api.pages.lists import Lists
from api.pages.pipeline import playbook_in_force
from api.pages.rendering import lead_to, page
from api.pages.signing import Reader, read_session
from api.pages.views.figures import has_figures
from api.routes.partnerships import imports, organisations, partnerships, regions, working_areas
from api.routes.people import people, sessions
from states.partners.queries import find_grants, regions_of
from states.partners.tables import MembershipPart, OrganisationKind, Partnership
from states.places.exonyms import region_said
from states.playbooks.editions import find, playbook_names
from states.playbooks.reader import parse
from states.rights.access import Action, Actor, Role, Scope, may
from states.storage import begin
from states.texts.titles import said
from states.workbook.bringing import bring_in
from states.workbook.files import read_file
from states.workbook.importing import read_workbook

router = APIRouter(prefix="/partnership")


@dataclass(frozen=True)
class Own:
    """Give a page the reader's partnership, if the reader may do this there."""

    action: Action

    def __call__(self, me: Reader, session: Tx) -> Partnership:
        """Return the partnership, or raise `Denied`."""
        return Allowed(PARTNERSHIP, self.action)(session, me.actor, partnership=me.partnership_slug)


def abilities(actor: Actor, row: Partnership) -> Callable[[str], bool]:
    """Return what tells for an action, by its key, whether the reader may do it here."""
    return lambda action: may(actor, Action(action), Scope(row.id))


Read = Annotated[Partnership, Depends(Own(Action.READ_PARTNERSHIP))]
Edit = Annotated[Partnership, Depends(Own(Action.EDIT_PARTNERSHIP))]
ReadPeople = Annotated[Partnership, Depends(Own(Action.READ_PEOPLE))]
Invite = Annotated[Partnership, Depends(Own(Action.INVITE_PERSON))]


@router.get("")
def get_partnership(request: Request, row: Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show what the partnership says of itself, its regions and working areas, and the way to the rest."""
    return page(
        request,
        "partnership/partnership.html",
        row=row,
        can=abilities(actor, row),
        regions=regions.list_regions(row, session, lists.whole()).items,
        areas=working_areas.list_working_areas(row, session, lists.whole()).items,
        playbook=said(playbook_in_force(session, actor).title),
    )


@router.get("/edit")
def get_edit(request: Request, row: Edit) -> Response:
    """Ask what the partnership says of itself, and by which playbook new collaborations begin."""
    known = [parse(find(name), source=name) for name in playbook_names()]
    return page(request, "partnership/edit.html", row=row, playbooks=known)


@router.post("/edit")
def post_edit(sent: Form, row: Edit, session: Tx) -> Response:
    """Change it."""
    bodies = [line.strip() for line in sent.get("acknowledges").splitlines() if line.strip()]
    said = sent.read(partnerships.PartnershipPatch, keep_empty=("programme", "objective"), acknowledges=bodies)
    partnerships.patch_partnership(row, must_match(sent.version), said, session, UNANSWERED)
    return lead_to("/partnership", told="saved")


# Regions and working areas


@router.post("/regions")
def post_region(sent: Form, row: Edit, session: Tx) -> Response:
    """Add a region by its name or code."""
    regions.post_region(row, sent.read(regions.RegionIn), session, UNANSWERED)
    return lead_to("/partnership", told="region")


@router.get("/regions/{region}")
def get_region(request: Request, row: Edit, region: str, session: Tx) -> Response:
    """Show a region, to be corrected."""
    return page(
        request, "partnership/region.html", row=row, region=regions.get_region(row, region, session, UNANSWERED)
    )


@router.post("/regions/{region}")
def post_region_change(sent: Form, row: Edit, region: str, session: Tx) -> Response:
    """Correct a region."""
    codes = sent.get("codes").replace(",", " ").split()
    said = sent.read(
        regions.RegionPatch, keep_empty=("valid_from", "valid_until"), codes=codes, leading="leading" in sent
    )
    regions.patch_region(row, region, must_match(sent.version), said, session, UNANSWERED)
    return lead_to("/partnership", told="saved")


@router.post("/areas")
def post_area(sent: Form, row: Edit, session: Tx) -> Response:
    """Make a working area."""
    working_areas.post_working_area(row, sent.read(working_areas.WorkingAreaIn), session, UNANSWERED)
    return lead_to("/partnership", told="area")


@router.get("/areas/{number}")
def get_area(request: Request, row: Edit, number: int, session: Tx) -> Response:
    """Show a working area, to be changed, ended or taken up again."""
    area = working_areas.get_working_area(row, number, session, UNANSWERED)
    return page(request, "partnership/area.html", row=row, area=area, regions=regions_of(session, row.id))


@router.post("/areas/{number}")
def post_area_change(sent: Form, row: Edit, number: int, session: Tx) -> Response:
    """Change a working area, end it, or let it be taken up again."""
    version = must_match(sent.version)
    match sent.get("then"):
        case "end":
            working_areas.post_area_ending(row, number, version, session, UNANSWERED)
        case "resume":
            working_areas.post_area_resumption(row, number, version, session, UNANSWERED)
        case _:
            said = sent.read(
                working_areas.WorkingAreaPatch,
                keep_empty=("other_actors",),
                in_charge=sent.all("in_charge"),
                involved=sent.all("involved"),
            )
            working_areas.patch_working_area(row, number, version, said, session, UNANSWERED)
    return lead_to("/partnership", told="saved")


# People


@router.get("/people")
def get_people(
    request: Request,
    row: ReadPeople,
    session: Tx,
    actor: CurrentActor,
    cut: Page,
    role: str = "",
    ended: bool = False,
) -> Response:
    """List who holds which role."""
    wanted = Role(role) if role in set(Role) else None
    found = people.list_people(row, session, cut, role=wanted, ended=ended)
    return page(
        request,
        "partnership/people.html",
        row=row,
        can=abilities(actor, row),
        people=found,
        role=role,
        ended=ended,
        roles=_given(actor, row),
    )


@router.get("/people/invite")
def get_invite(request: Request, row: Invite, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Ask whom to invite, and as what."""
    administrators = session.exec(find_grants(row.id, role=Role.ADMINISTRATOR)).all()
    return page(
        request,
        "partnership/invite.html",
        row=row,
        roles=_given(actor, row),
        appoints=may(actor, Action.APPOINT_PERSON, Scope(row.id)),
        administers=any(person.id == actor.person_id for _, person in administrators),
        administrators=[person.label for _, person in administrators],
        members=organisations.list_organisations(row, session, actor, lists.whole(), None).items,
        regions=[(one.slug, region_said(one.name, one.codes)) for one in regions_of(session, row.id)],
    )


@router.post("/people/invite")
def post_invite(sent: Form, row: Invite, session: Tx, actor: CurrentActor) -> Response:
    """Give somebody a role, and write to that address."""
    knows = [one.strip() for one in sent.get("expertise").split(",") if one.strip()]
    people.post_person(row, sent.read(people.PersonIn, expertise=knows), session, actor, UNANSWERED)
    return lead_to("/partnership/people", told="invited")


@router.get("/people/{grant_id}")
def get_person(
    request: Request, row: ReadPeople, grant_id: str, session: Tx, actor: CurrentActor, lists: Lists
) -> Response:
    """Show somebody's role: what it is for, since when, and what may be done with it."""
    found = people.AllowedGrant(Action.READ_PEOPLE)(row.slug, grant_id, session, actor)
    others = people.list_people(row, session, lists.whole(), role=found.row.role).items
    return page(
        request,
        "partnership/person.html",
        row=row,
        can=abilities(actor, row),
        person=people.get_person(found, session, UNANSWERED),
        me=actor.person_id == found.person.id,
        confirms=_confirms(actor, found),
        others=[one for one in others if one.id != grant_id],
    )


@router.post("/people/{grant_id}")
def post_person(sent: Form, row: Invite, grant_id: str, session: Tx, actor: CurrentActor) -> Response:
    """Change what a person knows or is called, write to that person again, confirm the role, or end it."""
    edit = people.AllowedGrant(Action.INVITE_PERSON)
    then = sent.get("then")
    match then:
        case "again":
            people.post_person_invitation(edit(row.slug, grant_id, session, actor), session)
        case "confirm":
            found = people.AllowedGrant(Action.CONFIRM_PARTNER)(row.slug, grant_id, session, actor)
            people.post_person_confirmation(found, must_match(sent.version), session, actor, UNANSWERED)
        case "erase":
            erased = people.AllowedGrant(Action.APPOINT_PERSON)(row.slug, grant_id, session, actor)
            people.post_person_erasure(erased, sent.read(people.ErasureIn), session)
        case "sign_out":
            sessions.delete_sessions(
                people.AllowedGrant(Action.APPOINT_PERSON)(row.slug, grant_id, session, actor), session
            )
        case "end":
            ending = sent.read(people.RoleEndingIn)
            found = edit(row.slug, grant_id, session, actor)
            people.post_role_ending(found, must_match(sent.version), ending, session, actor)
        case _:
            knows = [one.strip() for one in sent.get("expertise").split(",") if one.strip()]
            said = sent.read(people.PersonPatch, expertise=knows)
            people.patch_person(
                edit(row.slug, grant_id, session, actor), must_match(sent.version), said, session, actor, UNANSWERED
            )
    return lead_to("/partnership/people", told=then or "saved")


def _confirms(actor: Actor, found: people.GrantAccess) -> bool:
    """Tell whether the reader may confirm the role: an administrator, or another one who speaks for the partner."""
    partner = frozenset({found.row.organisation_id} if found.row.organisation_id else ())
    scope = Scope(found.row.partnership_id, organisation_ids=partner)
    return actor.person_id != found.person.id and may(actor, Action.CONFIRM_PARTNER, scope)


def _given(actor: Actor, row: Partnership) -> list[Role]:
    """Return the roles that the reader may give."""
    every = may(actor, Action.APPOINT_PERSON, Scope(row.id))
    return [role for role in Role if role is not Role.CLOCK and (every or role in people.GIVEN_BY_MANAGERS)]


# Members


@router.get("/members")
def get_members(
    request: Request, row: Read, session: Tx, actor: CurrentActor, cut: Page, words: Narrowing, left: bool = False
) -> Response:
    """List the members, found by words."""
    found = organisations.list_organisations(row, session, actor, cut, words, left=left)
    can = abilities(actor, row)
    return page(request, "partnership/members.html", row=row, can=can, members=found, left=left)


@router.get("/members/new")
def get_new_member(request: Request, row: Edit) -> Response:
    """Ask for a new member."""
    return page(request, "partnership/member.html", row=row, member=None, **_choices())


@router.post("/members/new")
def post_new_member(sent: Form, row: Edit, session: Tx) -> Response:
    """Register an organisation and make it a member."""
    made = organisations.post_organisation(
        row, sent.read(organisations.OrganisationIn, domains=_domains(sent.get("domains"))), session, UNANSWERED
    )
    return lead_to(f"/partnership/members/{made.slug}", told="made")


@router.get("/members/{organisation}")
def get_member(request: Request, row: Read, organisation: str, session: Tx, actor: CurrentActor) -> Response:
    """Show a member, to be changed by who may."""
    found = organisations.get_organisation(row, organisation, session, UNANSWERED)
    can = abilities(actor, row)
    figures = has_figures(actor, found.id)
    return page(request, "partnership/member.html", row=row, can=can, member=found, figures=figures, **_choices())


@router.post("/members/{organisation}")
def post_member(sent: Form, row: Edit, organisation: str, session: Tx, actor: CurrentActor) -> Response:
    """Change what is known of a member, let it leave with a reason, or let it come back."""
    version, then = must_match(sent.version), sent.get("then")
    match then:
        case "leave":
            leaving = sent.read(organisations.MemberLeavingIn)
            organisations.post_organisation_withdrawal(row, organisation, version, leaving, session, actor)
        case "return":
            organisations.post_organisation_return(row, organisation, version, session, UNANSWERED)
        case _:
            texts: dict[str, Any] = {name: sent.get(name) for name in _TEXTS}
            said = sent.read(
                organisations.OrganisationPatch,
                keep_empty=("headcount", "turnover", "balance_sheet"),
                domains=_domains(sent.get("domains")),
                illustrative="illustrative" in sent,
                **texts,
            )
            organisation = organisations.patch_organisation(row, organisation, version, said, session, UNANSWERED).slug
    return lead_to(f"/partnership/members/{organisation}", told=then or "saved")


_TEXTS = ("legal_name", "legal_form", "address", "registration_number", "vat_number", "pic", "nace")


def _domains(written: str) -> list[str]:
    return written.replace(",", " ").split()


def _choices() -> dict[str, Any]:
    return {"kinds": list(OrganisationKind), "parts": list(MembershipPart)}


# A workbook in and out


@router.get("/workbook")
def get_workbook(request: Request, row: Edit) -> Response:
    """Offer the workbook, empty and filled, and take one in."""
    return page(request, "partnership/workbook.html", row=row)


@router.get("/workbook.xlsx")
def get_workbook_file(row: Edit, session: Tx) -> Response:
    """Hand the workbook out."""
    return imports.get_export(row, session)


@dataclass(frozen=True)
class OwnIn:
    """Give a page how the reader's partnership is found in each transaction anew; none is held while a file is read."""

    action: Action

    def __call__(self, request: Request) -> Callable[[Session], Partnership]:
        """Return what finds it, or raise `Denied`."""

        def found(session: Session) -> Partnership:
            return Own(self.action)(read_session(request, session), session)

        with begin(read_only=True) as session:
            found(session)
        return found


IntoOwn = Annotated[Callable[[Session], Partnership], Depends(OwnIn(Action.EDIT_PARTNERSHIP))]


@router.post("/workbook")
def post_workbook(sent: Form, request: Request, into: IntoOwn) -> Response:
    """Check a workbook or table, or bring it in: all of it, or nothing and every fault with its place."""
    [(file, name)] = SentForm({}, [(file, name) for _, file, name in sent.files]).need_files(1)
    checked = "dry_run" in sent
    book = read_workbook(read_file(file.read(), name=name, encoding=""))
    done = bring_in(book, into=into, grantable=people.GIVEN_BY_MANAGERS, dry_run=checked)
    sheets = [imports.SheetOut.model_validate(one) for one in done]
    with begin(read_only=True) as session, speaking_to(request.state.language):
        return page(request, "partnership/workbook.html", row=into(session), sheets=sheets, checked=checked)
