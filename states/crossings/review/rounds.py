"""Where a review meets the lifecycle: rounds are opened on the frozen version, by the collaboration's playbook."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from states.archive.queries import REQUESTED
from states.archive.tables import BETWEEN, DocumentKind
from states.collaborations.facts import regions_among
from states.collaborations.queries import collaboration_by_id, history_of, partners_of
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.sync import renew_deadlines
from states.crossings.dossier import Dossier
from states.errors import Missing, Refusal, Refused
from states.outbox.service import publish
from states.outbox.tables import OutboxMessage
from states.partners.queries import holders, regions_of
from states.playbooks.editions import playbook_of
from states.protocol.queries import latest_versions
from states.protocol.tables import ProtocolVersion
from states.review.definition import Panel, PanelKind
from states.review.opening import Opening, open_round
from states.review.queries import round_by_id, rounds_read
from states.review.seats import Place
from states.review.service import close_round, end_round, outstanding
from states.review.tables import ReviewRound, RoundState
from states.storage import Readings


def open_requested_round(
    session: Session, collaboration_id: str, panel_key: str, *, places: Sequence[Place] = ()
) -> ReviewRound:
    """Open the round that entering a review stage asked for; ask for its dossier, and for each region's briefing.

    `places` come from `choose_seats`; a panel of positions seats the members of the consortium's regions by itself.
    """
    collaboration = collaboration_by_id(session, collaboration_id)
    playbook = playbook_of(session, collaboration)
    panel = panel_in(playbook.panels, panel_key)
    version = _frozen_version(session, collaboration)
    partners = partners_of(Readings(session), collaboration.id)
    regions = regions_among(partners, regions_of(session, collaboration.partnership_id))
    if panel.kind is PanelKind.POSITIONS:
        places = regional_places(session, collaboration.partnership_id, panel=panel, region_ids=regions)
    opened = open_round(
        session,
        collaboration,
        panel_key=panel_key,
        panel=panel,
        opening=Opening(protocol_version_id=version.id, region_ids=regions, places=places),
        ladder=playbook.ladders[panel.ladder],
    )
    renew_deadlines(session, collaboration)  # the consensus of an earlier round waits no more
    papers = [(DocumentKind.REVIEW_DOSSIER, opened.id)]
    papers += [(DocumentKind.BRIEFING, f"{version.id}{BETWEEN}{region_id}") for region_id in opened.asked_regions]
    for kind, subject_id in papers if panel.kind is PanelKind.POSITIONS else papers[:1]:
        publish(
            session,
            REQUESTED,
            partnership_id=collaboration.partnership_id,
            collaboration_id=collaboration.id,
            kind=kind.value,
            subject_id=subject_id,
        )
    return opened


def still_requested(session: Session, event: OutboxMessage) -> bool:
    """Tell whether a `review.requested` event still holds: its move is the newest, and to a stage of that panel.

    Until the end of the transaction no move is made: one that is under way is waited for.
    """
    collaboration = collaboration_by_id(session, event.collaboration_id or "")
    session.refresh(collaboration, with_for_update=True)  # SQLite has one writer at a time anyway
    stage = playbook_of(session, collaboration).stages[collaboration.stage]
    lines = history_of(session, [collaboration.id])[collaboration.id]
    return stage.panel == event.payload["panel"] and lines[-1:] != [] and lines[-1].id == event.cause_id


def regional_places(session: Session, partnership_id: str, *, panel: Panel, region_ids: Sequence[str]) -> list[Place]:
    """Return a place for each member of a panel of positions who speaks for one of these regions."""
    held = holders(session, partnership_id, panel.members)
    return [Place(one.person.id, one.grant.region_id) for one in held if one.grant.region_id in region_ids]


def _frozen_version(session: Session, collaboration: Collaboration) -> ProtocolVersion:
    version = latest_versions(session, [collaboration.id]).get(collaboration.id)
    if version is None:
        mend = ("project_manager",)
        raise Refused([Refusal("protocol_not_frozen", mend_by=mend, where="protocol/versions")])
    return version


def due_rounds(session: Session, *, on: date) -> list[str]:
    """Return the open rounds whose last day has passed, the most urgent first, by their ids."""
    query = select(ReviewRound.id).where(*_due(on)).order_by(col(ReviewRound.due_on), col(ReviewRound.id))
    return list(session.exec(query))


def _due(on: date) -> tuple[ColumnElement[bool], ...]:
    return col(ReviewRound.state) == RoundState.OPEN, col(ReviewRound.due_on) < on


def close_due_rounds(session: Session, keys: Collection[str] | None = None, *, on: date) -> list[str]:
    """Close every round whose last day has passed, of these or of all, naming what is missing; return their ids."""
    query = select(ReviewRound).where(*_due(on))
    query = query if keys is None else query.where(col(ReviewRound.id).in_(keys))
    rows = session.exec(query.order_by(col(ReviewRound.due_on), col(ReviewRound.id))).all()
    return [row.id for row in rows if _close(session, row)]


def abandon_rounds(session: Session, dossier: Dossier, *, because: str) -> list[str]:
    """Close the open rounds of a collaboration that has moved on, and return their ids: their seats wait no more."""
    abandoned = [one for one in rounds_read(dossier.read, dossier.row.id) if one.state is RoundState.OPEN]
    for one in abandoned:
        panel = panel_in(dossier.playbook.panels, one.panel)
        end_round(session, session.get_one(ReviewRound, one.id), panel=panel, missing=[because])
    return [one.id for one in abandoned]


def close_answered_round(session: Session, round_id: str) -> bool:
    """Close a round now, naming what is missing; return False if it was closed before."""
    return _close(session, round_by_id(session, round_id))


def close_if_all_in(session: Session, round_id: str) -> bool:
    """Close a round in which nobody is awaited; return False where somebody was seated since, or it was closed."""
    row = round_by_id(session, round_id)
    return not outstanding(session, row) and _close(session, row)


def _close(session: Session, row: ReviewRound) -> bool:
    """Close a round; the consensus, where the panel comes to one, has its deadline from now on."""
    collaboration = collaboration_by_id(session, row.collaboration_id)
    session.refresh(collaboration, with_for_update=True)  # before the round, as a move does: two never wait in a ring
    playbook = playbook_of(session, collaboration)
    closed = close_round(session, row, panel=panel_in(playbook.panels, row.panel))
    if closed:
        renew_deadlines(session, collaboration)
    return closed


def panel_of(session: Session, row: ReviewRound) -> Panel:
    """Return the panel of a round, as the collaboration's playbook has it."""
    collaboration = collaboration_by_id(session, row.collaboration_id)
    return panel_in(playbook_of(session, collaboration).panels, row.panel)


def panel_in(panels: Mapping[str, Panel], key: str) -> Panel:
    """Return the panel of that key, or raise `Missing`."""
    if key not in panels:
        raise Missing("panel", key)
    return panels[key]
