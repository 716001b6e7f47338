"""What is known of a collaboration's investment protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.protocol.content import Content, column_sums, digest, unfilled
from states.protocol.definition import SectionSpec
from states.protocol.queries import drafts_of, latest_versions, signed_by


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """The latest frozen version; `unsigned` names the partners that have not signed their part of it."""

    id: str
    number: int
    sha256: str
    unsigned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProtocolFacts:
    """The draft as it stands: what is missing, its sums by section.field.column, and the latest frozen version."""

    mandatory: int
    missing: tuple[str, ...]
    sums: Mapping[str, Decimal]
    draft_sha256: str
    latest: VersionFacts | None


def gather(
    session: Session, rows: Sequence[Collaboration], *, sections: Mapping[str, Sequence[SectionSpec]]
) -> dict[str, ProtocolFacts]:
    """Collect the facts of many collaborations, by their ids; `sections` are their playbooks' by the same ids."""
    keys = [row.id for row in rows]
    drafts, versions = drafts_of(session, keys), latest_versions(session, keys)
    members, signed = members_of(session, keys), signed_by(session, [version.id for version in versions.values()])
    latest = {
        key: VersionFacts(
            version.id,
            version.number,
            version.sha256,
            tuple(one.organisation.name for one in members[key] if one.organisation.id not in signed[version.id]),
        )
        for key, version in versions.items()
    }
    return {
        key: facts_of(
            {draft.key: draft.content for draft in drafts[key]}, sections=sections[key], latest=latest.get(key)
        )
        for key in keys
    }


def facts_of(
    content: Mapping[str, Content], *, sections: Sequence[SectionSpec], latest: VersionFacts | None
) -> ProtocolFacts:
    """Derive the facts from a draft's content."""
    return ProtocolFacts(
        mandatory=sum(field.mandatory for section in sections for field in section.fields),
        missing=unfilled(content, sections=sections),
        sums=column_sums(content, sections=sections),
        draft_sha256=digest(content),
        latest=latest,
    )
