"""What the keys of the domain are called in papers: a word for each, by its kind, for the catalogues."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from documents.formats import in_words
from documents.languages import pgettext
from states.archive.tables import DocumentClass
from states.collaborations.tables import MemberPart
from states.funding.case.vocabulary import NOUNS, Activity, CostCategory
from states.funding.finance.plan import Prices
from states.funding.finance.sources import Repayment
from states.funding.tables import SourceKind, SourceStatus
from states.matchmaking.event_day.tables import EventMode
from states.matchmaking.profiles.tables import Cooperation, Development, ProfileType
from states.partners.tables import OrganisationKind, SizeClass
from states.playbooks.definition import Direction
from states.protocol.comparison import Became
from states.reporting.definition import Agreement, form
from states.reporting.tables import ReportState
from states.review.conflicts.tables import ConflictKind, Ruling
from states.review.definition import Phase
from states.review.scoring import PanelStatus
from states.review.tables import ConditionState, PriorityMatch, SeatState, Willingness
from states.rights.access import Role

# Every kind whose keys a paper shows; `catalogues.py` takes their words up.
KINDS: tuple[type[StrEnum], ...] = (
    Agreement,
    Became,
    ConditionState,
    ConflictKind,
    Cooperation,
    CostCategory,
    Development,
    Direction,
    DocumentClass,
    EventMode,
    MemberPart,
    OrganisationKind,
    PanelStatus,
    Phase,
    Prices,
    PriorityMatch,
    ProfileType,
    Repayment,
    ReportState,
    Role,
    Ruling,
    SeatState,
    SizeClass,
    SourceKind,
    SourceStatus,
    Willingness,
)

FORM = "monitoring form"
"""The context of what the monitoring form asks."""


# Where the key itself would not be understood.
_SAID: dict[StrEnum, str] = {Willingness.IF: "on a condition"}


def word(key: StrEnum) -> str:
    """Return what a key is called inside a sentence, in the language that is spoken: "IAG chair" for `iag_chair`."""
    return pgettext(_context(type(key)), _source(key))


def said_word(key: str, kind: str = "") -> str:
    """Say a key in a template: one of an enumeration, or plain text of the kind that is named."""
    if not kind and isinstance(key, StrEnum):
        return word(key)
    return pgettext(kind, in_words(key))


def activity(key: Activity) -> str:
    """Say what a cost is for, as a noun."""
    return pgettext("activity", NOUNS[key])


def category(key: str) -> str:
    """Say what money is spent on: a category of cost, or as somebody wrote it."""
    return word(CostCategory(key)) if key in set(CostCategory) else in_words(key)


def capital(text: str) -> str:
    """Write a word as the first of a line."""
    return text[:1].upper() + text[1:]


def roles(keys: Iterable[str]) -> str:
    """Say roles by their keys."""
    return ", ".join(word(Role(key)) if key in set(Role) else in_words(key) for key in keys)


def words() -> Iterator[tuple[str, str]]:
    """Yield every word with its context."""
    for text in NOUNS.values():
        yield "activity", text
    for kind in KINDS:
        for key in kind:
            yield _context(kind), _source(key)
    yield from ((FORM, text) for text in _form_texts())


def _form_texts() -> Iterator[str]:
    """Yield what the monitoring form asks, as its papers show it."""
    for section in form().sections:
        yield section.heading
        for one in section.questions:
            yield from filter(None, (one.heading, one.text, one.group))
    yield from (goal.title for goal in form().goals)


def _source(key: StrEnum) -> str:
    return _SAID.get(key) or in_words(key.value)


def _context(kind: type[StrEnum]) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).strip()
