"""What is found of an investment protocol: all that its sections say now, as a part of its collaboration."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from states.collaborations.tables import Collaboration
from states.protocol.tables import SectionDraft
from states.search import Entry, SearchKind, Texts, Watched, provide


def _read(session: Session, keys: Sequence[str]) -> Iterator[Entry]:
    said: dict[tuple[str, str], list[str]] = {}
    query = (
        select(Collaboration.id, Collaboration.partnership_id, SectionDraft)
        .join(SectionDraft, col(SectionDraft.collaboration_id) == col(Collaboration.id), isouter=True)
        .where(col(Collaboration.id).in_(keys))
        .order_by(col(SectionDraft.key))
    )
    for key, partnership_id, draft in session.exec(query):
        found = said.setdefault((key, partnership_id), [])
        if draft is not None:  # the outer join gives None where no section was begun or none is left
            found += _texts(draft.content)
    for (key, partnership_id), texts in said.items():
        yield Entry(key, partnership_id, {"inside": texts})


def _texts(content: object) -> Iterator[str]:
    match content:
        case str():
            yield content
        case dict():
            for value in content.values():
                yield from _texts(value)
        case list():
            for value in content:
                yield from _texts(value)


provide(
    Texts(
        SearchKind.COLLABORATION,
        columns=("inside",),
        watched={SectionDraft: Watched(frozenset({"content"}), by="collaboration_id")},
        read=_read,
        every=lambda session: session.exec(select(SectionDraft.collaboration_id).distinct()),
    )
)
