"""By what a document is printed: the same files say the same everywhere, and a mended one changes what uses it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import documents
from documents.catalogue import PAPERS
from documents.printing import printing
from states.archive.tables import DocumentKind

HOUSE = Path(documents.__file__).parent
PROPOSAL, MINUTES, LETTER = DocumentKind.PROPOSAL, DocumentKind.PANEL_MINUTES, DocumentKind.DECISION_LETTER
BRIEFING, COMPARISON = DocumentKind.BRIEFING, DocumentKind.COMPARISON

# Of each place a process of its own says it; what none of them mends is loaded before, once.
SAY = """
import json, os, sys
from dataclasses import asdict
import states.schema
for place in sys.argv[1:]:
    if os.fork() == 0:
        sys.path.insert(0, place)
        import documents
        from documents.catalogue import PAPERS
        from documents.printing import printing
        assert documents.__file__.startswith(place), documents.__file__
        assert "weasyprint" not in sys.modules
        print(json.dumps({kind: asdict(printing(kind)) for kind in PAPERS}))
        assert "weasyprint" not in sys.modules
        sys.stdout.flush()
        os._exit(0)
    assert os.wait()[1] == 0, place
"""
Said = dict[str, dict[str, str]]


def unlike(found: Said) -> dict[str, set[str]]:
    """Return by kind what is not as it is here."""
    here = {kind: printing(kind) for kind in PAPERS}
    differing = {
        kind.value: {name for name, value in found[kind].items() if value != getattr(here[kind], name)} for kind in here
    }
    return {kind: names for kind, names in differing.items() if names}


# File, what is added to it, and what that changes of which documents.
MENDED: list[tuple[str, str, dict[DocumentKind, set[str]]]] = [
    ("letter/template.html", "<p>Mended.</p>", {LETTER: {"template"}}),
    ("letter/style.css", "/* mended */", {LETTER: {"template"}}),
    ("proposal/finance.html", "{# mended #}", {kind: {"template"} for kind in (PROPOSAL, MINUTES, BRIEFING)}),
    ("house.css", "/* mended */", {kind: {"template"} for kind in PAPERS}),
    ("charts.py", "# mended\n", {kind: {"renderer"} for kind in PAPERS}),
    ("proposal/scenario.py", "# mended\n", {PROPOSAL: {"renderer"}, COMPARISON: {"renderer"}}),
    ("letter/sample.json", " ", {}),
]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Said]:
    """Return what copies of the house at other places say of themselves, by the file that is mended there."""
    folder = tmp_path_factory.mktemp("houses")
    places = {name: folder / str(number) for number, name in enumerate(["", *(name for name, _, _ in MENDED)])}
    for place in places.values():
        shutil.copytree(HOUSE, place / "documents", ignore=shutil.ignore_patterns("__pycache__"))
    for file in places[""].rglob("*"):
        os.utime(file, (1, 1))
    for name, text, _ in MENDED:
        with (places[name] / "documents" / name).open("a", encoding="utf-8") as file_to_mend:
            file_to_mend.write(text)
    command = [sys.executable, "-c", SAY, *map(str, places.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=os.environ)
    assert done.returncode == 0, done.stderr
    return dict(zip(places, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.long
def test_another_place_and_time_say_the_same(said: Mapping[str, Said]) -> None:
    assert unlike(said[""]) == {}


@pytest.mark.long
@pytest.mark.parametrize(("name", "text", "changed"), MENDED)
def test_what_is_mended_changes_the_documents_that_use_it(
    said: Mapping[str, Said], name: str, text: str, changed: dict[DocumentKind, set[str]]
) -> None:
    assert unlike(said[name]) == changed


def test_libraries_are_named_with_their_versions() -> None:
    said = printing(LETTER).renderer

    assert [
        name for name in ("Bankable layout ", "weasyprint ", "Pango ", "HarfBuzz ", "zlib ") if name not in said
    ] == []
    assert str(HOUSE) not in said
