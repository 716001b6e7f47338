"""Opens a case file that anybody may have sent, and reads its rows: nothing is believed before it is checked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from sqlalchemy import Table

from states.casefile.declared import Place, columns_of_case, is_numbered, place_of
from states.casefile.gathering import Case
from states.casefile.manifest import (
    KIND,
    MANIFEST,
    MOST_BYTES,
    SEALS,
    Audience,
    CaseUnfit,
    Manifest,
    is_part,
    read_manifest,
)
from states.casefile.values import Row, canonical, typed
from states.casefile.zipped import chunks_of_part, is_as_written, opened
from states.errors import Fault, Invalid
from states.packages import UNREADABLE, shown
from states.schema import METADATA

MOST_PARTS = 60_000
MOST_DATA = 256 << 20
_ENCRYPTED = 1
_START = 1 << 20


class CaseDamaged(Invalid):
    """The case file is not as it was made; everything that was changed is named."""

    code = "case_file_damaged"


@dataclass(slots=True)
class Opened:
    """A case file whose parts fit their digests: its rows as they were written, by part, and its seals."""

    path: Path
    archive: ZipFile
    manifest: Manifest
    written: dict[str, list[Row]]
    seals: dict[str, Any]
    case: Case = field(default_factory=Case)


@contextmanager
def open_case(path: Path) -> Iterator[Opened]:
    """Yield a case file; raise `CaseUnfit` for what is none, `CaseDamaged` with everything that was changed in it."""
    with path.open("rb") as file:
        try:
            found = _checked(path, opened(file, MOST_PARTS))
        except UNREADABLE as error:
            raise CaseUnfit("case_file_in_part", path=str(path)) from error
        yield found


def is_case_file(path: Path) -> bool:
    """Tell whether a file begins as a case does, whole or not."""
    with path.open("rb") as file:
        start = file.read(_START)
    return start.startswith(b"PK") and KIND.encode() in start


def _checked(path: Path, archive: ZipFile) -> Opened:
    _need_plain(archive)
    assert archive.fp is not None
    sound = is_as_written(archive.fp, archive)  # type: ignore[arg-type]
    content = _content(archive, MANIFEST, MOST_BYTES, path)
    manifest = read_manifest(content, path=str(path))
    faults = []
    if manifest.digest != manifest.own_digest() or content != manifest.written():
        faults.append(Fault(MANIFEST, "part_changed"))
    known = {MANIFEST, SEALS, *manifest.parts}
    there = set(archive.namelist())
    faults += [Fault(name, "missing") for name in sorted(known - there)]
    faults += [Fault(name, "part_unknown") for name in sorted(there - known)]
    faults += [Fault(name, "part_name_unfit") for name in sorted(known - {MANIFEST, SEALS}) if not is_part(name)]
    for name, part in sorted(manifest.parts.items()):
        if name in there and not _fits(archive, name, part.sha256, part.size):
            faults.append(Fault(name, "part_changed"))
    seals = _seals(archive, manifest, faults, path) if SEALS in there else {}
    if not faults and (not sound or archive.namelist() != [MANIFEST, SEALS, *sorted(manifest.parts)]):
        faults.append(Fault(path.name, "archive_changed"))
    if faults:
        raise CaseDamaged(faults=faults)
    found = Opened(path, archive, manifest, _rows(archive, manifest), seals)
    found.case = _case(found, faults)
    if faults:
        raise CaseDamaged(faults=faults)
    return found


def _need_plain(archive: ZipFile) -> None:
    """Refuse what no case file has: names that lead elsewhere or stand twice, packed and locked parts, too much."""
    faults: list[Fault] = []
    names: set[str] = set()
    data = 0
    for part in archive.infolist():
        name = part.filename
        if name in names:
            faults.append(Fault(shown(name), "part_twice"))
        elif name not in (MANIFEST, SEALS) and not is_part(name):
            faults.append(Fault(shown(name), "part_name_unfit"))
        if part.compress_type != ZIP_STORED or part.file_size != part.compress_size or part.flag_bits & _ENCRYPTED:
            faults.append(Fault(shown(name), "part_packed"))
        names.add(name)
        data += part.file_size if name.endswith(".json") else 0
    if data > MOST_DATA:
        size, most = data >> 20, MOST_DATA >> 20
        faults.append(Fault("data", "unpacks_too_large", remedy="at_most_mib", size=size, most=most))
    if faults:
        raise CaseDamaged(faults=faults[:100])


def _content(archive: ZipFile, name: str, most: int, path: Path) -> bytes:
    try:
        part = archive.getinfo(name)
        if part.file_size > most:
            raise CaseUnfit("case_file_says_nothing", path=str(path), manifest=name)
        return archive.read(part)
    except UNREADABLE as error:
        raise CaseUnfit("case_file_says_nothing", path=str(path), manifest=name) from error


def _fits(archive: ZipFile, name: str, known: str, size: int) -> bool:
    digest = sha256()
    part = archive.getinfo(name)
    with suppress(*UNREADABLE):
        for chunk in chunks_of_part(archive, part):
            digest.update(chunk)
    folder, _, called = name.partition("/")
    # A stored file is called by its digest, and its rows ask for it by that name.
    named = folder not in ("files", "documents") or called == known
    return digest.hexdigest() == known and part.file_size == size and named


def _seals(archive: ZipFile, manifest: Manifest, faults: list[Fault], path: Path) -> dict[str, Any]:
    content = _content(archive, SEALS, MOST_DATA, path)
    try:
        said = json.loads(content)
        body = {name: value for name, value in said.items() if name != "sha256"}
        fits = said["sha256"] == sha256(canonical(body)).hexdigest() and content == canonical(said)
        if not fits or said["manifest"] != manifest.own_digest() or not _is_of_seals(body):
            raise ValueError
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        faults.append(Fault(SEALS, "part_changed"))
        return {}
    return body


def _is_of_seals(body: dict[str, Any]) -> bool:
    seals, tip = body["seals"], body["tip"]
    return (
        isinstance(body["seal"], str)
        and isinstance(body["release"], str)
        and all(isinstance(seal, str) for rows in seals.values() for seal in rows.values())
        and (tip is None or (isinstance(tip["kinds"], dict) and isinstance(tip["seal"], str)))
    )


def _rows(archive: ZipFile, manifest: Manifest) -> dict[str, list[Row]]:
    return {
        name: json.loads(archive.read(name))
        for name in manifest.parts
        if name.partition("/")[0] in ("data", "history", "references")
    }


def _case(found: Opened, faults: list[Fault]) -> Case:
    """Return the rows as Python holds them; note each cell that is none of its kind, and what leads nowhere."""
    case = Case()
    for name, rows in found.written.items():
        folder, _, called = name.partition("/")
        table = METADATA.tables.get(called.removesuffix(".json"))
        if table is None or place_of(table) is not (Place.REFERENCED if folder == "references" else Place.BELONGS):
            faults.append(
                Fault(name, "part_of_later_release", remedy="bring_in_with_later", release=found.seals["release"])
            )
            continue
        read = [_typed(table, row, f"{name}, row {number}", found, faults) for number, row in enumerate(rows, start=1)]
        (case.references if folder == "references" else case.rows)[table.name] = read
    if not faults and found.manifest.audience is Audience.OFFICE:
        faults += _dangling(case)
    return case


def _typed(table: Table, row: Any, place: str, found: Opened, faults: list[Fault]) -> Row:
    columns = {column.name: column for column in columns_of_case(table)}
    if not isinstance(row, dict):
        faults.append(Fault(place, "cell_unfit"))
        return {}
    for name in sorted(row.keys() - columns.keys()):
        release = found.seals["release"]
        faults.append(Fault(f"{place}, {name}", "part_of_later_release", remedy="bring_in_with_later", release=release))
    made = {}
    for name in row.keys() & columns.keys():
        try:
            made[name] = typed(row[name], columns[name])
        except ValueError:
            faults.append(Fault(f"{place}, {name}", "cell_unfit"))
    if not is_numbered(table):
        keys = (column.name for column in table.primary_key)
        faults += [Fault(f"{place}, {name}", "missing") for name in keys if name not in row]
    return made


def _dangling(case: Case) -> Iterator[Fault]:
    """Yield every reference to a row that is not in the file; a collaboration may name another one."""
    there = {
        name: {row[next(iter(METADATA.tables[name].primary_key)).name] for row in rows}
        for name, rows in {**case.rows, **case.references}.items()
        if not is_numbered(METADATA.tables[name])
    }
    for name, rows in {**case.rows, **case.references}.items():
        table = METADATA.tables[name]
        for column in table.columns:
            if column.name == "merges_into_id":
                continue
            for target in (key.column.table for key in column.foreign_keys):
                known = there.get(target.name, set())
                for number, row in enumerate(rows, start=1):
                    if row.get(column.name) is not None and row[column.name] not in known:
                        yield Fault(f"{name}, row {number}, {column.name}", "leads_nowhere", key=str(row[column.name]))
