"""What the store holds, beside what the rows of documents say: every object, or the newest only; nothing is changed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

from fsspec import AbstractFileSystem
from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from states.archive.editions import newest_edition
from states.archive.evidence.states import REMOVED
from states.archive.evidence.tables import Evidence
from states.archive.store import NAME, is_passing, open_store, path_in
from states.archive.tables import DocumentSeal, IssuedDocument
from states.texts import Text

_AT_ONCE = 500
_CHUNK = 1 << 20
_MOST = 1000
_KEPT = (col(Evidence.state).not_in(REMOVED),)
"""Evidence whose bytes should be in the store."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A document, or a piece of evidence, whose object is not as its row says."""

    document_id: str
    collaboration_id: str | None
    title: str
    said: Text


@dataclass(slots=True)
class Inspected:
    """What was looked at, and what came of it.

    Of `faults` and `unnamed` (paths of objects that no document names) the first thousand are kept, all are counted.
    `replaced` are lost files of earlier editions, which a later one has replaced.
    """

    documents: int = 0
    of_documents: int = 0
    size: int = 0
    faulty: int = 0
    replaced: int = 0
    faults: list[Damage] = field(default_factory=list)
    unnamed_count: int = 0
    unnamed: list[str] = field(default_factory=list)


def inspect_store(
    session: Session, *, newest: int | None = None, tell: Callable[[int, int], None] | None = None
) -> Inspected:
    """Read every object that a document, a sealed copy or a piece of evidence names and compare bytes and size, then
    look for objects that none names.

    With `newest` only as many of each are looked at, the last ones first, and only whether their objects are there in
    their size. Raise `OSError` where the store does not answer.
    """
    filesystem, root = open_store()
    inspected = Inspected(of_documents=_count(session))
    for rows in _files(session, newest):
        for row in rows:
            said = _fault(filesystem, path_in(root, row.sha256), row, deep=newest is None)
            inspected.documents += 1
            inspected.size += row.size
            if said and isinstance(row, IssuedDocument) and row.lost_at is not None and _is_replaced(session, row):
                inspected.replaced += 1
            elif said:
                inspected.faulty += 1
                if len(inspected.faults) < _MOST:
                    title = row.signer if isinstance(row, DocumentSeal) else row.title
                    inspected.faults.append(Damage(row.id, row.collaboration_id, title, said))
        session.expunge_all()
        if tell:
            tell(inspected.documents, inspected.of_documents)
    if newest is None:
        for path in _unnamed(session, filesystem, root):
            inspected.unnamed_count += 1
            if len(inspected.unnamed) < _MOST:
                inspected.unnamed.append(path.removeprefix(f"{root}/"))
    return inspected


def _count(session: Session) -> int:
    documents = session.exec(select(func.count()).select_from(IssuedDocument)).one()
    documents += session.exec(select(func.count()).select_from(DocumentSeal)).one()
    return documents + session.exec(select(func.count()).select_from(Evidence).where(*_KEPT)).one()


Kept = IssuedDocument | DocumentSeal | Evidence


def _files(session: Session, newest: int | None) -> Iterator[Sequence[Kept]]:
    """Yield issued documents, their sealed copies, then evidence whose bytes should be there, in parts."""
    documents, kept = select(IssuedDocument), select(Evidence).where(*_KEPT)
    if newest is not None:
        last = documents.order_by(col(IssuedDocument.issued_at).desc(), col(IssuedDocument.id))
        yield session.exec(last.limit(newest)).all()
        sealed = select(DocumentSeal).order_by(col(DocumentSeal.sealed_at).desc(), col(DocumentSeal.id))
        yield session.exec(sealed.limit(newest)).all()
        filed = kept.order_by(col(Evidence.filed_at).desc(), col(Evidence.id))
        yield session.exec(filed.limit(newest)).all()
        return
    yield from _in_parts(session, IssuedDocument)
    yield from _in_parts(session, DocumentSeal)
    yield from _in_parts(session, Evidence, *_KEPT)


Row = TypeVar("Row", IssuedDocument, DocumentSeal, Evidence)


def _in_parts(session: Session, table: type[Row], *conditions: ColumnElement[bool]) -> Iterator[Sequence[Row]]:
    after = ""
    query = select(table).where(*conditions).order_by(col(table.id)).limit(_AT_ONCE)
    while rows := session.exec(query.where(col(table.id) > after)).all():
        after = rows[-1].id
        yield rows


def _fault(filesystem: AbstractFileSystem, path: str, row: Kept, *, deep: bool) -> Text | None:
    """Return what is wrong with the object of a document, if anything."""
    kind = "sealed copy" if isinstance(row, DocumentSeal) else str(row.kind)
    try:
        if filesystem.size(path) == row.size and not (deep and _digest(filesystem, path) != row.sha256):
            return None
    except FileNotFoundError:
        return Text("seal", "object_missing", kind=kind, digest=row.sha256)
    return Text("seal", "object_altered", kind=kind, digest=row.sha256)


def _is_replaced(session: Session, row: IssuedDocument) -> bool:
    newest = newest_edition(session, row.kind, row.subject_id, row.language)
    return newest is not None and newest.edition > row.edition


def _digest(filesystem: AbstractFileSystem, path: str) -> str:
    digest = sha256()
    with filesystem.open(path, "rb") as file:
        while content := file.read(_CHUNK):
            digest.update(content)
    return digest.hexdigest()


def _unnamed(session: Session, filesystem: AbstractFileSystem, root: str) -> Iterator[str]:
    """Yield the paths of files that no document names, a folder of the store at a time."""
    if not filesystem.exists(root):
        return
    for folder, _, files in filesystem.walk(root):
        names = sorted(files)
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            named = set(session.exec(select(IssuedDocument.sha256).where(col(IssuedDocument.sha256).in_(some))))
            named |= set(session.exec(select(DocumentSeal.sha256).where(col(DocumentSeal.sha256).in_(some))))
            named |= set(session.exec(select(Evidence.sha256).where(col(Evidence.sha256).in_(some), *_KEPT)))
            paths = (f"{folder}/{name}" for name in some if name not in named)
            yield from (path for path in paths if path != f"{root}/{NAME}" and not is_passing(path))
