"""A partnership in which every list has so many rows: one of each is made as users make it, the others are copies."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from sqlmodel import Session, select

from states.archive.evidence.service import note_download
from states.archive.evidence.tables import EvidenceDownload
from states.archive.queries import document_by_id
from states.archive.service import Rendered, record_document
from states.archive.shares.queries import openings_of
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.calendars.feeds import make_feed
from states.changes.tables import ChangeRecord, RecordKind
from states.clock import now, today
from states.collaborations.queries import history_of, members_of
from states.collaborations.tables import Collaboration
from states.credentials.sessions import start_session
from states.credentials.tokens import create_token
from states.crossings.deadlines.followers import hold_risk_review
from states.crossings.implementation.progress import open_due_progress
from states.crossings.questions.asking import Asked, Asking, ask
from states.crossings.section_assignments import Giving, give_sections
from states.deadlines.queries import changes_of, open_deadlines
from states.deadlines.service import extend
from states.deadlines.tables import Reminder, ReminderState
from states.funding.awards.tables import (
    Agreement,
    AgreementCondition,
    AgreementConditionState,
    AgreementTerms,
    Submission,
)
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.catalogue.calls import CallPlan, add_call
from states.funding.inputs.accounts import Holding, YearAccounts, record_accounts, record_holding
from states.funding.inputs.aid_received import Award, record_aid
from states.funding.inputs.cost_lines import CostPlan, add_cost
from states.funding.inputs.tables import CostLine
from states.funding.money.options import OptionPlan, add_option
from states.funding.money.tables import ExchangeRate, OptionKind
from states.funding.service import add_instrument
from states.funding.solutions import request_solution
from states.funding.tables import Instrument, Scenario, SourceKind
from states.implementation.change_requests import ChangePlan, Difference, describe_change
from states.implementation.results import ResultPlan, record_result
from states.implementation.tables import KindOfChange
from states.mail.ledger import enter_mail
from states.mail.tables import MailKind
from states.matchmaking.consents.avoidances import declare_avoidance
from states.matchmaking.consents.tables import AvoidanceKind
from states.matchmaking.event_day.queries import parties_of
from states.matchmaking.event_day.tables import NextStep
from states.matchmaking.interests.service import Statement, answer_interest, express_interest
from states.matchmaking.meetings.outcomes import record_outcome
from states.matchmaking.profiles.queries import checks_of
from states.matchmaking.profiles.tables import InterestState, ProfileType
from states.matchmaking.timetable.service import request_timetable
from states.outbox.service import publish
from states.partners.absences import add_absence
from states.partners.people import grant_role, person_by_email
from states.partners.tables import Membership, PartnershipEvent, RoleGrant
from states.protocol.assignments.tables import SectionAssignment
from states.protocol.queries import latest_versions, sign_offs_of
from states.protocol.tables import RiskReview
from states.questions.tables import Audience, Question
from states.reporting.period import Period
from states.reporting.service import draft_report
from states.reporting.tables import ReportEdition
from states.review.conflicts.service import declare_relation
from states.review.conflicts.tables import Relation, Tie
from states.review.queries import declarations_of, evaluations_of, positions_of, rounds_of, seats_of
from states.review.tables import Condition, DecisionCorrection, Discussion, Outcome
from states.rights.access import Actor, Role
from states.rights.authors import Via
from states.search import rebuild
from states.sweeps.tables import SweepFault
from tests.copies import copy_row
from tests.factories import (
    COMMENT,
    PRINTING,
    World,
    a_collaboration_at,
    a_piece_of_evidence,
    a_scenario,
    a_share,
    clear,
    evaluate,
    open_iag,
)
from tests.meeting_factories import (
    a_brokerage_event,
    a_content,
    a_held_meeting,
    a_participant,
    a_published_profile,
    a_session,
)
from tests.rule_documents import a_rule_document

_AMOUNT = Decimal("1000.10")


def fill(world: World, size: int) -> dict[str, str]:
    """Give every list of a partnership at least `size` rows; return a value for each name in a path."""
    world.session.flush()
    organisations = _organisations(world, size)
    keys = {"partnership": world.partnership.slug, "organisation": world.organisations["gliwice"].slug, "panel": "iag"}
    keys |= _catalogue(world, size)
    keys |= _collaborations(world, size, organisations)
    keys |= _matchmaking(world, size, organisations)
    keys |= {"period": "2020-H1", "number": "1"}
    _records(world, size, keys["collaboration_id"])
    _partnership(world, size)
    _figures(world, size, organisations)
    rebuild(world.session)  # copies are made past the unit of work
    return keys


def _organisations(world: World, size: int) -> list[str]:
    session, marseille = world.session, world.organisations["marseille"]
    made = copy_row(session, marseille, size, alone=True)
    session.add_all(Membership(partnership_id=world.partnership.id, organisation_id=key) for key in made)
    return made


def _figures(world: World, size: int, organisations: Sequence[str]) -> None:
    """Record so many accounts of the partner's organisation that no case would take them: last of all."""
    session, gliwice, marseille = world.session, world.organisations["gliwice"], world.organisations["marseille"]
    accounts = record_accounts(session, gliwice, 2019, YearAccounts(headcount=Decimal(10)))
    copy_row(session, accounts, size, alone=True, year=range(1900, 1900 + size))
    held = record_holding(session, marseille, gliwice, Holding(Decimal(1)))
    copy_row(session, held, size, alone=True, holder_id=organisations)
    copy_row(session, record_aid(session, gliwice, Award("PL", date(2020, 3, 2), _AMOUNT, "de_minimis")), size)


def _catalogue(world: World, size: int) -> dict[str, str]:
    row = Instrument(
        partnership_id=world.partnership.id, slug="grant", name="Grant", programme="ERDF", kind=SourceKind.GRANT
    )
    add_instrument(world.session, row)
    call = add_call(world.session, row, CallPlan("2027", closes_on=today() + timedelta(days=400)))
    copy_row(world.session, call, size, alone=True)
    copy_row(world.session, row, size, alone=True)
    rate = ExchangeRate(
        partnership_id=world.partnership.id,
        currency="PLN",
        month=date(2020, 1, 1),
        edition=1,
        rate=Decimal("4.2571"),
        source="InforEuro",
    )
    world.session.add(rate)
    world.session.flush()
    months = [date(2021 + number // 12, number % 12 + 1, 1) for number in range(size)]
    copy_row(world.session, rate, size, alone=True, month=months)
    travel = OptionPlan(
        "travel",
        "Travel",
        OptionKind.FLAT_RATE,
        (CostCategory.TRAVEL,),
        "a manual",
        date(2027, 1, 1),
        base=(CostCategory.PERSONNEL,),
        percent=Decimal(10),
    )
    copy_row(world.session, add_option(world.session, world.partnership, travel), size, alone=True)
    document = a_rule_document(world)
    copy_row(world.session, document, size, alone=True, number=range(2, size + 2))
    return {"slug": "grant", "rules_key": document.slug}


def _collaborations(world: World, size: int, organisations: Sequence[str]) -> dict[str, str]:
    """Make as many that are reviewed and as many that were decided on, and one of either with long lists of its own."""
    session = world.session
    opened, decided = (_reviewed(world), a_collaboration_at(world, "funding_scenario", slug="decided"))
    for row in (opened, decided):
        copy_row(session, row, size)
    return _inside(world, opened, size, organisations) | _decided(world, decided, size)


def _reviewed(world: World) -> Collaboration:
    session = world.session
    row = a_collaboration_at(world, "iag_review")
    manager = Actor(Role.ADMINISTRATOR, row.partnership_id)
    give_sections(session, row, Giving(["identity"], world.people["partner"].id), actor=manager)
    to = Asked(organisation=world.organisations["gliwice"].slug)
    ask(session, row, Asking("Who pays?", to), actor=manager)
    a_round = open_iag(world, row)
    for name in ("iag_member 1", "iag_member 2"):
        clear(world, row, a_round, name)
        evaluate(world, row, a_round, name)
    scenario = a_scenario(world, row, latest_versions(session, [row.id])[row.id])
    content = b"%PDF"
    keep_bytes(content)
    digest = sha256(content).hexdigest()
    for kind, subject in (
        (DocumentKind.REVIEW_DOSSIER, a_round.id),
        (DocumentKind.EVALUATION_REPORT, evaluations_of(session, a_round.id)[0].id),
        (DocumentKind.INVESTMENT_PROTOCOL, a_round.protocol_version_id),
        (DocumentKind.PROPOSAL, scenario.id),
    ):
        rendered = Rendered(kind, DocumentClass.CONFIDENTIAL, "Paper", subject, digest, content, PRINTING)
        record_document(session, rendered, partnership_id=world.partnership.id, collaboration_id=row.id)
    return row


def _editions(session: Session, row: Collaboration, size: int) -> str:
    """Give a document so many editions; return the id of one."""
    first = session.exec(select(IssuedDocument).where(IssuedDocument.collaboration_id == row.id)).first()
    assert first is not None
    copy_row(session, first, size, alone=True)
    return first.id


def _shares(session: Session, document_id: str, size: int) -> str:
    """Share a document so often, and let one link be opened so often; return the id of that one."""
    share = a_share(session, document_by_id(session, document_id))
    [opening] = session.exec(openings_of(share.id)).all()
    copy_row(session, opening, size, alone=True)
    copy_row(session, share, size, alone=True)
    return share.id


def _inside(world: World, row: Collaboration, size: int, organisations: Sequence[str]) -> dict[str, str]:
    session, manager = world.session, world.people["project_manager"]
    [a_round] = rounds_of(session, [row.id])
    version = latest_versions(session, [row.id])[row.id]
    hold_risk_review(session, row, note="Nothing new.", person_id=manager.id)
    line = CostPlan("rigs", world.organisations["gliwice"].id, "PL229", Activity.OTHER, _AMOUNT, date(2027, 9, 1))
    add_cost(session, row, replace(line, title="Equipment"))
    solved = request_solution(session, row, person_id=None, seconds=5)
    deadline = next(one for one in open_deadlines(session, world.partnership.id) if one.subject_id == row.id)
    extend(session, deadline, due_on=deadline.due_on + timedelta(days=7), reason="Later.", actor=world.manager)
    reminded = Reminder(
        deadline_id=deadline.id,
        date_revision=0,
        person_id=manager.id,
        rung=0,
        planned_for=today(),
        state=ReminderState.SUPPRESSED,
        at=now(),
    )
    session.add(reminded)
    session.flush()
    panellists = [_panellist(world, number) for number in range(size)]
    seat = seats_of(session, a_round.id)[0][0]
    criterion = Discussion(
        round_id=a_round.id, criterion="c", record=COMMENT, recorded_by=manager.id, recorded_at=now()
    )
    session.add(criterion)
    copy_row(session, members_of(session, [row.id])[row.id][-1].member, size, alone=True, organisation_id=organisations)
    copy_row(session, seat, size, alone=True, person_id=panellists)
    copy_row(session, declarations_of(session, a_round.id)[0], size, alone=True, person_id=panellists)
    copy_row(session, evaluations_of(session, a_round.id)[0], size, alone=True, person_id=panellists)
    for one in (
        history_of(session, [row.id])[row.id][-1],
        changes_of(session, [deadline.id])[0],
        reminded,
        criterion,
        solved,
    ):
        copy_row(session, one, size, alone=True)
    _all(session, CostLine, row, size)
    _all(session, RiskReview, row, size)
    _all(session, Scenario, row, size)
    copy_row(session, solved, size, alone=True, before_id=[solved.id] * size)
    copy_row(session, a_round, size)
    newest = copy_row(session, version, size, alone=True)[-1:] * size
    asked = sign_offs_of(session, version.id)[0][0]
    copy_row(session, asked, size, alone=True, organisation_id=organisations, protocol_version_id=newest)
    return {
        "collaboration_id": row.id,
        "round_id": a_round.id,
        "deadline_id": deadline.id,
        "document_id": (document := _editions(session, row, size)),
        "share_id": _shares(session, document, size),
        "evidence_id": _evidence(world, row, size),
        "assignment_id": _assignments(world, row, size),
        "question_id": _questions(world, row, size),
    }


def _evidence(world: World, row: Collaboration, size: int) -> str:
    """File so many files, and let one of them be had so often."""
    filed = a_piece_of_evidence(world, row)
    note_download(world.session, filed, person_id=None, role=Role.ADMINISTRATOR)
    [had] = world.session.exec(select(EvidenceDownload).where(EvidenceDownload.evidence_id == filed.id)).all()
    copy_row(world.session, had, size, alone=True)
    copy_row(world.session, filed, size, alone=True)
    return filed.id


def _assignments(world: World, row: Collaboration, size: int) -> str:
    """Copy what was given to the partner's person, and let many speak for the partner."""
    session = world.session
    given = session.exec(select(SectionAssignment).where(SectionAssignment.collaboration_id == row.id)).one()
    copy_row(session, given, size, alone=True)
    for number in range(size):
        label = f"writer {number}"
        writer = person_by_email(session, email=f"writer-{number}@{world.partnership.slug}.example.org", label=label)
        grant_role(session, world.partnership, writer, Role.PARTNER, organisation=world.organisations["gliwice"])
    return given.id


def _questions(world: World, row: Collaboration, size: int) -> str:
    """Copy what was asked of the partner, in every audience."""
    session = world.session
    asked = session.exec(select(Question).where(Question.collaboration_id == row.id)).one()
    for audience in Audience:
        copy_row(session, asked, size, alone=True, audience=[audience] * size)
    return asked.id


def _all(session: Session, kind: type[CostLine | RiskReview | Scenario], row: Collaboration, size: int) -> None:
    """Copy the rows of a table that belong to a collaboration."""
    for one in session.exec(select(kind).where(kind.collaboration_id == row.id)).all():
        copy_row(session, one, size)


def _panellist(world: World, number: int) -> str:
    label = f"panellist {number}"
    email = f"panellist-{number}@{world.partnership.slug}.example.org"
    person = person_by_email(world.session, email=email, label=label)
    grant_role(world.session, world.partnership, person, Role.IAG_MEMBER)
    return person.id


def _decided(world: World, row: Collaboration, size: int) -> dict[str, str]:
    """Give the decided one more rounds with their decisions, more conditions and more positions."""
    session = world.session
    iag, wgra = rounds_of(session, [row.id])
    condition = Condition(round_id=wgra.id, number=1, text="Sign.")
    correction = DecisionCorrection(
        round_id=wgra.id,
        number=1,
        because="A region was named wrongly.",
        outcome=Outcome.ENDORSE,
        reasons=COMMENT,
        prepared_by=world.people["wgra_chair"].id,
        prepared_at=now(),
    )
    submission = Submission(
        collaboration_id=row.id,
        number=1,
        protocol_version_id=wgra.protocol_version_id,
        lender="A bank",
        amount=_AMOUNT,
        submitted_on=today(),
        recorded_at=now(),
    )
    session.add_all([condition, correction, submission])
    session.flush()
    agreement = Agreement(
        collaboration_id=row.id,
        number=1,
        submission_id=submission.id,
        funder="A bank",
        reference="1",
        amount=_AMOUNT,
        agreed_on=today(),
        recorded_at=now(),
    )
    session.add(agreement)
    session.flush()
    terms = AgreementTerms(
        agreement_id=agreement.id,
        number=1,
        funder="A bank",
        reference="1",
        amount=_AMOUNT,
        agreed_on=today(),
        replaced_because="A later end.",
        replaced_at=now(),
    )
    asked = AgreementCondition(agreement_id=agreement.id, number=1, text="A permit", state=AgreementConditionState.OPEN)
    session.add_all([terms, asked])
    session.flush()
    case = {"partnership_id": row.partnership_id, "collaboration_id": row.id}
    [progress, *_] = open_due_progress(session, row)
    difference = Difference("Name", "Long", "Short")
    change = describe_change(
        session, ChangePlan(KindOfChange.OTHER, "Another name", "Shorter.", (difference,)), **case, person_id=None
    )
    result = record_result(session, ResultPlan("Prototypes", Decimal(12)), **case)
    copy_row(session, progress, size, alone=True, period=range(2, size + 2))
    for one in (condition, correction, submission, agreement, terms, asked, change, result):
        copy_row(session, one, size, alone=True)
    regions = copy_row(session, world.regions["navarra"], size, alone=True)
    copy_row(session, positions_of(session, wgra.id)[0][0], size, alone=True, region_id=regions)
    copy_row(session, iag, size)
    return {"_decided": row.id, "_wgra": wgra.id, "_agreement": agreement.id}


def _matchmaking(world: World, size: int, organisations: Sequence[str]) -> dict[str, str]:
    session, manager = world.session, world.people["project_manager"].id
    partner = world.people["partner"].id
    gliwice, marseille = world.organisations["gliwice"], world.organisations["marseille"]
    request = a_content(ProfileType.TECHNOLOGY_REQUEST)
    profile, other = a_published_profile(world), a_published_profile(world, "marseille", request)
    interest = express_interest(
        session, profile, Statement("We seek a coating.", "Tests"), sender=marseille, person_id=partner
    )
    answer_interest(session, interest, InterestState.INTERESTED, person_id=partner, text="")
    avoidance = declare_avoidance(
        session,
        gliwice,
        world.organisations["katowice"],
        partnership_id=world.partnership.id,
        kind=AvoidanceKind.COMPETITOR,
        person_id=manager,
    )
    sessions = [a_session(hour, tables=4 * size) for hour in (8, 12)]
    event = a_brokerage_event(world, sessions=sessions)
    own, guest = a_participant(world, event, "gliwice"), a_participant(world, event, "marseille")
    meeting = a_held_meeting(world, event, own, guest)
    entry = next(one for one in parties_of(session, [meeting.id])[meeting.id] if one.participant.id == own.id)
    said = record_outcome(session, meeting, entry.party, rating=4, next_step=NextStep.CALL, person_id=partner)
    copy_row(session, session.get_one(PartnershipEvent, event.id), size, alone=True)
    run = request_timetable(session, event, person_id=manager, seconds=5)
    for one in (said, run, avoidance, checks_of(session, profile.id)[0]):
        copy_row(session, one, size, alone=True)
    for whole in (interest, meeting, profile, other, guest):
        copy_row(session, whole, size)
    return {
        "profile_id": profile.id,
        "interest_id": interest.id,
        "participant_id": own.id,
        "_unmet": a_participant(world, event, "gliwice", label="head of sales").id,
        "meeting_id": meeting.id,
        "event_id": event.id,
    }


def _partnership(world: World, size: int) -> None:
    session, partnership, manager = world.session, world.partnership, world.people["project_manager"].id
    report = draft_report(session, partnership, period=Period(2020, 1))
    periods = [f"{2021 + number // 2}-H{1 + number % 2}" for number in range(size)]
    said = report.model_dump(include={"period", "answers", "figures", "goals", "self_assessment"})
    copy_row(session, report, size, alone=True, period=periods)
    session.add_all(
        ReportEdition(partnership_id=partnership.id, report_id=report.id, number=number, issued_at=now(), **said)
        for number in range(1, size + 1)
    )
    assert world.area is not None
    copy_row(session, world.area, size, alone=True)
    for number in range(size):
        publish(session, "thing.happened", partnership_id=partnership.id)
        values = {"title": "A shared centre."}
        key = f"{partnership.slug}-{number}"
        enter_mail(session, MailKind.DECISION, key=key, person_id=manager, partnership_id=partnership.id, values=values)
        make_feed(session, partnership.id)
    failed = SweepFault(
        sweep="remind",
        noun="deadline",
        subject_id=partnership.id,
        partnership_id=partnership.id,
        error="OverflowError",
        times=1,
        first_at=now(),
        last_at=now(),
        next_at=now(),
    )
    session.add(failed)
    session.flush()
    copy_row(session, failed, size, alone=True)
    for grant in session.exec(select(RoleGrant).where(RoleGrant.partnership_id == partnership.id)).all():
        for _ in range(size):
            create_token(session, grant)
            start_session(session, grant)
    for person in world.people.values():
        for _ in range(size):
            make_feed(session, partnership.id, person_id=person.id)
            _relate(world, person.id)
        for number in range(size):
            day = today() + timedelta(days=number)
            add_absence(session, partnership_id=partnership.id, person_id=person.id, first_day=day)


def _records(world: World, size: int, collaboration_id: str) -> None:
    """Let the partner have changed the summary of a collaboration so often."""
    for number in range(size):
        record = ChangeRecord(
            act=str(number),
            at=now(),
            via=Via.TOKEN,
            key="1",
            person_id=world.people["partner"].id,
            noun="collaboration",
            subject_id=collaboration_id,
            partnership_id=world.partnership.id,
            collaboration_id=collaboration_id,
            kind=RecordKind.CHANGED,
            field="summary",
            before="One.",
            after="Two.",
        )
        world.session.add(record)


def _relate(world: World, person_id: str) -> None:
    row = Relation(
        person_id=person_id,
        organisation_id=world.organisations["katowice"].id,
        tie=Tie.RESEARCH,
        since=date(2010, 1, 1),
        until=date(2011, 1, 1),
        declared_at=now(),
    )
    declare_relation(world.session, row)
