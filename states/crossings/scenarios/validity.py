"""Whether a scenario holds: one answer for previews, moves, the choice and the sweep; nothing is written here."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from states.collaborations.tables import Collaboration
from states.crossings.scenarios import regional_commitments
from states.crossings.scenarios.regional_commitments import objections
from states.funding.checks.scenario_legality import legality_of, legality_reads
from states.funding.facts import Validity
from states.storage import Reading, Readings


def validity_reads(rows: Iterable[Collaboration]) -> dict[Reading[object], Sequence[str]]:
    """Return all that the validity of these collaborations' scenarios depends on, by what it is read with."""
    listed = list(rows)
    keys = [row.id for row in listed]
    return {**legality_reads(listed), **dict.fromkeys(regional_commitments.READS, keys)}


def validity_of(read: Readings, row: Collaboration, scenario_id: str, *, on: date) -> Validity:
    """Tell whether a scenario holds on a day."""
    found = legality_of(read, row, scenario_id, on=on)
    return replace(found, objections=tuple(objections(read, row, scenario_id)))
