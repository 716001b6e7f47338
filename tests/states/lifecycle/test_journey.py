"""The journey: every move with what it caused, and the flow run in which each consequence had its effect."""

from sqlmodel import Session, select

from states.lifecycle.journey import journey
from states.outbox.service import consume
from states.outbox.tables import OutboxMessage
from tests.factories import a_collaboration, a_collaboration_at, a_world


def test_moves_with_their_events_and_runs(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    a_collaboration_at(world, "outline", slug="another")
    query = select(OutboxMessage).where(
        OutboxMessage.collaboration_id == row.id, OutboxMessage.name == "review.requested"
    )
    asked = session.exec(query).one()
    consume(session, asked.id, consumer="open_review_round", flow_run_id="run-1")
    consume(session, asked.id, consumer="mail", flow_run_id="run-2")
    found = journey(session, row.id)
    told = [
        (step.line.move, [(one.message.name, sorted(run.flow_run_id for run in one.runs)) for one in step.consequences])
        for step in found.steps
    ]
    assert told == [
        ("draft_outline", [("collaboration.moved", [])]),
        ("start_protocol", [("collaboration.moved", [])]),
        (
            "submit_to_iag",
            [("collaboration.moved", []), ("review.requested", ["run-1", "run-2"]), ("document.requested", [])],
        ),
    ]
    assert [one.message.name for one in found.others] == ["collaboration.opened", "protocol.frozen"]


def test_a_journey_that_has_not_begun(session: Session) -> None:
    row = a_collaboration(a_world(session))
    found = journey(session, row.id)
    assert (found.steps, [one.message.name for one in found.others]) == ((), ["collaboration.opened"])
