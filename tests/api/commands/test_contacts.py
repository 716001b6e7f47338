"""The commands `bankable contact`: recorded, listed, corrected, withdrawn; a collaboration is opened from one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states.storage import begin
from tests.api.house import furnish

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

PARTIES = ("medtech-gliwice", "medtech-marseille")
OPEN = ("collaboration", "open", "medtech", "coat", "--title", "Coat", "--lead", PARTIES[0], "--partner", PARTIES[1])


@pytest.fixture(autouse=True)
def furnished(installation: Path) -> None:
    with begin() as session:
        furnish(session)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def _said(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def _record(*options: str) -> str:
    return _said("contact", "record", "medtech", *PARTIES, "--subject", "Coatings", *options)


def _listed() -> dict[str, list[str]]:
    lines = [line.split("\t") for line in run("contact", "list", "medtech").stdout.splitlines()]
    return {key: rest for key, *rest in lines}


def test_a_contact_is_recorded_corrected_and_carries_a_collaboration(installation: Path) -> None:
    key = _record("--status", "requested")
    early = run(*OPEN, "--contact", key)
    _said("contact", "correct", "medtech", key, "--status", "held", "--held-on", "2026-11-20", "--subject", "Coats")
    _said(*OPEN, "--contact", key)
    kept = run("contact", "withdraw", "medtech", key, "--reason", "By mistake.")
    moved = run("contact", "correct", "medtech", key, "--host", "medtech-katowice")

    assert _listed() == {key: ["meeting", *PARTIES, "held", "2026-11-20", "Coats", ""]}
    assert (early.exit_code, kept.exit_code, moved.exit_code) == (2, 2, 2)
    assert kept.stderr.startswith("The collaboration coat came from this contact, so it is not withdrawn: correct it.")


def test_a_contact_is_withdrawn_with_the_reason(installation: Path) -> None:
    kept, key = _record("--status", "accepted"), _record("--status", "accepted")
    _said("contact", "withdraw", "medtech", key, "--reason", "Recorded twice.")
    again = run("contact", "withdraw", "medtech", key, "--reason", "Recorded twice.")

    assert _listed() == {
        kept: ["meeting", *PARTIES, "accepted", "", "Coatings", ""],
        key: ["meeting", *PARTIES, "withdrawn", "", "Coatings", "Recorded twice."],
    }
    assert again.stderr == "This contact was withdrawn as recorded by mistake (Recorded twice.): record it anew.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("contact", "withdraw", "medtech", "nothing", "--reason", "No."), "There is no contact 'nothing' here."),
        (("contact", "record", "medtech", *PARTIES, "--subject", " ", "--status", "held"), "subject: "),
        (OPEN, "came_from: it comes from one contact (give --contact"),
        ((*OPEN, "--contact", "nothing", "--came-from", "meeting"), "came_from: it comes from one contact"),
    ],
)
def test_what_cannot_be_names_its_place(installation: Path, arguments: tuple[str, ...], said: str) -> None:
    answer = run(*arguments)

    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.startswith(said)
