"""Backups of an installation: made while others work, verified without it, restored into an empty place."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Select, Table, false, select
from sqlalchemy.exc import DataError, IntegrityError

from states import schema
from states.archive.evidence.states import REMOVED
from states.archive.store import CHUNK, chunks_of, drop, receive, settle
from states.backups.rows import count_on, lines_of, put, tables_of
from states.clock import machine_now
from states.errors import BankableError, Fault, Invalid, Missing
from states.packages import UNREADABLE
from states.seals.secrets import former_in_file, keep_former, keep_secret, kept_secret

FORMAT = 1
_MANIFEST, _SECRET, _FORMER = "manifest.json", "secret", "secret.former"
_DOCUMENTS, _EVIDENCE, _DIGEST, _LOST = "issued_document", "evidence", "sha256", "lost_at"
_SEALED = "document_seal"


class BackupUnfit(BankableError):
    """The backup cannot be made, read or restored so."""

    code = "backup_unfit"


class BackupDamaged(Invalid):
    """The backup is not as it was made; every part that was changed is named."""

    code = "backup_damaged"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a backup: its SHA-256, and how much it holds: rows of a table, or bytes."""

    sha256: str
    count: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; `absent` are stored files that the rows name and the store did not hold."""

    format: int
    release: str
    revision: str
    engine: str
    made_at: str
    parts: dict[str, Part] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows the backup holds."""
        return sum(part.count for name, part in self.parts.items() if name.startswith("rows/"))

    @property
    def files(self) -> int:
        """How many stored files the backup holds."""
        return sum(name.startswith("store/") for name in self.parts)


def make(bind: Engine, path: Path) -> Manifest:
    """Write a backup to a new file; raise `BackupUnfit` where one is there, or the database has no schema.

    The rows are one snapshot, whoever writes meanwhile. The file has its name once it is whole, and its owner alone
    may read it.
    """
    if path.exists():
        raise BackupUnfit("file_is_there", path=str(path))
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with ZipFile(file, "w", ZIP_DEFLATED) as archive:
                made = _write(bind, archive)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return made


def _write(bind: Engine, archive: ZipFile) -> Manifest:
    parts: dict[str, Part] = {}
    with _snapshot(bind) as connection:
        revision = _revision(connection)
        if revision is None:
            raise BackupUnfit("backup_of_nothing")
        tables = tables_of(connection)
        for table in tables:
            parts[f"rows/{table.name}.jsonl"] = _add_lines(
                archive, f"rows/{table.name}.jsonl", lines_of(connection, table)
            )
        documents = next(table for table in tables if table.name == _DOCUMENTS)
        digests = set(connection.scalars(select(documents.c[_DIGEST])))
        for evidence in (table for table in tables if table.name == _EVIDENCE):  # there since 0.2.0
            there = evidence.c.state.not_in(REMOVED)
            digests |= set(connection.scalars(select(evidence.c[_DIGEST]).where(there)))
        for copies in (table for table in tables if table.name == _SEALED):  # there since 0.2.0
            digests |= set(connection.scalars(select(copies.c[_DIGEST])))
        lost = set(connection.scalars(_known_as_lost(documents)))
    absent = []
    for digest in sorted(digests):
        try:
            parts[f"store/{digest}"] = _add_object(archive, digest)
        except Missing:
            if digest not in lost:
                absent.append(digest)
    if secret := kept_secret():
        parts[_SECRET] = _add(archive, _SECRET, secret)
    if former := former_in_file():
        parts[_FORMER] = _add(archive, _FORMER, b"\n".join(former))
    made = Manifest(
        format=FORMAT,
        release=version("bankable"),
        revision=revision,
        engine=bind.dialect.name,
        made_at=machine_now().isoformat(timespec="seconds"),
        parts=parts,
        absent=absent,
    )
    archive.writestr(_MANIFEST, json.dumps(asdict(made), indent=1))
    return made


def _known_as_lost(documents: Table) -> Select[tuple[str]]:
    """Return the query of the files whose loss is on record; before 0.2.0 it was on none."""
    found = select(documents.c[_DIGEST])
    return found.where(documents.c[_LOST].is_not(None) if _LOST in documents.c else false())


@contextmanager
def _snapshot(bind: Engine) -> Iterator[Connection]:
    """Yield a connection that sees the database as it is now, whatever is written meanwhile, and writes nothing."""
    options: dict[str, object] = {"read_only": True}
    if bind.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with bind.connect().execution_options(**options) as connection:
        yield connection


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _add_lines(archive: ZipFile, name: str, lines: Iterable[str]) -> Part:
    digest, count = sha256(), 0
    with archive.open(name, "w", force_zip64=True) as file:
        for line in lines:
            written = line.encode()
            digest.update(written)
            file.write(written)
            count += 1
    return Part(digest.hexdigest(), count)


def _add_object(archive: ZipFile, digest: str) -> Part:
    chunks, count = chunks_of(digest), 0
    with archive.open(f"store/{digest}", "w", force_zip64=True) as file:
        for chunk in chunks:
            file.write(chunk)
            count += len(chunk)
    return Part(digest, count)


def _add(archive: ZipFile, name: str, content: bytes) -> Part:
    archive.writestr(name, content)
    return Part(sha256(content).hexdigest(), len(content))


def make_before_upgrade(bind: Engine, folder: Path) -> Path | None:
    """Back a SQLite installation up whose schema is about to change, and return the file.

    Return None where there is nothing to lose: no schema yet, or none that changes. On PostgreSQL its own backups are
    the house's matter. Raise `SchemaUnfit` for a database that no upgrade leads on from.
    """
    with bind.connect() as connection:
        revision = _revision(connection)
    if revision is None or bind.dialect.name != "sqlite" or not schema.pending(bind):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"before-upgrade-from-{revision}-{machine_now():%Y%m%d-%H%M%S}.zip"
    make(bind, path)
    return path


def is_backup(path: Path) -> bool:
    """Tell whether a file is an archive that says what it holds, whole or not."""
    with suppress(*UNREADABLE), ZipFile(path) as archive:
        return _MANIFEST in archive.namelist()
    return False


def verify(path: Path) -> Manifest:
    """Read a whole backup and return its manifest; raise `BackupUnfit` with everything that does not fit it."""
    with _opened(path) as archive:
        manifest = _manifest_of(archive)
        there, told = set(archive.namelist()) - {_MANIFEST}, manifest.parts.keys()
        faults = [Fault(name, "missing") for name in sorted(told - there)]
        faults += [Fault(name, "part_unknown") for name in sorted(there - told)]
        faults += [Fault(name, "part_changed") for name in sorted(there & told) if not _fits(archive, name, manifest)]
    if faults:
        raise BackupDamaged(faults=faults)
    return manifest


def _fits(archive: ZipFile, name: str, manifest: Manifest) -> bool:
    digest = sha256()
    with suppress(*UNREADABLE), archive.open(name) as file:
        while content := file.read(1 << 20):
            digest.update(content)
    known = manifest.parts[name].sha256
    # A stored file is called by its digest, and its rows ask for it by that name.
    return digest.hexdigest() == known and (not name.startswith("store/") or name == f"store/{known}")


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    with path.open("rb") as file:
        try:
            archive = ZipFile(file)
        except UNREADABLE as error:
            raise BackupUnfit("backup_in_part", path=str(path)) from error
        with archive:
            yield archive


def _manifest_of(archive: ZipFile) -> Manifest:
    try:
        said = json.loads(archive.read(_MANIFEST))
        parts = {name: Part(**part) for name, part in said.pop("parts").items()}
        manifest = Manifest(**said, parts=parts)
        datetime.fromisoformat(manifest.made_at)
    except (TypeError, AttributeError, *UNREADABLE) as error:
        raise BackupUnfit("backup_says_nothing", path=str(archive.filename), manifest=_MANIFEST) from error
    if manifest.format != FORMAT:
        raise BackupUnfit(
            "backup_of_other_format",
            path=str(archive.filename),
            format=manifest.format,
            release=manifest.release,
            known=FORMAT,
        )
    return manifest


def restore(path: Path, bind: Engine) -> Manifest:
    """Bring a backup into an empty database, and into the store; where that fails the database is left empty, so that
    it can be tried again. Raise `BackupDamaged`, or `BackupUnfit`.

    The schema is the backup's own: `bankable migrate` brings it to the newest one.
    """
    manifest = verify(path)
    if tables_of(bind):
        raise BackupUnfit("place_not_empty")
    if not schema.is_known(manifest.revision):
        raise BackupUnfit(
            "backup_of_other_schema", path=str(path), revision=manifest.revision, release=manifest.release
        )
    secret = kept_secret()
    with _opened(path) as archive:
        sent = archive.read(_SECRET) if _SECRET in manifest.parts else None
        if sent and secret and secret != sent:
            raise BackupUnfit("place_has_a_secret")
        # The rows come last: what they name is there by then, and files without a row do no harm.
        for name in manifest.parts:
            if name.startswith("store/"):
                with archive.open(name) as file:
                    received = receive(iter(partial(file.read, CHUNK), b""))
                    settle(received)
                    drop(received)
        if sent and not secret:
            keep_secret(sent)
        if _FORMER in manifest.parts:
            keep_former(archive.read(_FORMER).split())
        try:
            schema.upgrade(bind, to=manifest.revision)
            with bind.begin() as connection:
                _put_rows(archive, connection)
        except BaseException:
            schema.downgrade(bind)
            raise
    return manifest


def _put_rows(archive: ZipFile, connection: Connection) -> None:
    tables = tables_of(connection)
    for table in reversed(tables):  # a revision may write rows of its own
        connection.execute(table.delete())
    for table in tables:
        name = f"rows/{table.name}.jsonl"
        try:
            with archive.open(name) as file:
                put(connection, table, TextIOWrapper(file, encoding="utf-8", newline="\n"))
        except (DataError, IntegrityError, KeyError, ValueError) as error:
            raise BackupUnfit("backup_rows", path=str(archive.filename), part=name) from error
        count_on(connection, table)
