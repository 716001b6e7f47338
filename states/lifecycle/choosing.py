"""Choose a scenario: only a legal one that still holds, and none that counts on a region that said no."""

from collections.abc import Iterator

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.errors import Refusal, Refused
from states.funding.legality import review_scenario
from states.funding.queries import instruments_of, lines_of
from states.funding.service import choose_scenario
from states.funding.tables import Scenario
from states.lifecycle.following import followed
from states.partners.tables import Region
from states.review.queries import positions_of, rounds_of
from states.review.tables import Position, Willingness


def choose(
    session: Session, collaboration: Collaboration, row: Scenario, *, expected_version: int | None = None
) -> Scenario:
    """Choose a scenario, or raise `Refused` with every reason against it.

    What stands on a frozen case is checked under its own rules and against what is known today. One that was made by
    hand cannot be checked: the guard `scenario_legal` says so where a playbook asks it.
    """
    with followed(session, collaboration):
        review_scenario(session, collaboration, row)
        if refusals := [*_unlawful(row), *_unwilling(session, row)]:
            raise Refused(refusals)
        return choose_scenario(session, row, expected_version=expected_version)


def _unlawful(row: Scenario) -> Iterator[Refusal]:
    mend = ("project_manager",)
    if row.breaches:
        yield Refusal(
            "scenario_not_legal", f"Scenario {row.name} breaks rules.", mend, "scenarios", tuple(row.breaches)
        )
    if row.stale:
        yield Refusal("scenario_stale", f"Scenario {row.name} no longer holds.", mend, "scenarios", tuple(row.stale))


def _unwilling(session: Session, row: Scenario) -> Iterator[Refusal]:
    """Refuse for each region whose latest position says no, where one of the sources lies on its territory."""
    (lines,) = lines_of(session, [row])
    used = {source.instrument_id for source in lines.sources}
    collaboration = session.get_one(Collaboration, row.collaboration_id)
    payers = [one for one in instruments_of(session, collaboration.partnership_id) if one.id in used]
    latest: dict[str, tuple[Position, Region]] = {}
    for opened in rounds_of(session, [collaboration.id]):  # oldest first: the last position of a region counts
        latest |= {region.id: (position, region) for position, region in positions_of(session, opened.id)}
    for position, region in latest.values():
        asked = [one.name for one in payers if any(t.startswith(c) for t in one.territory for c in region.codes)]
        if asked and position.willingness is Willingness.NO:
            message = f"{region.name} does not put in its own money, and the scenario counts on {', '.join(asked)}."
            yield Refusal("region_unwilling", message, ("wgra_member", "project_manager"), "positions")
