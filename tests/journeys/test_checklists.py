"""A case's checklists over HTTP and from a shell, by every role: filled, confirmed, signed, read, and on record."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from states.playbooks.editions import need_playbook
from states.settings import settings
from tests.api.house import OBSERVER, PARTNER, SECRETARY, House, a_house, codes, places, problem
from tests.factories import World, a_collaboration, a_piece_of_evidence
from tests.own_checklists import own_playbook

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def case(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[House, str, str]]:
    """A house with a case under a playbook that asks for a checklist, and a file that an answer may rest on."""
    folder = installation / "playbooks"
    folder.mkdir()
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(folder))
    settings.cache_clear()
    name = own_playbook(folder)

    def prepare(world: World) -> tuple[str, str]:
        world.partnership.playbook = need_playbook(world.session, name).name
        row = a_collaboration(world)
        return row.id, a_piece_of_evidence(world, row, kind="offer").id

    house, (key, offer) = a_house(prepare)
    yield house, f"/collaborations/{key}", offer
    settings.cache_clear()


def _items(**values: str) -> dict[str, object]:
    return {"answers": [{"item": key, "value": value} for key, value in values.items()]}


def test_the_office_fills_it_another_confirms_the_secretary_signs_and_the_move_opens(
    case: tuple[House, str, str],
) -> None:
    house, path, offer = case
    manager, secretary, place = house.manager, house.by(SECRETARY), f"{path}/checklists/eligibility"

    def begins() -> tuple[int, list[str]]:
        version = manager.get(path).json()["version"]
        answer = manager.post(f"{path}/moves", {"move": "begin"}, version=version)
        return answer.status_code, [] if answer.is_success else codes(answer)

    before = manager.get(f"{path}/checklists").json()["checklists"]
    closed = begins()
    filled = manager.patch(place, _items(regions="yes", maturity="6"))
    resting = {"answers": [{"item": "offer", "value": "yes", "evidence": [offer], "comment": "By e-mail."}]}
    whole = manager.patch(place, resting, version=filled.json()["version"])
    own = manager.post(f"{place}/confirmations", {"items": ["regions"]})
    unsigned = secretary.post(f"{place}/sign-off", version=whole.json()["version"])
    confirmed = secretary.post(f"{place}/confirmations", {"items": ["regions"]})
    stale = secretary.post(f"{place}/sign-off", version=1)
    by_manager = manager.post(f"{place}/sign-off", version=confirmed.json()["version"])
    signed = secretary.post(f"{place}/sign-off", version=confirmed.json()["version"])

    assert [(one["key"], one["state"], one["missing"], one["version"]) for one in before] == [
        ("eligibility", None, ["regions", "offer", "maturity"], 0),
        ("internal", None, ["conflicts"], 0),
    ]
    assert closed == (409, ["checklist_not_passed"])
    assert (own.status_code, places(own)) == (422, ["items[1]"])
    assert (unsigned.status_code, codes(unsigned)) == (409, ["checklist_incomplete"])
    assert [problem(one) for one in (stale, by_manager)] == [(412, "stale"), (403, "denied")]
    shown = signed.json()
    assert (shown["state"], shown["passed"], shown["passing"], shown["signed_off_by"]) == (
        "signed_off",
        True,
        3,
        "iag_secretary",
    )
    entries = {one["key"]: one for one in shown["entries"]}
    assert (entries["regions"]["answered_by"], entries["regions"]["seconded_by"]) == (
        "project_manager",
        "iag_secretary",
    )
    assert (entries["offer"]["evidence"], entries["offer"]["comment"]) == ([offer], "By e-mail.")
    assert begins() == (201, [])


def test_who_reads_and_who_fills(case: tuple[House, str, str]) -> None:
    house, path, _ = case
    place = f"{path}/checklists/eligibility"

    def reads(who: str) -> list[str] | int:
        answer = house.by(who).get(f"{path}/checklists")
        return [one["key"] for one in answer.json()["checklists"]] if answer.is_success else answer.status_code

    walkers = ("project_manager", "iag_secretary", "iag_chair", "partner", "observer", "iag_member 1")
    found = {who: (reads(who), house.by(who).patch(place, _items(offer="no")).status_code) for who in walkers}

    assert found == {
        "project_manager": (["eligibility", "internal"], 200),
        "iag_secretary": (["eligibility", "internal"], 409),  # somebody has answered it: read first
        "iag_chair": (["eligibility", "internal"], 403),
        "partner": (["eligibility"], 403),
        "observer": (403, 403),
        "iag_member 1": (403, 403),
    }
    assert problem(house.by(PARTNER).get(f"{path}/checklists/internal")) == (404, "missing")
    assert problem(house.by(OBSERVER).get(place)) == (403, "denied")


def test_each_answer_is_on_record_and_a_refused_one_is_not(case: tuple[House, str, str]) -> None:
    house, path, _ = case
    place = f"{path}/checklists/eligibility"
    first = house.manager.patch(place, _items(maturity="6")).json()["version"]
    house.by(SECRETARY).patch(place, _items(maturity="7"), version=first)
    house.by(SECRETARY).patch(place, _items(maturity="8"), version=first)  # too late
    house.manager.patch(place, _items(maturity="12"), version=first)

    changes = house.manager.get(f"{path}/changes?noun=checklist_answer&field=value").json()["items"]

    assert [(one["before"], one["after"], one["author"]["person"]) for one in changes] == [("6", "7", SECRETARY)]


def test_a_new_round_keeps_the_old_one(case: tuple[House, str, str]) -> None:
    house, path, _ = case
    place = f"{path}/checklists/internal"
    done = house.manager.patch(place, _items(conflicts="yes")).json()
    signed = house.manager.post(f"{place}/sign-off", version=done["version"]).json()
    late = house.manager.patch(place, _items(conflicts="no"), version=signed["version"])
    reopened = house.manager.post(f"{place}/reopening", {"reason": "A slip."}, version=signed["version"]).json()
    again = house.manager.post(f"{place}/rounds", {"reason": "A partner has changed."})
    house.manager.patch(place, _items(conflicts="no"), version=again.json()["version"])
    rounds = house.manager.get(f"{place}/rounds").json()["rounds"]

    assert (done["state"], done["failing"], signed["passed"]) == ("complete", ["conflicts"], False)
    assert (late.status_code, codes(late), reopened["state"]) == (409, ["wrong_state"], "reopened")
    assert [(one["number"], one["state"], one["answers"], one["reason"]) for one in rounds] == [
        (1, "superseded", {"conflicts": "yes"}, "A slip."),
        (2, "complete", {"conflicts": "no"}, "A partner has changed."),
    ]


def test_what_waits_stands_among_the_tasks_until_it_is_signed(case: tuple[House, str, str]) -> None:
    house, path, _ = case
    place = f"{path}/checklists/internal"

    def waiting() -> list[str]:
        items = house.manager.get("/me/tasks").json()["items"]
        return [one["link"].rpartition("/")[2] for one in items if one["kind"] == "fill_checklist"]

    before = waiting()
    done = house.manager.patch(place, _items(conflicts="no")).json()
    house.manager.post(f"{place}/sign-off", version=done["version"])

    assert (before, waiting()) == (["eligibility", "internal"], ["eligibility"])


def test_the_same_from_a_shell(case: tuple[House, str, str]) -> None:
    house, _, offer = case
    here = ("medtech", "centre", "eligibility")

    def said(command: str, *arguments: str, who: str = "project_manager") -> list[str]:
        env = {"BANKABLE_TOKEN": house.tokens[who]}
        result = CliRunner().invoke(app, ["checklists", command, *arguments], env=env)
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()

    listed = said("list", "medtech", "centre")
    said("answer", *here, "regions", "yes")
    said("answer", *here, "offer", "yes", "--evidence", offer)
    complete = said("answer", *here, "maturity", "3", "--comment", "A prototype.")
    said("confirm", *here, "regions", who=SECRETARY)
    signed = said("sign-off", *here, who=SECRETARY)
    shown = said("show", *here)
    reopened = said("reopen", *here, "--reason", "A slip.", who=SECRETARY)
    anew = said("new-round", *here, "--reason", "Once more.", who=SECRETARY)

    assert listed[0] == "eligibility\tEligibility\t1\tnot begun\t0 of 4 answered\t0 failing"
    assert complete == ["eligibility\tEligibility\t1\topen\t3 of 4 answered\t1 failing"]
    assert signed == ["eligibility\tEligibility\t1\tsigned_off\t3 of 4 answered\t1 failing"]
    assert shown[2].split("\t")[:4] == ["maturity", "failing", "3", "How mature is it?"]
    assert (reopened[0].split("\t")[3], anew[0].split("\t")[2:4]) == ("reopened", ["2", "open"])
