"""The first page of an empty installation: from nothing to a partnership, or to the example, once.

Whoever runs the installation has its link: `bankable serve` prints it as long as there is no partnership.
"""

from collections.abc import Sequence

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlmodel import Session
from starlette.responses import Response

from api.http.dependencies import Tx
from api.http.schemas import Input, Line, Slug
from api.pages.forms import Form
from api.pages.languages import speaking_to
from api.pages.rendering import page
from api.pages.views.sign_in import let_holder_in
from states.changes import act_as
from states.credentials.links import LinkPurpose, subject_of
from states.crossings.people import invite
from states.errors import Fault, Invalid
from states.founding.naming import short_name, site_country
from states.founding.service import Cluster, Plan, found_first, need_first
from states.partners.organisations import Profile
from states.partners.partnerships import Description
from states.partners.people import PersonPlan, grant_role, register_person
from states.partners.regions import RegionPlan
from states.partners.registry_faults import code_fault, site_code
from states.partners.tables import OrganisationKind, Partnership, PartnershipKind
from states.partners.working_areas import AreaPlan
from states.places.region_reader import RegionReading, read_regions
from states.playbooks.editions import find, playbook_names
from states.playbooks.reader import parse
from states.rights.access import Role
from states.rights.authors import Author, Via
from states.seeds.example import load_example

router = APIRouter(prefix="/set-up")

TAXONOMIES = ("nace", "medtech")
# Whom one may invite before there are partners and authorities to speak for.
INVITED = (
    Role.PROJECT_MANAGER,
    Role.ADMINISTRATOR,
    Role.IAG_SECRETARY,
    Role.IAG_CHAIR,
    Role.IAG_MEMBER,
    Role.WGRA_CHAIR,
    Role.OBSERVER,
)


class ColleagueIn(Input):
    email: Line
    label: Line
    role: Role


class SetUpIn(Input):
    name: Line
    kind: PartnershipKind = PartnershipKind.TSSP
    programme: str = Field(default="", max_length=300)
    playbook: Slug = "s3"
    taxonomy: Slug = "nace"
    regions: str = Field(max_length=20_000)
    areas: str = Field(max_length=5_000)
    cluster: Line = ""
    site: Line = ""
    email: Line
    label: Line
    people: list[ColleagueIn] = Field(default=[], max_length=50)


class ExampleIn(Input):
    email: Line
    label: Line = "project manager"


def need_key(key: str, session: Tx) -> None:
    """Raise `LinkForged` where the installation did not print the link, and `AlreadyFounded` where it was used."""
    subject_of(key, purpose=LinkPurpose.SET_UP)
    need_first(session)
    act_as(session, Author(Via.LINK, LinkPurpose.SET_UP.value))


KeyNeeded = Depends(need_key)


@router.get("/{key}", dependencies=[KeyNeeded])
def get_set_up(request: Request) -> Response:
    """Ask for the partnership: its name, field, regions, working areas, playbook, and who is there."""
    return _page(request)


@router.post("/{key}", dependencies=[KeyNeeded])
def post_set_up(sent: Form, request: Request, session: Tx) -> Response:
    """Show how the regions were read; found the partnership once that was seen."""
    said = sent.read(SetUpIn)
    reading = read_regions(said.regions)
    if sent.get("then") != "found" or sent.get("read") != " ".join(reading.codes):
        with speaking_to(request.state.language):
            return _page(request, reading)
    administered = any(one.role is Role.ADMINISTRATOR for one in said.people)
    made = found_first(session, _plan(said, reading), administers=not administered)
    for one in said.people:
        _invite(session, made.partnership, one)
    return let_holder_in(request, session, made.manager, to="/?told=welcome")


@router.post("/{key}/example", dependencies=[KeyNeeded])
def post_example(sent: Form, request: Request, session: Tx) -> Response:
    """Load the example, the partnership for medical technology as its report describes it, and manage it."""
    said = sent.read(ExampleIn)
    partnership, _ = load_example(session)
    person = register_person(session, PersonPlan(said.email, said.label))
    grant = grant_role(session, partnership, person, Role.PROJECT_MANAGER)
    grant_role(session, partnership, person, Role.ADMINISTRATOR)
    return let_holder_in(request, session, grant, to="/?told=welcome")


def _page(request: Request, reading: RegionReading | None = None) -> Response:
    return page(
        request,
        "set_up/set_up.html",
        reading=reading,
        playbooks=[parse(find(name), source=name) for name in playbook_names()],
        taxonomies=TAXONOMIES,
        kinds=list(PartnershipKind),
        invited=INVITED,
    )


def _plan(said: SetUpIn, reading: RegionReading) -> Plan:
    faults = [code_fault("regions", one.text) for one in reading.unread]
    if not reading.read:
        faults.append(Fault("regions", "missing", remedy="write_regions"))
    areas = [line.strip() for line in said.areas.splitlines() if line.strip()]
    if not areas:
        faults.append(Fault("areas", "missing", remedy="write_areas"))
    cluster = _cluster(said)
    if cluster is not None and (fault := code_fault("site", cluster.profile.nuts)) is not None:
        faults.append(fault)
    if found := [one for one in faults if one is not None]:
        raise Invalid(faults=found)
    return Plan(
        Description(short_name(said.name), said.name, kind=said.kind, programme=said.programme),
        PersonPlan(said.email, said.label),
        playbook=said.playbook,
        taxonomy=said.taxonomy,
        regions=_regions(reading),
        areas=[AreaPlan(one) for one in areas],
        cluster=cluster,
    )


def _regions(reading: RegionReading) -> Sequence[RegionPlan]:
    names = {one.code: one.name for one in reading.read}
    return [
        RegionPlan(short_name(names[code]), names[code], [code], leading=number == 0)
        for number, code in enumerate(reading.codes)
    ]


def _cluster(said: SetUpIn) -> Cluster | None:
    if not said.cluster:
        return None
    site = site_code(said.site)
    return Cluster(short_name(said.cluster), Profile(said.cluster, OrganisationKind.CLUSTER, site_country(site), site))


def _invite(session: Session, partnership: Partnership, sent: ColleagueIn) -> None:
    person = register_person(session, PersonPlan(sent.email, sent.label))
    invite(session, grant_role(session, partnership, person, sent.role))
