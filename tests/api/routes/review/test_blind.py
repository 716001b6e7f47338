"""The blind first stage: no partner's name reaches a reviewer before that reviewer's evaluation is in."""

from importlib import resources
from pathlib import Path

import pytest

from states.clock import today
from states.funding.finance.scenario_finances import keep_assumptions
from states.protocol.queries import latest_versions
from states.rights.access import Role
from states.settings import settings
from tests.api.house import House, a_house
from tests.api.routes.review.test_rounds import scored
from tests.factories import World, a_collaboration_at, a_lawful_scenario, clear, open_iag
from tests.states.funding.plan_samples import given

NAMES = (b"gliwice", b"marseille")


@pytest.fixture
def blind(installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[House, dict[str, str]]:
    text = resources.files("states.playbooks").joinpath("s3.yaml").read_text(encoding="utf-8")
    assert text.count("    comment: 20\n") == 1
    (tmp_path / "s3.yaml").write_text(text.replace("    comment: 20\n", "    comment: 20\n    blind: true\n"))
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(tmp_path))
    settings.cache_clear()
    return a_house(_opened)


def _opened(world: World) -> dict[str, str]:
    row = a_collaboration_at(world, "iag_review")
    row.summary = "Led by GLIWICE with Marseille."
    opened = open_iag(world, row)
    clear(world, row, opened, "iag_member 1")
    scenario = a_lawful_scenario(world, row, latest_versions(world.session, [row.id])[row.id])
    jobs = [{"partner": "medtech-gliwice", "region": "PL22", "fte": 1, "source": "Gliwice says so"}]
    horizon = {"first_year": today().year, "years": 3, "prices": "real", "price_year": 2026, "illustrative": True}
    keep_assumptions(world.session, row.id, given(horizon=horizon, jobs=jobs), expected_version=0)
    return {"collaboration": row.id, "round": opened.id, "scenario": scenario.id}


def _paths(keys: dict[str, str]) -> list[str]:
    key = f"/collaborations/{keys['collaboration']}"
    return [
        "/collaborations",
        "/me/tasks",
        key,
        f"{key}/history",
        f"{key}/journey",
        f"{key}/moves",
        f"{key}/protocol/versions/1",
        f"{key}/scenarios",
        f"/scenarios/{keys['scenario']}",
        f"/scenarios/{keys['scenario']}/finances",
        f"/rounds/{keys['round']}",
        f"/rounds/{keys['round']}/proposed-conflicts",
        "/documents",
        "/deadlines",
        "/pipeline",
    ]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_names_come_with_the_own_evaluation(blind: tuple[House, dict[str, str]]) -> None:
    house, keys = blind
    first, second = house.by("iag_member 1"), house.by("iag_member 2")

    def shown(who: str) -> list[str]:
        answers = {path: house.by(who).get(path).content.lower() for path in _paths(keys)}
        return [path for path, body in answers.items() if any(name in body for name in NAMES)]

    before = {who: shown(who) for who in ("iag_member 1", "iag_member 2")}
    cases = {
        who: house.by(who).get(f"/collaborations/{keys['collaboration']}/{path}").status_code
        for who in ("iag_member 1", Role.PROJECT_MANAGER.value)
        for path in ("cost-lines", "funding-question", "funding-case", "funding-solutions")
    }
    partners = second.get(f"/rounds/{keys['round']}").json()["partners"]
    full = first.get(f"/collaborations/{keys['collaboration']}").json()
    first.post(f"/rounds/{keys['round']}/evaluations", scored("4"))

    assert before == {"iag_member 1": [], "iag_member 2": []}
    assert cases == {"iag_member 1": 403, Role.PROJECT_MANAGER.value: 200}
    assert [one["name"] for one in partners] == ["Partner A (sme, PL22)", "Partner B (sme, FRL0)"]
    assert full["summary"] == "Led by Partner A (sme, PL22) with Partner B (sme, FRL0)."
    assert f"/collaborations/{keys['collaboration']}" in shown("iag_member 1")
    assert shown("iag_member 2") == []
    assert "/collaborations" in shown(Role.PROJECT_MANAGER.value)
