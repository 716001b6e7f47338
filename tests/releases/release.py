"""`make release`: keep what the version in pyproject.toml makes, once everything says that it is a release."""

import re
import subprocess
import tomllib
from importlib.metadata import version as installed
from pathlib import Path

from tests.conventions.sources import ROOT
from tests.releases.fixture import HERE, keep

_RELEASE = re.compile(r"\d+\.\d+\.\d+")


def obstacles(root: Path, fixtures: Path, *, built: str) -> list[str]:
    """Return everything that stands against a release of this checkout; `built` is the version that is installed."""
    version = version_of(root)
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    against = {
        f"pyproject.toml has version {version}: a release is three numbers, such as 0.2.0.": not _RELEASE.fullmatch(
            version
        ),
        f"CHANGELOG.md has no section `## [{version}]`.": f"\n## [{version}]\n" not in changelog,
        f"The checkout differs from its last commit: {', '.join(line[3:] for line in changed)}.": bool(changed),
        f"{version} was kept already, and a release never changes.": (fixtures / version).exists(),
        f"Version {built} is installed, not {version}: `make` installs it anew.": built != version,
    }
    return [said for said, stands in against.items() if stands]


def version_of(root: Path) -> str:
    """Return the version that pyproject.toml names."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


if __name__ == "__main__":
    if found := obstacles(ROOT, HERE, built=installed("bankable")):
        raise SystemExit("\n".join(found))
    keep(HERE / version_of(ROOT))
