"""The protocol from a shell: nothing newer of others is overwritten, and what does not touch can be merged."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from tests.api.house import a_house
from tests.api.protocol_files import edited
from tests.factories import a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
OF = ("medtech", "centre")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["protocol", *arguments])


def test_what_somebody_wrote_since_it_was_shown_stands(installation: Path, tmp_path: Path) -> None:
    house, path = a_house(lambda world: f"/collaborations/{a_collaboration(world).id}/protocol/sections/identity")
    house.manager.put(path, {"content": {"acronym": "BIOCOMP", "abstract": "A bench for hip stems."}}, version=0)
    file = tmp_path / "protocol.yaml"
    file.write_text(run("show", *OF).stdout.replace("A bench", "A new bench"), encoding="utf-8")
    house.manager.put(path, {"content": {"acronym": "BIO"}}, version=1)

    refused = run("write", *OF, str(file))
    merged = run("write", *OF, "--merge", str(file))
    status = run("status", *OF).stdout.splitlines()

    assert (refused.exit_code, merged.exit_code) == (2, 0)
    assert refused.stderr.startswith("identity: was changed by somebody else since it was shown (version 1, now 2)")
    content = house.manager.get(path).json()["content"]
    assert (content["acronym"], content["abstract"]) == ("BIO", "A new bench for hip stems.")
    assert status[1] == "investment_thesis\tnot started\t\tProblem; Why several regions; Why now"
    assert status[0].startswith("identity\tcomplete\tby ")


def test_one_who_writes_a_file_again_and_again_is_no_other(installation: Path, tmp_path: Path) -> None:
    a_house(lambda world: a_collaboration(world).id)
    file = tmp_path / "protocol.yaml"
    shown = run("show", *OF).stdout

    for acronym in ("ONE", "TWO", "THREE"):
        file.write_text(shown.replace('acronym: ""', f'acronym: "{acronym}"'), encoding="utf-8")
        assert run("write", *OF, str(file)).exit_code == 0

    assert 'acronym: "THREE"' in run("show", *OF).stdout


def test_a_version_that_is_none_is_named(installation: Path, tmp_path: Path) -> None:
    a_house(lambda world: a_collaboration(world).id)
    file = tmp_path / "protocol.yaml"
    file.write_text("identity: {acronym: BIO}\n_versions: {identity: newest}\n", encoding="utf-8")

    answer = run("write", *OF, str(file))

    assert (answer.exit_code, answer.stderr.partition(" (")[0]) == (2, "_versions.identity: is no version: 'newest'")


def test_a_workbook_goes_out_and_in_again_with_its_diff_before(installation: Path, tmp_path: Path) -> None:
    house, path = a_house(lambda world: f"/collaborations/{a_collaboration(world).id}/protocol/sections/identity")
    house.manager.put(path, {"content": {"acronym": "BIOCOMP", "abstract": "A bench for hip stems."}}, version=0)
    file, other = tmp_path / "protocol.xlsx", tmp_path / "protocol.odt"
    assert run("export", *OF, str(file)).stdout == f"{file} holds the draft.\n"
    file.write_bytes(edited(file.read_bytes(), lambda book: book["Identity"].__setitem__("C3", "BIO")))

    tried = run("import", *OF, "--dry-run", str(file))
    done = run("import", *OF, "--seen", "1", str(file))
    again = run("import", *OF, "--seen", "1", str(file))

    assert tried.stdout.splitlines() == [
        "Identity\tAcronym: [-BIOCOMP-]{+BIO+}",
        "This was a dry run on version 1 of the draft: nothing was brought in.",
    ]
    assert done.stdout.splitlines() == tried.stdout.splitlines()[:1]
    assert house.manager.get(path).json()["content"]["acronym"] == "BIO"
    assert (again.exit_code, "at 2" in again.stderr) == (2, True)
    assert run("export", *OF, str(other)).exit_code == 2


def test_sections_are_copied_into_another_collaboration(installation: Path) -> None:
    house, (first, second) = a_house(
        lambda world: (a_collaboration(world).id, a_collaboration(world, slug="second", sites=("gliwice",)).id)
    )
    section = "protocol/sections/identity"
    house.manager.put(f"/collaborations/{first}/{section}", {"content": {"acronym": "BIOCOMP"}}, version=0)

    tried = run("copy", "medtech", "centre", "second", "--section", "identity", "--dry-run").stdout.splitlines()
    done = run("copy", "medtech", "centre", "second", "--section", "identity", "--seen", "0")

    assert tried == [
        "Identity\tAcronym: {+BIOCOMP+}",
        "This was a dry run on version 0 of the draft: nothing was copied.",
    ]
    assert done.stdout.splitlines() == tried[:1]
    assert house.manager.get(f"/collaborations/{second}/{section}").json()["content"] == {"acronym": "BIOCOMP"}
