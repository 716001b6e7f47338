"""What is known of a collaboration's submissions and agreements."""

from dataclasses import dataclass

from states.collaborations.tables import Collaboration
from states.funding.awards.queries import AGREED, SUBMITTED
from states.storage import Readings

READS = (SUBMITTED, AGREED)


@dataclass(frozen=True, slots=True)
class AwardFacts:
    """Whether a submission was recorded since the present stage began, and an agreement on the newest submission."""

    submitted: bool
    agreed: bool


def facts_of(read: Readings, row: Collaboration) -> AwardFacts:
    """Derive the facts of a collaboration from what was read."""
    newest = max(read.of(SUBMITTED, row.id), key=lambda one: one.number, default=None)
    if newest is None:
        return AwardFacts(submitted=False, agreed=False)
    return AwardFacts(submitted=newest.recorded_at >= row.stage_since, agreed=newest.id in set(read.of(AGREED, row.id)))
