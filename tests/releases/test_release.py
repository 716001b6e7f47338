"""A release is made once everything says that it is one; what is kept of it can be upgraded by every later version."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT
from tests.releases.fixture import DATABASE, ENGINES, REVISIONS, STORE, SURFACE, keep, kept_revisions, revisions
from tests.releases.release import obstacles

VERSION = "1.2.0"


def git(folder: Path, *arguments: str) -> None:
    own = ["-c", "user.name=A Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository whose last commit is ready to be released as 1.2.0."""
    (tmp_path / "pyproject.toml").write_text(f'[project]\nversion = "{VERSION}"\n')
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## [{VERSION}]\n\n### Added\n")
    git(tmp_path, "init")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--message", "ready")
    return tmp_path


def test_nothing_stands_against_what_is_ready(checkout: Path) -> None:
    assert obstacles(checkout, checkout / "releases", built=VERSION) == []


def test_everything_that_stands_against_a_release_is_said_at_once(checkout: Path) -> None:
    (checkout / "pyproject.toml").write_text('[project]\nversion = "1.3.0.dev0"\n')
    (checkout / "releases" / "1.3.0.dev0").mkdir(parents=True)

    assert obstacles(checkout, checkout / "releases", built=VERSION) == [
        "pyproject.toml has version 1.3.0.dev0: a release is three numbers, such as 0.2.0.",
        "CHANGELOG.md has no section `## [1.3.0.dev0]`.",
        "The checkout differs from its last commit: pyproject.toml.",
        "1.3.0.dev0 was kept already, and a release never changes.",
        "Version 1.2.0 is installed, not 1.3.0.dev0: `make` installs it anew.",
    ]


@pytest.mark.parametrize("heading", [f"## [Unreleased]: {VERSION}", f"## [{VERSION}0]", f"text ## [{VERSION}]"])
def test_a_section_is_a_heading_of_this_very_version(checkout: Path, heading: str) -> None:
    (checkout / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n")
    git(checkout, "commit", "--all", "--message", "another heading")

    found = obstacles(checkout, checkout / "releases", built=VERSION)

    assert found == [f"CHANGELOG.md has no section `## [{VERSION}]`."]


@pytest.mark.long
@pytest.mark.prefect
def test_what_this_version_makes_can_be_kept_and_upgraded(tmp_path: Path) -> None:
    release = tmp_path / "releases" / "99.0.0"
    release.parent.mkdir()

    keep(release)

    kept = {str(file.relative_to(release)) for file in release.rglob("*") if file.is_file()}
    assert kept >= {REVISIONS, SURFACE, *(f"{name}.sql.xz" for name in ENGINES)}
    assert (len([name for name in kept if name.startswith(f"{STORE}/")]) > 3, DATABASE in kept) == (True, False)
    assert kept_revisions(release) == revisions()
    # The tests that upgrade every release, let loose on this one.
    tests = [f"tests/releases/{name}" for name in ("test_upgrade.py", "test_fixture.py")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=ROOT,
        env=os.environ | {"RELEASES": str(release.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:]
