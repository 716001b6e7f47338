"""A collaboration that has one of everything, and what a path needs to name each of them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.clock import at, today
from states.collaborations.tables import Collaboration
from states.credentials.tokens import create_token
from states.crossings.agreements import add_condition
from states.crossings.implementation.progress import open_due_progress
from states.crossings.questions.asking import Asked, Asking, ask
from states.crossings.section_assignments import Giving, give_sections
from states.deadlines.queries import open_deadlines
from states.funding.awards.agreements import AgreementPlan, record_agreement
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.cost_lines import CostPlan, add_cost
from states.funding.money.options import OptionPlan, add_option
from states.funding.money.tables import OptionKind
from states.funding.solutions import request_solution
from states.funding.tables import SourceKind
from states.implementation.change_requests import ChangePlan, Difference, describe_change
from states.implementation.results import ResultPlan, record_result
from states.implementation.tables import KindOfChange
from states.mail.ledger import enter_mail
from states.mail.tables import MailKind
from states.matchmaking.consents.avoidances import declare_avoidance
from states.matchmaking.consents.tables import AvoidanceKind, ConsentPurpose
from states.matchmaking.interests.service import Statement, express_interest
from states.matchmaking.meetings.requests import Wish, request_meeting
from states.matchmaking.timetable.service import request_timetable
from states.outbox.service import publish
from states.partners.absences import add_absence
from states.partners.queries import holders
from states.protocol.queries import latest_versions, sign_offs_of
from states.reporting.period import Period
from states.reporting.service import draft_report
from states.review.conflicts.service import agree, declare
from states.review.conflicts.tables import ConflictKind
from states.review.queries import evaluations_of
from states.rights.access import Actor, Role
from states.sweeps.service import note_fault
from tests.factories import (
    PRINTING,
    World,
    a_collaboration_at,
    a_piece_of_evidence,
    a_scenario,
    a_share,
    a_world,
    clear,
    contacts_behind,
    evaluate,
    open_iag,
)
from tests.meeting_factories import BEFORE, a_brokerage_event, a_participant, a_published_profile
from tests.rule_documents import a_rule_document

AMOUNT = Decimal("1000.10")
HOUR = OptionPlan(
    "hour",
    "An hour of work",
    OptionKind.UNIT_COST,
    (CostCategory.PERSONNEL,),
    "programme manual",
    date(2027, 1, 1),
    amount=Decimal("43.21"),
    unit="hour",
)
SECRET_BYTES = b"%PDF secret bytes"
DOSSIER = ("Identity: Acronym", "Equipment", "A shared centre.", "1000.10", "secret bytes")
REASON = "Employed by a partner until last year."
MESSAGE = "We make implants, and seek a coating."
SUBJECT = "Hip stems with a coating"
QUESTION_TO_LEAD = "How many clinics have promised to buy?"
NOTE_TO_WRITER = "Two pages will do."
NOTE = "They make the same stems."


def _matchmaking(world: World) -> dict[str, str]:
    """Return a value for each name in a path of the matchmaking: the partner's profile and meeting among them."""
    session, marseille = world.session, world.organisations["marseille"]
    profile = a_published_profile(world)
    sent_by = world.people["observer"].id
    interest = express_interest(session, profile, Statement(MESSAGE, "Tests"), sender=marseille, person_id=sent_by)
    event = a_brokerage_event(world)
    own, other = a_participant(world, event, "gliwice"), a_participant(world, event, "marseille")
    with at(BEFORE):
        wish = Wish(subject=SUBJECT, priority=3)
        meeting = request_meeting(session, event, wish, asker=other, guests=[own])
    manager = world.people["project_manager"].id
    run = request_timetable(session, event, person_id=manager, seconds=5)
    marseille, katowice = world.organisations["marseille"], world.organisations["katowice"]
    avoidance = declare_avoidance(
        session,
        marseille,
        katowice,
        partnership_id=world.partnership.id,
        kind=AvoidanceKind.COMPETITOR,
        person_id=manager,
        note=NOTE,
    )
    return {
        "profile_id": profile.id,
        "other_id": profile.id,
        "avoidance_id": avoidance.id,
        "purpose": ConsentPurpose.BOOKLET.value,
        "interest_id": interest.id,
        "event_id": event.id,
        "participant_id": own.id,
        "guest_id": other.id,
        "meeting_id": meeting.id,
        "timetable_id": run.id,
    }


def _given(world: World, row: Collaboration) -> str:
    """Give a section to the partner's person; return the id of that."""
    manager = Actor(Role.PROJECT_MANAGER, row.partnership_id, world.people["project_manager"].id)
    [given] = give_sections(
        world.session, row, Giving(["value_chain"], world.people["partner"].id, note=NOTE_TO_WRITER), actor=manager
    )
    return given.id


def _asked(world: World, row: Collaboration) -> str:
    """Ask the lead something for its eyes; return the id of the question."""
    manager = Actor(Role.PROJECT_MANAGER, row.partnership_id, world.people["project_manager"].id)
    to = Asked(organisation=world.organisations["gliwice"].slug)
    return ask(world.session, row, Asking(QUESTION_TO_LEAD, to), actor=manager).id


def everything(world: World) -> dict[str, str]:
    """Return a value for each name in a path, in one collaboration that has all of it."""
    row, session = a_collaboration_at(world, "iag_review"), world.session
    opened = open_iag(world, row)
    clear(world, row, opened, "iag_member 1")
    evaluate(world, row, opened, "iag_member 1")
    agree(session, partnership_id=world.partnership.id, person_id=world.people["iag_member 3"].id)
    declare(
        session,
        opened,
        person_id=world.people["iag_member 3"].id,
        kind=ConflictKind.DISQUALIFYING,
        reason=REASON,
        collaboration=row,
    )
    version = latest_versions(session, [row.id])[row.id]
    scenario = a_scenario(world, row, version)
    line = CostPlan("rigs", world.organisations["gliwice"].id, "PL229", Activity.OTHER, AMOUNT, date(2027, 9, 1))
    add_cost(session, row, replace(line, title="Equipment"))
    run = request_solution(session, row, person_id=None, seconds=5)
    terms = AgreementPlan(None, "Region", "R-1", AMOUNT, date(2026, 11, 2), source_kind=SourceKind.GRANT)
    agreement = record_agreement(session, row, replace(terms, organisation_id=world.organisations["gliwice"].id))
    add_condition(session, row, agreement, text="A permit.", due_on=None)
    [progress, *_] = open_due_progress(session, row)
    change = ChangePlan(KindOfChange.OTHER, "Another name", "It is shorter.", (Difference("Name", "Long", "Short"),))
    case = {"partnership_id": world.partnership.id, "collaboration_id": row.id}
    describe_change(session, change, **case, person_id=None)
    record_result(session, ResultPlan("Prototypes tested in a run", Decimal(12)), **case)
    keep_bytes(SECRET_BYTES)
    digest = sha256(SECRET_BYTES).hexdigest()
    kind = DocumentKind.REVIEW_DOSSIER
    rendered = Rendered(kind, DocumentClass.CONFIDENTIAL, "Dossier", opened.id, digest, SECRET_BYTES, PRINTING)
    issued = record_document(session, rendered, partnership_id=world.partnership.id, collaboration_id=row.id)
    draft_report(session, world.partnership, period=Period(2020, 1))
    told = enter_mail(
        session,
        MailKind.DECISION,
        key="told",
        person_id=world.people["partner"].id,
        partnership_id=world.partnership.id,
        values={"title": "A shared centre."},
    )
    assert told is not None
    stranger = a_world(session, slug="elsewhere")
    grant = holders(session, stranger.partnership.id, Role.PROJECT_MANAGER)[0].grant
    return {
        "partnership": world.partnership.slug,
        "collaboration_id": row.id,
        "contact_id": contacts_behind(session, row.id)[0].id,
        "round_id": opened.id,
        "scenario_id": scenario.id,
        "position": "1",
        "line": "rigs",
        "option": add_option(session, world.partnership, HOUR).slug,
        "run_id": run.id,
        "aid_id": "1",
        "year": "2019",
        "holder": "medtech-katowice",
        "call": "2127",
        "document_id": issued.id,
        "share_id": a_share(session, issued).id,
        "evidence_id": a_piece_of_evidence(world, row, owner=world.organisations["gliwice"]).id,
        "deadline_id": next(one.id for one in open_deadlines(session, world.partnership.id) if one.kind == "stage"),
        "sign_off_id": next(
            asked.id for asked, of in sign_offs_of(session, version.id) if of.slug == "medtech-gliwice"
        ),
        **_matchmaking(world),
        "fault_id": note_fault(session, "remind", ("partnership", world.partnership.id), ValueError()).id,
        "outbox_id": publish(session, "thing.happened", partnership_id=world.partnership.id).id,
        "mail_id": told.id,
        "assignment_id": _given(world, row),
        "question_id": _asked(world, row),
        "period": "2020-H1",
        "region": "paca",
        "evaluation_id": evaluations_of(session, opened.id)[0].id,
        "person_id": world.people["iag_member 2"].id,
        "absence_id": add_absence(
            session,
            partnership_id=world.partnership.id,
            person_id=world.people["observer"].id,
            first_day=today(),
        ).id,
        "checklist": "eligibility",
        "link_id": "1",
        "request_id": "1",
        "grant_id": next(one.grant.id for one in holders(session, world.partnership.id, Role.OBSERVER)),
        "token_id": "1",
        "session_id": "1",
        "feed_id": "1",
        "panel": "iag",
        "organisation": "medtech-marseille",
        "number": "1",
        "condition": "1",
        "approval": "1",
        "progress_id": progress.id,
        "key": "identity",
        "slug": "regional-grant",
        "rules_key": a_rule_document(world).slug,
        "code": "PL22",
        "question": "I.1",
        "goal": "3",
        "_stranger": create_token(session, grant),
    }
