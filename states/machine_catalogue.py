"""Every machine of states and moves but the playbooks', by name: what has a life, wherever its definition lies."""

from collections.abc import Mapping
from typing import Any

from states.archive.evidence.states import EVIDENCE
from states.archive.states import DOCUMENT
from states.calendars.states import EVENT
from states.checklists.states import CHECKLIST
from states.computations.states import COMPUTATION
from states.deadlines.states import DEADLINE, REMINDER
from states.funding.awards.states import AGREEMENT, AGREEMENT_CONDITION
from states.funding.rules.states import DOCUMENT_OF_LAW
from states.implementation.states import CHANGE_APPROVAL, CHANGE_REQUEST, PROGRESS
from states.machines.definition import Machine
from states.mail.states import MAIL
from states.matchmaking.event_day.states import PARTICIPANT
from states.matchmaking.interests.states import INTEREST
from states.matchmaking.meetings.states import MEETING, PARTY
from states.matchmaking.profiles.states import PROFILE
from states.matchmaking.states import CONTACT
from states.outbox.states import MESSAGE
from states.protocol.assignments.states import SECTION_ASSIGNMENT
from states.protocol.states import SIGN_OFF
from states.questions.states import QUESTION
from states.reporting.states import REPORT
from states.review.conflicts.states import DECLARATION
from states.review.states import CONDITION, DECISION, EVALUATION, ROUND, SEAT

MACHINES: Mapping[str, Machine[Any]] = {
    machine.name: machine
    for machine in (
        EVENT,
        *(PROFILE, INTEREST, PARTICIPANT, MEETING, PARTY, CONTACT),
        *(SIGN_OFF, SECTION_ASSIGNMENT, CHECKLIST),
        QUESTION,
        *(ROUND, SEAT, DECLARATION, EVALUATION, DECISION, CONDITION),
        REPORT,
        *(AGREEMENT, AGREEMENT_CONDITION),
        *(PROGRESS, CHANGE_REQUEST, CHANGE_APPROVAL),
        DOCUMENT_OF_LAW,
        DOCUMENT,
        EVIDENCE,
        *(DEADLINE, REMINDER, MAIL),
        *(COMPUTATION, MESSAGE),
    )
}

# Columns that look like a state and are none: written once with the row, or a word of whoever enters it.
NO_LIFE: Mapping[str, str] = {
    "computation.answer": "what was found",
    "kept_answer.status": "of HTTP",
    "scenario_source.status": "how sure the money is: a word of whoever enters the line",
}
