"""Every command that reads a text says of another encoding what it is, before it opens the database."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.commands.files import file_text

READERS = (
    ("events", "solve"),
    ("funding", "solve"),
    ("instrument", "terms", "timber", "vouchers"),
    ("playbook", "check"),
    ("playbook", "diagram"),
    ("protocol", "write", "timber", "houses"),
    ("rules", "check"),
    ("taxonomy", "bring", "timber"),
)


@pytest.mark.parametrize("command", READERS, ids=lambda command: " ".join(command[:2]))
def test_a_file_in_another_encoding_is_told(command: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "notes.yaml"
    file.write_bytes("title: Śląsk\n".encode("utf-16"))

    answer = CliRunner().invoke(app, [*command, str(file)], env={"BANKABLE_TOKEN": ""})

    assert answer.output == f"{file}: is no UTF-8 text (save it as UTF-8)\n"
    assert answer.exit_code in (1, 2)


def test_a_byte_order_mark_is_no_part_of_a_text(tmp_path: Path) -> None:
    file = tmp_path / "notes.yaml"
    file.write_text("title: Śląsk\n", encoding="utf-8-sig")

    assert file_text(file) == "title: Śląsk\n"
