"""A list costs as many statements for fifty rows as for five, whoever asks."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from api.http.schemas import Listing
from states.clock import set_simulated
from states.settings import settings
from states.storage import begin
from tests import laws
from tests.api.house import application, furnish
from tests.api.many_rows import fill
from tests.meeting_factories import BEFORE
from tests.statements import counted

FEW, MANY = 5, 50
WALKERS = (
    "project_manager",
    "administrator",
    "iag_secretary",
    "iag_chair",
    "wgra_chair",
    "iag_member 1",
    "iag_member 3",
    "upper-silesia",
    "partner",
    "observer",
)
FEW_WALKERS = ("project_manager", "iag_member 1", "partner")  # between them they see every list
# Lists whose statements still grow with their rows, and for whom: none at the end.
UNEQUAL: dict[str, set[str]] = {}
# What is not many here: what members left open, the purposes of a consent, the slots of an event, the people behind a
# row, whom to ask.
BOUNDED = {
    "/collaborations/{collaboration_id}/open-points",
    "/participants/{participant_id}/consents",
    "/events/{event_id}/slots",
    "/interests/{interest_id}/contacts",
    "/meetings/{meeting_id}/contacts",
    "/partnerships",
    "/participants/{participant_id}/suggestions",
}
# Where the long list is not that of the row that all the others are of.
ELSEWHERE = {
    "/collaborations/{collaboration_id}/agreements": {"collaboration_id": "_decided"},
    "/collaborations/{collaboration_id}/agreements/{number}/conditions": {"collaboration_id": "_decided"},
    "/collaborations/{collaboration_id}/agreements/{number}/terms": {"collaboration_id": "_decided"},
    "/collaborations/{collaboration_id}/change-requests": {"collaboration_id": "_decided"},
    "/collaborations/{collaboration_id}/progress": {"collaboration_id": "_decided"},
    "/collaborations/{collaboration_id}/results": {"collaboration_id": "_decided"},
    "/collaborations/{collaboration_id}/decisions": {"collaboration_id": "_decided"},
    "/collaborations/{collaboration_id}/submissions": {"collaboration_id": "_decided"},
    "/participants/{participant_id}/suggestions": {"participant_id": "_unmet"},
    "/rounds/{round_id}/conditions": {"round_id": "_wgra"},
    "/rounds/{round_id}/decision/corrections": {"round_id": "_wgra"},
    "/rounds/{round_id}/positions": {"round_id": "_wgra"},
}


def lists() -> list[str]:
    """Return the paths of all routes that answer a page of a list."""
    found = []
    for route in iter_route_contexts(application().routes):
        model = getattr(route, "response_model", None)
        if isinstance(model, type) and issubclass(model, Listing):
            found.append((route.path or "").removeprefix("/api/v1"))
    return found


def in_other_orders() -> list[str]:
    """Return the paths of all lists that can be sorted, each in the last of its orders."""
    described = application().openapi()["paths"]
    return [
        f"{route}?sort={one['schema']['enum'][-1]}"
        for route in lists()
        for one in described[f"/api/v1{route}"]["get"].get("parameters", [])
        if one["name"] == "sort"
    ]


@dataclass(frozen=True)
class Read:
    """What one reading of a list came to."""

    status: int
    total: int
    statements: int


def _read(client: TestClient, path: str, token: str) -> Read:
    with counted() as statements:
        answer = client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
    return Read(answer.status_code, answer.json().get("total", 0), len(statements))


# Lists that are asked for words, which every row of theirs has; all on one page, of whichever kind.
ASKED = (
    "/search?q=pl&limit=200",
    "/collaborations?q=pl",
    "/documents?q=paper",
    "/partnerships/{partnership}/organisations?q=fr",
)


def _path(route: str, keys: dict[str, str]) -> str:
    return route.format(**keys | {name: keys[other] for name, other in ELSEWHERE.get(route, {}).items()})


@pytest.mark.long
@pytest.mark.law
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_every_list_costs_the_same_for_few_rows_and_for_many(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANKABLE_CLOCK_FILE", str(installation / "clock"))
    settings.cache_clear()
    set_simulated(BEFORE)  # whom to ask at an event is told before it
    tokens, keys = {}, {}
    for slug, size in (("few", FEW), ("many", MANY)):
        with begin() as session:
            world, tokens[slug] = furnish(session, slug=slug)
            keys[slug] = fill(world, size)
    client = TestClient(application())
    client.get("/api/v1/me", headers={"Authorization": f"Bearer {tokens['few']['observer']}"})  # what is read once

    unequal: dict[str, set[str]] = {}
    longest: dict[str, tuple[int, int]] = {}
    for route in [*(one for one in lists() if one != "/search"), *ASKED, *in_other_orders()]:
        for who in laws.of(WALKERS, FEW_WALKERS):
            few, many = (_read(client, _path(route, keys[slug]), tokens[slug][who]) for slug in ("few", "many"))
            assert few.status == many.status, (route, who)
            assert few.status in (200, 403, 404, 409), (route, who)
            if few.statements != many.statements:
                unequal.setdefault(route, set()).add(who)
                print(route, who, few, many)
            longest[route] = max(longest.get(route, (0, 0)), (few.total, many.total))

    assert unequal == UNEQUAL
    assert {route for route, (few, many) in longest.items() if few < FEW or many < MANY} == BOUNDED
