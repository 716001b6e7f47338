"""The other playbooks that ship: each takes a collaboration the whole way, in a field that is not medicine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlmodel import Session

from documents.catalogue import PAPERS
from documents.gathering import current_subject
from documents.render import render
from states.archive.tables import DocumentKind
from states.collaborations.queries import history_of
from states.collaborations.service import Joining, add_member, edit_collaboration
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.deadlines.followers import followed
from states.crossings.review.rounds import open_requested_round
from states.errors import Refused
from states.founding.naming import region_plan
from states.founding.service import Plan, found
from states.funding.awards.agreements import AgreementPlan, record_agreement
from states.funding.awards.queries import submissions_of
from states.funding.awards.service import SubmissionPlan, record_submission
from states.funding.case.case import FundingScenario
from states.funding.case.gathering import case_of
from states.funding.case.vocabulary import Activity
from states.funding.catalogue.loading import set_terms
from states.funding.checks.scenario_legality import record_mix
from states.funding.inputs.cost_lines import CostPlan, add_cost
from states.funding.queries import instruments_of
from states.funding.service import choose_scenario
from states.lifecycle.available_moves import lifecycle_view
from states.lifecycle.move import move
from states.lifecycle.opening import open_collaboration
from states.matchmaking.service import record_contact
from states.matchmaking.tables import ContactKind, ContactStatus
from states.partners.organisations import Profile, register_organisation
from states.partners.partnerships import Description
from states.partners.people import PersonPlan, grant_role, register_person
from states.partners.queries import working_areas_of
from states.partners.tables import Organisation, OrganisationKind, Partnership, Person
from states.partners.working_areas import AreaPlan
from states.playbooks.definition import Playbook
from states.playbooks.editions import playbook_of
from states.protocol.queries import latest_versions, sign_offs_of
from states.protocol.service import freeze_version, write_section
from states.protocol.signing import sign_off
from states.review.conflicts.service import agree, declare
from states.review.conflicts.tables import ConflictKind
from states.review.consensus import record_consensus
from states.review.decisions import confirm_decision, prepare_decision, release_decision
from states.review.evaluations import submit_evaluation
from states.review.seats import Place
from states.review.service import close_round
from states.review.tables import Outcome
from states.rights.access import Actor, Role
from tests.factories import content_of, fulfil

MEDICINE = re.compile(r"medic|medtech|patient|implant|clinic|hospital|\bMDR\b|\bIVDR\b", re.IGNORECASE)
FIVE = {"turin": "ITC11", "katowice": "PL22A", "zaragoza": "ES243", "sevilla": "ES618", "lyon": "FRK26"}


@dataclass
class Forest:
    """A partnership of wood and timber with its organisations and people."""

    session: Session
    partnership: Partnership
    organisations: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def actor(self, role: Role) -> Actor:
        return Actor(role, self.partnership.id, person_id=self.people[role.value].id)


def a_forest(session: Session, *, playbook: str) -> Forest:
    plan = Plan(
        Description("timber", "Timber regions"),
        PersonPlan("office@timber.example", "project manager"),
        playbook=playbook,
        regions=[region_plan([code]) for code in ("ITC1", "PL22", "ES24", "ES61", "FRK2")],
        areas=[AreaPlan("Buildings of wood")],
    )
    made = Forest(session, found(session, plan).partnership)
    for name, site in FIVE.items():
        kind = OrganisationKind.CLUSTER if name == "turin" else OrganisationKind.SME
        profile = Profile(f"Wood of {name.capitalize()}", kind, site[:2], site)
        made.organisations[name] = register_organisation(session, made.partnership, profile, slug=name)
    roles = (Role.PROJECT_MANAGER, Role.IAG_SECRETARY, Role.IAG_CHAIR)
    for role, key in [*((one, one.value) for one in roles), (Role.IAG_MEMBER, "first"), (Role.IAG_MEMBER, "second")]:
        person = register_person(session, PersonPlan(f"{key.replace('_', '-')}@timber.example", key))
        grant_role(session, made.partnership, person, role)
        made.people[key] = person
    return made


def a_collaboration(forest: Forest, *partners: str) -> Collaboration:
    lead, other = (forest.organisations[name] for name in partners[:2])
    contact = record_contact(
        forest.session,
        partnership_id=forest.partnership.id,
        kind=ContactKind.MEETING,
        requester=lead,
        host=other,
        subject="Storeys of wood",
        status=ContactStatus.HELD,
        held_on=date(2026, 11, 20),
    )
    members = [
        Joining(forest.organisations[name], MemberPart.PARTNER if number else MemberPart.LEAD)
        for number, name in enumerate(partners)
    ]
    row = open_collaboration(
        forest.session, forest.partnership, contact=contact, slug="storeys", title="Storeys of wood", members=members
    )
    [area] = working_areas_of(forest.session, forest.partnership.id)
    edit_collaboration(forest.session, row, summary="Houses of eight storeys.", working_area=area.area)
    return row


def goes(forest: Forest, row: Collaboration, *names: str, by: Role = Role.PROJECT_MANAGER) -> None:
    for name in names:
        move(forest.session, row.id, name, actor=forest.actor(by))


def freeze(forest: Forest, row: Collaboration, playbook: Playbook) -> None:
    for section in playbook.protocol:
        write_section(forest.session, row, section.key, content_of(section), sections=playbook.protocol)
    with followed(forest.session, row):
        freeze_version(forest.session, row)


def pays(forest: Forest, row: Collaboration, lead: str) -> None:
    """Let the lead bear the one cost of the protocol itself, in a scenario that is chosen."""
    session, organisation = forest.session, forest.organisations[lead]
    cost = CostPlan("saw", organisation.id, organisation.nuts, Activity.OTHER, content_amount(), date(2027, 3, 1))
    add_cost(session, row, cost)
    case = case_of(session, row)
    own = {"saw": case.cost_items[0].amount}
    mix = FundingScenario(name="Own means", rule_set=case.rule_set, allocations=(), own=own)
    version = latest_versions(session, [row.id])[row.id]
    choose_scenario(session, record_mix(session, row, case, mix, protocol_version_id=version.id))


def content_amount() -> Decimal:
    return Decimal("1000.10")


def submits(forest: Forest, row: Collaboration) -> None:
    version = latest_versions(forest.session, [row.id])[row.id]
    plan = SubmissionPlan(content_amount(), date(2026, 11, 25), lender="Bank of the Regions")
    record_submission(forest.session, row, plan, protocol_version_id=version.id)


def agrees(forest: Forest, row: Collaboration) -> None:
    asked = submissions_of(forest.session, row.id)[-1]
    record_agreement(
        forest.session, row, AgreementPlan(asked.id, asked.lender, "BR-1", asked.amount, date(2026, 11, 28))
    )


def reads_it(forest: Forest, row: Collaboration, playbook: Playbook) -> None:
    """Let two advisers read and score it, and the panel recommend it."""
    session, panel, secretary = forest.session, playbook.panels["advisers"], forest.people["iag_secretary"].id
    places = [Place(forest.people[name].id, why=("for a test",)) for name in ("first", "second")]
    with followed(session, row):
        opened = open_requested_round(session, row.id, "advisers", places=places)
        keys = [one.key for one in panel.criteria]
        given = dict.fromkeys(keys, "1"), dict.fromkeys(keys, "It rests on what the mills have said.")
        for name in ("first", "second"):
            person = forest.people[name].id
            agree(session, partnership_id=forest.partnership.id, person_id=person)
            declare(session, opened, person_id=person, kind=ConflictKind.NONE, reason="", collaboration=row)
            submit_evaluation(
                session, opened, person_id=person, scores=given[0], comments=given[1], panel=panel, collaboration=row
            )
        close_round(session, opened, panel=panel)
        record_consensus(
            session,
            opened,
            scores=given[0],
            comments=given[1],
            minority_views=(),
            person_id=secretary,
            panel=panel,
        )
        prepare_decision(
            session, opened, person_id=secretary, outcome=Outcome.ENDORSE, reasons="No threshold is known.", panel=panel
        )
        confirm_decision(session, opened, person_id=forest.people["iag_chair"].id, panel=panel)
        release_decision(session, opened, person_id=secretary, panel=panel, collaboration=row)


def printed(session: Session, row: Collaboration, kinds: Sequence[DocumentKind]) -> str:
    said = []
    for kind in kinds:
        subject = current_subject(session, kind, collaboration_id=row.id)
        pages = PdfReader(BytesIO(render(kind, PAPERS[kind].gather(session, subject_id=subject)))).pages
        said.append(" ".join(page.extract_text() for page in pages))
    return " ".join(said)


def stages(session: Session, row: Collaboration) -> list[str]:
    return [line.to_stage for line in history_of(session, [row.id])[row.id]]


def test_i3_from_the_idea_to_the_end(session: Session) -> None:
    forest = a_forest(session, playbook="i3")
    row = a_collaboration(forest, "turin", "katowice")
    playbook = playbook_of(session, row)
    goes(forest, row, "form_consortium")

    with pytest.raises(Refused) as caught:
        goes(forest, row, "write_portfolio")
    [refusal] = caught.value.reasons
    assert (refusal.code, list(map(str, refusal.missing))) == (
        "consortium_not_eligible",
        [
            "for Interregional Innovation Investments, strand 1, by terms that nobody has compared with the call: "
            "3 more partners, 3 more NUTS 2 regions and 1 more country",
            "for Interregional Innovation Investments, strand 2a, by terms that nobody has compared with the call: "
            "1 more partner, 1 more NUTS 2 region, 1 more country and a lead without profit and with a site in a "
            "less developed, transition or outermost region",
        ],
    )

    for name in ("zaragoza", "sevilla", "lyon"):
        add_member(session, row, Joining(forest.organisations[name]))
    goes(forest, row, "write_portfolio")
    freeze(forest, row, playbook)
    goes(forest, row, "ask_advisers")
    reads_it(forest, row, playbook)
    goes(forest, row, "recommend", by=Role.IAG_CHAIR)
    pays(forest, row, "turin")
    goes(forest, row, "declare_ready")
    version = latest_versions(session, [row.id])[row.id]
    with followed(session, row):
        for asked, _ in sign_offs_of(session, version.id):
            sign_off(session, asked, collaboration=row, person_id=forest.people["first"].id)
    fulfil(session, row, by=forest.actor(Role.PROJECT_MANAGER), second=forest.actor(Role.IAG_SECRETARY))
    submits(forest, row)
    goes(forest, row, "submit", "put_on_reserve")
    agrees(forest, row)
    goes(forest, row, "win", "implement", "complete")

    assert stages(session, row) == [
        *("consortium", "portfolio", "reading", "financing", "ready"),
        *("submitted", "reserve", "funded", "implementing", "completed"),
    ]
    text = printed(session, row, [DocumentKind.INVESTMENT_PROTOCOL, DocumentKind.PROPOSAL])
    text = re.sub(r"medtech-\s*gliwice", "", text)  # what the factory puts where a partner is chosen
    assert (MEDICINE.findall(text), "Portfolio of investments" in text) == ([], True)


def test_i3_goes_by_the_terms_as_the_manager_has_them(session: Session) -> None:
    forest = a_forest(session, playbook="i3")
    row = a_collaboration(forest, "turin", "katowice")
    goes(forest, row, "form_consortium")

    def missing() -> list[str]:
        view = lifecycle_view(session, row, actor=forest.actor(Role.PROJECT_MANAGER))
        [found] = [one for one in view.moves if one.move.name == "write_portfolio"]
        return [str(text) for reason in found.refusals for text in reason.missing]

    strand, other = (
        one for one in instruments_of(session, forest.partnership.id) if one.slug in ("i3-strand-1", "i3-strand-2a")
    )
    assert len(missing()) == 2
    set_terms(session, other, {})
    assert missing()[1] == "instrument i3-strand-2a with its terms in the catalogue"
    set_terms(session, strand, {**strand.terms, "consortium": {"entities": 2, "regions": 2, "countries": 2}})
    assert missing() == []


def test_lean_from_the_contact_to_the_end(session: Session) -> None:
    forest = a_forest(session, playbook="lean")
    row = a_collaboration(forest, "katowice", "lyon")
    playbook = playbook_of(session, row)
    goes(forest, row, "begin")
    freeze(forest, row, playbook)
    goes(forest, row, "finance")
    pays(forest, row, "katowice")
    fulfil(session, row, by=forest.actor(Role.PROJECT_MANAGER), second=forest.actor(Role.IAG_SECRETARY))
    submits(forest, row)
    goes(forest, row, "submit")
    agrees(forest, row)
    goes(forest, row, "win", "complete")

    assert stages(session, row) == ["plan", "financing", "submitted", "running", "completed"]
    text = printed(session, row, [DocumentKind.INVESTMENT_PROTOCOL, DocumentKind.PROPOSAL])
    assert (MEDICINE.findall(text), "Houses of eight storeys" in text) == ([], True)
