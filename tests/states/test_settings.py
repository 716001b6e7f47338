"""Settings: defaults for one machine, and what the environment says instead."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import ValidationError

from states.settings import Settings, settings


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("BANKABLE_DATABASE_URL", "BANKABLE_STORE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BANKABLE_HOME", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_database_and_store_lie_in_the_home_folder(tmp_path: Path) -> None:
    assert settings().database == f"sqlite:///{tmp_path / 'bankable.db'}"
    assert settings().store == f"file://{tmp_path / 'store'}"


def test_the_environment_goes_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKABLE_DATABASE_URL", "postgresql://db/bankable")
    monkeypatch.setenv("BANKABLE_STORE_URL", "memory://store")
    assert (settings().database, settings().store) == ("postgresql://db/bankable", "memory://store")


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = settings()
    monkeypatch.setenv("BANKABLE_RELAY_BATCH", "7")
    assert settings() is first
    settings.cache_clear()
    assert settings().relay_batch == 7


@pytest.mark.parametrize("wrong", [{"relay_batch": 0}, {"relay_attempts": 0}, {"hand_over": "pigeon"}])
def test_a_setting_that_makes_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Cluster, Silesia <office@mill.example>", "Cluster, Silesia"),
        ('"Cluster, Silesia" <office@mill.example>', "Cluster, Silesia"),
        ("Büro; Köln: (Medizin) <office@mill.example>", "Büro; Köln: (Medizin)"),
        (" Office <office@mill.example> ", "Office"),
        ("A, B, C <office@mill.example>", "A, B, C"),
        ("office@mill.example", ""),
        ("<office@mill.example>", ""),
    ],
)
def test_a_sender_is_one_whatever_stands_in_the_name(monkeypatch: pytest.MonkeyPatch, written: str, name: str) -> None:
    monkeypatch.setenv("BANKABLE_MAIL_FROM", written)
    message = EmailMessage()

    message["From"] = Settings().mail_from

    assert [(one.display_name, one.addr_spec) for one in message["From"].addresses] == [(name, "office@mill.example")]
