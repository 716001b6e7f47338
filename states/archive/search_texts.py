"""What is found of an issued document: its title, its kind and its file; the title blind as well."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlmodel import Session, col, select

from states.archive.tables import IssuedDocument
from states.collaborations.blinding import blinding_over
from states.collaborations.queries import collaborations_by_id, partners_ever_of
from states.collaborations.tables import Collaboration, Member
from states.partners.tables import Organisation
from states.rights.blinding import Blinding
from states.search import Entry, SearchKind, Texts, Watched, provide


def _read(session: Session, keys: Sequence[str]) -> Iterator[Entry]:
    rows = session.exec(select(IssuedDocument).where(col(IssuedDocument.id).in_(keys))).all()
    behind = {row.collaboration_id for row in rows if row.collaboration_id is not None}
    collaborations = collaborations_by_id(session, behind) if behind else {}
    partners = partners_ever_of(session, behind) if behind else {}
    blindings = {key: blinding_over(row, partners[key]) for key, row in collaborations.items()}
    for row in rows:
        blinding = blindings.get(row.collaboration_id or "", Blinding())
        file = (row.kind.value, f"{row.kind.value}-{row.sha256[:8]}.pdf", row.sha256)
        texts = {
            "title": (row.title,),
            "outline": file,
            "blind_title": (blinding.text(row.title),),
            "blind_outline": file,
        }
        yield Entry(row.id, row.partnership_id, texts, collaboration_id=row.collaboration_id)


def _of_collaborations(session: Session, keys: Collection[str]) -> Iterable[str]:
    return session.exec(select(IssuedDocument.id).where(col(IssuedDocument.collaboration_id).in_(keys)))


def _of_organisations(session: Session, keys: Collection[str]) -> Iterable[str]:
    query = (
        select(IssuedDocument.id)
        .join(Member, col(Member.collaboration_id) == col(IssuedDocument.collaboration_id))
        .where(col(Member.organisation_id).in_(keys))
    )
    return session.exec(query)


provide(
    Texts(
        SearchKind.DOCUMENT,
        columns=("title", "outline", "blind_title", "blind_outline"),
        watched={
            IssuedDocument: Watched(frozenset({"title"}), by="id"),
            # What a blind reader is not told depends on who takes part.
            Collaboration: Watched(frozenset({"slug", "title"}), by="id", lead=_of_collaborations),
            Member: Watched(
                frozenset({"organisation_id", "joined_on"}), by="collaboration_id", lead=_of_collaborations
            ),
            Organisation: Watched(frozenset({"name", "slug", "domains"}), by="id", lead=_of_organisations),
        },
        read=_read,
        every=lambda session: session.exec(
            select(IssuedDocument.id).order_by(col(IssuedDocument.issued_at), col(IssuedDocument.id))
        ),
    )
)
