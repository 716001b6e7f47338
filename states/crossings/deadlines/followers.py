"""Facts after which something waits: recorded so that its deadline is opened, moved or closed with them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.sync import renew_deadlines
from states.deadlines.kinds import Waiting
from states.deadlines.queries import open_deadlines
from states.deadlines.service import close_deadlines, waive
from states.deadlines.tables import Deadline
from states.funding.queries import choosers_of
from states.funding.tables import Instrument
from states.protocol.signing import review_risks
from states.protocol.tables import RiskReview
from states.rights.access import Actor


@contextmanager
def followed(session: Session, *rows: Collaboration) -> Iterator[None]:
    """Record facts of these collaborations in this block: at its end, what waits because of them has its deadline.

    They are locked before anything else, in the order of their ids: two who do so never wait for each other in a ring.
    """
    ordered = sorted(rows, key=lambda row: row.id)
    for row in ordered:
        session.refresh(row, with_for_update=True)
    yield
    for row in ordered:
        renew_deadlines(session, row)


@contextmanager
def counting_on(session: Session, instrument: Instrument) -> Iterator[None]:
    """Change the calls of an instrument in this block: with them move the deadlines of all who count on it."""
    with followed(session, *(collaboration_by_id(session, key) for key in choosers_of(session, instrument.id))):
        yield


def hold_risk_review(session: Session, row: Collaboration, *, note: str, person_id: str) -> RiskReview:
    """Record a review of the risks: the one that was due is done, and the next one is due in its time."""
    with followed(session, row):
        held = review_risks(session, row, note=note, person_id=person_id)
        for one in open_deadlines(session, row.partnership_id):
            if (one.collaboration_id, one.kind) == (row.id, Waiting.RISK_REVIEW.value):
                close_deadlines(session, one.kind, subject_id=one.subject_id)
    return held


def waive_deadline(
    session: Session, row: Deadline, *, reason: str, actor: Actor, expected_version: int | None = None
) -> Deadline:
    """Waive a deadline; of what comes again and again, the next one is due in its time."""
    waiting = [] if row.collaboration_id is None else [collaboration_by_id(session, row.collaboration_id)]
    with followed(session, *waiting):
        return waive(session, row, reason=reason, actor=actor, expected_version=expected_version)
