"""A case file that was touched is told, whatever was touched; one that is whole says what was checked of it."""

import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from states.casefile.manifest import MANIFEST, SEALS, CaseUnfit
from states.casefile.reading import CaseDamaged
from states.casefile.values import canonical
from states.casefile.verifying import verify_case
from states.casefile.zipped import add
from states.settings import settings
from tests.laws import of
from tests.states.casefile.cases import LETTER, a_case_key, taken_out

Parts = dict[str, bytes]


@pytest.fixture
def case(installation: Path, tmp_path: Path) -> Path:
    path = tmp_path / "case.zip"
    taken_out(a_case_key(), path)
    return path


def faults_of(path: Path) -> list[tuple[str, str]]:
    try:
        verify_case(path)
    except CaseDamaged as error:
        return [(fault.place, fault.code) for fault in error.faults]
    except CaseUnfit as error:
        return [("", error.text.code if error.text else "")]
    return []


def parts_of(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, parts: Parts) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            add(archive, name, len(content), [content])
    return path


def forged(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Write the file anew with other rows, and with every digest made to fit, as a careful forger would."""
    parts = parts_of(path)
    rows = {name: json.loads(content) for name, content in parts.items() if name.endswith(".json")}
    change(rows)
    parts = {name: canonical(rows[name]) if name in rows else content for name, content in parts.items()}
    manifest = rows[MANIFEST]
    manifest["parts"] = {
        name: {"sha256": sha256(content).hexdigest(), "size": len(content)}
        for name, content in parts.items()
        if name not in (MANIFEST, SEALS)
    }
    for said, name in ((manifest, MANIFEST), (rows[SEALS], SEALS)):
        if name == SEALS:
            said["manifest"] = manifest["sha256"]
        body = {key: value for key, value in said.items() if key != "sha256"}
        said["sha256"] = sha256(canonical(body)).hexdigest()
        parts[name] = canonical(said)
    return write(path, parts)


def test_a_whole_file_fits_and_says_what_was_checked(case: Path) -> None:
    found = verify_case(case)

    assert (found.lines, found.unknown.total(), found.files) == (6, 0, 6)
    assert found.seals > 20


@pytest.mark.law
def test_no_byte_can_be_changed(case: Path) -> None:
    whole = case.read_bytes()
    random = Random(15)
    ends = [*range(64), *range(len(whole) - 64, len(whole))]
    places = random.sample(range(len(whole)), 2_000)

    for at in of([*ends, *places], [*ends[::4], *places[:60]]):
        case.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << random.randrange(8)]) + whole[at + 1 :])
        assert faults_of(case) != [], at


@pytest.mark.long
def test_no_bit_of_a_head_can_be_changed(case: Path) -> None:
    whole = case.read_bytes()
    with zipfile.ZipFile(case) as archive:
        [first, *_, last] = archive.infolist()
        heads = [first.header_offset, last.header_offset, archive.start_dir]
    # 48 bytes hold all numbers of a head, of an entry of the list, and of the end that stands behind it.
    places = [at + ahead for at in [*heads, len(whole) - 22] for ahead in range(48) if at + ahead < len(whole)]

    for at in places:
        for bit in range(8):
            case.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
            assert faults_of(case) != [], (at, bit)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda whole: whole[:-1], "case_file_in_part"),
        (lambda whole: whole + b"\0", "case_file_in_part"),
        (lambda whole: b"\0" + whole, "case_file_in_part"),
        (lambda whole: whole[: len(whole) // 2], "case_file_in_part"),
        (lambda _: b"", "case_file_in_part"),
        (lambda _: b"PK\x05\x06" + b"\0" * 18, "case_file_says_nothing"),
    ],
)
def test_what_is_no_whole_archive_is_told(case: Path, change: Callable[[bytes], bytes], told: str) -> None:
    case.write_bytes(change(case.read_bytes()))

    assert [code for _, code in faults_of(case)] in ([told], ["case_file_in_part"], ["archive_changed"])


def test_each_change_of_a_part_is_told_with_its_name(case: Path) -> None:
    parts = parts_of(case)
    letter = f"files/{sha256(LETTER).hexdigest()}"
    member = "data/member.json"

    def told(changed: Parts) -> list[tuple[str, str]]:
        return faults_of(write(case, changed))

    assert told({name: content for name, content in parts.items() if name != letter}) == [(letter, "missing")]
    assert told({name: content for name, content in parts.items() if name != SEALS}) == [(SEALS, "missing")]
    assert told(parts | {"files/" + "0" * 64: b"x"}) == [("files/" + "0" * 64, "part_unknown")]
    assert told(parts | {member: parts[member] + b" "}) == [(member, "part_changed")]
    renamed = {"data/friend.json" if name == member else name: content for name, content in parts.items()}
    assert told(renamed) == [(member, "missing"), ("data/friend.json", "part_unknown")]
    assert told(parts | {MANIFEST: parts[MANIFEST].replace(b'"people": false', b'"people": true ')})[0] == (
        MANIFEST,
        "part_changed",
    )
    assert told(parts | {MANIFEST: b"{"}) == [("", "case_file_says_nothing")]
    assert told({name: content for name, content in parts.items() if name != MANIFEST}) == [
        ("", "case_file_says_nothing")
    ]
    assert told(dict(reversed(parts.items()))) == [(case.name, "archive_changed")]
    assert told(parts) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "data/..\\x.json", "data/A.json", "data/", "x"])
def test_a_part_is_called_as_a_part(case: Path, name: str) -> None:
    assert [code for _, code in faults_of(write(case, parts_of(case) | {name: b"[]"}))] == ["part_name_unfit"]


def test_what_is_packed_is_not_unpacked(case: Path) -> None:
    parts = parts_of(case)
    with zipfile.ZipFile(case, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        archive.writestr("data/bomb.json", b"0" * (64 << 20))

    assert {code for _, code in faults_of(case)} == {"part_packed"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_no_part_stands_there_twice(case: Path) -> None:
    with zipfile.ZipFile(case, "a") as archive:
        add(archive, "data/member.json", 3, [b"[]\n"])

    assert faults_of(case) == [("member.json", "part_twice")]


def test_a_forger_who_makes_every_digest_fit_is_found_by_the_order_of_the_history(case: Path) -> None:
    def drop_a_move(rows: dict[str, Any]) -> None:
        lines = rows["history/history_line.json"]
        lines[:] = [line for line in lines if line["number"] != 1]

    assert "history_gap" in {code for _, code in faults_of(forged(case, drop_a_move))}


def test_a_forger_is_found_by_the_seals_where_the_secret_is(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def grant_more(rows: dict[str, Any]) -> None:
        rows["data/scenario_source.json"][0]["amount"] = "9000000.00"

    assert ("data/scenario_source.json", "seal_unfit") in faults_of(forged(case, grant_more))
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("BANKABLE_SECRET", "of another house")
        elsewhere.setenv("BANKABLE_HOME", str(case.parent / "elsewhere"))
        settings.cache_clear()
        assert faults_of(case) == []
        assert verify_case(case).unknown.total() > 20
    settings.cache_clear()


def test_the_command_says_it_with_its_exit_code(case: Path) -> None:
    runner = CliRunner()

    whole = runner.invoke(app, ["verify", str(case)])
    write(case, parts_of(case) | {"data/member.json": b"[]\n"})
    changed = runner.invoke(app, ["verify", str(case)])

    assert (whole.exit_code, changed.exit_code) == (0, 1)
    assert "every part fits its checksum; 6 moves in order" in whole.stdout
    assert "all fit" in whole.stdout
    assert "data/member.json: was changed" in changed.stderr
