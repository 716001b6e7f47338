"""`bankable settings`: what holds here is said, and what opens anything is not."""

import pytest
from typer.testing import CliRunner

from api.cli import app
from states.settings import settings


def test_what_holds_is_printed_without_what_opens_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "BANKABLE_SECRET": "much-too-secret-to-be-shown",
        "BANKABLE_FORMER_SECRETS": '["older-and-still-secret"]',
        "BANKABLE_SMTP_URL": "smtp://office:pass%40word@mail.example:587",
        "BANKABLE_DATABASE_URL": "postgresql+psycopg://db.example/bankable?user=office&password=pass",
    }.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    try:
        printed = CliRunner().invoke(app, ["settings"]).stdout
    finally:
        settings.cache_clear()
    lines = dict(line.split("\t", 1) for line in printed.splitlines())
    assert lines["BANKABLE_SECRET"] == "(hidden)\tset"
    assert lines["BANKABLE_FORMER_SECRETS"] == "(hidden)\tset"
    assert lines["BANKABLE_SMTP_URL"] == "smtp://(hidden)@mail.example:587\tset"
    assert lines["BANKABLE_DATABASE_URL"] == "postgresql+psycopg://db.example/bankable?(hidden)\tset"
    assert lines["BANKABLE_MAIL_BATCH"] == "500\tdefault"
    assert "pass" not in printed
