"""Whoever writes through whichever door leaves a record of what was before and after; who is refused leaves none."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from states.changes.declared import RECORDED
from states.changes.tables import RecordKind
from tests import unrecorded
from tests.api.house import a_house
from tests.api.led_up import ASKERS, Walk
from tests.api.test_examples import OTHERWISE, more_than_everything

# What is granted and changes no person's row: it asks the machine for something, only looks, or finds it so already.
ASKS, LOOKS, IS_SO = "a message asks a flow for it", "it is a preview", "in this world it is as the example says"
WITHOUT_A_RECORD = {
    "PATCH /scenarios/{scenario_id}/sources/{position}": IS_SO,
    "DELETE /partnerships/{partnership}/people/{grant_id}/sessions": IS_SO,
    "POST /collaborations/{collaboration_id}/agreements/planning": IS_SO,
    "POST /collaborations/{collaboration_id}/documents": ASKS,
    "POST /collaborations/{collaboration_id}/edition-change": IS_SO,
    "POST /collaborations/{collaboration_id}/progress/opening": IS_SO,
    "POST /collaborations/{collaboration_id}/rounds": ASKS,
    "POST /collaborations/{collaboration_id}/rounds/seating": LOOKS,
    "POST /documents/editions": ASKS,
    "POST /documents/{document_id}/languages": ASKS,
    "POST /events/{event_id}/documents": ASKS,
    "POST /me/agreement": IS_SO,
    "POST /operations/faults/{fault_id}/retry": ASKS,
    "POST /operations/outbox-messages/{outbox_id}/retry": ASKS,
    "POST /participants/{participant_id}/agenda": ASKS,
    "POST /partnerships/{partnership}/edition-changes": IS_SO,
    "POST /partnerships/{partnership}/officer-handovers": IS_SO,
    "POST /partnerships/{partnership}/organisations/{organisation}/portfolio": ASKS,
    "POST /partnerships/{partnership}/people/{grant_id}/confirmation": IS_SO,
    "POST /partnerships/{partnership}/portfolio": ASKS,
    "POST /partnerships/{partnership}/working-areas/{number}/resumption": IS_SO,
    "POST /profiles/{profile_id}/renewal": IS_SO,
    "POST /region-readings": LOOKS,
    "POST /reports/{period}/documents": ASKS,
    "POST /rules/checks": LOOKS,
    "PUT /partnerships/{partnership}/taxonomy": IS_SO,
}


def unfit(records: Sequence[Any]) -> list[str]:
    """Return what a record lacks: before and after, each where there is one."""
    found = []
    for row in records:
        kind, before, after = row["kind"], row["before"], row["after"]
        fits = {
            RecordKind.CREATED: before is None and after is not None,
            RecordKind.REMOVED: before is not None and after is None,
            RecordKind.CHANGED: before != after or row["field"] in RECORDED[row["noun"]].hidden,
        }
        if not fits[kind] or not row["subject_id"] or not row["route"]:
            found.append(f"{row['noun']}.{row['field']} {kind.value}")
    return found


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_each_write_of_each_role_has_its_record_and_each_refusal_none(installation: Path) -> None:
    walk = Walk(*a_house(more_than_everything), installation)
    silent: set[str] = set()
    faults: dict[str, object] = {}
    granted: set[str] = set()
    statuses: list[int] = []

    for name in walk.writes:
        walk.lead_up(name)
        for who in ASKERS:
            before = len(unrecorded.committed)
            answer = walk.send(name, who)
            records = unrecorded.committed[before:]
            statuses.append(answer.status_code)
            if not answer.is_success and records:
                faults[f"{name} {who}"] = (answer.status_code, [row["noun"] for row in records])
            elif answer.is_success:
                granted.add(name)
                if not records:
                    silent.add(name)
                elif lacking := unfit(records):
                    faults[f"{name} {who}"] = lacking
            if records or answer.is_success:
                walk.again()

    assert faults == {}
    assert silent == set(WITHOUT_A_RECORD)
    assert walk.writes.keys() - granted == OTHERWISE.keys()
    assert {403, 409} <= set(statuses)
    assert max(statuses) < 500
