"""The meter of bankability over HTTP and on the command line: the same points, each with its owner."""

from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from tests.api.house import OBSERVER, a_house
from tests.factories import World, a_collaboration_at

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def _bankable(world: World) -> str:
    return a_collaboration_at(world, "bankable").id


def test_meter_is_read_and_told_alike(installation: Path) -> None:
    house, key = a_house(_bankable)

    read = house.manager.get(f"/collaborations/{key}/bankability").json()
    told = CliRunner().invoke(app, ["collaboration", "bankability", "medtech", "centre"]).output.splitlines()

    missing = [one for section in read["sections"] for one in section["missing"]]
    assert told[0] == f"{read['score']} of 100 points"
    assert told[1 : 1 + len(read["sections"])] == [
        f"{one['title']}\t{one['points']} of {one['most']}" for one in read["sections"]
    ]
    assert len(told) == 1 + len(read["sections"]) + len(missing)
    assert sum(one["most"] for one in read["sections"]) == 100
    assert sum(Decimal(one["points"]) for one in read["sections"]) + sum(Decimal(one["adds"]) for one in missing) == 100
    assert [one for one in missing if not (one["text"] and (one["partner"] or one["mend_by"]) and one["where"])] == []
    assert house.by(OBSERVER).get(f"/collaborations/{key}/bankability").status_code in (403, 404)
