"""What is known of a collaboration's submissions and agreements."""

from dataclasses import dataclass

from states.collaborations.tables import Collaboration
from states.funding.awards.queries import AGREED, CONDITIONS, STANDING, SUBMITTED, OpenCondition
from states.funding.awards.sources import OF_FUNDERS, SourceKey
from states.funding.queries import CHOSEN_KEYS
from states.storage import Readings

READS = (SUBMITTED, AGREED)
CLOSING_READS = (STANDING, CONDITIONS, CHOSEN_KEYS)


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


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """Agreements by number that are signed and have not ended, their open conditions, and sources without a signed one.

    `unsigned` names each source by its kind.
    """

    running: tuple[int, ...]
    conditions: tuple[OpenCondition, ...]
    unsigned: tuple[str, ...]


def closing_facts_of(read: Readings, row: Collaboration) -> ClosingFacts:
    """Derive what is open of a collaboration's agreements from what was read."""
    standing = [one for one in read.of(STANDING, row.id) if one.withdrawn_on is None]
    signed = {one.number for one in standing if one.agreed_on is not None}
    covered = {
        SourceKey(one.source_kind, one.instrument_id, one.organisation_id) for one in standing if one.number in signed
    }
    expected = dict.fromkeys(
        SourceKey(one.kind, one.instrument_id, one.organisation_id)
        for one in read.of(CHOSEN_KEYS, row.id)
        if one.kind in OF_FUNDERS
    )
    return ClosingFacts(
        running=tuple(sorted(one.number for one in standing if one.number in signed and one.ended_on is None)),
        conditions=tuple(
            sorted(
                (one for one in read.of(CONDITIONS, row.id) if one.agreement in {one.number for one in standing}),
                key=lambda one: (one.agreement, one.number),
            )
        ),
        unsigned=tuple(str(key.kind) for key in expected if key not in covered),
    )


def is_awarded(read: Readings, row: Collaboration) -> bool:
    """Tell whether the money is agreed on: by each funder where agreements name sources, else on what was asked."""
    signed = [one for one in read.of(STANDING, row.id) if one.agreed_on is not None and one.withdrawn_on is None]
    if any(one.source_kind is not None for one in signed):
        return not closing_facts_of(read, row).unsigned
    return facts_of(read, row).agreed
