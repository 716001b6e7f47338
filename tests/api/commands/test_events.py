"""The command `bankable events solve`: what it prints, as lines and as JSON, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from tests.bench.generated_events import a_generated_event
from tests.bench.published import written
from tests.waiting import HANG_SECONDS

EVENT = """nBusiness = 4; nTables = 1; nTotalSlots = 5; nMorningSlots = 5;
requested = [| 1,2,3 | 1,3,3 | 1,4,3 |];
forbidden = [{2}, {}, {}, {}]; fixed = [1, 0, 0];
"""


def run(file: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["events", "solve", str(file), "--seconds", "20", *arguments])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "event.dzn"
    path.write_text(EVENT, encoding="utf-8")
    return path


def test_lines_say_how_good_it_is_and_where_each_meeting_is(file: Path) -> None:
    said = run(file)

    lines = said.stdout.splitlines()
    assert said.exit_code == 0
    assert lines[:4] == ["breaks    1", "proven    yes", "bound     1", "unplaced  0"]
    assert lines[5] == "meeting  slot  table  participants"
    assert lines[6].split() == ["1", "1", "1", "1,", "2"]
    assert "unplaced 0  breaks 1  bound 1" in said.stderr


def test_json_says_the_same(file: Path) -> None:
    said = run(file, "--json")

    read = json.loads(said.stdout)
    slots = [one["slot"] for one in read.pop("meetings")]
    assert slots[0] == 1
    assert sorted(slots[1:]) in ([3, 4], [4, 5])
    assert read.pop("seconds") < 20
    assert read == {
        "breaks": 1,
        "proven": True,
        "bound": 1,
        "unplaced": [],
        "unfair": 0,
        "impossible": False,
        "cancelled": False,
        "faults": [],
        "failures": [],
        "explanation": [],
    }


@pytest.mark.long
def test_fairness_is_kept_as_asked_for(file: Path) -> None:
    assert run(file, "--fairness", "-1").exit_code == 0
    assert run(file, "--fairness", "1").exit_code == 0

    said = run(file, "--fairness", "0")

    assert said.exit_code == 1
    assert "- all meetings fit, but not with a difference of 0 breaks at most" in said.stdout
    assert "    mended by: allow a difference of 1" in said.stdout


@pytest.mark.long
def test_what_cannot_be_is_explained_and_the_exit_code_says_so(file: Path) -> None:
    file.write_text(EVENT.replace("= 5;", "= 3;").replace("nTables = 1", "nTables = 2"), encoding="utf-8")

    said, as_json = run(file), json.loads(run(file, "--json").stdout)

    assert said.exit_code == 1
    assert "- participant 1 has 3 meetings for 2 slots (slot 1, slot 3)" in said.stdout
    assert "    mended by: free slot 2 for participant 1" in said.stdout
    assert (as_json["impossible"], len(as_json["unplaced"])) == (True, 1)
    assert [one["cause"] for one in as_json["explanation"]] == ["participant", "together"]
    assert (as_json["explanation"][0]["participants"], as_json["explanation"][0]["slots"]) == ([1], [1, 3])


def test_a_file_that_is_none_is_refused_in_a_line(file: Path) -> None:
    file.write_text("nBusiness = 4; nTables = 1;\nnTotalSlots = 5; requested = [| 1,5,3 |];", encoding="utf-8")

    said = run(file)

    assert (said.exit_code, said.stdout) == (2, "")
    assert said.stderr == "line 2, requested: participant 5 is not between 1 and 4\n"


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")

    said = run(file)

    assert (said.exit_code, "is no UTF-8 text" in said.stderr) == (2, True)


@pytest.mark.long
def test_ctrl_c_prints_the_best_so_far(tmp_path: Path) -> None:
    file = tmp_path / "large.dzn"
    file.write_text(written(a_generated_event(200, 1000, 20)), encoding="utf-8")
    command = [sys.executable, "-m", "api", "events", "solve", str(file), "--seconds", "300", "--json"]
    code = "from api.cli import app; app()"
    command[1:3] = ["-c", code]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "unplaced 0" not in process.stderr.readline():
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=HANG_SECONDS)

    read = json.loads(said)
    assert (read["cancelled"], read["proven"], read["unplaced"]) == (True, False, [])
