"""By what a document is printed: the same files say the same everywhere, and a mended one changes what uses it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import documents
from documents.catalogue import PAPERS
from documents.printing import printing
from states.archive.tables import DocumentKind

HOUSE = Path(documents.__file__).parent
PROPOSAL, MINUTES, LETTER = DocumentKind.PROPOSAL, DocumentKind.PANEL_MINUTES, DocumentKind.DECISION_LETTER

SAY = """
import json, sys
from dataclasses import asdict
import documents
from documents.catalogue import PAPERS
from documents.printing import printing
assert documents.__file__.startswith(sys.argv[1]), documents.__file__
assert "weasyprint" not in sys.modules
print(json.dumps({kind: asdict(printing(kind)) for kind in PAPERS}))
assert "weasyprint" not in sys.modules
"""
Said = dict[str, dict[str, str]]


def said_elsewhere(place: Path, mend: Callable[[Path], object]) -> Said:
    """Return what a copy of the house at another place says of itself, once it is mended."""
    shutil.copytree(HOUSE, place / "documents", ignore=shutil.ignore_patterns("__pycache__"))
    mend(place / "documents")
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, sys.argv[1])\n{SAY}", str(place)],
        capture_output=True,
        text=True,
        check=False,
        cwd=place,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    found: Said = json.loads(done.stdout)
    return found


def unlike(found: Said) -> dict[str, set[str]]:
    """Return by kind what is not as it is here."""
    here = {kind: printing(kind) for kind in PAPERS}
    differing = {
        kind.value: {name for name, value in found[kind].items() if value != getattr(here[kind], name)} for kind in here
    }
    return {kind: names for kind, names in differing.items() if names}


def mend(house: Path, name: str, text: str) -> None:
    file = house / name
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_another_place_and_time_say_the_same(tmp_path: Path) -> None:
    def age(house: Path) -> None:
        for file in house.rglob("*"):
            os.utime(file, (1, 1))

    assert unlike(said_elsewhere(tmp_path, age)) == {}


@pytest.mark.parametrize(
    ("name", "text", "changed"),
    [
        ("letter/template.html", "<p>Mended.</p>", {LETTER: {"template"}}),
        ("letter/style.css", "/* mended */", {LETTER: {"template"}}),
        ("proposal/finance.html", "{# mended #}", {PROPOSAL: {"template"}, MINUTES: {"template"}}),
        ("house.css", "/* mended */", {kind: {"template"} for kind in PAPERS}),
        ("charts.py", "# mended\n", {kind: {"renderer"} for kind in PAPERS}),
        ("proposal/scenario.py", "# mended\n", {PROPOSAL: {"renderer"}}),
        ("letter/sample.json", " ", {}),
    ],
)
def test_what_is_mended_changes_the_documents_that_use_it(
    tmp_path: Path, name: str, text: str, changed: dict[DocumentKind, set[str]]
) -> None:
    assert unlike(said_elsewhere(tmp_path, lambda house: mend(house, name, text))) == changed


def test_libraries_are_named_with_their_versions() -> None:
    said = printing(LETTER).renderer

    assert [
        name for name in ("Bankable layout ", "weasyprint ", "Pango ", "HarfBuzz ", "zlib ") if name not in said
    ] == []
    assert str(HOUSE) not in said
