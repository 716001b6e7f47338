"""What a path names, once the table of rights lets the actor do there what the route does: noun, row, scope, action.

Whatever belongs to another partnership is missing, with the very words of what does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Generic, TypeVar

from sqlmodel import Session

import states.crossings.rights.providers  # noqa: F401 - they answer for every kind of row
from api.http.dependencies import CurrentActor, Tx
from states.archive.evidence.queries import evidence_by_id
from states.archive.queries import document_by_id
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.computations.service import computation_by_id
from states.computations.tables import Computation
from states.crossings.rights.agreements import lead_scope, region_scope
from states.deadlines.queries import deadline_by_id
from states.errors import Missing
from states.funding import solutions
from states.funding.awards.queries import agreement_numbered
from states.funding.awards.tables import Agreement
from states.funding.queries import scenario_by_id
from states.implementation.queries import progress_by_id
from states.mail.queries import mail_by_id
from states.mail.tables import Mail
from states.matchmaking.consents.avoidances import avoidance_by_id
from states.matchmaking.event_day import queries as event_day
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, Participant
from states.matchmaking.profiles.queries import interest_by_id, profile_by_id
from states.matchmaking.queries import contact_by_id
from states.matchmaking.timetable import service as timetables
from states.partners.absences import absence_by_id
from states.partners.queries import event_by_id, member_by_slug, partnership_by_slug
from states.partners.tables import Organisation, Partnership, Person
from states.protocol.assignments.queries import assignment_by_id
from states.protocol.assignments.tables import SectionAssignment
from states.protocol.queries import sign_off_by_id, version_by_id, versions_of
from states.protocol.tables import ProtocolVersion, SignOff
from states.questions.queries import question_by_id
from states.review.access import RoundAccess
from states.review.queries import round_by_id
from states.review.tables import ReviewRound
from states.rights.access import Action, Actor, Scope, require
from states.rights.scopes import admit

Row = TypeVar("Row")
Given = TypeVar("Given")


@dataclass(frozen=True)
class Noun(Generic[Row, Given]):
    """What a path names by one parameter: how it is called, how it is found, and what a route is given of it."""

    name: str
    parameter: str
    find: Callable[[Session, str], Row]
    give: Callable[[Session, Row, Scope], Given]


@dataclass(frozen=True)
class Allowed(Generic[Row, Given]):
    """Give a route what its path names, if the actor may do this with it."""

    noun: Noun[Row, Given]
    action: Action

    def __call__(self, session: Session, actor: Actor, **path: str) -> Given:
        """Return what is named, or raise `Missing` or `Denied`."""
        key = path[self.noun.parameter]
        row = self.noun.find(session, key)
        scope = admit(session, actor, row, self.action, noun=self.noun.name, named=key)
        return self.noun.give(session, row, scope)

    @property
    def __signature__(self) -> Signature:
        """What FastAPI fills in: the path's parameter goes by the noun's own name."""
        asked = {self.noun.parameter: str, "session": Tx, "actor": CurrentActor}
        return Signature([Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in asked.items()])


def _row(_: Session, row: Row, __: Scope) -> Row:
    return row


@dataclass(frozen=True, slots=True)
class ParticipantAccess:
    """A participant and its event."""

    row: Participant
    event: BrokerageEvent


@dataclass(frozen=True, slots=True)
class MeetingAccess:
    """A meeting and its event."""

    row: Meeting
    event: BrokerageEvent


@dataclass(frozen=True, slots=True)
class RunAccess:
    """A solving of a funding case and its collaboration."""

    row: Computation
    collaboration: Collaboration


@dataclass(frozen=True, slots=True)
class MailAccess:
    """A mail and whom it goes to."""

    row: Mail
    person: Person


@dataclass(frozen=True, slots=True)
class SignOffAccess:
    """What an organisation is asked to sign: the frozen version and its collaboration."""

    row: SignOff
    version: ProtocolVersion
    collaboration: Collaboration


def sign_off_access(session: Session, row: SignOff) -> SignOffAccess:
    """Return a sign-off with what it is about."""
    version = version_by_id(session, row.protocol_version_id)
    return SignOffAccess(row, version, collaboration_by_id(session, version.collaboration_id))


@dataclass(frozen=True, slots=True)
class AssignmentAccess:
    """A section that was given to somebody, and its collaboration."""

    row: SectionAssignment
    collaboration: Collaboration


def _assignment(session: Session, row: SectionAssignment, _: Scope) -> AssignmentAccess:
    return AssignmentAccess(row, collaboration_by_id(session, row.collaboration_id))


def _participant(session: Session, row: Participant, _: Scope) -> ParticipantAccess:
    return ParticipantAccess(row, event_day.brokerage_by_id(session, row.event_id))


def _meeting(session: Session, row: Meeting, _: Scope) -> MeetingAccess:
    return MeetingAccess(row, event_day.brokerage_by_id(session, row.event_id))


def _run(session: Session, row: Computation, _: Scope) -> RunAccess:
    return RunAccess(row, collaboration_by_id(session, row.subject_id))


def _mail(session: Session, row: Mail, _: Scope) -> MailAccess:
    return MailAccess(row, session.get_one(Person, row.person_id))


def _round(session: Session, row: ReviewRound, scope: Scope) -> RoundAccess:
    return RoundAccess(row, collaboration_by_id(session, row.collaboration_id), scope)


PARTNERSHIP = Noun("partnership", "partnership", partnership_by_slug, _row)
COLLABORATION = Noun("collaboration", "collaboration_id", collaboration_by_id, _row)
CONTACT = Noun("contact", "contact_id", contact_by_id, _row)
PROFILE = Noun("profile", "profile_id", profile_by_id, _row)
INTEREST = Noun("expression_of_interest", "interest_id", interest_by_id, _row)
AVOIDANCE = Noun("declared_competitor_or_conflict", "avoidance_id", avoidance_by_id, _row)
EVENT = Noun("event", "event_id", event_by_id, _row)
BROKERAGE = Noun("brokerage_event", "event_id", event_day.brokerage_by_id, _row)
PARTICIPANT = Noun("participant", "participant_id", event_day.participant_by_id, _participant)
MEETING = Noun("meeting", "meeting_id", event_day.meeting_by_id, _meeting)
TIMETABLE = Noun(
    "timetable", "timetable_id", lambda session, key: computation_by_id(session, timetables.KIND, key), _row
)
ROUND = Noun("review_round", "round_id", round_by_id, _round)
SIGN_OFF = Noun("sign_off", "sign_off_id", sign_off_by_id, lambda session, row, _: sign_off_access(session, row))
ASSIGNMENT = Noun("section_assignment", "assignment_id", assignment_by_id, _assignment)
QUESTION = Noun("question", "question_id", question_by_id, _row)
SCENARIO = Noun("scenario", "scenario_id", scenario_by_id, _row)
RUN = Noun("funding_solution", "run_id", lambda session, key: computation_by_id(session, solutions.KIND, key), _run)
DOCUMENT = Noun("document", "document_id", document_by_id, _row)
EVIDENCE = Noun("evidence", "evidence_id", evidence_by_id, _row)
PROGRESS = Noun("partner_progress", "progress_id", progress_by_id, _row)
DEADLINE = Noun("deadline", "deadline_id", deadline_by_id, _row)
ABSENCE = Noun("absence", "absence_id", absence_by_id, _row)
MAIL = Noun("mail", "mail_id", lambda session, key: mail_by_id(session, key)[0], _mail)


@dataclass(frozen=True, slots=True)
class VersionAccess:
    """A frozen version of the protocol and its collaboration."""

    row: ProtocolVersion
    collaboration: Collaboration


@dataclass(frozen=True)
class AllowedVersion:
    """Give a route the frozen version of a protocol that its path names by number, if the actor may do this with it."""

    action: Action

    def __call__(self, collaboration_id: str, number: int, session: Tx, actor: CurrentActor) -> VersionAccess:
        """Return the version, or raise `Missing` or `Denied`."""
        collaboration = collaboration_by_id(session, collaboration_id)
        row = next((one for one in versions_of(session, collaboration_id) if one.number == number), None)
        asked = collaboration if row is None else row
        admit(session, actor, asked, self.action, noun="collaboration", named=collaboration_id)
        if row is None:
            raise Missing("protocol_version", number)
        return VersionAccess(row, collaboration)


@dataclass(frozen=True)
class AllowedLead:
    """Give a route the collaboration that its path names, if the actor may do this as its lead, or for the office."""

    action: Action

    def __call__(self, collaboration_id: str, session: Tx, actor: CurrentActor) -> Collaboration:
        """Return the collaboration, or raise `Missing` or `Denied`."""
        row = collaboration_by_id(session, collaboration_id)
        scope = lead_scope(session, row)
        require(actor, self.action, scope, noun="collaboration", named=collaboration_id)
        return row


@dataclass(frozen=True)
class AllowedOfRegion:
    """Give a route the collaboration that its path names, to the authority of a region that pays in it as well."""

    action: Action

    def __call__(self, collaboration_id: str, session: Tx, actor: CurrentActor) -> Collaboration:
        """Return the collaboration, or raise `Missing` or `Denied`."""
        row = collaboration_by_id(session, collaboration_id)
        scope = region_scope(session, actor, row)
        require(actor, self.action, scope, noun="collaboration", named=collaboration_id)
        return row


@dataclass(frozen=True)
class AllowedAgreement:
    """Give a route the agreement of a collaboration that its path names by number, if the actor may do this with it."""

    action: Action

    def __call__(self, collaboration_id: str, number: int, session: Tx, actor: CurrentActor) -> Agreement:
        """Return the agreement, or raise `Missing` or `Denied`."""
        collaboration = collaboration_by_id(session, collaboration_id)
        admit(session, actor, collaboration, Action.READ_COLLABORATION, noun="collaboration", named=collaboration_id)
        row = agreement_numbered(session, collaboration_id, number)
        admit(session, actor, row, self.action, noun="agreement", named=number)
        return row


@dataclass(frozen=True, slots=True)
class OrganisationAccess:
    """An organisation and the partnership that it is a member of."""

    row: Organisation
    partnership: Partnership


@dataclass(frozen=True)
class AllowedOrganisation:
    """Give a route an organisation of the own partnership by its slug; its own people and managers know its figures."""

    action: Action

    def __call__(self, partnership: str, organisation: str, session: Tx, actor: CurrentActor) -> OrganisationAccess:
        """Return the row, or raise `Missing` or `Denied`."""
        found = partnership_by_slug(session, partnership)
        if found.id != actor.partnership_id:
            raise Missing("partnership", partnership)
        row, _ = member_by_slug(session, found.id, organisation)
        require(actor, self.action, Scope(found.id, organisation_ids=frozenset({row.id})))
        return OrganisationAccess(row, found)
