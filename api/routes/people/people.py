"""Routes of a partnership's people: list, invite to a role, change, confirm, end; and the link that takes a role up."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session, col

from api.http.access import PARTNERSHIP, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import organisations_named, region_named
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Input, Line, Listing, Output, Prose, Slug
from states.changes import speak_as
from states.credentials.links import LinkPurpose, SignedLink, need_unused, open_link, use_link
from states.credentials.tokens import DEFAULT_DAYS, create_token
from states.crossings.people import HandedOver, end_role, erase_person, invite, need_held, spoken_for
from states.errors import Denied, Missing, Refusal, Refused
from states.partners.people import (
    PersonPlan,
    confirm_grant,
    edit_grant,
    edit_person,
    grant_role,
    person_plan_of,
    register_person,
)
from states.partners.queries import (
    GRANT_ORDERS,
    acts_elsewhere,
    find_grants,
    grant_by_id,
    organisation_slugs,
    region_slugs,
)
from states.partners.tables import Organisation, Partnership, Person, Region, RoleGrant
from states.rights.access import Action, Actor, Role, Scope, may, require
from states.storage.paging import sorted_by

router = APIRouter(tags=["people"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_PEOPLE))]
Invite = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.INVITE_PERSON))]
Expertise = Annotated[list[Line], Field(max_length=50, description="what the person knows: keywords")]
# Whoever edits a partnership does not thereby choose who judges and decides in it: an administrator does.
GIVEN_BY_MANAGERS = (Role.PARTNER, Role.OBSERVER)
_OF_THE_PERSON = {"email", "label", "language", "time_zone"}


class PersonElsewhere(Refused):
    """The person acts in another partnership too, and is described there as well."""

    code = "person_elsewhere"


class PersonIn(Input):
    model_config = example(
        email="lab@soil.example",
        label="head of laboratory",
        role="partner",
        organisation="medtech-katowice",
        expertise=["soil chemistry"],
    )

    email: Line
    label: Line = Field(description="who this is, by function; never a name")
    language: Slug = Field(default="en", description="ISO 639-1")
    time_zone: Line = Field(default="Europe/Brussels", description="IANA name")
    role: Role
    organisation: Slug | None = Field(default=None, description="a partner speaks for one")
    region: Slug | None = Field(default=None, description="a WGRA member speaks for one")
    expertise: Expertise = Field(default=[])


class PersonPatch(Input):
    model_config = example(expertise=["soil chemistry", "sensors"])

    email: Line | None = None
    label: Line | None = None
    language: Slug | None = None
    time_zone: Line | None = None
    organisation: Slug | None = None
    region: Slug | None = None
    expertise: Expertise | None = None


class RoleEndingIn(Input):
    model_config = example(reason="Has left the organisation.")

    reason: Prose
    successor: str | None = Field(default=None, max_length=40, description="id of somebody's grant of the same role")


class ErasureIn(Input):
    model_config = example(reason="Asked for it on 3 March.")

    reason: Prose = Field(description="why; kept with the record that somebody was erased, so without the name")


class PersonOut(Output):
    id: str = Field(description="of the grant: a person with two roles stands here twice")
    email: str
    label: str
    language: str
    time_zone: str
    role: Role
    organisation: str | None
    region: str | None
    expertise: list[str]
    since: datetime
    until: datetime | None
    unconfirmed: bool = Field(description="named by a manager alone: signs for nobody until confirmed")
    version: int


class EndedOut(Output):
    """What became of what was somebody's."""

    deadlines: int
    seats: int
    profiles: int
    cases: int = Field(description="that the person looked after or stepped in for")
    sections: int = Field(description="of protocols that went to the successor, or back to the lead")
    questions: int = Field(description="that are put to the successor now, or to all of the role")
    unattended: list[str] = Field(description="short names of those that nobody looks after now")


class RoleLinkOut(Output):
    partnership: str
    role: Role
    speaks_for: str
    person: str = Field(description="who, by function")


class RoleTakenOut(RoleLinkOut):
    """A role that was taken up, and the token by which its holder acts."""

    token: str = Field(description="shown this once")
    unconfirmed: bool


@dataclass(frozen=True, slots=True)
class GrantAccess:
    """A grant of the partnership, and its holder."""

    row: RoleGrant
    person: Person


@dataclass(frozen=True)
class AllowedGrant:
    """Give a route the grant that its path names, if the actor may do this with such a role."""

    action: Action

    def __call__(self, partnership: str, grant_id: str, session: Tx, actor: CurrentActor) -> GrantAccess:
        """Return the grant, or raise `Missing` or `Denied`."""
        row = Allowed(PARTNERSHIP, Action.READ_PARTNERSHIP)(session, actor, partnership=partnership)
        scope = Scope(row.id)
        if self.action is not Action.CONFIRM_PARTNER:
            require(actor, self.action, scope)
        grant, person = grant_by_id(session, grant_id)
        if grant.partnership_id != row.id:
            raise Missing("role_grant", grant_id)
        if self.action is Action.INVITE_PERSON:
            need_giveable(actor, grant.role)
        if self.action is Action.CONFIRM_PARTNER:
            organisations = frozenset({grant.organisation_id} if grant.organisation_id else ())
            require(actor, self.action, replace(scope, organisation_ids=organisations))
        return GrantAccess(grant, person)


ReadGrant = Annotated[GrantAccess, Depends(AllowedGrant(Action.READ_PEOPLE))]
EditGrant = Annotated[GrantAccess, Depends(AllowedGrant(Action.INVITE_PERSON))]
EraseGrant = Annotated[GrantAccess, Depends(AllowedGrant(Action.APPOINT_PERSON))]
Confirm = Annotated[GrantAccess, Depends(AllowedGrant(Action.CONFIRM_PARTNER))]


def need_giveable(actor: Actor, role: Role) -> None:
    """Raise `Denied` where this role is given, changed and ended by an administrator alone."""
    if role not in GIVEN_BY_MANAGERS:
        require(actor, Action.APPOINT_PERSON, Scope(actor.partnership_id))


@router.get("/partnerships/{partnership}/people")
def list_people(
    row: Read,
    session: Tx,
    page: Page,
    role: Role | None = None,
    organisation: Slug | None = None,
    email: Line | None = None,
    ended: bool = False,
) -> Listing[PersonOut]:
    """List who holds which role, by label; those whose role has ended too where `ended` is true."""
    named = organisation and organisations_named(session, row.id, {"query.organisation": organisation})
    key = named["query.organisation"].id if named else None
    query = find_grants(row.id, role=role, organisation_id=key, email=email, ended=ended)
    return page.read(
        session,
        query,
        *sorted_by(GRANT_ORDERS, "label", col(RoleGrant.id)),
        show=lambda part: _present(session, part),
    )


@router.post("/partnerships/{partnership}/people", status_code=201)
def post_person(row: Invite, sent: PersonIn, session: Tx, actor: CurrentActor, answer: Answered) -> PersonOut:
    """Give somebody a role, and write to that address with a link that takes it up.

    A manager gives the roles partner and observer, an administrator any. Whom a manager names to speak for a partner
    signs nothing until an administrator, or somebody who speaks for that partner, confirms it.
    """
    need_giveable(actor, sent.role)
    person = register_person(session, PersonPlan(**sent.model_dump(include=_OF_THE_PERSON)))
    grant = grant_role(
        session,
        row,
        person,
        sent.role,
        **_spoken(session, row, sent),
        expertise=sent.expertise,
        unconfirmed=_is_doubtful(actor),
    )
    invite(session, grant)
    answer.created("get_person", partnership=row.slug, grant_id=grant.id)
    answer.tag(grant.version)
    return _present(session, [(grant, person)])[0]


@router.get("/partnerships/{partnership}/people/{grant_id}")
def get_person(found: ReadGrant, session: Tx, answer: Answered) -> PersonOut:
    """Read who holds a role; its ETag is what a change sends back as If-Match."""
    answer.tag(found.row.version)
    return _present(session, [(found.row, found.person)])[0]


@router.patch("/partnerships/{partnership}/people/{grant_id}")
def patch_person(
    found: EditGrant, version: IfMatch, sent: PersonPatch, session: Tx, actor: CurrentActor, answer: Answered
) -> PersonOut:
    """Change how somebody is described and reached, for whom that person speaks, and what the person knows."""
    need_held(found.row)
    partnership = session.get_one(Partnership, found.row.partnership_id)
    changes = {name: value for name, value in sent if name in _OF_THE_PERSON and value is not None}
    if changes:
        if acts_elsewhere(session, found.person.id, partnership.id):
            raise PersonElsewhere([Refusal("person_acts_elsewhere", where="people")])
        edit_person(session, found.person, replace(person_plan_of(found.person), **changes))
    present = {"organisation": Organisation, "region": Region}
    spoken: dict[str, Any] = {
        name: session.get(kind, getattr(found.row, f"{name}_id") or "") for name, kind in present.items()
    }
    spoken |= {name: row for name, row in _spoken(session, partnership, sent).items() if row is not None}
    edit_grant(
        session,
        found.row,
        **spoken,
        expertise=found.row.expertise if sent.expertise is None else sent.expertise,
        unconfirmed=_is_doubtful(actor),
        expected_version=version,
    )
    answer.tag(found.row.version)
    return _present(session, [(found.row, found.person)])[0]


@router.post("/partnerships/{partnership}/people/{grant_id}/confirmation")
def post_person_confirmation(
    found: Confirm, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered
) -> PersonOut:
    """Confirm that somebody speaks for a partner: by an administrator, or by somebody else who speaks for it."""
    need_held(found.row)
    if actor.person_id == found.person.id:
        raise Denied("confirms_oneself")
    confirm_grant(session, found.row, expected_version=version)
    answer.tag(found.row.version)
    return _present(session, [(found.row, found.person)])[0]


@router.post("/partnerships/{partnership}/people/{grant_id}/invitations", status_code=202)
def post_person_invitation(found: EditGrant, session: Tx) -> PersonOut:
    """Write to somebody once more, with a new link; links of former mails end."""
    invite(session, found.row)
    return _present(session, [(found.row, found.person)])[0]


@router.post("/partnerships/{partnership}/people/{grant_id}/ending")
def post_role_ending(
    found: EditGrant, version: IfMatch, sent: RoleEndingIn, session: Tx, actor: CurrentActor
) -> EndedOut:
    """End a role with its tokens and links; deadlines go to the successor or to all of the role, seats are left."""
    successor = grant_by_id(session, sent.successor)[0] if sent.successor is not None else None
    done: HandedOver = end_role(
        session, found.row, actor=actor, reason=sent.reason, successor=successor, expected_version=version
    )
    return EndedOut.model_validate(done)


@router.post("/partnerships/{partnership}/people/{grant_id}/erasure", status_code=204)
def post_person_erasure(found: EraseGrant, sent: ErasureIn, session: Tx) -> None:
    """Erase what is personal of somebody who holds no role any more, anywhere; it cannot be undone.

    What that person wrote and signed stays, and says of nobody any more by whom.
    """
    erase_person(session, found.person, reason=sent.reason)


@dataclass(frozen=True, slots=True)
class RoleLink:
    """A link that takes a role up, and the role."""

    link: SignedLink
    grant: RoleGrant


def of_role_link(token: str, session: Tx) -> RoleLink:
    """Return what the link takes up, or raise `LinkForged` or `LinkEnded`; it is its own right, for this alone."""
    link = open_link(session, token, purpose=LinkPurpose.ROLE)
    grant, _ = grant_by_id(session, link.subject_id)
    need_held(grant)
    speak_as(session, role=grant.role.value, organisation_id=grant.organisation_id)
    return RoleLink(link, grant)


ByRoleLink = Annotated[RoleLink, Depends(of_role_link)]


@router.get("/links/role/{token}", responses=refusals(409, 410))
def get_role_link(found: ByRoleLink, session: Tx) -> RoleLinkOut:
    """Read which role a link takes up; nothing happens, for mail scanners follow every link."""
    need_unused(found.link)
    return RoleLinkOut(**_told(session, found.grant))


@router.post("/links/role/{token}", responses=refusals(410))
def post_role_link(found: ByRoleLink, session: Tx) -> RoleTakenOut:
    """Take up a role by a link: the answer holds the token by which one acts; the link is used up."""
    use_link(session, found.link)
    token = create_token(session, found.grant, days=DEFAULT_DAYS, label="by invitation")
    return RoleTakenOut(**_told(session, found.grant), token=token, unconfirmed=found.grant.unconfirmed)


def _told(session: Session, grant: RoleGrant) -> dict[str, Any]:
    return {
        "partnership": session.get_one(Partnership, grant.partnership_id).slug,
        "role": grant.role,
        "speaks_for": spoken_for(session, grant),
        "person": session.get_one(Person, grant.person_id).label,
    }


def _is_doubtful(actor: Actor) -> bool:
    return not may(actor, Action.APPOINT_PERSON, Scope(actor.partnership_id))


def _spoken(session: Session, row: Partnership, sent: PersonIn | PersonPatch) -> dict[str, Any]:
    organisation = sent.organisation and organisations_named(session, row.id, {"organisation": sent.organisation})
    return {
        "region": region_named(session, row.id, sent.region) if sent.region else None,
        "organisation": organisation["organisation"] if organisation else None,
    }


def _present(session: Session, rows: list[tuple[RoleGrant, Person]] | Any) -> list[PersonOut]:
    organisations = organisation_slugs(session, [grant.organisation_id for grant, _ in rows if grant.organisation_id])
    regions = region_slugs(session, [grant.region_id for grant, _ in rows if grant.region_id])
    return [
        PersonOut(
            **person.model_dump(include=_OF_THE_PERSON),
            **grant.model_dump(include={"id", "role", "expertise", "since", "until", "unconfirmed", "version"}),
            organisation=organisations.get(grant.organisation_id or ""),
            region=regions.get(grant.region_id or ""),
        )
        for grant, person in rows
    ]
