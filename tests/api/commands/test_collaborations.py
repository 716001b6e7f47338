"""A collaboration from a shell: who takes part, mistaken moves taken back, decisions by two hands."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from tests.api.house import SECRETARY, a_house
from tests.factories import World, a_collaboration, a_collaboration_at, answer_iag

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
HERE = ("medtech", "centre")


def run(*arguments: str, token: str = "") -> Result:
    return CliRunner().invoke(app, arguments, env={"BANKABLE_TOKEN": token} if token else None)


def _said(*arguments: str, token: str = "") -> list[str]:
    result = run(*arguments, token=token)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_members_join_lead_and_leave(installation: Path) -> None:
    a_house(lambda world: a_collaboration(world).id)

    joined = _said("collaboration", "join", *HERE, "medtech-katowice")
    led = _said("collaboration", "lead", *HERE, "medtech-katowice")
    stays = run("collaboration", "leave", *HERE, "medtech-katowice")
    left = _said("collaboration", "leave", *HERE, "medtech-katowice", "--next-lead", "medtech-marseille")
    unknown = run("collaboration", "lead", *HERE, "medtech-katowice")

    assert joined == ["medtech-gliwice\tlead", "medtech-katowice\tpartner", "medtech-marseille\tpartner"]
    assert led[0] == "medtech-katowice\tlead"
    assert (stays.exit_code, unknown.exit_code) == (2, 2)
    assert left == ["medtech-marseille\tlead", "medtech-gliwice\tpartner"]
    assert [one.split("\t")[:2] for one in _said("collaboration", "members", *HERE)] == [
        ["medtech-marseille", "lead"],
        ["medtech-gliwice", "partner"],
    ]


def test_a_mistaken_move_is_taken_back(installation: Path) -> None:
    a_house(lambda world: a_collaboration(world).id)
    run("collaboration", "move", *HERE, "drop", "--reason", "Wrong line.")

    back = _said("collaboration", "undo", *HERE, "--reason", "Wrong line.")
    again = run("collaboration", "undo", *HERE, "--reason", "Once more.")

    assert (back, again.exit_code) == (["centre\tdropped\tmatchmaking"], 2)


def _closed_round(world: World) -> str:
    return answer_iag(world, a_collaboration_at(world, "iag_review")).id


def test_a_decision_takes_two_people_whose_tokens_say_who_they_are(installation: Path) -> None:
    house, key = a_house(_closed_round)
    secretary, chair = (house.tokens[one] for one in (SECRETARY, "iag_chair"))
    told = ("--outcome", "endorse", "--reasons", "It holds.")

    prepared = _said("decision", "prepare", key, *told, token=secretary)
    own = run("decision", "confirm", key, token=secretary)
    confirmed = _said("decision", "confirm", key, token=chair)
    released = _said("decision", "release", key, token=secretary)
    same = run("decision", "correct", key, "--because", "A slip.", *told, token=secretary)

    assert (prepared, confirmed, released) == (["prepared"], ["confirmed"], ["released"])
    assert (own.exit_code, same.exit_code) == (2, 2)
    assert _said("decision", "show", key, token=secretary) == ["released\tendorse\tIt holds."]


def test_who_decides_otherwise_than_is_recommended_says_why(installation: Path) -> None:
    house, key = a_house(_closed_round)
    told = ("--outcome", "revise", "--reasons", "Not yet.")

    silent = run("decision", "prepare", key, *told, token=house.tokens[SECRETARY])
    _said("decision", "prepare", key, *told, "--departure", "The market is gone.", token=house.tokens[SECRETARY])

    assert (silent.exit_code, "departure" in silent.output) == (2, True)
    assert _said("decision", "show", key, token=house.tokens[SECRETARY]) == [
        "prepared\trevise\tNot yet.\tThe market is gone."
    ]
