"""Load the situation that the partnership's report describes: people by role, collaborations by moves, the answers."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, select

from states import clock
from states.collaborations.queries import collaborations_of
from states.collaborations.service import Joining, edit_collaboration
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.reporting.drafting import draft_with_directions
from states.lifecycle.move import move
from states.lifecycle.opening import open_collaboration
from states.matchmaking.service import record_contact
from states.matchmaking.tables import ContactKind, ContactStatus
from states.partners.organisations import Profile, register_organisation
from states.partners.people import grant_role, person_by_email
from states.partners.queries import organisation_by_slug, regions_of, working_areas_of
from states.partners.tables import Organisation, OrganisationKind, Partnership
from states.playbooks.editions import playbook_of
from states.protocol.service import write_section
from states.reporting.definition import Agreement
from states.reporting.period import Period
from states.reporting.service import answer, answer_goal
from states.reporting.tables import ProgressReport, ReportState
from states.rights.access import Actor, Role


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonSeed(_Model):
    """A person by role, who speaks for a region of the partnership (its NUTS code) or for an organisation."""

    role: Role
    label: str
    email: str
    region: str | None = None
    organisation: str | None = None
    language: str = "en"
    expertise: list[str] = []


class OrganisationSeed(_Model):
    """A made-up organisation; money in EUR."""

    slug: str
    name: str
    kind: OrganisationKind
    country: str
    nuts: str
    headcount: Decimal | None = None
    turnover: Decimal | None = None
    balance_sheet: Decimal | None = None


class ContactSeed(_Model):
    host: str
    requester: str
    subject: str
    held_on: date


class MemberSeed(_Model):
    organisation: str
    part: MemberPart
    contribution: str


class MoveSeed(_Model):
    day: date
    move: str
    reason: str = ""


class CollaborationSeed(_Model):
    """A collaboration, the contact that it came from, and the moves that brought it where it stands."""

    slug: str
    title: str
    working_area: int
    summary: str
    contact: ContactSeed
    members: list[MemberSeed]
    moves: list[MoveSeed] = []
    sections: dict[str, dict[str, object]] = {}


class Situation(_Model):
    """The whole file."""

    people: list[PersonSeed]
    organisations: list[OrganisationSeed]
    collaborations: list[CollaborationSeed]


def read_situation() -> Situation:
    """Read and check the seed file."""
    text = resources.files("states.seeds").joinpath("situation.yaml").read_text(encoding="utf-8")
    return Situation.model_validate(yaml.safe_load(text))


def load_situation(session: Session, partnership: Partnership, *, but: Collection[str] = ()) -> list[Collaboration]:
    """Load people, illustrative organisations and collaborations that are not there yet; return the new ones.

    Collaborations of the slugs in `but` are left for others to open.
    Every collaboration gets where it stands by moves, each at its date: no seed is in an impossible state.
    """
    situation = read_situation()
    _load_organisations(session, partnership, situation.organisations)
    _load_people(session, partnership, situation.people)
    known = {*but, *(row.slug for row in collaborations_of(session, partnership.id))}
    return [_load(session, partnership, seed) for seed in situation.collaborations if seed.slug not in known]


def _load_people(session: Session, partnership: Partnership, people: list[PersonSeed]) -> None:
    regions = {code: region for region in regions_of(session, partnership.id) for code in region.codes}
    for seed in people:
        person = person_by_email(session, email=seed.email, label=seed.label, language=seed.language)
        region = regions[seed.region] if seed.region else None
        organisation = organisation_by_slug(session, seed.organisation) if seed.organisation else None
        grant_role(
            session,
            partnership,
            person,
            seed.role,
            region=region,
            organisation=organisation,
            expertise=seed.expertise,
        )


def _load_organisations(session: Session, partnership: Partnership, organisations: list[OrganisationSeed]) -> None:
    known = set(session.exec(select(Organisation.slug)))
    for seed in organisations:
        if seed.slug not in known:
            profile = Profile(**seed.model_dump(exclude={"slug"}), illustrative=True)
            register_organisation(session, partnership, profile, slug=seed.slug)


def _load(session: Session, partnership: Partnership, seed: CollaborationSeed) -> Collaboration:
    actor = Actor(Role.PROJECT_MANAGER, partnership.id)
    areas = {entry.area.number: entry.area for entry in working_areas_of(session, partnership.id)}
    with clock.at(_noon(seed.contact.held_on)):
        contact = record_contact(
            session,
            partnership_id=partnership.id,
            kind=ContactKind.MEETING,
            requester=organisation_by_slug(session, seed.contact.requester),
            host=organisation_by_slug(session, seed.contact.host),
            subject=seed.contact.subject,
            status=ContactStatus.HELD,
            held_on=seed.contact.held_on,
            illustrative=True,
        )
        row = open_collaboration(
            session,
            partnership,
            contact=contact,
            slug=seed.slug,
            title=seed.title,
            summary=seed.summary,
            members=[
                Joining(organisation_by_slug(session, one.organisation), one.part, one.contribution)
                for one in seed.members
            ],
            illustrative=True,
        )
        edit_collaboration(session, row, working_area=areas[seed.working_area])
    for step in seed.moves:
        with clock.at(_noon(step.day)):
            move(session, row.id, step.move, actor=actor, reason=step.reason)
    with clock.at(row.stage_since):
        for key, content in seed.sections.items():
            sections = playbook_of(session, row).protocol
            write_section(session, row, key, content, sections=sections, illustrative=True)
    return row


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


class ReportSeed(BaseModel):
    """The whole file: answers by question id, agreement by goal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    period: str
    answers: dict[str, str]
    goals: dict[int, Agreement]


def read_report() -> ReportSeed:
    """Read and check the seed file."""
    text = resources.files("states.seeds").joinpath("report.yaml").read_text(encoding="utf-8")
    return ReportSeed.model_validate(yaml.safe_load(text))


def load_report(session: Session, partnership: Partnership) -> ProgressReport:
    """Draft the report, with the answers that nobody has written yet; one that is prepared or issued stays.

    Call it when the collaborations are loaded and the half-year has begun: the figures are those of the records.
    """
    seed = read_report()
    report = draft_with_directions(session, partnership, period=Period.parse(seed.period))
    if report.state is not ReportState.DRAFT:
        return report
    for question, text in seed.answers.items():
        if question not in report.answers:
            answer(session, report, question, text)
    for goal, agreement in seed.goals.items():
        if str(goal) not in report.goals:
            answer_goal(session, report, goal, agreement)
    return report
