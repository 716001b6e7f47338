"""What the keys of the domain are called on pages: a word for each, by its kind, for the catalogues."""

from collections.abc import Iterator
from enum import StrEnum

from api.pages.languages import gettext, pgettext
from states.archive.evidence.facts import DemandState
from states.archive.evidence.tables import EvidenceState, EvidenceSubject, Scan
from states.archive.tables import Because, DocumentClass, DocumentKind
from states.changes.tables import RecordKind
from states.checklists.definition import Check
from states.checklists.facts import ItemState
from states.checklists.tables import ChecklistState
from states.collaborations.tables import MemberPart
from states.computations.tables import ComputationState
from states.credentials.sessions import Means
from states.crossings.implementation.drawdown import Basis
from states.deadlines.ledger import LineStatus
from states.deadlines.tables import ChangeKind, DeadlineState
from states.funding.awards.states import AgreementState
from states.funding.awards.tables import AgreementConditionState
from states.funding.case.vocabulary import Activity, Control, CostCategory, RiskStage, ScenarioKind
from states.funding.finance.plan import Prices
from states.funding.finance.sensitivity import Measure
from states.funding.finance.sources import Repayment
from states.funding.law.facts import Answer as Verdict
from states.funding.money.tables import OptionKind, RateRule
from states.funding.rules.overview import SHIPPED
from states.funding.rules.tables import DocumentState
from states.funding.tables import SourceKind, SourceStatus
from states.implementation.tables import ApprovalState, ChangeState, KindOfChange, ProgressState
from states.mail.tables import MailKind, MailState
from states.matchmaking.consents.tables import AvoidanceKind, ConsentPurpose
from states.matchmaking.event_day.tables import (
    Attendance,
    EventMode,
    MeetingState,
    NextStep,
    ParticipantState,
    PartyAnswer,
)
from states.matchmaking.profiles.tables import (
    Cooperation,
    Development,
    InterestState,
    Ipr,
    OfferKind,
    PartnerType,
    ProfileState,
    ProfileType,
)
from states.matchmaking.tables import ContactKind, ContactStatus
from states.partners.tables import EventKind, MembershipPart, OrganisationKind, PartnershipKind, SizeClass
from states.protocol.assignments.tables import AssignmentState
from states.protocol.comparison import Became
from states.protocol.progress import Progress
from states.questions.tables import Audience, QuestionState, QuestionSubject
from states.reporting.definition import Agreement
from states.reporting.tables import ReportState
from states.review.conflicts.tables import ConflictKind, Ruling, Tie
from states.review.definition import Phase
from states.review.scoring import PanelStatus
from states.review.states import DecisionState
from states.review.tables import ConditionState, Outcome, PriorityMatch, RoundState, SeatState, Willingness
from states.rights.access import Role, TokenScope
from states.rights.authors import Via
from states.search import SearchKind
from states.tasks.task import TaskKind, TaskState

# Every kind whose keys a page shows; `catalogues.py` takes their words up.
KINDS: tuple[type[StrEnum], ...] = (
    MailKind,
    DocumentState,
    MailState,
    LineStatus,
    RateRule,
    OptionKind,
    InterestState,
    PartyAnswer,
    NextStep,
    MeetingState,
    EventMode,
    Attendance,
    ParticipantState,
    ConsentPurpose,
    AvoidanceKind,
    ProfileType,
    ProfileState,
    OfferKind,
    Development,
    Ipr,
    PartnerType,
    Cooperation,
    ContactKind,
    ContactStatus,
    ReportState,
    Agreement,
    EventKind,
    Means,
    TokenScope,
    Role,
    PartnershipKind,
    MembershipPart,
    OrganisationKind,
    SizeClass,
    MemberPart,
    TaskKind,
    TaskState,
    RoundState,
    Outcome,
    DecisionState,
    QuestionState,
    QuestionSubject,
    Audience,
    ItemState,
    Check,
    DocumentKind,
    Because,
    SourceKind,
    SourceStatus,
    DeadlineState,
    ChangeKind,
    RecordKind,
    SearchKind,
    Via,
    Progress,
    AssignmentState,
    Became,
    Activity,
    CostCategory,
    RiskStage,
    Control,
    Prices,
    Repayment,
    Measure,
    Audience,
    QuestionState,
    QuestionSubject,
    ChecklistState,
    EvidenceState,
    EvidenceSubject,
    DemandState,
    DocumentClass,
    Scan,
    ConditionState,
    ScenarioKind,
    ComputationState,
    Verdict,
    AgreementState,
    AgreementConditionState,
    ProgressState,
    KindOfChange,
    ChangeState,
    ApprovalState,
    Basis,
    ConflictKind,
    PanelStatus,
    Phase,
    PriorityMatch,
    Ruling,
    SeatState,
    Tie,
    Willingness,
)


def word(key: StrEnum) -> str:
    """Return what a key is called: "In review" for `in_review`, in the language of the page."""
    return pgettext(context_of(type(key)), source_of(key))


def document_states() -> dict[str, str]:
    """Return what each state of a document of law is called, that of what is shipped too."""
    return {SHIPPED: gettext("ships with Bankable"), **{one.value: word(one) for one in DocumentState}}


def role_name(key: str) -> str:
    """Return what a role is called by its key, and anything else as it is."""
    return word(Role(key)) if key in set(Role) else key


def context_of(kind: type[StrEnum]) -> str:
    """Return the context of a kind's words in the catalogues: "task kind" for `TaskKind`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).strip()


def source_of(key: StrEnum) -> str:
    """Return a key as an English word."""
    return _OF_PHASES.get(key.value, "") if isinstance(key, Phase) else _plain(key.value)


def _plain(key: str) -> str:
    return _SOURCES.get(key) or key.replace("_", " ").replace("-", " ").capitalize()


def words() -> Iterator[tuple[str, str]]:
    """Yield every word with its context."""
    for kind in KINDS:
        for key in kind:
            yield context_of(kind), source_of(key)


_OF_PHASES = {
    "individual": "Open for answers",
    "consensus": "Waiting for the consensus",
    "panel": "Waiting for the panel's minute",
    "decision": "Waiting for its decision",
    "release": "Decided",
}
_SOURCES = {
    "if": "Yes, under conditions",
    "iag_secretary": "IAG secretary",
    "iag_member": "IAG member",
    "iag_chair": "IAG chair",
    "wgra_member": "WGRA member",
    "wgra_chair": "WGRA chair",
    "tssp": "Thematic partnership of regions",
    "escp_s3": "Funded partnership of clusters",
    "sme": "SME",
    "ipr": "IPR",
    "no_ipr": "No IPR",
    "secret_know_how": "Secret know-how",
    "patent_applied": "Patent applied for",
    "lab_tested": "Tested in the laboratory",
    "sme_up_to_10": "SME with up to 10 people",
    "sme_11_to_49": "SME with 11 to 49 people",
    "sme_50_to_249": "SME with 50 to 249 people",
}
