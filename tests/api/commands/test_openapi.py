"""`bankable openapi` writes what the application answers at /api/openapi.json."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.cli import app
from tests.api.house import application


@pytest.mark.long
def test_the_description_is_written_without_a_database(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"

    printed = CliRunner().invoke(app, ["openapi"])
    written = CliRunner().invoke(app, ["openapi", str(file)])

    served = TestClient(application()).get("/api/openapi.json").json()
    assert (printed.exit_code, written.exit_code, written.output) == (0, 0, "")
    assert json.loads(printed.output) == json.loads(file.read_text(encoding="utf-8")) == served
