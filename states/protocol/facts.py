"""What is known of a collaboration's investment protocol: the draft as it stands, and the latest frozen version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from states.collaborations.queries import PARTNERS, partners_of
from states.collaborations.tables import Collaboration
from states.protocol.content import column_sums, digest, unfilled
from states.protocol.definition import SectionSpec
from states.protocol.queries import ASKED, DRAFTS, LATEST, LATEST_CONTENT, latest_of
from states.storage import Readings

DRAFT_READS = (DRAFTS,)
FROZEN_READS = (LATEST_CONTENT,)
VERSION_READS = (LATEST, ASKED, PARTNERS)


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """The draft as it stands: what is missing, and its sums by section.field.column."""

    mandatory: int
    missing: tuple[str, ...]
    sums: Mapping[str, Decimal]
    sha256: str


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """The latest frozen version; `unsigned` names the partners that have not signed their part of it.

    It is `void` once its lead is another one, or a partner of it has left: no signature on it counts any more.
    """

    id: str
    number: int
    sha256: str
    unsigned: tuple[str, ...] = ()
    void: bool = False


@dataclass(frozen=True, slots=True)
class FrozenFacts:
    """The sums of the latest frozen version by section.field.column; none where nothing is frozen."""

    sums: Mapping[str, Decimal]


def frozen_facts(read: Readings, row: Collaboration, *, sections: Sequence[SectionSpec]) -> FrozenFacts:
    """Derive the sums of the latest frozen version."""
    content = next(iter(read.of(LATEST_CONTENT, row.id)), None)
    return FrozenFacts(column_sums(content, sections=sections) if content else {})


def draft_facts(read: Readings, row: Collaboration, *, sections: Sequence[SectionSpec]) -> DraftFacts:
    """Derive the facts of a draft; `sections` are those of the collaboration's playbook."""
    content = {draft.key: draft.content for draft in read.of(DRAFTS, row.id)}
    return DraftFacts(
        mandatory=sum(field.mandatory for section in sections for field in section.fields),
        missing=unfilled(content, sections=sections),
        sums=column_sums(content, sections=sections),
        sha256=digest(content),
    )


def version_facts(read: Readings, row: Collaboration) -> VersionFacts | None:
    """Derive the facts of the latest frozen version, if there is one."""
    latest = latest_of(read, row.id)
    if latest is None:
        return None
    void = latest.consortium != row.consortium
    signed = {one.organisation_id for one in read.of(ASKED, row.id) if one.signed_at is not None and not void}
    unsigned = tuple(one.name for one in partners_of(read, row.id) if one.id not in signed)
    return VersionFacts(latest.id, latest.number, latest.sha256, unsigned, void)
