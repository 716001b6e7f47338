"""What came of meetings: from the request to the money, by event, cluster and region."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Session, col, select

from states.errors import Missing
from states.funding.queries import ScenarioLines, lines_of
from states.funding.tables import Scenario, SourceStatus
from states.matchmaking.event_day.queries import PartyEntry, outcomes_of, parties_of
from states.matchmaking.event_day.tables import Meeting, MeetingOutcome, MeetingState, NextStep
from states.matchmaking.tables import Contact
from states.partners.queries import regions_of, site_region
from states.partners.tables import Organisation, PartnershipEvent
from states.protocol.queries import latest_versions

_SURE = (SourceStatus.COMMITTED, SourceStatus.SIGNED)


class FunnelBy(StrEnum):
    """By what the funnel is told apart; a cluster is the one by which a participant came."""

    EVENT = "event"
    CLUSTER = "cluster"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class FunnelLine:
    """How many meetings came how far, and the collaborations, frozen protocols and EUR (committed or signed) after.

    A meeting counts once in each line that one of its participants belongs to, so that lines do not add up; `total`
    counts each once. `key` is a slug or an id, empty for what belongs nowhere.
    """

    key: str
    title: str
    requested: int
    accepted: int
    held: int
    followed_up: int
    collaborations: int
    protocols: int
    funded: int
    money: Decimal


@dataclass(frozen=True, slots=True)
class Funnel:
    """The lines by title, and all together."""

    lines: tuple[FunnelLine, ...]
    total: FunnelLine


@dataclass(frozen=True, slots=True)
class _Path:
    """One meeting: its lines, how far it came, its collaboration."""

    groups: frozenset[tuple[str, str]]
    accepted: bool
    held: bool
    followed_up: bool
    collaboration: str | None


def funnel(session: Session, partnership_id: str, *, by: FunnelBy, event_id: str | None = None) -> Funnel:
    """Count what came of the meetings of a partnership, or of one of its events.

    Accepted is whatever was, also if it was cancelled later; followed up is a held one after which a side named a
    next step, or from which a collaboration came.
    """
    rows = _meetings(session, partnership_id, event_id)
    keys = [row.id for row in rows]
    parties, outcomes = parties_of(session, keys), outcomes_of(session, keys)
    origins = _origins(session, rows)
    group = _grouping(session, partnership_id, by)
    paths = [
        _path(row, group(row, parties[row.id]), outcomes[row.id], origins.get(row.contact_id or "")) for row in rows
    ]
    reached = sorted({path.collaboration for path in paths if path.collaboration})
    protocols = set(latest_versions(session, reached))
    money = _money(session, reached)
    names = sorted({name for path in paths for name in path.groups}, key=lambda name: (name[1], name[0]))
    return Funnel(
        tuple(_line(name, [path for path in paths if name in path.groups], protocols, money) for name in names),
        _line(("", "total"), paths, protocols, money),
    )


def _meetings(session: Session, partnership_id: str, event_id: str | None) -> Sequence[Meeting]:
    query = select(Meeting).where(Meeting.partnership_id == partnership_id)
    if event_id is not None:
        event = session.get(PartnershipEvent, event_id)
        if event is None or event.partnership_id != partnership_id:
            raise Missing("event", event_id)
        query = query.where(Meeting.event_id == event_id)
    return session.exec(query).all()


def _origins(session: Session, rows: Iterable[Meeting]) -> dict[str, str]:
    keys = [row.contact_id for row in rows if row.contact_id]
    query = select(Contact.id, Contact.collaboration_id).where(col(Contact.id).in_(keys))
    return {contact: key for contact, key in session.exec(query) if key is not None}


_Group = Callable[[Meeting, Sequence[PartyEntry]], frozenset[tuple[str, str]]]


def _grouping(session: Session, partnership_id: str, by: FunnelBy) -> _Group:
    if by is FunnelBy.EVENT:
        events = dict(session.exec(select(PartnershipEvent.id, PartnershipEvent.name)).all())
        return lambda row, _: frozenset({(row.event_id, events[row.event_id])})
    if by is FunnelBy.CLUSTER:
        clusters = {
            key: (slug, name)
            for key, slug, name in session.exec(select(Organisation.id, Organisation.slug, Organisation.name))
        }
        return lambda _, entries: frozenset(
            clusters[entry.participant.cluster_id] if entry.participant.cluster_id else ("", "by no cluster")
            for entry in entries
        )
    regions = regions_of(session, partnership_id)

    def of_sites(_: Meeting, entries: Sequence[PartyEntry]) -> frozenset[tuple[str, str]]:
        found = [site_region(entry.organisation.nuts, regions) for entry in entries]
        return frozenset((one.slug, one.name) if one else ("", "in no region of the partnership") for one in found)

    return of_sites


def _path(
    row: Meeting, groups: frozenset[tuple[str, str]], outcomes: Sequence[MeetingOutcome], collaboration: str | None
) -> _Path:
    held = row.state is MeetingState.HELD
    followed_up = collaboration is not None or any(line.next_step is not NextStep.NONE for line in outcomes)
    return _Path(groups, row.accepted_at is not None, held, held and followed_up, collaboration)


def _money(session: Session, keys: Collection[str]) -> dict[str, Decimal]:
    """Return the EUR that are committed or signed in the chosen scenario, by collaboration."""
    chosen = session.exec(
        select(Scenario).where(col(Scenario.collaboration_id).in_(keys), col(Scenario.chosen).is_(True))
    ).all()
    return {entry.scenario.collaboration_id: _sure(entry) for entry in lines_of(session, chosen)}


def _sure(entry: ScenarioLines) -> Decimal:
    return sum((source.amount for source in entry.sources if source.status in _SURE), Decimal(0))


def _line(
    name: tuple[str, str], paths: Sequence[_Path], protocols: Collection[str], money: dict[str, Decimal]
) -> FunnelLine:
    reached = {path.collaboration for path in paths if path.collaboration}
    funded = {key: money[key] for key in reached if money.get(key)}
    return FunnelLine(
        key=name[0],
        title=name[1],
        requested=len(paths),
        accepted=sum(path.accepted for path in paths),
        held=sum(path.held for path in paths),
        followed_up=sum(path.followed_up for path in paths),
        collaborations=len(reached),
        protocols=len(reached & set(protocols)),
        funded=len(funded),
        money=sum(funded.values(), Decimal(0)),
    )
