"""What rights to a collaboration and to all that belongs to one depend on: partners, seats, conflicts, blindness."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Select, and_, false, or_, true
from sqlalchemy import select as plain
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from states.collaborations.blinding import blinding_over
from states.collaborations.queries import collaborations_by_id, partners_ever_of
from states.collaborations.tables import Collaboration, Member
from states.computations.tables import Computation
from states.funding.tables import Scenario
from states.playbooks.editions import every_playbook, playbooks_of
from states.protocol.tables import ProtocolVersion, SignOff
from states.review.access import (
    REVIEWERS,
    OpenedBySeats,
    ReviewerAccess,
    blind_to,
    opened_by_seats,
    reviewer_access,
    round_scope,
)
from states.review.access_conditions import blind_collaborations
from states.review.tables import ReviewRound
from states.rights.access import Actor, Scope
from states.rights.blinding import Blinding
from states.rights.conditions import Case, Cases, Fact, Facts
from states.storage import OfTransaction, is_among, is_one_of, reads_only, table_of


@dataclass(frozen=True, slots=True)
class Belonging:
    """What rights to all that belongs to a collaboration depend on, and what the actor's seats open of it."""

    scope: Scope
    access: ReviewerAccess


def belongings(
    session: Session, actor: Actor, collaboration_ids: Iterable[str | None], *, known: Sequence[Collaboration] = ()
) -> dict[str | None, Belonging]:
    """Return it by collaboration, in at most nine statements; None stands for what belongs to no collaboration.

    `known` are all of them where they are at hand already.
    """
    keys = {key for key in collaboration_ids if key is not None}
    found: dict[str | None, Belonging] = {
        None: Belonging(Scope(actor.partnership_id, cleared=True), ReviewerAccess()),
    }
    if not keys:
        return found
    rows = known or list(collaborations_by_id(session, keys).values())
    organisations = _partners(session, keys) if actor.organisation_id is not None else {}
    access, blind = reviewer_access(session, actor, keys), _blind(session, actor, rows)
    for row in rows:
        scope = Scope(
            row.partnership_id,
            organisation_ids=organisations.get(row.id, frozenset()),
            seated=bool(access[row.id].seated),
            cleared=access[row.id].newest,
            conflicted=access[row.id].conflicted,
            blind=row.id in blind,
        )
        found[row.id] = Belonging(scope, access[row.id])
    return found


def _partners(session: Session, keys: Collection[str]) -> dict[str, frozenset[str]]:
    """Return whose collaborations these are; rules ask it of whoever acts for an organisation alone."""
    present = select(Member.collaboration_id, Member.organisation_id).where(
        col(Member.collaboration_id).in_(keys), col(Member.left_on).is_(None)
    )
    found: dict[str, set[str]] = {}
    for key, organisation_id in session.exec(present):
        found.setdefault(key, set()).add(organisation_id)
    return {key: frozenset(organisations) for key, organisations in found.items()}


def _blind(session: Session, actor: Actor, rows: Sequence[Collaboration]) -> frozenset[str]:
    if actor.role not in REVIEWERS:
        return frozenset()
    return blind_to(session, actor, {key: one.panels for key, one in playbooks_of(session, rows).items()})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """On what conditions depend besides the actor: what the actor's seats open, and the panels that the actor is blind
    in until the own evaluation, by playbook.
    """

    seats: OpenedBySeats
    blind_panels: frozenset[tuple[str, str]]


_KNOWN = OfTransaction(dict[Actor, Circumstances])


def circumstances(session: Session, actor: Actor) -> Circumstances:
    """Read them; a session that only reads does so once."""
    known = _KNOWN.of(session) if reads_only(session) else {}
    if actor not in known:
        known[actor] = _circumstances(session, actor)
    return known[actor]


def _circumstances(session: Session, actor: Actor) -> Circumstances:
    playbooks = every_playbook(session) if actor.role in REVIEWERS else {}
    panels = (
        (key, name)
        for key, playbook in playbooks.items()
        for name, panel in playbook.panels.items()
        if panel.blind and panel.members is actor.role
    )
    return Circumstances(opened_by_seats(session, actor), frozenset(panels))


def cases_of_collaborations(actor: Actor, known: Circumstances) -> Cases:
    """Say the same in SQL."""
    return Cases([Case(true(), Scope(actor.partnership_id), belonging_facts(actor, known, col(Collaboration.id)))])


def belonging_facts(actor: Actor, known: Circumstances, key: Mapped[str] | Mapped[str | None]) -> Facts:
    """Return what `belongings` tells, as conditions over a column that holds the collaboration's id, or none."""
    facts: dict[Fact, Callable[[], ColumnElement[bool]]] = {Fact.CLEARED: lambda: key.is_(None)}
    if actor.organisation_id is not None:
        facts[Fact.MEMBER] = lambda: is_among(key, _memberships(actor.organisation_id))
    if actor.person_id is not None:
        seats = known.seats
        facts[Fact.SEATED] = lambda: is_present_among(key, seats.seated)
        facts[Fact.CLEARED] = lambda: or_(key.is_(None), is_present_among(key, seats.newest))
        facts[Fact.CONFLICTED] = lambda: is_present_among(key, seats.conflicted)
    if known.blind_panels:
        blind = blind_collaborations(actor.person_id, actor.partnership_id, known.blind_panels)
        facts[Fact.BLIND] = lambda: is_among(key, blind)
    return facts


def is_present_among(key: Mapped[str] | Mapped[str | None], keys: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of these ids: false, never NULL, where it holds none."""
    return and_(key.is_not(None), is_one_of(key, keys)) if keys else false()


def _memberships(organisation_id: str | None) -> Select[tuple[str]]:
    member = table_of(Member).alias()
    own = (member.c.organisation_id == organisation_id, member.c.left_on.is_(None))
    return plain(member.c.collaboration_id).where(*own)


def blindings_of(session: Session, rows: Sequence[Collaboration], scopes: Sequence[Scope]) -> dict[str, Blinding]:
    """Return what hides who is behind each of these collaborations, by its id; `scopes` say to whom, row by row."""
    blind = [row for row, scope in zip(rows, scopes, strict=True) if scope.blind]
    partners = partners_ever_of(session, [row.id for row in blind]) if blind else {}
    return {row.id: Blinding() for row in rows} | {row.id: blinding_over(row, partners[row.id]) for row in blind}


def blindings_behind(
    session: Session, actor: Actor, collaboration_ids: Iterable[str | None], *, known: Sequence[Collaboration] = ()
) -> dict[str | None, Blinding]:
    """Return what hides from the actor who is behind collaborations, by id; None stands for no collaboration.

    `known` are all of them where they are at hand already.
    """
    found: dict[str | None, Blinding] = dict.fromkeys(collaboration_ids, Blinding())
    keys = [key for key in found if key is not None]
    if actor.role not in REVIEWERS or not keys:
        return found
    rows = {row.id: row for row in known} or collaborations_by_id(session, keys)
    blind = _blind(session, actor, list(rows.values()))
    partners = partners_ever_of(session, blind) if blind else {}
    return found | {key: blinding_over(rows[key], partners[key]) for key in blind}


def blinding_of(session: Session, actor: Actor, row: Collaboration) -> Blinding:
    """Return what hides from the actor who is behind a collaboration."""
    return blindings_behind(session, actor, [row.id], known=[row])[row.id]


def of_collaborations(session: Session, actor: Actor, rows: Sequence[Collaboration]) -> list[Scope]:
    """Answer for collaborations."""
    found = belongings(session, actor, [row.id for row in rows], known=rows)
    return [found[row.id].scope for row in rows]


def of_rounds(session: Session, actor: Actor, rows: Sequence[ReviewRound]) -> list[Scope]:
    """Answer for review rounds."""
    found = belongings(session, actor, [row.collaboration_id for row in rows])
    return [round_scope(actor, row, one.access, one.scope) for row in rows for one in [found[row.collaboration_id]]]


def of_versions(session: Session, actor: Actor, rows: Sequence[ProtocolVersion]) -> list[Scope]:
    """Answer for frozen versions: a reviewer is cleared for versions, not for titles."""
    return _by_version(session, actor, [(row.collaboration_id, row.id) for row in rows])


def of_scenarios(session: Session, actor: Actor, rows: Sequence[Scenario]) -> list[Scope]:
    """Answer for funding scenarios, each for the version that it pays for."""
    return _by_version(session, actor, [(row.collaboration_id, row.protocol_version_id) for row in rows])


def _by_version(session: Session, actor: Actor, shown: Sequence[tuple[str, str]]) -> list[Scope]:
    found = belongings(session, actor, [key for key, _ in shown])
    return [replace(found[key].scope, cleared=version_id in found[key].access.versions) for key, version_id in shown]


def of_computations(session: Session, actor: Actor, rows: Sequence[Computation]) -> list[Scope]:
    """Answer for computations: each is its collaboration's, where it is for one."""
    found = belongings(session, actor, [row.collaboration_id for row in rows])
    return [found[row.collaboration_id].scope if row.collaboration_id else Scope(row.partnership_id) for row in rows]


def of_sign_offs(session: Session, _: Actor, rows: Sequence[SignOff]) -> list[Scope]:
    """Answer for sign-offs: each is the organisation's that is asked."""
    partnerships = _partnerships_of_versions(session, {row.protocol_version_id for row in rows})
    return [
        Scope(partnerships[row.protocol_version_id], organisation_ids=frozenset({row.organisation_id})) for row in rows
    ]


def _partnerships_of_versions(session: Session, keys: Collection[str]) -> dict[str, str]:
    query = (
        select(ProtocolVersion.id, Collaboration.partnership_id)
        .join(Collaboration, col(Collaboration.id) == col(ProtocolVersion.collaboration_id))
        .where(col(ProtocolVersion.id).in_(keys))
    )
    return dict(session.exec(query).all())
