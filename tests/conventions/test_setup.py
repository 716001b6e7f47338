"""The set-up explains itself, and says in one line what a machine lacks."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT

SHELL = shutil.which("sh") or ""


@pytest.fixture
def without_apt(tmp_path: Path) -> dict[str, str]:
    """Give the environment of a machine that has a shell and `id`, and no package manager."""
    for tool in ("sh", "id"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    return {"PATH": str(tmp_path)}


def run_need(check: str, *packages: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [SHELL, str(ROOT / "scripts/need"), "Pango", check, *packages]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_help_lists_every_target_with_a_sentence() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split()

    shown = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True).stdout

    assert re.findall(r"^  make (\w+) +[A-Z].*\.$", shown, re.MULTILINE) == targets


def test_what_is_there_needs_nothing(without_apt: dict[str, str]) -> None:
    done = run_need("echo loud", "libpango", env=without_apt)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_missing_is_said_in_one_line(without_apt: dict[str, str]) -> None:
    done = run_need("echo loud && false", "libpango", "libharfbuzz", env=without_apt)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Pango is missing. Install it, then run make again; "
        "on Debian or Ubuntu: sudo apt-get install libpango libharfbuzz\n"
    )


def test_continuous_integration_is_check_and_test() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")

    assert re.findall(r"^make \w+$", script, re.MULTILINE) == ["make check", "make test", "make long"]
