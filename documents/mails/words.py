"""What keys are called in mails: roles, duties, outcomes, documents; each word is translated like any text."""

from collections.abc import Mapping
from enum import StrEnum

from states.archive.tables import DocumentKind
from states.mail.receipts import Receipt
from states.review.tables import Outcome
from states.rights.access import Role


class Duty(StrEnum):
    """What somebody owes by a date: the kinds of deadlines that mails have a word for."""

    STAGE = "stage"
    DECLARATION = "declaration"
    EVALUATION = "evaluation"
    CONSENSUS = "consensus"
    POSITION = "position"
    SIGN_OFF = "sign_off"
    CONDITION = "condition"
    CALL_CLOSING = "call_closing"
    RISK_REVIEW = "risk_review"
    CHECKLIST = "checklist"
    REPORT = "report"
    OUTCOME = "outcome"
    SECTION = "section"
    QUESTION = "question"


class EventPart(StrEnum):
    """What may have changed of an event."""

    TITLE = "title"
    TIME = "time"
    PLACE = "place"


class Answer(StrEnum):
    """What somebody answered to a request for a meeting, or to an expression of interest."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


Word = tuple[str, str]  # the context in which it stands, and the word in English


def word(context: str, text: str) -> Word:
    """Mark a word for the catalogues."""
    return context, text


ROLES: Mapping[StrEnum, Word] = {
    Role.PROJECT_MANAGER: word("role", "Project management"),
    Role.IAG_SECRETARY: word("role", "Secretariat of the Investment Advisory Group (IAG)"),
    Role.IAG_MEMBER: word("role", "Member of the Investment Advisory Group (IAG)"),
    Role.IAG_CHAIR: word("role", "Chair of the Investment Advisory Group (IAG)"),
    Role.WGRA_MEMBER: word("role", "Member of the Working Group of Regional Authorities (WGRA)"),
    Role.WGRA_CHAIR: word("role", "Chair of the Working Group of Regional Authorities (WGRA)"),
    Role.PARTNER: word("role", "Partner organisation"),
    Role.OBSERVER: word("role", "Observer"),
    Role.ADMINISTRATOR: word("role", "Administration"),
    Role.CLOCK: word("role", "Automatic"),
}

DUTIES: Mapping[StrEnum, Word] = {
    Duty.STAGE: word("deadline", "Stage of a collaboration"),
    Duty.DECLARATION: word("deadline", "Declaration of interests"),
    Duty.EVALUATION: word("deadline", "Evaluation"),
    Duty.CONSENSUS: word("deadline", "Consensus"),
    Duty.POSITION: word("deadline", "Position of a region"),
    Duty.SIGN_OFF: word("deadline", "Sign-off by a partner"),
    Duty.CONDITION: word("deadline", "Condition of a decision"),
    Duty.CALL_CLOSING: word("deadline", "Closing of a call"),
    Duty.RISK_REVIEW: word("deadline", "Review of risks"),
    Duty.CHECKLIST: word("deadline", "Checklist"),
    Duty.REPORT: word("deadline", "Monitoring report"),
    Duty.OUTCOME: word("deadline", "Outcome of a meeting"),
    Duty.SECTION: word("deadline", "Section of the protocol"),
    Duty.QUESTION: word("deadline", "Question to be answered"),
}
ANY_DUTY = word("deadline", "Deadline")

OUTCOMES: Mapping[StrEnum, Word] = {
    Outcome.ENDORSE: word("decision", "Endorsed"),
    Outcome.ENDORSE_WITH_CONDITIONS: word("decision", "Endorsed with conditions"),
    Outcome.REVISE: word("decision", "Sent back for revision"),
    Outcome.REJECT: word("decision", "Rejected"),
}

DOCUMENTS: Mapping[StrEnum, Word] = {
    DocumentKind.INVESTMENT_PROTOCOL: word("document", "Investment protocol"),
    DocumentKind.REVIEW_DOSSIER: word("document", "Review dossier"),
    DocumentKind.EVALUATION_REPORT: word("document", "Evaluation report"),
    DocumentKind.CONSENSUS_REPORT: word("document", "Consensus report"),
    DocumentKind.PANEL_MINUTES: word("document", "Panel minutes"),
    DocumentKind.DECISION_LETTER: word("document", "Decision letter"),
    DocumentKind.PROPOSAL: word("document", "Bankable proposal"),
    DocumentKind.MONITORING_REPORT_PUBLIC: word("document", "Monitoring report"),
    DocumentKind.MONITORING_REPORT_CONFIDENTIAL: word("document", "Monitoring report, confidential edition"),
    DocumentKind.PERSONAL_AGENDA: word("document", "Personal agenda"),
    DocumentKind.TABLE_PLAN: word("document", "Table plan"),
    DocumentKind.EVENT_BOOKLET: word("document", "Event booklet"),
    DocumentKind.FUNNEL_REPORT: word("document", "Funnel report"),
    DocumentKind.REDLINE: word("document", "Redline"),
    DocumentKind.TEASER: word("document", "Teaser"),
    DocumentKind.BRIEFING: word("document", "Briefing of a region"),
    DocumentKind.COMPARISON: word("document", "Scenarios compared"),
    DocumentKind.CERTIFICATE: word("document", "Certificate of the file's history"),
    DocumentKind.PORTFOLIO: word("document", "Portfolio book"),
}

RECEIPTS: Mapping[StrEnum, Word] = {
    Receipt.VERSION: word("receipt", "Frozen version of the protocol"),
    Receipt.SUBMISSION: word("receipt", "Protocol, submitted for review"),
    Receipt.EVALUATION: word("receipt", "Evaluation"),
    Receipt.POSITION: word("receipt", "Position of a region"),
    Receipt.EVIDENCE: word("receipt", "Evidence"),
    Receipt.SECTION: word("receipt", "Section of the protocol"),
}

EVENT_PARTS: Mapping[StrEnum, Word] = {
    EventPart.TITLE: word("event", "title"),
    EventPart.TIME: word("event", "time"),
    EventPart.PLACE: word("event", "place"),
}

_BOOKS: Mapping[type[StrEnum], Mapping[StrEnum, Word]] = {
    Role: ROLES,
    Outcome: OUTCOMES,
    DocumentKind: DOCUMENTS,
    EventPart: EVENT_PARTS,
    Receipt: RECEIPTS,
}


def word_of(key: StrEnum) -> Word:
    return _BOOKS[type(key)][key]


def duty_of(kind: str) -> Word:
    """Return what a deadline of this kind is called; a playbook may name kinds that have no word of their own."""
    return DUTIES[Duty(kind)] if kind in set(Duty) else ANY_DUTY
