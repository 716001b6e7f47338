"""Take a case out as one file: for the office with everything, for a partner with what it may read."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_STORED, ZipFile

from alembic.migration import MigrationContext
from sqlalchemy import Table, select
from sqlmodel import Session

from states.archive.absence import read_chunks, see_store
from states.archive.evidence.states import REMOVED
from states.archive.evidence.tables import EvidenceDownload
from states.archive.store import Kept, verify
from states.casefile.declared import columns_of_case, part_of, seal_key
from states.casefile.gathering import Case, gather
from states.casefile.harmonised import harmonised
from states.casefile.manifest import MANIFEST, SEALS, Audience, CaseUnfit, Manifest, Part
from states.casefile.provenance import provenance
from states.casefile.values import Row, canonical, plain
from states.casefile.views import View
from states.casefile.zipped import add
from states.changes.declared import RECORDED
from states.clock import now
from states.rights.actors import Role
from states.schema import METADATA
from states.seals.declared import SEALED, scope_name
from states.seals.seal import make_seal
from states.seals.tables import SealTip
from states.storage import table_of

NOUN = "case_file"
FORMAT_OF_SEALS = 1


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case on its way out: its manifest, the parts that are at hand, and the seals of this installation."""

    manifest: Manifest
    parts: Mapping[str, bytes]
    seals: bytes
    case: Case


def prepare(session: Session, collaboration_id: str, view: View) -> CaseFile:
    """Read a case and make all of its parts but the files; raise `StoreAway` where the store is not there.

    The session should see one state of the database (`snapshot`).
    """
    case = gather(session, collaboration_id, narrow=view.narrow)
    written = tables_written(case, people=view.people)
    shown = view.masked(written)
    parts = {name: canonical(rows) for name, rows in shown.items()}
    parts["prov.json"] = canonical(provenance(shown))
    parts["harmonised.json"] = canonical(harmonised(shown))
    known = {name: Part(sha256(content).hexdigest(), len(content)) for name, content in parts.items()}
    absent = []
    for name, size in _files(case):
        if verify(name.rpartition("/")[2]) is Kept.INTACT:
            known[name] = Part(name.rpartition("/")[2], size)
        else:
            absent.append(name)
    if absent:
        see_store(session)
    row = case.collaboration
    manifest = Manifest(
        case={name: row[name] for name in ("id", "slug", "title")},
        audience=view.audience,
        people=view.people,
        parts=dict(sorted(known.items())),
        absent=tuple(sorted(absent)),
    )
    seals = _seals(session, case, manifest) if view.audience is Audience.OFFICE else _no_seals(session, manifest)
    return CaseFile(manifest, parts, seals, case)


def tables_written(case: Case, *, people: bool) -> dict[str, list[Row]]:
    """Return the rows of a case as they are written, by the names of the parts."""
    tables = {name: METADATA.tables[name] for name in (*case.rows, *case.references)}
    every = {**case.rows, **case.references}
    return {
        part_of(table): [_written(table, row, people=people) for row in every[name]] for name, table in tables.items()
    }


def _written(table: Table, row: Row, *, people: bool) -> Row:
    hidden = frozenset[str]()
    if not people and table.name in RECORDED:
        hidden = RECORDED[table.name].hidden
        if table.name == "person":  # all of it is about somebody but that there is one
            hidden = frozenset(table.columns.keys()) - {"id"}
    return {
        column.name: plain(row[column.name], column) for column in columns_of_case(table) if column.name not in hidden
    }


def _files(case: Case) -> list[tuple[str, int]]:
    """Return the parts that lie in the store, each with its size."""
    found = {f"files/{row['sha256']}": row["size"] for row in case.of("evidence") if row["sha256"] in case.files}
    found |= {f"documents/{row['sha256']}": row["size"] for row in case.of("issued_document")}
    return sorted(found.items())


def write(session: Session, made: CaseFile, file: BinaryIO) -> None:
    """Write a case that was prepared to a file that can be written anywhere."""
    with ZipFile(file, "w", ZIP_STORED) as archive:
        content = made.manifest.written()
        add(archive, MANIFEST, len(content), [content])
        add(archive, SEALS, len(made.seals), [made.seals])
        for name, part in made.manifest.parts.items():
            if name in made.parts:
                add(archive, name, part.size, [made.parts[name]])
            else:
                add(archive, name, part.size, read_chunks(session, part.sha256))


def export_to(
    session: Session, collaboration_id: str, path: Path, view: View, *, note: Callable[[CaseFile], None] | None = None
) -> CaseFile:
    """Write a case to a new file, which has its name once it is whole; raise `CaseUnfit` where one is there."""
    if path.exists():
        raise CaseUnfit("file_is_there", path=str(path))
    made = prepare(session, collaboration_id, view)
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            write(session, made, file)
            file.flush()
            os.fsync(file.fileno())
        if note is not None:
            note(made)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return made


def _seals(session: Session, case: Case, manifest: Manifest) -> bytes:
    """Return the seals of the rows, of the case and of the manifest: they are this installation's own."""
    tip = table_of(SealTip)
    scope = scope_name(case.collaboration["id"], None)
    held = session.connection().execute(select(tip).where(tip.c.scope == scope)).mappings().one_or_none()
    seals = {
        name: {seal_key(METADATA.tables[name], row, place): row["seal"] for place, row in enumerate(rows, start=1)}
        for name, rows in case.rows.items()
        if name in SEALED
    }
    counted = None if held is None else {one.name: plain(held[one.name], one) for one in tip.c}
    return _told(session, manifest, {"seals": seals, "tip": counted})


def _no_seals(session: Session, manifest: Manifest) -> bytes:
    """A partner has a part of the case, under other names: no seal of a row would fit."""
    return _told(session, manifest, {"seals": {}, "tip": None})


def _told(session: Session, manifest: Manifest, more: Mapping[str, Any]) -> bytes:
    digest = manifest.own_digest()
    body = {
        "format": FORMAT_OF_SEALS,
        "release": version("bankable"),
        "revision": MigrationContext.configure(session.connection()).get_current_revision(),
        "manifest": digest,
        "seal": make_seal(NOUN, {"manifest": digest}),
        **more,
    }
    return canonical(body | {"sha256": sha256(canonical(body)).hexdigest()})


def note_taken_out(session: Session, made: CaseFile, *, role: Role, person_id: str | None = None) -> None:
    """Note who had the files of a case that was taken out; it is no part of the case."""
    there = {name.rpartition("/")[2] for name in made.manifest.parts if name.startswith("files/")}
    session.add_all(
        EvidenceDownload(evidence_id=one["id"], person_id=person_id, role=role, at=now())
        for one in made.case.of("evidence")
        if one["sha256"] in there and one["state"] not in REMOVED
    )
