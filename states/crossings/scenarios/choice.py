"""Choose a scenario: only a legal one that still holds, within what each region that pays has said."""

from sqlmodel import Session

from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.followers import followed
from states.crossings.scenarios.validity import validity_of, validity_reads
from states.errors import Refused
from states.funding.checks.scenario_legality import note_validity
from states.funding.service import choose_scenario
from states.funding.tables import Scenario
from states.storage import Readings


def choose(
    session: Session, collaboration: Collaboration, row: Scenario, *, expected_version: int | None = None
) -> Scenario:
    """Choose a scenario, or raise `Refused` with every reason against it.

    What stands on a frozen case is checked under its own rules and against what is known today. One that was made by
    hand cannot be checked: the guard `scenario_legal` says so where a playbook asks it.
    """
    with followed(session, collaboration):
        read = Readings(session)
        read.load(validity_reads([collaboration]))
        validity = validity_of(read, collaboration, row.id, on=today())
        if refusals := list(validity.refusals(row.name)):
            raise Refused(refusals)
        note_validity(session, row, validity)
        return choose_scenario(session, row, expected_version=expected_version)
