"""Share one paper with somebody outside, note who opens it, and end the share."""

from datetime import timedelta

from sqlmodel import Session

from states.archive.shares.tables import DocumentShare, DocumentShareOpening, Opened
from states.archive.tables import DocumentKind, IssuedDocument
from states.changes import act_as
from states.clock import machine_now
from states.credentials.links import LinkEnded, LinkForged, is_signed, sign
from states.errors import Invalid, Missing, Refusal, Refused
from states.rights.authors import Author, Via
from states.settings import settings
from states.storage import bump_version

# What is written for readers outside. The papers of a review are for its reviewers, agendas for one person.
SHAREABLE = frozenset(
    {
        DocumentKind.INVESTMENT_PROTOCOL,
        DocumentKind.PROPOSAL,
        DocumentKind.TEASER,
        DocumentKind.MONITORING_REPORT_PUBLIC,
        DocumentKind.EVENT_BOOKLET,
    }
)
MOST_DAYS = 180
_PURPOSE = "share"


class NotShareable(Refused):
    """The document is none for readers outside."""

    code = "document_not_shareable"


class ShareInvalid(Invalid):
    """What is said of the share cannot be kept so."""

    code = "share_invalid"


def share_document(
    session: Session, row: IssuedDocument, *, recipient: str, days: int, person_id: str | None = None
) -> tuple[DocumentShare, str]:
    """Share one edition for so many days, and return the text of its link, which is shown this once.

    Raise `NotShareable`, or `ShareInvalid` for a recipient without a name or for days that are none.
    """
    if row.kind not in SHAREABLE:
        raise NotShareable([Refusal("document_not_shareable", kind=row.kind.value, known=tuple(sorted(SHAREABLE)))])
    if not recipient.strip():
        raise ShareInvalid("recipient_missing", field="recipient")
    if not 1 <= days <= MOST_DAYS:
        raise ShareInvalid("share_days", field="days", most=MOST_DAYS)
    at = machine_now()
    share = DocumentShare(
        partnership_id=row.partnership_id,
        collaboration_id=row.collaboration_id,
        document_id=row.id,
        recipient=recipient.strip(),
        shared_by=person_id,
        shared_at=at,
        expires_at=at + timedelta(days=days),
    )
    session.add(share)
    session.flush()
    return share, f"{share.id}.{sign(*facts_of(share))}"


def open_share(session: Session, text: str, opened: Opened) -> tuple[DocumentShare, IssuedDocument]:
    """Return what a link shows, and note that somebody opened it; raise `LinkForged` or `LinkEnded`."""
    key, _, signature = text.partition(".")
    share = session.get(DocumentShare, key)
    if share is None or not is_signed(signature, *facts_of(share)):
        raise LinkForged()
    if share.ended_at is not None:
        raise LinkEnded("link_revoked")
    at = machine_now()
    if share.expires_at <= at:
        raise LinkEnded("link_expired")
    act_as(session, Author(Via.LINK, share.id, partnership_id=share.partnership_id))
    session.add(DocumentShareOpening(share_id=share.id, opened=opened, at=at))
    session.flush()
    return share, session.get_one(IssuedDocument, share.document_id)


def share_link(text: str) -> str:
    """Return the address of the page of a link."""
    return f"{settings().public_url.rstrip('/')}/links/share/{text}"


def end_share(session: Session, share: DocumentShare) -> None:
    """End a share at once; one that has ended stays as it is."""
    if share.ended_at is None:
        bump_version(session, share)
        share.ended_at = machine_now()
        session.flush()


def share_by_id(session: Session, key: str) -> DocumentShare:
    """Return a share, or raise `Missing`."""
    share = session.get(DocumentShare, key)
    if share is None:
        raise Missing("document_share", key)
    return share


def facts_of(share: DocumentShare) -> tuple[str, ...]:
    """Return what the signature of a link covers."""
    return _PURPOSE, share.id, share.partnership_id, share.document_id, share.expires_at.isoformat()
