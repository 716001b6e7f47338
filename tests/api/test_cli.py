"""The command line: tokens, playbooks, the installation's state; what is wrong is said in a line, never a traceback."""

import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from typer.testing import CliRunner, Result

from api.cli import COMMANDS, app, load
from api.operations.doctor import examine
from states.machine_catalogue import MACHINES
from states.machines.drawing import chapter, diagram
from states.rights.access import Role
from states.schema import downgrade
from states.settings import settings
from states.storage import begin, engine
from tests.api.house import application, furnish

TOKEN = ["token", "create", "--partnership", "medtech", "--role"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def furnished(installation: Path) -> Path:
    with begin() as session:
        furnish(session)
    return installation


def _status(token: str) -> int:
    answer = TestClient(application()).get("/api/v1/collaborations", headers={"Authorization": f"Bearer {token}"})
    status: int = answer.status_code
    return status


def test_the_list_says_of_each_command_what_its_help_says() -> None:
    own = {name: str(load(name).help).partition("\n")[0] for name in COMMANDS}

    assert own == {name: text for name, (_, text) in COMMANDS.items()}


def test_a_mistyped_command_is_told_the_like() -> None:
    answer = run("migrat")

    assert answer.exit_code == 2
    assert "Did you mean 'migrate', 'diagram'?" in answer.stderr


def test_a_token_is_made_for_a_scope(furnished: Path) -> None:
    text = run(*TOKEN, "project_manager", "--scope", "read").stdout.strip()
    client, headers = TestClient(application()), {"Authorization": f"Bearer {text}"}

    assert client.get("/api/v1/me", headers=headers).json()["scopes"] == ["read"]
    refused = client.post("/api/v1/contacts", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "denied")


def test_a_token_is_made_listed_and_ended(furnished: Path) -> None:
    made = run(*TOKEN, "project_manager", "--label", "laptop")
    token = made.stdout.strip()
    line = next(one for one in run("token", "list").stdout.splitlines() if one.endswith("laptop"))
    before = _status(token)
    ended = run("token", "revoke", line.split("\t")[0])

    assert (made.exit_code, ended.exit_code, before, _status(token)) == (0, 0, 200, 401)
    assert line.split("\t")[2:] == ["medtech", "project_manager", "project_manager", "laptop"]
    assert token not in run("token", "list").output
    assert "\trevoked\tmedtech\tproject_manager\tproject_manager\tlaptop" in run("token", "list").stdout


def test_a_token_of_a_region_is_its_members(furnished: Path) -> None:
    run(*TOKEN, "wgra_member", "--region", "paca", "--label", "known")
    run(*TOKEN, "wgra_member", "--region", "navarra", "--label", "new")

    people = {line.split("\t")[5]: line.split("\t")[4] for line in run("token", "list").stdout.splitlines()}

    assert (people["known"], people["new"]) == ("paca", "wgra member, navarra")


def test_an_unknown_role_names_the_known_ones(furnished: Path) -> None:
    answer = run(*TOKEN, "emperor")

    assert answer.exit_code == 2
    assert "'emperor' is not one of " + ", ".join(repr(role.value) for role in Role) in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*TOKEN, "clock"], "role: the clock is nobody's role (choose another)"),
        ([*TOKEN, "wgra_member", "--region", "atlantis"], "There is no region 'atlantis' here."),
        ([*TOKEN, "partner", "--organisation", "atlantis"], "There is no organisation 'atlantis' here."),
        (
            ["token", "create", "--role", "observer", "--partnership", "atlantis"],
            "There is no partnership 'atlantis' here.",
        ),
        (["token", "revoke", "atlantis"], "There is no token 'atlantis' here."),
        (["playbook", "diagram", "atlantis"], "There is no playbook 'atlantis' here."),
    ],
)
def test_what_the_domain_refuses_is_one_line(furnished: Path, arguments: list[str], said: str) -> None:
    answer = run(*arguments)

    assert (answer.exit_code, answer.stdout, answer.stderr.strip()) == (2, "", said)


def test_a_role_that_speaks_for_somebody_says_for_whom(furnished: Path) -> None:
    with begin() as session:
        furnish(session, slug="photonics")
    answer = run("token", "create", "--partnership", "photonics", "--role", "partner", "--email", "new@example.org")

    assert (answer.exit_code, answer.stderr.strip()) == (
        2,
        "organisation: partner speaks for an organisation (name it)",
    )


def test_a_sound_playbook_is_said_to_be(tmp_path: Path) -> None:
    file = tmp_path / "s3.yaml"
    file.write_text(resources.files("states.playbooks").joinpath("s3.yaml").read_text(encoding="utf-8"))

    answer = run("playbook", "check", str(file))

    assert (answer.exit_code, answer.stdout) == (0, f"{file}: s3@5 has 17 stages and 26 moves; no fault.\n")


def test_what_an_own_playbook_leaves_untranslated_is_said_by_language(tmp_path: Path) -> None:
    text = resources.files("states.playbooks").joinpath("lean.yaml").read_text(encoding="utf-8")
    file = tmp_path / "lean.yaml"
    file.write_text(
        text.replace("title: Milestones", "title: Seed days") + "\ntranslations: {de: {}, fr: {Seed days: Semis}}\n"
    )

    answer = run("playbook", "check", str(file))

    assert answer.stdout.splitlines()[1:] == ["de\t1 not translated\tSeed days", "fr\t0 not translated"]


def test_five_faults_are_five_lines(tmp_path: Path) -> None:
    file = tmp_path / "faulty.yaml"
    file.write_text(
        """\
name: faulty
version: 1
title: Faulty
colour: red
initial: start
stages:
  start: {title: Start}
  end: {title: End, kind: final}
  island: {title: Island}
  trap: {title: Trap}
moves:
  - {name: go, title: Go, from: start, to: end, by: project_manager, guards: [nonsense]}
  - {name: fall, title: Fall, from: start, to: trap, by: project_manager}
  - {name: fall, title: Fall again, from: start, to: end, by: project_manager}
"""
    )

    answer = run("playbook", "check", str(file))

    lines = answer.stdout.splitlines()
    assert answer.exit_code == 1
    assert [line.partition(": ")[0] for line in lines] == [f"{file}:{number}" for number in (4, 9, 10, 12, 14)]


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "picture.yaml"
    file.write_bytes(b"\xff\xfe\x00")

    answer = run("playbook", "check", str(file))

    assert (answer.exit_code, answer.stdout) == (1, f"{file}: is no UTF-8 text (save it as UTF-8)\n")


def test_a_playbook_is_drawn() -> None:
    answer = run("playbook", "diagram")

    assert answer.exit_code == 0
    assert answer.stdout.splitlines()[:2] == ["stateDiagram-v2", "    [*] --> matchmaking"]


def test_whatever_has_a_life_is_listed_and_drawn() -> None:
    listed = run("diagram").stdout.splitlines()
    drawn = run("diagram", "review_round").stdout

    assert [line.partition(" ")[0] for line in listed] == [*MACHINES, "s3"]
    assert drawn == diagram(MACHINES["review_round"])
    assert run("diagram", "s3").stdout == run("playbook", "diagram", "s3").stdout
    assert run("diagram", "--all").stdout == "\n".join(chapter(machine) for machine in MACHINES.values())


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_row_that_cannot_be_read_is_said(installation: Path) -> None:
    with begin() as session:
        furnish(session)
        session.execute(text("UPDATE organisation SET domains = '['"))

    said = run("organisation", "list", "medtech")

    assert said.exit_code == 2
    assert said.stderr.splitlines()[0] == (
        "A row of the database cannot be read: Expecting value: line 1 column 2 (char 1)"
    )


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BANKABLE_HOME", str(tmp_path))
    monkeypatch.setenv("BANKABLE_DATABASE_URL", "")
    settings.cache_clear()
    return tmp_path


def test_from_nothing_to_the_seeds(bare: Path) -> None:
    before = run("seed")
    migrated, seeded, again = run("migrate"), run("seed"), run("seed")
    engine().dispose()
    settings.cache_clear()

    assert (before.exit_code, before.stderr.splitlines()[-1]) == (
        2,
        "`bankable migrate` brings it up to date, `bankable doctor` says more.",
    )
    assert (migrated.stdout.splitlines()[0], migrated.stdout.splitlines()[-1]) == (
        "made 0001: The first tables.",
        "The database is at the newest schema.",
    )
    assert (seeded.stdout, again.stdout) == (
        "medtech: 4 collaborations are new.\n",
        "medtech: 0 collaborations are new.\n",
    )


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_database_of_a_later_version_is_left_alone(installation: Path) -> None:
    with engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))

    answer = run("migrate")

    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.startswith("A later version of Bankable made this database (schema later); this one knows up")


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_database_from_before_the_first_release_is_left_alone(installation: Path) -> None:
    downgrade(engine(), to="0001")
    with engine().begin() as connection:
        connection.execute(text("ALTER TABLE mail RENAME COLUMN told_at TO told"))
        connection.execute(text("DROP TABLE calendar_feed"))

    answer = run("migrate")

    assert (answer.exit_code, answer.stdout) == (2, "")
    assert re.match(
        r"The database calls its schema \w+ but lacks calendar_feed, mail\.told_at: "
        r"a version before release 0\.1\.0 made it, and no upgrade leads on from there\. ",
        answer.stderr,
    )
    assert examine()[0].detail.endswith(answer.stderr.strip())


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert run("--version").stdout == f"bankable {project['version']}\n"
    assert application().version == project["version"]


def test_settings_that_do_not_fit_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_HAND_OVER", "pigeon")
    settings.cache_clear()

    answer = run("migrate")

    settings.cache_clear()
    assert (answer.exit_code, answer.stderr) == (2, "BANKABLE_HAND_OVER: is none of: local, pool\n")
