"""Things to test with, made as users make them: a collaboration reaches a stage by moves, so none is impossible."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from importlib import resources

from sqlmodel import Session, col, select

from states.archive.editions import Printing
from states.archive.evidence.definition import Source as Owing
from states.archive.evidence.facts import DemandState
from states.archive.evidence.file_types import PDF
from states.archive.evidence.queries import evidence_in_force
from states.archive.evidence.service import Filing, Upload, file_upload
from states.archive.evidence.tables import Evidence, Scan
from states.archive.shares.tables import DocumentShare, DocumentShareOpening, Opened
from states.archive.store import receive
from states.archive.tables import DocumentClass, IssuedDocument
from states.checklists.definition import ItemSpec
from states.checklists.service import Given
from states.clock import machine_now, today
from states.collaborations.service import Joining, edit_collaboration
from states.collaborations.tables import Collaboration, HistoryLine, MemberPart
from states.crossings.checklists import answer, checklists_for, confirm
from states.crossings.checklists import sign as sign_checklist
from states.crossings.deadlines.followers import followed
from states.crossings.evidence import demands
from states.crossings.review.rounds import open_requested_round
from states.funding.awards.agreements import AgreementPlan, record_agreement
from states.funding.awards.service import SubmissionPlan, record_submission
from states.funding.awards.tables import Agreement, Submission
from states.funding.case.case import Allocation, FundingScenario
from states.funding.case.gathering import case_of
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.checks.scenario_legality import record_mix
from states.funding.finance.plan import Prices
from states.funding.finance.scenario_finances import assumptions_of, keep_assumptions
from states.funding.inputs.assumptions import Assumptions, Horizon, Rates
from states.funding.inputs.tables import CostLine
from states.funding.queries import costs_of
from states.funding.service import SourceLine, UseLine, add_scenario, choose_scenario, set_source_status
from states.funding.tables import Scenario, Source, SourceKind, SourceStatus
from states.lifecycle.move import move
from states.lifecycle.opening import open_collaboration
from states.matchmaking.service import record_contact
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.partners.people import grant_role, person_by_email
from states.partners.tables import (
    Organisation,
    OrganisationKind,
    Partnership,
    PartnershipKind,
    Person,
    Region,
    WorkingArea,
)
from states.playbooks.definition import Playbook
from states.playbooks.editions import playbook_of
from states.playbooks.reader import parse
from states.protocol.definition import ColumnKind, SectionSpec
from states.protocol.queries import latest_versions, sign_offs_of
from states.protocol.service import freeze_version, write_section
from states.protocol.signing import sign_off
from states.protocol.tables import ProtocolVersion
from states.review.conflicts.service import agree, declare
from states.review.conflicts.tables import ConflictKind
from states.review.consensus import record_consensus, record_minute
from states.review.decisions import confirm_decision, prepare_decision, release_decision
from states.review.evaluations import submit_evaluation
from states.review.positions import Stance, state_position
from states.review.seats import Place
from states.review.service import close_round
from states.review.tables import Evaluation, Outcome, PriorityMatch, ReviewRound, RoundState, Willingness
from states.rights.access import Actor, Role
from tests.own_checklists import passing
from tests.replay import replayed

SITES = {"gliwice": ("PL", "PL229"), "marseille": ("FR", "FRL04"), "katowice": ("PL", "PL22A")}
REGIONS = {"upper-silesia": ("PL", "PL22"), "paca": ("FR", "FRL0"), "navarra": ("ES", "ES22")}
STAGES = ("matchmaking", "outline", "investment_protocol", "iag_review", "wgra_review", "funding_scenario", "bankable")
_CELLS = {
    ColumnKind.TEXT: "text",
    ColumnKind.MONEY: "1000.10",
    ColumnKind.PERCENT: "50",
    ColumnKind.INTEGER: "3",
    ColumnKind.DATE: "2020-06-30",
    ColumnKind.NUTS: "PL22",
    ColumnKind.NUMBER: "0.5",
    ColumnKind.MONTHS: "1-12",
    ColumnKind.PARTNER: "medtech-gliwice",
    ColumnKind.URL: "https://example.com",
}


@lru_cache(maxsize=1)
def s3() -> Playbook:
    return parse(resources.files("states.playbooks").joinpath("s3.yaml").read_text(encoding="utf-8"))


@dataclass
class World:
    """A partnership with two regions that pay, organisations, and a person for each role."""

    session: Session
    partnership: Partnership
    regions: dict[str, Region] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    area: WorkingArea | None = None

    def actor(
        self,
        role: Role,
        *,
        person: str | None = None,
        region_id: str | None = None,
        organisation_id: str | None = None,
    ) -> Actor:
        """Return the actor of a role; IAG members are `iag_member 1` to `3`, WGRA members go by region."""
        who = self.people.get(person or role.value)
        person_id = who.id if who else None
        return Actor(
            role, self.partnership.id, person_id=person_id, region_id=region_id, organisation_id=organisation_id
        )

    @property
    def manager(self) -> Actor:
        return self.actor(Role.PROJECT_MANAGER)


@replayed
def a_world(session: Session, *, slug: str = "medtech") -> World:
    partnership = Partnership(slug=slug, name="Medical technology", kind=PartnershipKind.TSSP, playbook="s3")
    session.add(partnership)
    session.flush()
    world = World(session, partnership)
    for name, (country, code) in REGIONS.items():
        world.regions[name] = Region(partnership_id=partnership.id, slug=name, name=name, country=country, codes=[code])
    for name, (country, nuts) in SITES.items():
        kind = OrganisationKind.SME
        world.organisations[name] = Organisation(
            slug=f"{slug}-{name}", name=name, kind=kind, country=country, nuts=nuts
        )
    world.area = WorkingArea(partnership_id=partnership.id, number=2, name="Biomaterials and implants")
    session.add_all([*world.regions.values(), *world.organisations.values(), world.area])
    session.flush()
    for role in (Role.PROJECT_MANAGER, Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.WGRA_CHAIR, Role.OBSERVER):
        _hold(world, role, role.value)
    for number in (1, 2, 3):
        _hold(world, Role.IAG_MEMBER, f"iag_member {number}")
    for name in ("upper-silesia", "paca"):
        _hold(world, Role.WGRA_MEMBER, name, region=world.regions[name])
    _hold(world, Role.PARTNER, "partner", organisation=world.organisations["gliwice"])
    return world


def _hold(world: World, role: Role, key: str, **of: Region | Organisation) -> None:
    email = f"{key.replace(' ', '-')}@{world.partnership.slug}.example.org"
    world.people[key] = person_by_email(world.session, email=email, label=key)
    grant_role(world.session, world.partnership, world.people[key], role, **of)  # type: ignore[arg-type]


@replayed
def a_collaboration(
    world: World, *, slug: str = "centre", sites: tuple[str, ...] = ("gliwice", "marseille")
) -> Collaboration:
    """Return a new collaboration of these sites, the first one leading."""
    first, second = (world.organisations[name] for name in ("gliwice", "marseille"))
    contact = record_contact(
        world.session,
        partnership_id=world.partnership.id,
        kind=ContactKind.MEETING,
        requester=second,
        host=first,
        subject="Testing",
        status=ContactStatus.HELD,
        held_on=date(2020, 1, 15),
    )
    return open_collaboration(
        world.session,
        world.partnership,
        contact=contact,
        slug=slug,
        title="Centre for Biocompatibility",
        members=[
            Joining(world.organisations[name], MemberPart.PARTNER if number else MemberPart.LEAD)
            for number, name in enumerate(sites)
        ],
    )


def content_of(section: SectionSpec, *, rows: int = 1) -> dict[str, object]:
    """Return content that fills every field of a section; every amount is 1000.10 EUR."""
    return {
        entry.key: [{column.key: (*column.choices, _CELLS.get(column.kind, ""))[0] for column in entry.columns}] * rows
        if entry.columns
        else f"{section.title}: {entry.title}"
        for entry in section.fields
    }


@replayed
def freeze(world: World, row: Collaboration) -> ProtocolVersion:
    """Freeze the protocol; every partner is asked to sign its part."""
    with followed(world.session, row):
        return freeze_version(world.session, row)


def sign(world: World, row: Collaboration, *sites: str) -> None:
    """Let somebody of these partners (of all of them, where none is named) sign the latest version."""
    version, person_id = latest_versions(world.session, [row.id])[row.id], world.people["partner"].id
    wanted = {world.organisations[name].id for name in sites or SITES}
    for asked, organisation in sign_offs_of(world.session, version.id):
        if organisation.id in wanted and asked.signed_at is None:
            sign_off(world.session, asked, collaboration=row, person_id=person_id)


def fill_protocol(world: World, row: Collaboration) -> None:
    """Write every section, and do what else the playbook asks for in the present stage."""
    sections = playbook_of(world.session, row).protocol
    for section in sections:
        write_section(world.session, row, section.key, content_of(section), sections=sections)
    fulfil(world.session, row, by=world.manager, second=world.actor(Role.IAG_SECRETARY))


def fulfil(session: Session, row: Collaboration, *, by: Actor, second: Actor) -> None:
    """File the evidence that the playbook asks for in the present stage, and fill and sign its lists so that they pass.

    `by` answers and signs, `second` confirms.
    """
    for owed in demands(session, row):
        if row.stage in owed.stages and owed.state is not DemandState.FILED:
            member, region = owed.owner_id, None
            if owed.source is Owing.EACH_REGION:
                member, region = region, member
            plain = Filing(owed.kind, owed.title, today(), DocumentClass.CONFIDENTIAL)
            _file(session, row, replace(plain, organisation_id=member, region_id=region))
    for shown in checklists_for(session, row, None):
        spec = shown.standing.spec
        if not shown.in_stage or shown.standing.passed:
            continue
        given = [Given(one.key, passing(one), evidence_ids=_files_for(session, row, one)) for one in spec.items]
        answer(session, row, spec.key, given, actor=by)
        if seconded := [one.key for one in spec.items if one.second_person]:
            confirm(session, row, spec.key, seconded, actor=second)
        sign_checklist(session, row, spec.key, actor=by)


def _files_for(session: Session, row: Collaboration, item: ItemSpec) -> list[str]:
    """Return what an answer rests on, filed where it is not there yet."""
    if item.evidence is None:
        return []
    found = [one.id for one in evidence_in_force(session, row.id) if one.kind == item.evidence]
    return found or [_file(session, row, Filing(item.evidence, item.evidence, today(), DocumentClass.CONFIDENTIAL)).id]


def _file(session: Session, row: Collaboration, said: Filing, content: bytes = b"", *, name: str = "") -> Evidence:
    content = content or f"%PDF-1.7 {said.title} {said.organisation_id}".encode()
    upload = Upload(name or "filed.pdf", PDF, Scan.NOT_SCANNED, receive([content]))
    return file_upload(session, row, said, upload, person_id=None)


REVIEWERS = ("iag_member 1", "iag_member 2", "iag_member 3")
PRINTING = Printing("1" * 64, "2" * 64, "a renderer of tests")
COMMENT = "It rests on the evidence in the dossier."


@replayed
def open_iag(world: World, row: Collaboration, *, reviewers: tuple[str, ...] = REVIEWERS) -> ReviewRound:
    """Open the IAG round with these people on its seats."""
    places = [Place(world.people[name].id, why=("for a test",)) for name in reviewers]
    return open_requested_round(world.session, row.id, "iag", places=places)


def clear(world: World, row: Collaboration, opened: ReviewRound, name: str) -> None:
    """Let a person agree to this year's rules and declare no conflict."""
    person_id = world.people[name].id
    agree(world.session, partnership_id=world.partnership.id, person_id=person_id)
    declare(world.session, opened, person_id=person_id, kind=ConflictKind.NONE, reason="", collaboration=row)


def scores_of(score: str = "4") -> tuple[dict[str, object], dict[str, str]]:
    """Return one score and a comment of sufficient length for every criterion."""
    keys = [criterion.key for criterion in s3().panels["iag"].criteria]
    return dict.fromkeys(keys, score), dict.fromkeys(keys, COMMENT)


def evaluate(world: World, row: Collaboration, opened: ReviewRound, name: str, *, score: str = "4") -> Evaluation:
    scores, comments = scores_of(score)
    return submit_evaluation(
        world.session,
        opened,
        person_id=world.people[name].id,
        scores=scores,
        comments=comments,
        panel=s3().panels["iag"],
        collaboration=row,
    )


@replayed
def answer_iag(world: World, row: Collaboration, *, score: str = "4") -> ReviewRound:
    """Open the IAG round, let every member score, and come to a consensus; a decision is next."""
    opened = open_iag(world, row)
    for name in REVIEWERS:
        clear(world, row, opened, name)
        evaluate(world, row, opened, name, score=score)
    panel = s3().panels["iag"]
    close_round(world.session, opened, panel=panel)
    secretary = world.people["iag_secretary"].id
    scores, comments = scores_of(score)
    record_consensus(
        world.session,
        opened,
        scores=scores,
        comments=comments,
        minority_views=(),
        person_id=secretary,
        panel=panel,
    )
    record_minute(world.session, opened, text="Compared with nothing else.", person_id=secretary, panel=panel)
    return opened


@replayed
def answer_wgra(world: World, row: Collaboration) -> ReviewRound:
    """Open the WGRA round and let both regions say yes; the round is closed."""
    opened = open_requested_round(world.session, row.id, "wgra")
    for name in ("upper-silesia", "paca"):
        clear(world, row, opened, name)
        stance = Stance(Willingness.YES, PriorityMatch.FULL)
        region = world.regions[name]
        state_position(world.session, opened, person_id=world.people[name].id, region=region, stance=stance)
    close_round(world.session, opened, panel=s3().panels["wgra"])
    return opened


def decide(
    world: World,
    row: Collaboration,
    opened: ReviewRound,
    *,
    outcome: Outcome = Outcome.ENDORSE,
    conditions: tuple[str, ...] = (),
) -> None:
    """Let the IAG secretary prepare, the panel's chair confirm, and the secretary release a decision."""
    panel = s3().panels[opened.panel]
    secretary, chair = world.people["iag_secretary"].id, world.people[panel.chair.value].id
    prepare_decision(
        world.session,
        opened,
        person_id=secretary,
        outcome=outcome,
        reasons="Thresholds are met.",
        departure="The market has changed since.",
        conditions=conditions,
        panel=panel,
    )
    confirm_decision(world.session, opened, person_id=chair, panel=panel)
    release_decision(world.session, opened, person_id=secretary, panel=panel, collaboration=row)


def a_cost_line(world: World, row: Collaboration) -> CostLine:
    """Record, once, what the lead spends: 1000.10 EUR on equipment, next year."""
    if known := costs_of(world.session, row.id):
        return known[0]
    line = CostLine(
        collaboration_id=row.id,
        slug="equipment",
        organisation_id=world.organisations["gliwice"].id,
        nuts="PL229",
        activity=Activity.OTHER,
        cost_category=CostCategory.EQUIPMENT,
        amount=Decimal("1000.10"),
        starts_on=date(today().year + 1, 3, 1),
    )
    world.session.add(line)
    world.session.flush()
    return line


def a_lawful_scenario(
    world: World, row: Collaboration, version: ProtocolVersion, *, name: str = "Own means", payer: str = ""
) -> Scenario:
    """Return a scenario made from the case of one cost line: an instrument pays it all, or the lead itself."""
    line = a_cost_line(world, row)
    case = case_of(world.session, row)
    paid = [Allocation(item=line.slug, instrument=payer, amount=line.amount)] if payer else []
    own = {} if payer else {line.slug: line.amount}
    mix = FundingScenario(name=name, rule_set=case.rule_set, allocations=tuple(paid), own=own)
    return record_mix(world.session, row, case, mix, protocol_version_id=version.id)


def a_scenario(world: World, row: Collaboration, version: ProtocolVersion, *, name: str = "Grants") -> Scenario:
    """Return a scenario that was made by hand: no rule was asked."""
    lead = world.organisations["gliwice"].id
    return add_scenario(
        world.session,
        row,
        protocol_version_id=version.id,
        name=name,
        uses=[UseLine(lead, "Equipment", Decimal("1000.10"))],
        sources=[SourceLine(lead, SourceKind.OWN_CASH, SourceStatus.COMMITTED, Decimal("1000.10"))],
    )


@replayed
def a_collaboration_at(world: World, stage: str, *, slug: str = "centre") -> Collaboration:
    """Return a collaboration that went by moves to one of `STAGES`."""
    row = a_collaboration(world, slug=slug)
    for reached in STAGES[1 : STAGES.index(stage) + 1]:
        step_to(world, row, reached)
    return row


@replayed
def step_to(world: World, row: Collaboration, stage: str) -> HistoryLine:
    """Bring a collaboration from the stage before to this one, with all that the move needs."""
    session, manager = world.session, world.manager
    if stage == "outline":
        return move(session, row.id, "draft_outline", actor=manager)
    if stage == "investment_protocol":
        edit_collaboration(session, row, summary="A shared centre.", working_area=world.area)
        return move(session, row.id, "start_protocol", actor=manager)
    if stage == "iag_review":
        fill_protocol(world, row)
        freeze(world, row)
        return move(session, row.id, "submit_to_iag", actor=manager)
    if stage == "wgra_review":
        decide(world, row, answer_iag(world, row))
        return move(session, row.id, "pass_to_wgra", actor=world.actor(Role.IAG_CHAIR))
    if stage == "funding_scenario":
        decide(world, row, answer_wgra(world, row))
        return move(session, row.id, "endorse", actor=world.actor(Role.WGRA_CHAIR))
    version = latest_versions(session, [row.id])[row.id]
    sign(world, row)
    commit(world, choose_scenario(session, a_lawful_scenario(world, row, version)))
    a_plan(world, row)
    fulfil(session, row, by=manager, second=world.actor(Role.IAG_SECRETARY))
    return move(session, row.id, "declare_bankable", actor=manager)


def commit(world: World, scenario: Scenario) -> None:
    """Let everybody who is to pay in a scenario commit the money."""
    for source in world.session.exec(select(Source).where(Source.scenario_id == scenario.id)).all():
        set_source_status(world.session, scenario, source.position, SourceStatus.COMMITTED)


def a_plan(world: World, row: Collaboration) -> None:
    """Say, once, on what a financial plan stands."""
    year = today().year + 1
    given = Assumptions(
        horizon=Horizon(first_year=year, years=6, prices=Prices.REAL, price_year=year, illustrative=True),
        rates=Rates(discount=Decimal(4), tax=Decimal(0), illustrative=True),
    )
    if assumptions_of(world.session, row.id) is None:
        keep_assumptions(world.session, row.id, given, expected_version=0)


def submit_to_lender(world: World, row: Collaboration) -> Submission:
    """Say that the proposal goes to a bank today, for 500 EUR."""
    version = latest_versions(world.session, [row.id])[row.id]
    plan = SubmissionPlan(Decimal("500.00"), today(), lender="Bank of the Regions")
    return record_submission(world.session, row, plan, protocol_version_id=version.id)


def agree_on(world: World, row: Collaboration, submission: Submission) -> Agreement:
    """Let the bank grant what was asked for."""
    plan = AgreementPlan(submission.id, submission.lender, "BR-7", submission.amount, today())
    return record_agreement(world.session, row, plan)


def a_share(session: Session, document: IssuedDocument) -> DocumentShare:
    """Share a document with a bank, which has opened the link once."""
    row = DocumentShare(
        partnership_id=document.partnership_id,
        collaboration_id=document.collaboration_id,
        document_id=document.id,
        recipient="Banca Alpina",
        shared_at=machine_now(),
        expires_at=machine_now() + timedelta(days=30),
    )
    session.add(row)
    session.flush()
    session.add(DocumentShareOpening(share_id=row.id, opened=Opened.LOOKED, at=machine_now()))
    session.flush()
    return row


def a_piece_of_evidence(
    world: World,
    row: Collaboration,
    *,
    kind: str = "letter_of_support",
    content: bytes = b"%PDF-1.7 a letter",
    owner: Organisation | None = None,
    evidence_class: DocumentClass = DocumentClass.CONFIDENTIAL,
    dated_on: date | None = None,
) -> Evidence:
    """File a PDF of a collaboration, or of one of its members."""
    said = Filing(kind, "A letter", dated_on or today(), evidence_class, organisation_id=owner.id if owner else None)
    return _file(world.session, row, said, content, name="letter.pdf")


def contacts_behind(session: Session, collaboration_id: str) -> list[Contact]:
    """Return the contacts from which a collaboration came."""
    query = select(Contact).where(Contact.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(Contact.recorded_at), col(Contact.id))))


def open_rounds(session: Session) -> list[ReviewRound]:
    """Return every round that is still open, the most urgent first."""
    query = select(ReviewRound).where(ReviewRound.state == RoundState.OPEN)
    return list(session.exec(query.order_by(col(ReviewRound.due_on))))
