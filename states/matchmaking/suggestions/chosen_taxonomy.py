"""Which taxonomy a partnership speaks: one of those that are shipped, or its own, edition by edition."""

from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from states.clock import now
from states.errors import Fault, Refusal, Refused
from states.matchmaking.profiles.tables import Profile
from states.matchmaking.suggestions.taxonomy import SHIPPED, Taxonomy, TaxonomyInvalid, make_taxonomy, taxonomy
from states.partners.tables import Partnership, TaxonomyEdition
from states.storage import bump_version

OWN = "own"
_READ: dict[str, Taxonomy] = {}
"""Own editions that this process has read, by their id: few, and they never change."""


class CodesInUse(Refused):
    """Profiles use codes that the taxonomy does not have."""

    code = "taxonomy_codes_in_use"


def taxonomy_of(session: Session, partnership_id: str) -> Taxonomy:
    """Return the taxonomy in which the profiles of a partnership are found."""
    chosen = session.exec(select(Partnership.taxonomy).where(Partnership.id == partnership_id)).one()
    return taxonomy(chosen) if chosen != OWN else _newest(session, partnership_id)


def _newest(session: Session, partnership_id: str) -> Taxonomy:
    query = select(TaxonomyEdition.id).where(TaxonomyEdition.partnership_id == partnership_id)
    key = session.exec(query.order_by(col(TaxonomyEdition.number).desc()).limit(1)).one()
    if key not in _READ:
        row = session.get_one(TaxonomyEdition, key)
        _READ[key] = make_taxonomy({"version": str(row.number), "nodes": row.nodes})
    return _READ[key]


def choose_taxonomy(session: Session, row: Partnership, name: str, *, expected_version: int | None = None) -> Taxonomy:
    """Let a partnership speak a taxonomy that is shipped, or its own again; raise `CodesInUse`, or `Stale`."""
    need_shipped(name, *((OWN,) if _editions(session, row) else ()))
    wanted = taxonomy(name) if name != OWN else _newest(session, row.id)
    _need_codes(session, row, wanted)
    bump_version(session, row, expected=expected_version)
    row.taxonomy = name
    session.flush()
    return wanted


def need_shipped(name: str, *besides: str) -> None:
    """Raise `TaxonomyInvalid` where no taxonomy of that name may be chosen."""
    known = (*SHIPPED, *besides)
    if name not in known:
        fault = Fault("taxonomy", "taxonomy_unknown", remedy="one_of", taxonomy=name, known=known)
        raise TaxonomyInvalid(faults=[fault])


def bring_taxonomy(
    session: Session, row: Partnership, nodes: Iterable[dict[str, str]], *, expected_version: int | None = None
) -> Taxonomy:
    """Give a partnership a taxonomy of its own, the next edition of it; raise `TaxonomyInvalid`, or `CodesInUse`.

    A node has its `code`, whose dots name its parents, and a label in `en`, and in other languages where it has one.
    A code that profiles use is kept for good: its label may change, its place in the tree does not.
    """
    number = _editions(session, row) + 1
    listed = list(nodes)
    made = make_taxonomy({"version": str(number), "nodes": listed})
    _need_codes(session, row, made)
    bump_version(session, row, expected=expected_version)
    kept = [{"code": node.code, **node.labels} for node in made.nodes.values()]
    session.add(TaxonomyEdition(partnership_id=row.id, number=number, nodes=kept, published_at=now()))
    row.taxonomy = OWN
    session.flush()
    return made


def _editions(session: Session, row: Partnership) -> int:
    query = select(func.count()).where(TaxonomyEdition.partnership_id == row.id)
    return session.exec(query).one()


def _need_codes(session: Session, row: Partnership, wanted: Taxonomy) -> None:
    keywords = session.exec(select(Profile.keywords).where(Profile.partnership_id == row.id))
    lost = sorted({code for codes in keywords for code in codes} - wanted.nodes.keys())
    if lost:
        mend = ("project_manager", "partner")
        raise CodesInUse(
            [Refusal("codes_in_use", missing=tuple(lost), count=len(lost), mend_by=mend, where="profiles")]
        )
