"""What an installation keeps is for its owner's eyes: what is made is made so, what lies open is named and closed."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.operations.doctor import examine
from api.operations.privacy import close_paths, open_paths
from states.archive.store import keep_bytes
from states.seals.secrets import secret_in_force
from states.settings import settings

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
OPEN = {"bankable.db": 0o644, "store": 0o755, "secret": 0o640, "logs": 0o777, "backups": 0o701}


@pytest.fixture
def opened(installation: Path) -> list[Path]:
    """Files and folders of an installation as an earlier release, or somebody's hand, has left them."""
    home = settings().home
    keep_bytes(b"a paper")
    secret_in_force()
    for name in ("logs", "backups"):
        (home / name).mkdir()
    (home / "of-others").mkdir(mode=0o755)
    for name, mode in OPEN.items():
        (home / name).chmod(mode)
    return [(home / name).resolve() for name in OPEN]


@pytest.mark.long
def test_what_others_may_read_is_named_and_closed(opened: list[Path]) -> None:
    before = {found.what: found for found in examine()}["Files"]
    closed = close_paths()
    after = {found.what: found for found in examine()}["Files"]

    assert {path for path in closed if path.name in OPEN} == set(opened)
    assert not before.ok
    assert all(str(path) in before.detail for path in opened)
    assert (after.ok, after.detail) == (True, "all are readable by their owner alone")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in opened}
    assert modes == {"bankable.db": 0o600, "store": 0o700, "secret": 0o600, "logs": 0o700, "backups": 0o700}
    assert stat.S_IMODE((settings().home / "of-others").stat().st_mode) == 0o755


def test_migrating_says_what_it_closes(opened: list[Path]) -> None:
    done = CliRunner().invoke(app, ["migrate"])

    assert {f"closed to others: {path}" for path in opened} <= set(done.stdout.splitlines())
    assert open_paths() == []


@pytest.mark.long
def test_whatever_the_command_makes_is_its_users_alone(installation: Path, tmp_path: Path) -> None:
    home = tmp_path / "fresh"
    environment = {**os.environ, "BANKABLE_HOME": str(home), "BANKABLE_DATABASE_URL": ""}
    for command in (["migrate"], ["seed"], ["backup", "make"]):
        bankable = "import os; os.umask(0o022); from api.cli import run; run()"
        subprocess.run([sys.executable, "-c", bankable, *command], env=environment, check=True, capture_output=True)

    made = [home, *home.rglob("*")]
    assert {"bankable.db", "secret", "backups"} <= {path.name for path in made}
    assert [path for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
