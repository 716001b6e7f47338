"""What is found of an organisation: its name and its site, in each partnership of which it is a member."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlmodel import Session, col, select

from states.partners.queries import site_region
from states.partners.tables import Membership, Organisation, Region
from states.search import Entry, SearchKind, Texts, Watched, provide


def _read(session: Session, keys: Sequence[str]) -> Iterator[Entry]:
    query = (
        select(Organisation, Membership.partnership_id)
        .join(Membership, col(Membership.organisation_id) == col(Organisation.id))
        .where(col(Organisation.id).in_(keys))
    )
    found = session.exec(query).all()
    regions: dict[str, list[Region]] = {key: [] for _, key in found}
    for known in session.exec(select(Region).where(col(Region.partnership_id).in_(regions)).order_by(col(Region.slug))):
        regions[known.partnership_id].append(known)
    for row, partnership_id in found:
        region = site_region(row.nuts, regions[partnership_id])
        site = (row.country, row.nuts, region.name if region else "", region.slug if region else "")
        texts = {"title": (row.name,), "outline": (row.slug, row.kind.value.replace("_", " "), *site)}
        yield Entry(row.id, partnership_id, texts)


def _in_the_partnership(session: Session, region_ids: Collection[str]) -> Iterable[str]:
    query = (
        select(Membership.organisation_id)
        .join(Region, col(Region.partnership_id) == col(Membership.partnership_id))
        .where(col(Region.id).in_(region_ids))
    )
    return session.exec(query)


provide(
    Texts(
        SearchKind.ORGANISATION,
        columns=("title", "outline"),
        watched={
            Organisation: Watched(frozenset({"name", "slug", "kind", "country", "nuts"}), by="id"),
            Membership: Watched(frozenset({"partnership_id"}), by="organisation_id"),
            Region: Watched(frozenset({"name", "slug", "codes"}), by="id", lead=_in_the_partnership),
        },
        read=_read,
        every=lambda session: session.exec(select(Membership.organisation_id).distinct()),
    )
)
