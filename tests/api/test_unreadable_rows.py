"""One row that cannot be read, among others: every list answers with the others, and names it."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, text
from sqlmodel import Session

from api.operations.doctor import examine
from states import search
from states.clock import set_simulated
from states.schema import METADATA
from states.settings import settings
from states.storage import begin
from states.storage.columns import Instant, Json
from states.sweeps.apart import listening
from tests.api.house import a_house, application, furnish
from tests.api.many_rows import fill
from tests.api.test_lists import ASKED, ELSEWHERE, lists
from tests.factories import World, a_collaboration_at
from tests.meeting_factories import BEFORE

SIZE, PAGE = 4, 50
READERS = ("project_manager", "iag_secretary", "partner")
# What says who asks, what lies behind every row of a list, and the law in force, which rests on all its documents.
SPARED = {"access_token", "participant", "partnership", "person", "playbook_edition", "role_grant", "rule_document"}
# The words of a taxonomy and the slots of an event are no rows; these rows are the asker's own.
WHOLE = {"/events/{event_id}/slots", "/partnerships", "/partnerships/{partnership}/taxonomy"}


def spoil(connection: Connection, *, spared: Collection[str]) -> dict[str, str]:
    """Put what no column of that type holds into one row of each table; return its id by table."""
    spoilt = {}
    for table in METADATA.sorted_tables:
        column = next((one.name for one in table.c if not one.primary_key and _is_parsed(one.type)), None)
        if column is None or table.name in SPARED or "id" not in table.c:
            continue
        keys = connection.execute(text(f'SELECT id FROM "{table.name}" ORDER BY rowid DESC')).scalars()
        key = next((str(one) for one in keys if one not in spared), None)
        if key is not None:
            spoilt[table.name] = key
            connection.execute(
                text(f'UPDATE "{table.name}" SET {column} = :bad WHERE id = :key'), {"bad": "{", "key": key}
            )
    return spoilt


def _is_parsed(kind: object) -> bool:
    return isinstance(kind, Instant | Json) or type(kind).__name__.endswith("Text")  # an `EnumText`


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_every_list_answers_with_the_rows_that_can_be_read(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_CLOCK_FILE", str(installation / "clock"))
    settings.cache_clear()
    set_simulated(BEFORE)  # whom to ask at an event is told before it
    with begin() as session:
        world, tokens = furnish(session)
        keys = fill(world, SIZE)
    client = TestClient(application())

    def read(route: str, who: str) -> tuple[int, dict[str, Any]]:
        path = route.format(**keys | {name: keys[other] for name, other in ELSEWHERE.get(route, {}).items()})
        answer = client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {tokens[who]}"})
        return answer.status_code, answer.json()

    routes = [*(one for one in lists() if one != "/search"), *ASKED]
    before = {(route, who): read(route, who) for route in routes for who in READERS}
    with begin() as session:
        spoilt = spoil(session.connection(), spared=set(keys.values()))
    named = set()
    for (route, who), (status, whole) in before.items():
        status_now, rest = read(route, who)
        assert status_now == status, (route, who)
        if status == 200:
            missed = rest.get("unreadable", [])
            named |= {one["noun"] for one in missed}
            assert "unreadable" not in whole, (route, who)
            assert bool(missed) or len(rest["items"]) >= len(whole["items"]), (route, who)
            assert missed == [] or route not in WHOLE, route

    assert len(spoilt) > 45
    assert len(named) > 25


def three(world: World) -> list[str]:
    return [a_collaboration_at(world, "outline", slug=slug).id for slug in ("one", "two", "three")]


def change(session: Session, column: str, value: str, key: str) -> None:
    session.execute(text(f"UPDATE collaboration SET {column} = :value WHERE id = :key"), {"value": value, "key": key})


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", ["opened_at", "stage_since"])
def test_the_others_are_there_and_the_fault_is_seen(installation: Path, column: str) -> None:
    house, (one, two, three_) = a_house(three)
    with begin() as session:
        change(session, column, "no instant", two)

    for path in ("/collaborations", "/pipeline", "/search?q=biocompatibility", "/collaborations?q=biocompatibility"):
        answer = house.manager.get(path)
        shown = {item.get("id") or item["collaboration_id"] for item in answer.json()["items"]}
        assert (answer.status_code, shown) == (200, {one, three_}), path
        assert answer.json()["unreadable"] == [{"noun": "collaboration", "id": two}]
    for path in ("/me/tasks", "/deadlines"):
        assert house.manager.get(path).status_code == 200

    [fault] = house.manager.get("/operations/faults").json()["items"]
    assert (fault["sweep"], fault["noun"], fault["subject_id"]) == ("lists", "collaboration", two)
    assert [finding.ok for finding in examine() if finding.what == "Sweeps"] == [False]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_playbook_that_is_gone_takes_its_collaboration_alone(installation: Path) -> None:
    house, (one, two, three_) = a_house(three)
    with begin() as session:
        change(session, "playbook", "gone", two)

    answer = house.manager.get("/pipeline").json()

    assert {item["collaboration_id"] for item in answer["items"]} == {one, three_}
    assert answer["unreadable"] == [{"noun": "collaboration", "id": two}]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_index_is_made_of_what_can_be_read(installation: Path) -> None:
    _, (_, two, _) = a_house(three)
    with begin() as session:
        before = search.rebuild(session)
        change(session, "stage_since", "no instant", two)

    with begin() as session, listening() as left_out:
        made = search.rebuild(session)

    assert made == before - 1
    assert {(one.noun, one.key) for one in left_out} == {("collaboration", two)}
