"""Scenarios are looked at again when a later fact, or a day that has passed, may have broken them."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from states.clock import today
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration, Member
from states.crossings.deadlines.followers import counting_on
from states.crossings.scenarios.validity import validity_of, validity_reads
from states.deadlines.tables import Anchor
from states.funding.awards.facts import is_awarded
from states.funding.catalogue.calls import CALL_ANCHOR, settle_closing
from states.funding.checks.scenario_legality import note_validity
from states.funding.facts import Validity
from states.funding.queries import closing_call, linked_to, scenarios_of, windows_of
from states.funding.tables import Instrument, Scenario, Source
from states.outbox.service import publish
from states.outbox.tables import OutboxMessage
from states.storage import Readings, bump_version


def revalidate_scenarios(session: Session, key: str) -> list[str]:
    """Look at every scenario of a collaboration again; return the ids of those that hold no longer, and did before.

    Of one that is chosen its project managers are told, by the message `scenario.stale`.
    """
    collaboration = collaboration_by_id(session, key)
    session.refresh(collaboration, with_for_update=True)
    rows = scenarios_of(session, key)
    read = Readings(session)
    read.load(validity_reads([collaboration]) if rows else {})
    return [
        row.id for row in rows if record_validity(session, row, validity_of(read, collaboration, row.id, on=today()))
    ]


def record_validity(session: Session, row: Scenario, validity: Validity) -> bool:
    """Write down what was found against a scenario, and tell of a chosen one; return True where it held before.

    Once its money is agreed on nobody is told: calls close and prices rise while the work goes on.
    """
    broken = not (row.breaches or row.stale or validity.holds)
    note_validity(session, row, validity)
    if broken and row.chosen:
        collaboration = collaboration_by_id(session, row.collaboration_id)
        if is_awarded(Readings(session), collaboration):
            return broken
        publish(
            session,
            "scenario.stale",
            partnership_id=collaboration.partnership_id,
            collaboration_id=collaboration.id,
            scenario=row.id,
        )
    return broken


def touched_by(session: Session, event: OutboxMessage) -> list[str]:
    """Return the collaborations whose scenarios what happened may break, by their ids."""
    if event.collaboration_id is not None:
        return [event.collaboration_id]
    query = select(Scenario.collaboration_id).distinct()
    if "instrument" in event.payload:
        query = query.join(Source, col(Source.scenario_id) == col(Scenario.id))
        query = query.where(Source.instrument_id == event.payload["instrument"])
    elif "rule_document" in event.payload:
        query = query.join(Collaboration, col(Collaboration.id) == col(Scenario.collaboration_id))
        query = query.where(Collaboration.partnership_id == event.partnership_id)
    else:
        linked = linked_to(session, event.payload["organisation"])
        query = query.join(Member, col(Member.collaboration_id) == col(Scenario.collaboration_id))
        query = query.where(col(Member.organisation_id).in_(linked))
        query = query.join(Collaboration, col(Collaboration.id) == col(Scenario.collaboration_id))
        query = query.where(Collaboration.partnership_id == event.partnership_id)
    return list(session.exec(query.order_by(col(Scenario.collaboration_id))))


def due_reviews(session: Session) -> list[str]:
    """Return the collaborations with a scenario that nobody has looked at today: calls close, rules change."""
    unseen = col(Scenario.reviewed_on).is_(None) | (col(Scenario.reviewed_on) < today())
    query = select(Scenario.collaboration_id).where(unseen).distinct()
    return list(session.exec(query.order_by(col(Scenario.collaboration_id))))


def passed_closings(session: Session) -> list[str]:
    """Return the instruments whose call is over for the deadlines that hang on it, by their ids."""
    passed = select(Anchor.subject_id).where(Anchor.kind == CALL_ANCHOR, col(Anchor.day) < today())
    return list(session.exec(passed.order_by(col(Anchor.subject_id))))


def settle_passed_closings(session: Session, keys: Collection[str] | None = None) -> list[str]:
    """Let the deadlines of instruments whose call is over, these or all, hang on their next one; return their ids."""
    known = set(passed_closings(session))
    passed = known if keys is None else known.intersection(keys)
    rows = session.exec(select(Instrument).where(col(Instrument.id).in_(passed)).order_by(col(Instrument.id))).all()
    calls, moved = windows_of(session, [row.id for row in rows]), []
    for row in rows:
        call = closing_call(calls[row.id], on=today())
        if call is not None and call.closes_on is not None and call.closes_on >= today():
            with counting_on(session, row):
                bump_version(session, row)  # its shown closing is another one
                settle_closing(session, row)
            moved.append(row.id)
    return moved
