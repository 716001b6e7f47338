"""Routes of partnerships: found one, describe, close and open it; the editions of its playbook."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from api.http.access import PARTNERSHIP, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import InPartnership, Tx, person_of
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.problems import ReasonOut
from api.http.schemas import Input, Line, Listing, Output, Prose, Slug, changes_in
from documents.languages import Language
from states.credentials.tokens import create_token
from states.founding.service import Plan, found
from states.lifecycle.edition_change import Fitting, change_editions, fittings, of_other_editions, running
from states.partners.partnerships import (
    Description,
    close_partnership,
    description_of,
    edit_partnership,
    reopen_partnership,
)
from states.partners.people import PersonPlan, grant_role
from states.partners.tables import Partnership, PartnershipKind, Person
from states.playbooks.definition import Playbook as Definition
from states.playbooks.editions import choose_playbook, find, need_playbook, playbook_names
from states.playbooks.reader import parse
from states.rights.access import Action, Actor, Role
from states.texts.titles import Said

router = APIRouter(tags=["partnerships"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_PARTNERSHIP))]
Edit = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.EDIT_PARTNERSHIP))]
Close = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.CLOSE_PARTNERSHIP))]
Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Founder = Annotated[Actor, Depends(InPartnership(Action.FOUND_PARTNERSHIP))]
Playbook = Annotated[Slug, Field(description="its name, for the newest edition, or name@version")]
Bodies = Annotated[list[Line], Field(max_length=20, description="bodies that the disclaimer of its papers names")]
DryRun = Annotated[bool, Query(description="say what would happen and change nothing")]


class ManagerIn(Input):
    model_config = example(email="office@fields.example", label="coordinator of the cluster")

    email: Line
    label: Line = Field(default="project manager", description="who this is, by function")
    language: Slug = Field(default="en", description="ISO 639-1")
    time_zone: Line = Field(default="Europe/Brussels", description="IANA name")


class PartnershipIn(Input):
    model_config = example(
        slug="agri-food",
        name="Agri-food",
        programme="Smart specialisation",
        taxonomy="nace",
        manager={"email": "office@fields.example", "label": "coordinator of the cluster"},
    )

    slug: Slug
    name: Line
    kind: PartnershipKind = PartnershipKind.TSSP
    programme: str = Field(default="", max_length=300)
    objective: Prose = ""
    acknowledges: Bodies = Field(default=[])
    language: Language = Field(default="en", description="of its papers")
    playbook: Playbook = "s3"
    taxonomy: Slug = Field(default="nace", description="of its matchmaking: medtech, or nace for any field")
    manager: ManagerIn


class PartnershipPatch(Input):
    model_config = example(
        name="Medical technology and health", objective="Shorter ways from the laboratory to the patient."
    )

    slug: Slug | None = None
    name: Line | None = None
    kind: PartnershipKind | None = None
    programme: str | None = Field(default=None, max_length=300)
    objective: Prose | None = None
    acknowledges: Bodies | None = None
    language: Language | None = None
    playbook: Playbook | None = None


class PartnershipClosingIn(Input):
    model_config = example(reason="Its programme has ended.")

    reason: Prose


class PartnershipOut(Output):
    id: str
    slug: str
    name: str
    kind: PartnershipKind
    programme: str
    objective: str
    acknowledges: list[str]
    language: str = Field(description="of its papers; ISO 639-1")
    playbook: str
    taxonomy: str = Field(description="of its matchmaking: a name that is shipped, or own")
    closed_at: datetime | None
    close_reason: str
    version: int


class FoundedOut(Output):
    """A new partnership, and the token of its administrator, who founded it: it is shown this once."""

    partnership: PartnershipOut
    token: str


class FittingOut(Output):
    collaboration_id: str
    slug: str
    title: str
    edition: str = Field(description="by which it goes now")
    fits: bool
    reasons: list[ReasonOut] = Field(description="why it does not fit")


class EditionChangeIn(Input):
    model_config = example(playbook="s3")

    playbook: Playbook


class EditionChangeOut(Output):
    edition: str
    dry_run: bool
    collaborations: list[FittingOut] = Field(description="those that went by another edition; what fits has changed")


class ExpertiseOut(Output):
    """A field of expertise that a panel wants among those who review; it is what `expertise` of a person names."""

    panel: str
    title: Said = Field(description="of the panel")
    role: Role = Field(description="of those who sit on it")
    expertise: str
    at_least: int = Field(description="so many of those who review one dossier")


class PlaybookOut(Output):
    """A playbook that may be chosen, by its newest edition."""

    name: str
    edition: str = Field(description="name@version")
    title: Said
    source: str = Field(description="on what its rules rest")
    verified: bool | None = Field(description="false: not all of it was compared with its source")
    stages: dict[str, Said] = Field(description="title by key, in their order")
    expertise: list[ExpertiseOut]


class PlaybooksOut(Output):
    chosen: str = Field(description="by which new collaborations of the partnership begin")
    playbooks: list[PlaybookOut]


@router.get("/partnerships")
def list_partnerships(session: Tx, actor: Insider, page: Page) -> Listing[PartnershipOut]:
    """List the partnerships that the token opens: one."""
    rows = [session.get_one(Partnership, actor.partnership_id)]
    return page.cut(rows, lambda one: one.id, show=lambda part: [PartnershipOut.model_validate(row) for row in part])


@router.post("/partnerships", status_code=201)
def post_partnership(sent: PartnershipIn, session: Tx, actor: Founder, answer: Answered) -> FoundedOut:
    """Found another partnership with its manager; who founds it administers it, with the token of the answer."""
    said = sent.model_dump(exclude={"playbook", "taxonomy", "manager"})
    manager = PersonPlan(**sent.manager.model_dump())
    plan = Plan(Description(**said), manager, playbook=sent.playbook, taxonomy=sent.taxonomy)
    row = found(session, plan).partnership
    grant = grant_role(session, row, session.get_one(Person, person_of(actor)), Role.ADMINISTRATOR)
    answer.created("get_partnership", partnership=row.slug)
    answer.tag(row.version)
    return FoundedOut(partnership=PartnershipOut.model_validate(row), token=create_token(session, grant))


@router.get("/partnerships/{partnership}")
def get_partnership(row: Read, answer: Answered) -> PartnershipOut:
    """Read a partnership by its slug; its ETag is what a change sends back as If-Match."""
    answer.tag(row.version)
    return PartnershipOut.model_validate(row)


@router.patch("/partnerships/{partnership}")
def patch_partnership(
    row: Edit, version: IfMatch, sent: PartnershipPatch, session: Tx, answer: Answered
) -> PartnershipOut:
    """Rename or describe a partnership, or choose its playbook; what is left out stays, collaborations keep theirs."""
    changes = changes_in(sent, cleared={"programme": "", "objective": "", "acknowledges": []}, apart={"playbook"})
    edit_partnership(session, row, replace(description_of(row), **changes), expected_version=version)
    if sent.playbook is not None:
        choose_playbook(session, row, sent.playbook)
    answer.tag(row.version)
    return PartnershipOut.model_validate(row)


@router.post("/partnerships/{partnership}/closing")
def post_partnership_closing(
    row: Close, version: IfMatch, sent: PartnershipClosingIn, session: Tx, answer: Answered
) -> PartnershipOut:
    """Close a partnership in which no collaboration runs: it is read only until it is opened again."""
    close_partnership(session, row, reason=sent.reason, running=running(session, row.id), expected_version=version)
    answer.tag(row.version)
    return PartnershipOut.model_validate(row)


@router.post("/partnerships/{partnership}/reopening")
def post_partnership_reopening(row: Close, version: IfMatch, session: Tx, answer: Answered) -> PartnershipOut:
    """Open a closed partnership again."""
    reopen_partnership(session, row, expected_version=version)
    answer.tag(row.version)
    return PartnershipOut.model_validate(row)


@router.get("/partnerships/{partnership}/playbooks")
def get_playbooks(row: Read) -> PlaybooksOut:
    """Read which playbooks may be chosen, and the fields of expertise that their panels want."""
    known = [_playbook(parse(find(name), source=name)) for name in playbook_names()]
    return PlaybooksOut(chosen=row.playbook, playbooks=known)


@router.post("/partnerships/{partnership}/edition-changes")
def post_edition_change(row: Edit, sent: EditionChangeIn, session: Tx, dry_run: DryRun = False) -> EditionChangeOut:
    """Take all collaborations that fit to an edition of a playbook, and say why the others do not fit."""
    playbook = need_playbook(session, sent.playbook)
    if dry_run:
        looked_at = fittings(session, of_other_editions(session, row, playbook), playbook)
        shown = [_fitting(one, one.collaboration.playbook) for one in looked_at]
    else:
        before = {one.id: one.playbook for one in of_other_editions(session, row, playbook)}
        shown = [_fitting(one, before[one.collaboration.id]) for one in change_editions(session, row, sent.playbook)]
    return EditionChangeOut(edition=playbook.key, dry_run=dry_run, collaborations=shown)


def _playbook(one: Definition) -> PlaybookOut:
    wanted = [
        ExpertiseOut(panel=key, title=panel.title, role=panel.members, expertise=rule.expertise, at_least=rule.at_least)
        for key, panel in one.panels.items()
        for rule in panel.composition
    ]
    return PlaybookOut(
        name=one.name,
        edition=one.key,
        title=one.title,
        source=one.source,
        verified=one.verified,
        stages={key: stage.title for key, stage in one.stages.items()},
        expertise=wanted,
    )


def _fitting(one: Fitting, edition: str) -> FittingOut:
    return FittingOut(
        collaboration_id=one.collaboration.id,
        slug=one.collaboration.slug,
        title=one.collaboration.title,
        edition=edition,
        fits=one.fits,
        reasons=[ReasonOut.of(reason) for reason in one.reasons],
    )
