"""What the keys of the domain are called in papers: a word for each, by its kind, for the catalogues."""

from collections.abc import Iterator
from enum import StrEnum

from documents.formats import in_words
from documents.languages import pgettext
from states.collaborations.tables import MemberPart
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.tables import SourceKind, SourceStatus
from states.partners.tables import OrganisationKind, SizeClass
from states.rights.access import Role

# Every kind whose keys a paper shows; `catalogues.py` takes their words up.
KINDS: tuple[type[StrEnum], ...] = (
    Activity,
    CostCategory,
    MemberPart,
    OrganisationKind,
    Role,
    SizeClass,
    SourceKind,
    SourceStatus,
)


def word(key: StrEnum) -> str:
    """Return what a key is called inside a sentence, in the language that is spoken: "IAG chair" for `iag_chair`."""
    return pgettext(_context(type(key)), in_words(key.value))


def words() -> Iterator[tuple[str, str]]:
    """Yield every word with its context."""
    for kind in KINDS:
        for key in kind:
            yield _context(kind), in_words(key.value)


def _context(kind: type[StrEnum]) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).strip()
