"""What came of meetings and other contacts: from the request to the money, by event, cluster and region."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Session, col, exists, select

from states.errors import Missing
from states.funding.queries import ScenarioLines, lines_of
from states.funding.tables import Scenario, SourceStatus
from states.matchmaking.event_day.queries import outcomes_of, parties_of
from states.matchmaking.event_day.tables import Meeting, MeetingOutcome, MeetingState, NextStep
from states.matchmaking.tables import Contact, ContactStatus
from states.partners.queries import regions_of, site_region
from states.partners.tables import Organisation, PartnershipEvent
from states.protocol.queries import latest_versions

_ACCEPTED = (ContactStatus.ACCEPTED, ContactStatus.HELD, ContactStatus.NO_SHOW)
_SURE = (SourceStatus.COMMITTED, SourceStatus.SIGNED)


class FunnelBy(StrEnum):
    """By what the funnel is told apart; a cluster is the one by which a participant came."""

    EVENT = "event"
    CLUSTER = "cluster"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class FunnelLine:
    """How many meetings came how far, and the collaborations, frozen protocols and EUR (committed or signed) after.

    A contact that was recorded (a meeting elsewhere, or an expression of interest) counts like a meeting. Each counts
    once in each line that one of its participants belongs to, so that lines do not add up; `total` counts each once.
    `key` is a slug or an id, empty for what belongs nowhere.
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
    """One meeting or contact: its lines, how far it came, its collaboration."""

    groups: frozenset[tuple[str, str]]
    accepted: bool
    held: bool
    followed_up: bool
    collaboration: str | None


def funnel(session: Session, partnership_id: str, *, by: FunnelBy, event_id: str | None = None) -> Funnel:
    """Count what came of the meetings of a partnership, or of one of its events, and of the contacts recorded besides.

    Accepted is whatever was, also if it was cancelled later; followed up is a held one after which a side named a
    next step, or from which a collaboration came. What was recorded by mistake does not count.
    """
    rows = _meetings(session, partnership_id, event_id)
    keys = [row.id for row in rows]
    parties, outcomes = parties_of(session, keys), outcomes_of(session, keys)
    origins = _origins(session, rows)
    group = _grouping(session, partnership_id, by)
    paths = [
        _path(
            row,
            group(row.event_id, [(entry.participant.cluster_id, entry.organisation) for entry in parties[row.id]]),
            outcomes[row.id],
            origins.get(row.contact_id or ""),
        )
        for row in rows
    ]
    paths += _besides(session, _contacts(session, partnership_id, event_id), group)
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


def _contacts(session: Session, partnership_id: str, event_id: str | None) -> Sequence[Contact]:
    """Return the contacts that are no meeting's, but for what was recorded by mistake."""
    of_meeting = exists().where(col(Meeting.contact_id) == col(Contact.id))
    query = select(Contact).where(Contact.partnership_id == partnership_id, Contact.withdraw_reason == "", ~of_meeting)
    return session.exec(query if event_id is None else query.where(Contact.event_id == event_id)).all()


_Parties = Sequence[tuple[str | None, Organisation]]
"""Who takes part, each with the id of the cluster by which it came."""
_Group = Callable[[str | None, _Parties], frozenset[tuple[str, str]]]


def _grouping(session: Session, partnership_id: str, by: FunnelBy) -> _Group:
    if by is FunnelBy.EVENT:
        events = dict(session.exec(select(PartnershipEvent.id, PartnershipEvent.name)).all())
        return lambda key, _: frozenset({(key, events[key]) if key else ("", "at no event")})
    if by is FunnelBy.CLUSTER:
        clusters = {
            key: (slug, name)
            for key, slug, name in session.exec(select(Organisation.id, Organisation.slug, Organisation.name))
        }
        return lambda _, parties: frozenset(
            clusters[cluster] if cluster else ("", "by no cluster") for cluster, _ in parties
        )
    regions = regions_of(session, partnership_id)

    def of_sites(_: str | None, parties: _Parties) -> frozenset[tuple[str, str]]:
        found = [site_region(organisation.nuts, regions) for _, organisation in parties]
        return frozenset((one.slug, one.name) if one else ("", "in no region of the partnership") for one in found)

    return of_sites


def _besides(session: Session, contacts: Sequence[Contact], group: _Group) -> Iterator[_Path]:
    keys = {key for row in contacts for key in (row.requester_id, row.host_id)}
    known = {one.id: one for one in session.exec(select(Organisation).where(col(Organisation.id).in_(keys)))}
    for row in contacts:
        held = row.status is ContactStatus.HELD
        groups = group(row.event_id, [(None, known[key]) for key in (row.requester_id, row.host_id)])
        came = row.collaboration_id
        yield _Path(groups, row.status in _ACCEPTED, held, held and came is not None, came)


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
