"""Write sections of the investment protocol and freeze versions."""

from collections.abc import Mapping, Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from states.archive.evidence.service import freeze_evidence
from states.clock import now
from states.collaborations.tables import Collaboration
from states.errors import Missing, Refusal, Refused, Stale
from states.outbox.service import publish
from states.protocol.content import checked, digest
from states.protocol.definition import SectionSpec
from states.protocol.queries import drafts_of, versions_of
from states.protocol.section_states import claim_section
from states.protocol.tables import ProtocolVersion, SectionDraft
from states.storage import bump_version


class NothingToFreeze(Refused):
    """There is nothing new to freeze."""

    code = "nothing_to_freeze"


def write_section(
    session: Session,
    collaboration: Collaboration,
    key: str,
    content: Mapping[str, object],
    *,
    sections: Sequence[SectionSpec],
    illustrative: bool = False,
    expected_version: int | None = None,
) -> SectionDraft:
    """Replace the content of a section; raise `Missing`, `Stale`, or `SectionInvalid` with every fault and its place.

    Freezing does not end the writing: the next version begins where the last one was frozen.
    """
    section = next((one for one in sections if one.key == key), None)
    if section is None:
        raise Missing("protocol_section", key)
    stored = checked(content, section=section)
    row = next((one for one in drafts_of(session, [collaboration.id])[collaboration.id] if one.key == key), None)
    if row is None:
        row = SectionDraft(collaboration_id=collaboration.id, key=key, content=stored, updated_at=now())
    else:
        claim_section(session, collaboration, row, expected=expected_version)
    row.content, row.illustrative, row.updated_at = stored, illustrative, now()
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:  # somebody else wrote it first, for the first time
        raise Stale("protocol_section") from error
    return row


def freeze_version(session: Session, collaboration: Collaboration) -> ProtocolVersion:
    """Freeze the draft as the next version and tell of it; refuse where nothing changed since the last one.

    The same text is frozen anew once its lead is another one, or a partner has left: all sign again.
    """
    bump_version(session, collaboration)  # two at once would take the same number
    drafts = drafts_of(session, [collaboration.id])[collaboration.id]
    content: dict[str, object] = {draft.key: draft.content for draft in drafts if draft.content}
    if not content:
        raise NothingToFreeze([Refusal("protocol_empty", mend_by=("partner",), where="protocol")])
    sha256 = digest({draft.key: draft.content for draft in drafts})
    past = versions_of(session, collaboration.id)
    if past and (past[-1].sha256, past[-1].consortium) == (sha256, collaboration.consortium):
        raise NothingToFreeze([Refusal("protocol_unchanged", number=past[-1].number, where="protocol")])
    row = ProtocolVersion(
        collaboration_id=collaboration.id,
        number=len(past) + 1,
        content=content,
        illustrative=sorted(draft.key for draft in drafts if draft.illustrative),
        sha256=sha256,
        frozen_at=now(),
        consortium=collaboration.consortium,
    )
    session.add(row)
    session.flush()
    freeze_evidence(session, collaboration.id, row.id)
    publish(
        session,
        "protocol.frozen",
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        version_id=row.id,
    )
    return row
