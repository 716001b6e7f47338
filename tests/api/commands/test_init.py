"""The command `bankable init`: from an empty folder to a partnership with its manager's token, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from api.cli import app
from states.credentials.tokens import actor_of
from states.partners.queries import organisations_of, partnership_by_slug, regions_of, working_areas_of
from states.partners.tables import MembershipPart, Partnership
from states.rights.access import Role
from states.settings import settings
from states.storage import begin, engine

FIELD = ("--name", "Agri-food", "--region", "ITC1", "--region", "Upper Silesia", "--area", "Soil and water")
HOST = ("--cluster", "Field Cluster", "--site", "ITC11", "--manager", "Office@Fields.example")


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder, where no database was ever made."""
    monkeypatch.setenv("BANKABLE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BANKABLE_DATABASE_URL", raising=False)
    settings.cache_clear()
    yield tmp_path
    engine().dispose()
    settings.cache_clear()


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["init", *arguments], input=stdin)


def test_an_empty_folder_becomes_a_partnership_with_a_token(nothing: Path) -> None:
    said = run(*FIELD, *HOST)

    assert said.exit_code == 0, said.stderr
    with begin() as session:
        row = partnership_by_slug(session, "agri-food")
        actor = actor_of(session, said.stdout.strip())
        [(cluster, membership)] = organisations_of(session, row.id)
        regions = [(one.slug, one.leading) for one in regions_of(session, row.id)]
        areas = [(one.area.number, one.area.name) for one in working_areas_of(session, row.id)]
    assert (actor.role, actor.partnership_id) == (Role.PROJECT_MANAGER, row.id)
    assert (cluster.slug, cluster.nuts, membership.part) == ("field-cluster", "ITC11", MembershipPart.COORDINATOR)
    assert (regions, areas) == ([("piemonte", True), ("slaskie", False)], [(1, "Soil and water")])


def test_run_again_it_tells_of_what_is_there_and_doubles_nothing(nothing: Path) -> None:
    run(*FIELD, *HOST)

    again = run("--name", "Another", *FIELD[2:], *HOST)

    assert (again.exit_code, "already: agri-food" in again.stderr) == (0, True)
    assert "bkb_" not in again.stdout
    with begin(read_only=True) as session:
        assert [row.slug for row in session.exec(select(Partnership))] == ["agri-food"]


def test_every_fault_is_said_and_a_second_try_succeeds(nothing: Path) -> None:
    wrong = run(*FIELD, "--cluster", "", "--manager", "nobody", "--playbook", "sheep")

    assert wrong.exit_code == 2
    assert wrong.stderr.splitlines()[-2:] == [
        'playbook: there is no playbook "sheep" (one of i3, lean, s3)',
        "manager.email: is no address (such as office@cluster.example)",
    ]
    assert run(*FIELD, *HOST).exit_code == 0


def test_without_a_terminal_what_is_missing_is_named(nothing: Path) -> None:
    assert run(*FIELD).stderr.splitlines()[-1] == (
        "Your e-mail address: is not said, and there is no terminal to ask (say it by an option: bankable init --help)"
    )
