"""A round as its reviewers meet it: declaration first, then dossier and evaluation; each form that fails keeps what
was typed; who is blind reads no name, who is in conflict no more than the outline."""

import re
from importlib import resources
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from api.pages.app import create_pages
from states.collaborations.service import edit_collaboration
from states.protocol.queries import latest_versions
from states.settings import settings
from tests.factories import COMMENT, World, a_collaboration_at, a_lawful_scenario, clear, evaluate, open_iag, s3
from tests.pages.house import PageHouse, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

KEYS = [criterion.key for criterion in s3().panels["iag"].criteria]
LEAD = "Gliwice Werke GmbH"


def scored(score: str = "4.0", **change: str) -> dict[str, str]:
    return {
        **{f"scores.{key}": score for key in KEYS},
        **{f"comments.{key}": COMMENT for key in KEYS},
        **{name.replace("__", "."): value for name, value in change.items()},
    }


def a_round(world: World) -> str:
    row = a_collaboration_at(world, "iag_review")
    opened = open_iag(world, row)
    for name in ("iag_member 1", "iag_member 2"):
        clear(world, row, opened, name)
    return opened.id


@pytest.fixture
def opened(installation: Path) -> tuple[PageHouse, str]:
    house, key = a_page_house(a_round)
    return house, f"/rounds/{key}"


def test_agreement_and_declaration_open_the_dossier(opened: tuple[PageHouse, str]) -> None:
    house, path = opened
    third = house.by("iag_member 3")
    before = third.read(path)
    assert third.get(f"{path}/dossier").status_code == 403
    third.send(f"{path}/agreement", page=path, follow=True)
    after = third.send(f"{path}/declaration", {"kind": "none"}, page=path, follow=True)

    assert "/dossier" not in before
    assert "You declared no conflict of interest" in said_on(after.text)
    assert "Risk register" in said_on(third.read(f"{path}/dossier"))


def test_a_potential_conflict_without_its_reason_keeps_what_was_chosen(opened: tuple[PageHouse, str]) -> None:
    house, path = opened
    answer = house.by("iag_member 3").send(f"{path}/declaration", {"kind": "potential"}, page=path)

    assert answer.status_code == 422
    assert 'value="potential" checked' in answer.text
    assert 'href="#f-reason"' in answer.text


def test_who_is_in_conflict_sees_nothing_but_the_outline(opened: tuple[PageHouse, str]) -> None:
    house, path = opened
    first = house.by("iag_member 1")
    first.send(f"{path}/evaluation", scored(), follow=True)
    told = first.send(f"{path}/declaration", {"kind": "disqualifying", "reason": "A tie."}, page=path, follow=True)

    assert "Your seat has ended" in said_on(told.text)
    assert "<form method" not in told.text
    assert "/dossier" not in told.text
    for closed in ("dossier", "scores"):
        assert first.get(f"{path}/{closed}").status_code == 403
    assert first.get(f"{path}/evaluation").status_code == 409


def test_an_evaluation_is_drafted_checked_and_submitted(opened: tuple[PageHouse, str]) -> None:
    house, path = opened
    first, page = house.by("iag_member 1"), f"{path}/evaluation"
    part = {f"scores.{KEYS[0]}": "3.5", f"scores.{KEYS[1]}": "2.5", "do": "check"}
    checked = first.send(page, part, follow=True)
    again = first.read(page)
    whole = first.send(page, {**scored(), "do": "check"}, follow=True)
    done = first.send(f"{page}/submission", page=f"{page}/check", follow=True)

    assert "6 criteria are not complete yet." in said_on(checked.text)
    assert "<output data-total><strong>6</strong>" in again
    assert 'value="2.5" checked' in again
    assert 'value="Submit' not in checked.text
    assert "Total 24 18 needed" in said_on(whole.text)
    assert "Your evaluation is submitted" in said_on(done.text)


def test_an_evaluation_is_corrected_with_a_reason(opened: tuple[PageHouse, str]) -> None:
    house, path = opened
    first, page = house.by("iag_member 1"), f"{path}/evaluation"
    first.send(page, scored())
    first.send(f"{page}/submission", page=f"{page}/check")
    first.send(page, scored("3.0"))
    without = first.send(f"{page}/submission", page=f"{page}/check")
    done = first.send(f"{page}/submission", {"reason": "Two more letters."}, page=f"{page}/check", follow=True)

    assert (without.status_code, 'href="#f-reason"' in without.text) == (422, True)
    assert "as number 2" in said_on(done.text)


def test_a_score_off_the_scale_keeps_all_that_was_typed(opened: tuple[PageHouse, str]) -> None:
    house, path = opened
    typed = scored(scores__market="9", comments__team="A sentence about the team.")
    answer = house.by("iag_member 1").send(f"{path}/evaluation", typed)

    assert answer.status_code == 422
    assert 'href="#f-scores-market"' in answer.text
    assert "A sentence about the team." in answer.text


def test_a_draft_is_saved_as_one_types_and_never_over_a_later_one(opened: tuple[PageHouse, str]) -> None:
    house, path = opened
    first, page = house.by("iag_member 1"), f"{path}/evaluation"
    first.client.headers["Accept"] = "application/json"
    saved = first.send(f"{page}/draft", {f"scores.{KEYS[0]}": "3.5"}, page=page)
    late = first.send(f"{page}/draft", {"version": "0", f"scores.{KEYS[0]}": "1.0"}, page=page)

    assert saved.json()["version"] == 1
    assert late.json()["code"] == "stale"


def test_an_evaluation_of_another_version_of_the_draft_is_not_submitted(opened: tuple[PageHouse, str]) -> None:
    house, path = opened
    first, page = house.by("iag_member 1"), f"{path}/evaluation"
    first.send(page, scored())
    answer = first.send(f"{page}/submission", {"version": "7"}, page=f"{page}/check")

    assert answer.status_code == 412


@pytest.fixture
def blind(installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = resources.files("states.playbooks").joinpath("s3.yaml").read_text(encoding="utf-8")
    (tmp_path / "s3.yaml").write_text(text.replace("    comment: 20\n", "    comment: 20\n    blind: true\n"))
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(tmp_path))
    settings.cache_clear()


def a_blind_round(world: World) -> dict[str, str]:
    """Return what pages name of a case whose title, text and scenario tell who is behind it."""
    session = world.session
    world.organisations["gliwice"].name = LEAD
    row = a_collaboration_at(world, "iag_review")
    edit_collaboration(session, row, title="Centre of Gliwice Werke", summary="Led by Gliwice Werke.")
    opened = open_iag(world, row)
    clear(world, row, opened, "iag_member 1")
    clear(world, row, opened, "iag_member 3")
    evaluate(world, row, opened, "iag_member 3")
    version = latest_versions(session, [row.id])[row.id]
    scenario = a_lawful_scenario(world, row, version, name="Money of Gliwice Werke")
    return {
        "collaboration_id": row.id,
        "round_id": opened.id,
        "scenario_id": scenario.id,
        "number": "1",
        "condition": "1",
        "key": "object",
    }


@pytest.mark.long
def test_who_is_blind_reads_no_name_on_any_page(blind: None) -> None:
    house, keys = a_page_house(a_blind_round)
    known = [
        route.path or ""
        for route in iter_route_contexts(create_pages().routes)
        if "GET" in (route.methods or ()) and set(re.findall(r"{(\w+)}", route.path or "")) <= keys.keys()
    ]
    paths = [path.format(**keys) for path in known if not path.startswith(("/partnership", "/reviewing"))]
    round_path = f"/rounds/{keys['round_id']}"

    def named(label: str) -> list[str]:
        answers = {path: house.by(label).get(path) for path in paths}
        assert [path for path, answer in answers.items() if answer.status_code >= 500] == []
        found = {path: f"{answer.headers} {answer.text}".casefold() for path, answer in answers.items()}
        return [path for path, text in found.items() if "gliwice" in text or "werke" in text]

    assert {round_path, f"{round_path}/dossier", f"/cases/{keys['collaboration_id']}", "/"} <= set(paths)
    assert named("iag_member 1") == named("iag_member 2") == []
    assert round_path in named("iag_member 3")  # whose own evaluation is in
