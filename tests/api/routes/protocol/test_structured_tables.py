"""Structured tables of a playbook of one's own: written by their partners, counted, and taken out and in as files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from states.playbooks.editions import find, need_playbook
from states.settings import settings
from tests.api.house import PARTNER, House, a_house, places, problem
from tests.api.protocol_files import brought_in, taken_out
from tests.api.two_partners import OTHER, speak_for_marseille
from tests.factories import World, a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

SECTIONS = Path(__file__).parents[3] / "structured_protocol.yaml"
BENCH = {"number": "WP1", "title": "Bench", "organisation": "gliwice", "months": "1-12", "aim": "A bench."}
TESTS = {"number": "WP2", "title": "Tests", "organisation": "marseille", "months": "7-18"}
STEP = {"step": "Notified body", "authority": "TÜV", "organisation": "marseille", "months": "6-9", "share": "12.50"}


@pytest.fixture
def furnished(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[House, str]]:
    """Return the house, and the path of the protocol of a collaboration under a playbook with structured tables."""
    folder = installation / "playbooks"
    folder.mkdir()
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(folder))
    settings.cache_clear()
    text = find("lean").replace("name: lean", "name: structured", 1).rstrip()
    head, tail = text.split("\nprotocol:\n", 1)
    text = f"{head}\nprotocol:\n{SECTIONS.read_text(encoding='utf-8').rstrip()}\n{tail}\n"
    (folder / "structured.yaml").write_text(text, encoding="utf-8")

    def prepare(world: World) -> tuple[str, str]:
        world.partnership.playbook = need_playbook(world.session, "structured").name
        return speak_for_marseille(world), a_collaboration(world).id

    house, (token, key) = a_house(prepare)
    house.tokens[OTHER] = token
    yield house, f"/collaborations/{key}"
    settings.cache_clear()


def test_each_partner_writes_its_rows_and_all_of_them_go_out_and_in(furnished: tuple[House, str]) -> None:
    house, path = furnished
    sections = f"{path}/protocol/sections"
    lead, partner = house.by(PARTNER), house.by(OTHER)
    indicator = {"indicator": "Patients", "unit": "people", "baseline": "0", "target": "1 200,5", "month": "M24"}
    lead.put(
        f"{sections}/implementation",
        {"content": {"packages": [BENCH], "indicators": [indicator | {"source": "register"}]}},
        version=0,
    )
    story = {"content": {"story": "Two hospitals.", "segments": [{"segment": "Clinics", "size": "1", "source": "x"}]}}

    added = partner.put(f"{sections}/implementation", {"content": {"packages": [BENCH, TESTS]}}, version=1)
    theirs = partner.put(f"{sections}/implementation", {"content": {"packages": [TESTS]}}, version=2)
    route = partner.put(f"{sections}/route", {"content": {"steps": [STEP]}}, version=0)
    wrong = lead.put(f"{sections}/demand", story, version=0)
    long = lead.put(f"{sections}/demand", {"content": {"story": "word " * 200}}, version=0)

    content = added.json()["content"]
    assert content["packages"] == [BENCH, TESTS]
    assert content["indicators"] == [indicator | {"target": "1200.5", "month": "24", "source": "register"}]
    assert (added.json()["used"], added.json()["missing"]) == (
        {"packages": 2, "deliverables": 0, "indicators": 1},
        ["Implementation: Deliverables"],
    )
    assert (problem(theirs), route.status_code) == ((403, "part_of_another"), 200)
    assert places(wrong) == ["demand.segments[1].source"]
    assert (places(long), "has 1000 characters" in long.json()["detail"]) == (["demand.story"], True)
    for form in ("xlsx", "docx"):
        answer = brought_in(lead, path, taken_out(lead, path, f"?format={form}"))
        assert (answer.status_code, answer.json()["sections"]) == (200, []), answer.text


def test_who_writes_reads_help_limits_and_choices_as_data(furnished: tuple[House, str]) -> None:
    house, path = furnished

    protocol = house.manager.get(f"{path}/protocol").json()

    sections = {section["key"]: section for section in protocol["sections"]}
    [story, segments] = sections["demand"]["fields"]
    assert (story["help"], story["example"], story["limit"]) == (
        "The first three clients.",
        "Two hospitals in Lyon.",
        500,
    )
    columns = {column["key"]: (column["kind"], column["required"]) for column in segments["columns"]}
    assert (columns["source"], columns["competitor"]) == (("url", True), ("text", False))
    packages = sections["implementation"]["fields"][0]
    assert (packages["min_rows"], packages["max_rows"], protocol["version"]) == (2, 20, 0)
    assert sections["route"]["fields"][0]["columns"][2]["choices"] == ["Planned", "Applied", "Certified"]
