"""What is found of a piece of evidence: its title, description, kind, file and hash; who judges blind reads none."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from states.archive.evidence.tables import Evidence
from states.search import Entry, SearchKind, Texts, Watched, provide


def _read(session: Session, keys: Sequence[str]) -> Iterator[Entry]:
    for row in session.exec(select(Evidence).where(col(Evidence.id).in_(keys))):
        told = (row.description, row.kind.replace("_", " "), row.kind, row.file_name, row.sha256)
        texts = {"title": (row.title,), "outline": told}
        yield Entry(row.id, row.partnership_id, texts, collaboration_id=row.collaboration_id)


provide(
    Texts(
        SearchKind.EVIDENCE,
        columns=("title", "outline"),
        watched={Evidence: Watched(frozenset({"title", "description", "kind", "file_name"}), by="id")},
        read=_read,
        every=lambda session: session.exec(select(Evidence.id).order_by(col(Evidence.filed_at), col(Evidence.id))),
    )
)
