"""What changed in a protocol between two frozen versions, the draft, or instants; by default since reviewers saw it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.crossings.changes.sections import protocol_at
from states.errors import Invalid, Refusal, Refused
from states.playbooks.editions import playbook_of
from states.protocol.comparison import FieldChange, compare_protocols
from states.protocol.content import Content
from states.protocol.queries import drafts_of, versions_of
from states.protocol.tables import ProtocolVersion
from states.review.queries import rounds_of
from states.review.tables import ReviewRound
from states.rights.blinding import Blinding

DRAFT = "draft"


class SideKind(StrEnum):
    VERSION = "version"
    DRAFT = "draft"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Side:
    """One of two states that are compared; `panel` and `seen_at` tell of a version who was asked to judge it."""

    kind: SideKind
    number: int | None
    at: datetime | None
    panel: str
    seen_at: datetime | None
    version: ProtocolVersion | None
    content: Mapping[str, Content]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every field that differs between two states."""

    before: Side
    after: Side
    fields: list[FieldChange]


class SideUnknown(Invalid):
    """There is no such state of the protocol."""

    code = "protocol_state_unknown"


class NothingToCompare(Refused):
    """No version is frozen with which the draft could be compared."""

    code = "nothing_to_compare"


def side_named(session: Session, row: Collaboration, name: str | None, *, place: str) -> Side:
    """Return the state that a name means: the number of a version, `draft`, or an instant; raise `SideUnknown`.

    Without a name it is the version that reviewers saw last, or the newest one where none did.
    """
    versions = versions_of(session, row.id)
    if name is None:
        if not versions:
            reason = Refusal("protocol_not_frozen", mend_by=("partner",), where="protocol/versions")
            raise NothingToCompare([reason])
        seen = last_seen(session, row, versions)
        return _of_version(versions[-1], None) if seen is None else _of_version(*seen)
    if name == DRAFT:
        drafts = {draft.key: draft.content for draft in drafts_of(session, [row.id])[row.id]}
        return Side(SideKind.DRAFT, None, None, "", None, None, drafts)
    if name.isascii() and name.isdigit():
        found = next((one for one in versions if str(one.number) == name), None)
        if found is None:
            known = (*(str(one.number) for one in versions), DRAFT)
            raise SideUnknown("protocol_version_unknown", field=place, remedy="one_of", number=name, known=known)
        return _of_version(found, None)
    try:
        at = datetime.fromisoformat(name)
    except ValueError:
        raise SideUnknown("no_protocol_state", field=place, remedy="version_draft_or_instant", name=name) from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return Side(SideKind.INSTANT, None, at, "", None, None, protocol_at(session, row.id, at))


def last_seen(
    session: Session, row: Collaboration, versions: list[ProtocolVersion]
) -> tuple[ProtocolVersion, ReviewRound] | None:
    """Return the version that reviewers were asked to judge last, and the round in which they were."""
    known = {version.id: version for version in versions}
    rounds = [one for one in rounds_of(session, [row.id]) if one.protocol_version_id in known]
    if not rounds:
        return None
    newest = max(rounds, key=lambda one: (one.opened_at, one.id))
    return known[newest.protocol_version_id], newest


def _of_version(version: ProtocolVersion, seen: ReviewRound | None) -> Side:
    content: Mapping[str, Content] = version.content  # type: ignore[assignment] # by section
    panel, seen_at = (seen.panel, seen.opened_at) if seen is not None else ("", None)
    return Side(SideKind.VERSION, version.number, version.frozen_at, panel, seen_at, version, content)


def compare(session: Session, row: Collaboration, before: Side, after: Side, *, blinding: Blinding) -> Comparison:
    """Return what differs; where names are hidden, they are masked first: the runs of a text may cut one in two."""
    old, new = (masked(side.content, blinding) for side in (before, after))
    return Comparison(before, after, compare_protocols(old, new, sections=playbook_of(session, row).protocol))


def masked(content: Mapping[str, Content], blinding: Blinding) -> Mapping[str, Content]:
    """Return a protocol with names as a blind reader sees them."""
    if not blinding:
        return content
    return {key: {name: _text(value, blinding) for name, value in fields.items()} for key, fields in content.items()}


def _text(value: object, blinding: Blinding) -> object:
    match value:
        case str():
            return blinding.name(value)
        case list():
            return [_text(one, blinding) for one in value]
        case dict():
            return {key: _text(one, blinding) for key, one in value.items()}
        case _:
            return value
