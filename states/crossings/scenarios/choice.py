"""Choose a scenario: only a legal one that still holds, within what each region that pays has said."""

from collections.abc import Iterator

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.crossings.deadlines.followers import followed
from states.crossings.scenarios.regional_commitments import against
from states.errors import Refusal, Refused
from states.funding.checks.scenario_legality import review_scenario
from states.funding.service import choose_scenario
from states.funding.tables import Scenario


def choose(
    session: Session, collaboration: Collaboration, row: Scenario, *, expected_version: int | None = None
) -> Scenario:
    """Choose a scenario, or raise `Refused` with every reason against it.

    What stands on a frozen case is checked under its own rules and against what is known today. One that was made by
    hand cannot be checked: the guard `scenario_legal` says so where a playbook asks it.
    """
    with followed(session, collaboration):
        review_scenario(session, collaboration, row)
        if refusals := [*_unlawful(row), *against(session, collaboration, row)]:
            raise Refused(refusals)
        return choose_scenario(session, row, expected_version=expected_version)


def _unlawful(row: Scenario) -> Iterator[Refusal]:
    mend = ("project_manager",)
    if row.breaches:
        breaches = tuple(row.breaches)
        yield Refusal("scenario_not_legal", scenario=row.name, mend_by=mend, where="scenarios", missing=breaches)
    if row.stale:
        stale = tuple(row.stale)
        yield Refusal("scenario_stale", scenario=row.name, mend_by=mend, where="scenarios", missing=stale)
