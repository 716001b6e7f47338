"""What is open before a collaboration can be completed: agreements, progress, changes and results."""

from dataclasses import dataclass

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.funding.awards import facts as awards
from states.funding.awards.facts import ClosingFacts
from states.implementation import facts as implementation
from states.implementation.facts import ImplementationFacts
from states.storage import Readings


@dataclass(frozen=True, slots=True)
class Closure:
    """The facts that the closing guards are asked about."""

    awards: ClosingFacts
    implementation: ImplementationFacts

    @property
    def open(self) -> int:
        """Return how many things are open."""
        found = self.implementation
        return sum(
            len(one)
            for one in (
                *(self.awards.running, self.awards.unsigned, self.awards.conditions),
                *(found.open_periods, found.running, found.unachieved, found.unexplained),
            )
        )


def closure_of(session: Session, collaboration: Collaboration) -> Closure:
    """Return what is open of a collaboration."""
    read = Readings(session)
    read.load({reading: [collaboration.id] for reading in (*awards.CLOSING_READS, *implementation.READS)})
    return Closure(awards.closing_facts_of(read, collaboration), implementation.facts_of(read, collaboration))
