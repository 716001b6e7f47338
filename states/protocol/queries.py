"""Reads of protocol drafts and versions, of what partners signed, and of risk reviews."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as plain
from sqlmodel import Session, col, select

from states.errors import Missing
from states.partners.tables import Organisation
from states.protocol.tables import ProtocolVersion, RiskReview, SectionDraft, SignOff
from states.storage import Keys, PlainSelect, Reading, Readings, columns_of, table_of


@dataclass(frozen=True, slots=True)
class LatestVersion:
    """The latest frozen version of a protocol, without its content."""

    id: str
    number: int
    sha256: str
    consortium: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A sign-off of the latest version: who was asked, and when it was signed."""

    id: str
    organisation_id: str
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A section as it stands now."""

    key: str
    content: dict[str, object]


def _is_latest() -> ColumnElement[bool]:
    version, any_version = columns_of(ProtocolVersion), table_of(ProtocolVersion).alias().c
    newest = plain(func.max(any_version.number)).where(any_version.collaboration_id == version.collaboration_id)
    latest: ColumnElement[bool] = version.number == newest.scalar_subquery()
    return latest


def _latest(keys: Keys) -> PlainSelect:
    version = columns_of(ProtocolVersion)
    read = [version[name] for name in LatestVersion.__slots__]
    return plain(version.collaboration_id, *read).where(version.collaboration_id.in_(keys), _is_latest())


def _latest_content(keys: Keys) -> PlainSelect:
    version = columns_of(ProtocolVersion)
    return plain(version.collaboration_id, version.content).where(version.collaboration_id.in_(keys), _is_latest())


def _asked(keys: Keys) -> PlainSelect:
    version, asked = columns_of(ProtocolVersion), columns_of(SignOff)
    read = [asked[name] for name in Asked.__slots__]
    of_latest = (version.collaboration_id.in_(keys), _is_latest(), asked.protocol_version_id == version.id)
    return plain(version.collaboration_id, *read).where(*of_latest)


def _drafts(keys: Keys) -> PlainSelect:
    draft = columns_of(SectionDraft)
    return plain(draft.collaboration_id, draft.key, draft.content).where(draft.collaboration_id.in_(keys))


def _risk_reviews(keys: Keys) -> PlainSelect:
    review = columns_of(RiskReview)
    counted = plain(review.collaboration_id, func.count()).where(review.collaboration_id.in_(keys))
    return counted.group_by(review.collaboration_id)


LATEST = Reading(LatestVersion, _latest)
LATEST_CONTENT = Reading(lambda content: content, _latest_content)
ASKED = Reading(Asked, _asked)
DRAFTS = Reading(Draft, _drafts)
RISK_REVIEWS = Reading(int, _risk_reviews)


@lru_cache(maxsize=64)
def table_of_latest(section: str, field: str) -> Reading[object]:
    """Return how the rows of one table in the latest frozen version are read, without the rest of its content."""

    def rows(keys: Keys) -> PlainSelect:
        version = columns_of(ProtocolVersion)
        table = version.content[(section, field)].label("rows")
        return plain(version.collaboration_id, table).where(version.collaboration_id.in_(keys), _is_latest())

    return Reading(lambda found: found, rows)


def latest_of(read: Readings, key: str) -> LatestVersion | None:
    """Return the latest frozen version of a collaboration, if there is one."""
    return next(iter(read.of(LATEST, key)), None)


def drafts_of(session: Session, collaboration_ids: Sequence[str]) -> dict[str, list[SectionDraft]]:
    """Return the sections written so far, by collaboration."""
    found: dict[str, list[SectionDraft]] = {key: [] for key in collaboration_ids}
    query = select(SectionDraft).where(col(SectionDraft.collaboration_id).in_(collaboration_ids))
    for draft in session.exec(query):
        found[draft.collaboration_id].append(draft)
    return found


def draft_version(drafts: Iterable[SectionDraft]) -> int:
    """Return the version of the draft as a whole, which every write of a section raises."""
    return sum(draft.version for draft in drafts)


def versions_of(session: Session, collaboration_id: str) -> list[ProtocolVersion]:
    """Return the frozen versions, oldest first."""
    query = select(ProtocolVersion).where(ProtocolVersion.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(ProtocolVersion.number))))


def version_numbered(session: Session, collaboration_id: str, number: int) -> ProtocolVersion:
    """Return the frozen version of that number, or raise `Missing`."""
    found = next((one for one in versions_of(session, collaboration_id) if one.number == number), None)
    if found is None:
        raise Missing("protocol_version", number)
    return found


def version_numbers(session: Session, collaboration_ids: Collection[str]) -> dict[str, int]:
    """Return the numbers of the frozen versions of these collaborations, by id."""
    of_these = col(ProtocolVersion.collaboration_id).in_(collaboration_ids)
    return dict(session.exec(select(ProtocolVersion.id, ProtocolVersion.number).where(of_these)).all())


def latest_versions(session: Session, collaboration_ids: Sequence[str]) -> dict[str, ProtocolVersion]:
    query = select(ProtocolVersion).where(col(ProtocolVersion.collaboration_id).in_(collaboration_ids), _is_latest())
    return {row.collaboration_id: row for row in session.exec(query)}


def version_by_id(session: Session, key: str) -> ProtocolVersion:
    """Return the version, or raise `Missing`."""
    found = session.get(ProtocolVersion, key)
    if found is None:
        raise Missing("protocol_version", key)
    return found


def versions_by_id(session: Session, keys: Collection[str]) -> dict[str, ProtocolVersion]:
    return {row.id: row for row in session.exec(select(ProtocolVersion).where(col(ProtocolVersion.id).in_(keys)))}


def sign_off_by_id(session: Session, key: str) -> SignOff:
    """Return what is asked of an organisation, or raise `Missing`."""
    found = session.get(SignOff, key)
    if found is None:
        raise Missing("sign_off", key)
    return found


def sign_offs_of(session: Session, version_id: str) -> list[tuple[SignOff, Organisation]]:
    """Return what each organisation was asked to sign in a version, by the organisation's name."""
    query = (
        select(SignOff, Organisation)
        .join(Organisation, col(Organisation.id) == col(SignOff.organisation_id))
        .where(SignOff.protocol_version_id == version_id)
    )
    return list(session.exec(query.order_by(col(Organisation.name), col(SignOff.id))))


def risk_reviews_of(session: Session, collaboration_id: str) -> list[RiskReview]:
    """Return when the risks of a collaboration were looked at, oldest first."""
    query = select(RiskReview).where(RiskReview.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(RiskReview.number))))
