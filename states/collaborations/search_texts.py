"""What is found of a collaboration: its title and partners, then what the outline leaves out; each blind as well."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlmodel import Session, col, select

from states.collaborations.blinding import blinding_over, labels_of, number_of
from states.collaborations.queries import MemberEntry, collaborations_by_id, partners_ever_of
from states.collaborations.tables import Collaboration, Member
from states.partners.tables import Organisation, WorkingArea
from states.search import Entry, SearchKind, Texts, Watched, provide

_NUTS2 = 4


def _read(session: Session, keys: Sequence[str]) -> Iterator[Entry]:
    rows = collaborations_by_id(session, keys)
    partners = partners_ever_of(session, list(rows))
    areas = _areas(session, {row.working_area_id for row in rows.values() if row.working_area_id is not None})
    for row in rows.values():
        blinding, labels = blinding_over(row, partners[row.id]), labels_of(partners[row.id])
        present = [entry for entry in partners[row.id] if entry.member.left_on is None]
        named = sorted(present, key=lambda one: (one.organisation.name, one.organisation.id))
        labelled = sorted(present, key=lambda one: (len(labels[one.organisation.id]), labels[one.organisation.id]))
        area, number = areas.get(row.working_area_id or "", ""), f"collaboration-{number_of(row)}"
        texts = {
            "title": [row.title],
            "outline": [text for one in named for text in (one.organisation.name, one.organisation.slug, *_site(one))],
            "details": [
                *(row.slug, row.summary, area),
                *(text for one in named for text in (one.organisation.nuts, one.member.contribution)),
            ],
            "blind_title": [blinding.text(row.title)],
            "blind_outline": [text for one in labelled for text in (labels[one.organisation.id], *_site(one))],
            "blind_details": [number, blinding.text(row.summary), blinding.text(area)],
        }
        yield Entry(row.id, row.partnership_id, texts, collaboration_id=row.id)


def _site(entry: MemberEntry) -> tuple[str, str]:
    """Return as much of a partner's site as stands in an outline."""
    return entry.organisation.country, entry.organisation.nuts[:_NUTS2]


def _areas(session: Session, keys: Collection[str]) -> dict[str, str]:
    if not keys:
        return {}
    return dict(session.exec(select(WorkingArea.id, WorkingArea.name).where(col(WorkingArea.id).in_(keys))).all())


def _of_organisations(session: Session, keys: Collection[str]) -> Iterable[str]:
    return session.exec(select(Member.collaboration_id).where(col(Member.organisation_id).in_(keys)))


def _of_areas(session: Session, keys: Collection[str]) -> Iterable[str]:
    return session.exec(select(Collaboration.id).where(col(Collaboration.working_area_id).in_(keys)))


provide(
    Texts(
        SearchKind.COLLABORATION,
        columns=("title", "outline", "details", "blind_title", "blind_outline", "blind_details"),
        watched={
            Collaboration: Watched(frozenset({"slug", "title", "summary", "working_area_id"}), by="id"),
            WorkingArea: Watched(frozenset({"name"}), by="id", lead=_of_areas),
            Member: Watched(
                frozenset({"organisation_id", "part", "contribution", "joined_on", "left_on"}), by="collaboration_id"
            ),
            Organisation: Watched(
                frozenset({"name", "slug", "country", "nuts", "domains"}), by="id", lead=_of_organisations
            ),
        },
        read=_read,
        every=lambda session: session.exec(
            select(Collaboration.id).order_by(col(Collaboration.opened_at), col(Collaboration.id))
        ),
    )
)
