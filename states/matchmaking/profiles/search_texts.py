"""What is found of partnering profiles, as a part of their organisation: published titles, and those that are not."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from states.matchmaking.profiles.tables import Profile, ProfileState
from states.search import Entry, SearchKind, Texts, Watched, provide


def _read(session: Session, keys: Sequence[str]) -> Iterator[Entry]:
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    query = select(Profile).where(col(Profile.organisation_id).in_(keys)).order_by(col(Profile.reference))
    for row in session.exec(query):
        texts = found.setdefault((row.organisation_id, row.partnership_id), {"details": [], "inside": []})
        texts["details" if row.state is ProfileState.PUBLISHED else "inside"] += [row.reference, row.title]
    for (organisation_id, partnership_id), texts in found.items():
        yield Entry(organisation_id, partnership_id, texts)


provide(
    Texts(
        SearchKind.ORGANISATION,
        columns=("details", "inside"),
        watched={Profile: Watched(frozenset({"title", "state", "reference"}), by="organisation_id")},
        read=_read,
        every=lambda session: session.exec(select(Profile.organisation_id).distinct()),
    )
)
