"""Who answers for which kind of row: every provider, registered in the one place that knows all stages."""

from collections.abc import Sequence
from typing import Protocol

from sqlmodel import Session

from states.archive.evidence.tables import Evidence
from states.archive.tables import IssuedDocument
from states.collaborations.tables import Collaboration
from states.computations.tables import Computation
from states.crossings.rights.agreements import of_agreements
from states.crossings.rights.collaborations import (
    cases_of_collaborations,
    circumstances,
    of_collaborations,
    of_computations,
    of_rounds,
    of_scenarios,
    of_sign_offs,
    of_versions,
)
from states.crossings.rights.deadlines import cases_of_deadlines, of_deadlines
from states.crossings.rights.documents import cases_of_documents, of_documents
from states.crossings.rights.evidence import cases_of_evidence, of_evidence
from states.crossings.rights.parts import of_assignments
from states.crossings.rights.progress import of_progress
from states.crossings.rights.questions import cases_of_questions, of_questions
from states.deadlines.tables import Deadline
from states.funding.awards.tables import Agreement
from states.funding.rules.tables import RuleDocument
from states.funding.tables import Instrument, Scenario
from states.implementation.tables import PartnerProgress
from states.mail.tables import Mail
from states.matchmaking.access import (
    cases_of_interests,
    cases_of_participants,
    cases_of_profiles,
    day,
    of_avoidances,
    of_interests,
    of_meetings,
    of_participants,
    of_profiles,
)
from states.matchmaking.consents.tables import Avoidance
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, Participant
from states.matchmaking.profiles.tables import Interest, Profile
from states.matchmaking.tables import Contact
from states.outbox.tables import OutboxMessage
from states.partners.tables import Absence, Partnership, PartnershipEvent
from states.protocol.assignments.tables import SectionAssignment
from states.protocol.tables import ProtocolVersion, SignOff
from states.questions.tables import Question
from states.reporting.tables import ProgressReport
from states.review.tables import ReviewRound
from states.rights.access import Actor, Scope
from states.rights.conditions import provide_cases
from states.rights.scopes import provide


class _OfPartnership(Protocol):
    partnership_id: str


def _of_partnership(_: Session, __: Actor, rows: Sequence[_OfPartnership]) -> list[Scope]:
    """Answer for rows of which everybody in a role has the same rights in the whole partnership."""
    return [Scope(row.partnership_id) for row in rows]


def _of_absences(_: Session, __: Actor, rows: Sequence[Absence]) -> list[Scope]:
    return [Scope(row.partnership_id, person_id=row.person_id) for row in rows]


def _of_partnerships(_: Session, __: Actor, rows: Sequence[Partnership]) -> list[Scope]:
    return [Scope(row.id) for row in rows]


for _kind in (BrokerageEvent, Contact, Instrument, Mail, OutboxMessage, PartnershipEvent, ProgressReport, RuleDocument):
    provide(_kind, _of_partnership)
provide(Agreement, of_agreements)
provide(Absence, _of_absences)
provide(Avoidance, of_avoidances)
provide(Collaboration, of_collaborations)
provide(Deadline, of_deadlines)
provide(Computation, of_computations)
provide(Evidence, of_evidence)
provide(Interest, of_interests)
provide(IssuedDocument, of_documents)
provide(Meeting, of_meetings)
provide(Participant, of_participants)
provide(Question, of_questions)
provide(PartnerProgress, of_progress)
provide(Partnership, _of_partnerships)
provide(Profile, of_profiles)
provide(ProtocolVersion, of_versions)
provide(ReviewRound, of_rounds)
provide(Scenario, of_scenarios)
provide(SectionAssignment, of_assignments)
provide(SignOff, of_sign_offs)

provide_cases(Collaboration, circumstances, cases_of_collaborations)
provide_cases(Interest, day, cases_of_interests)
provide_cases(Question, circumstances, cases_of_questions)
provide_cases(Participant, day, cases_of_participants)
provide_cases(Profile, day, cases_of_profiles)
provide_cases(Deadline, circumstances, cases_of_deadlines)
provide_cases(Evidence, circumstances, cases_of_evidence)
provide_cases(IssuedDocument, circumstances, cases_of_documents)
