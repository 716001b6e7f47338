"""Events after which scenarios are looked at again; where there is none that they concern, nothing is told."""

from sqlmodel import Session, select

from states.collaborations.tables import Collaboration
from states.funding.tables import Instrument, Scenario, Source
from states.outbox.service import publish


def ask_for_review(session: Session, collaboration: Collaboration) -> None:
    """Ask for a look at the scenarios of a collaboration, now that its case is another one."""
    if session.exec(select(Scenario.id).where(Scenario.collaboration_id == collaboration.id)).first() is not None:
        key = collaboration.id
        publish(session, "funding.changed", partnership_id=collaboration.partnership_id, collaboration_id=key)


def ask_for_reviews(session: Session, instrument: Instrument) -> None:
    """Ask for a look at the scenarios that count on an instrument, now that its terms or calls are others."""
    if session.exec(select(Source.id).where(Source.instrument_id == instrument.id)).first() is not None:
        publish(session, "instrument.changed", partnership_id=instrument.partnership_id, instrument=instrument.id)
