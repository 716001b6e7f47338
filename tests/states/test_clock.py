"""Time: the machine's, a simulated one that all processes share, and a recorded one for facts of the past."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from states.clock import at, machine_now, now, set_simulated, today
from states.errors import Invalid
from states.settings import settings

NOON = datetime(2020, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    file = tmp_path / "clock.txt"
    monkeypatch.setenv("BANKABLE_CLOCK_FILE", str(file))
    settings.cache_clear()
    yield file
    settings.cache_clear()


@pytest.fixture
def _real_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("BANKABLE_CLOCK_FILE", raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("_real_clock")
def test_without_a_file_it_is_the_machine_that_says() -> None:
    before = machine_now()
    said = now()
    assert before <= said <= machine_now()
    assert said.tzinfo is UTC


def test_what_is_set_is_what_everybody_reads(clock_file: Path) -> None:
    set_simulated(NOON.astimezone(timezone(timedelta(hours=2))))
    assert (now(), today()) == (NOON, date(2020, 3, 1))
    assert clock_file.read_text(encoding="ascii") == "2020-03-01T12:00:00+00:00"


def test_leases_do_not_follow_the_simulated_clock(clock_file: Path) -> None:
    set_simulated(NOON)
    assert machine_now() - NOON > timedelta(days=365)


def test_a_line_end_in_the_file_does_no_harm(clock_file: Path) -> None:
    clock_file.write_text("2020-03-01T13:00:00+01:00\n", encoding="ascii")
    assert now() == NOON


@pytest.mark.parametrize("text", ["", "noon", "2020-03-01T12:00:00", "2020-13-01T12:00:00+00:00"])
def test_a_file_that_holds_no_instant_is_said(clock_file: Path, text: str) -> None:
    clock_file.write_text(text, encoding="ascii")
    with pytest.raises(Invalid, match=r"cannot read an instant from clock\.txt"):
        now()


@pytest.mark.usefixtures("clock_file")
def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(Invalid) as caught:
        now()
    assert caught.value.faults[0].place == "BANKABLE_CLOCK_FILE"


@pytest.mark.usefixtures("_real_clock")
def test_the_real_clock_cannot_be_set() -> None:
    with pytest.raises(Invalid) as caught:
        set_simulated(NOON)
    assert str(caught.value) == "the clock is the real one"


def test_a_recorded_instant_holds_within_its_block_and_nests() -> None:
    with at(NOON):
        with at(NOON - timedelta(days=1)):
            assert today() == date(2020, 2, 29)
        assert now() == NOON
    assert now() != NOON


def test_a_recorded_instant_goes_before_a_simulated_one(clock_file: Path) -> None:
    set_simulated(NOON + timedelta(days=9))
    with at(NOON):
        assert now() == NOON


@pytest.mark.usefixtures("clock_file")
def test_an_instant_without_offset_is_refused() -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="has no offset"), at(naive):
        pass
    with pytest.raises(ValueError, match="has no offset"):
        set_simulated(naive)
