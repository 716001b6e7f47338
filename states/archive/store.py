"""Where the bytes of documents are kept: content-addressed under their SHA-256, behind any file system of fsspec.

An object has its name once its bytes are there: written under a name of its own, synced, read back and compared, then
renamed. Local file systems are synced, file and folders; of others fsspec offers no sync, and what they confirm is
taken for kept. Whatever goes wrong, the partial file is removed; one that a killed process left is swept up later.
Received bytes have a note beside them until they are filed: who is killed between the name and the commit leaves that.
Other machines write there, too: nothing is remembered of what lay where.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

import fsspec
from fsspec.implementations.local import LocalFileSystem

from states.clock import machine_now
from states.errors import BankableError, Missing
from states.settings import settings
from states.storage import new_id

ABANDONED = timedelta(hours=1)
"""After which a partial file belongs to nobody: no document takes longer to write."""

NAME = "name"  # the file by which a store is known from every other
CHUNK = 1 << 20
_OF_S3 = (("botocore.exceptions", "BotoCoreError"), ("aiohttp", "ClientError"))  # which are none of the system
_NOTE = re.compile(r"filing\.([0-9a-f]{64})\.[0-9a-f]{32}")
_PARTIAL = re.compile(r"(?:[0-9a-f]{64}|incoming)\.[0-9a-f]{32}")


class StoreFailed(BankableError):
    """The store gives back other bytes than it was given."""

    code = "store_failed"


class Kept(StrEnum):
    """What the store holds of an object."""

    INTACT = "intact"
    DAMAGED = "damaged"
    MISSING = "missing"


def keep_bytes(content: bytes) -> str:
    """Put bytes into the store under their SHA-256 and return it; the same bytes are kept once.

    An object that was damaged is written anew. Raise `OSError` (a full disk, a store that is away), or `StoreFailed`
    where other bytes come back: nothing is left behind then.
    """
    digest = sha256(content).hexdigest()
    if verify(digest) is not Kept.INTACT:
        _write(digest, content)
    return digest


def read_bytes(digest: str) -> bytes:
    """Return the bytes of that SHA-256, or raise `Missing`; bytes that do not fit their name count as missing."""
    filesystem, root = open_store()
    try:
        content = bytes(filesystem.cat_file(path_in(root, digest)))
    except FileNotFoundError as error:
        raise Missing("stored_file", digest) from error
    if sha256(content).hexdigest() != digest:
        raise Missing("intact_stored_file", digest)
    return content


def verify(digest: str) -> Kept:
    """Read an object and tell whether it is what its name says; raise `OSError` where the store does not answer."""
    filesystem, root = open_store()
    try:
        return Kept.INTACT if _digest_of(filesystem, path_in(root, digest)) == digest else Kept.DAMAGED
    except FileNotFoundError:
        return Kept.MISSING


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes in the store under a name of their own, with a `note`: `settle` gives them theirs, `drop` ends both."""

    sha256: str
    size: int
    part: str
    note: str


def receive(chunks: Iterable[bytes]) -> Received:
    """Write what comes piece by piece, synced and read back; raise as `keep_bytes` does, and leave nothing then."""
    filesystem, root = open_store()
    filesystem.makedirs(root, exist_ok=True)
    key = new_id()
    part = f"{root}/incoming.{key}"
    digest, size = _fill(filesystem, part, chunks)
    received = Received(digest, size, part, note=f"{root}/filing.{digest}.{key}")
    try:
        _note(filesystem, root, received.note)
    except BaseException:
        drop(received)
        raise
    return received


def settle(received: Received) -> None:
    """Give received bytes their name, also in the place of damaged ones; it takes as long as a file is renamed."""
    filesystem, root = open_store()
    _settle(filesystem, root, received.part, received.sha256)


def drop(received: Received) -> None:
    """Remove received bytes that have no name, and the note of them; once they are filed, the note alone."""
    filesystem, _ = open_store()
    for path in (received.part, received.note):
        with suppress(OSError):
            filesystem.rm_file(path)


def left_in_filing(*, older_than: timedelta = ABANDONED) -> list[Received]:
    """Return what somebody received who was gone before it was filed: it may have its name, and no row."""
    filesystem, root = open_store()
    paths = filesystem.find(root, maxdepth=1)
    notes = [(path, found) for path in paths if (found := _NOTE.fullmatch(_name_in(path)))]
    return [
        Received(found[1], 0, part=f"{root}/incoming.{found[0][-32:]}", note=path)
        for path, found in notes
        if _is_older(filesystem, path, older_than)
    ]


def chunks_of(digest: str) -> Iterator[bytes]:
    """Yield the bytes of that SHA-256, once all of them are known to fit it; else raise `Missing`."""
    kept = verify(digest)
    if kept is not Kept.INTACT:
        raise Missing("stored_file" if kept is Kept.MISSING else "intact_stored_file", digest)
    filesystem, root = open_store()
    return _chunks(filesystem, path_in(root, digest))


def remove(digest: str) -> None:
    """Remove an object; that it is not there is no fault."""
    filesystem, root = open_store()
    with suppress(FileNotFoundError):
        filesystem.rm_file(path_in(root, digest))


def is_named() -> bool:
    """Tell whether a store is there that has been given its name."""
    filesystem, root = open_store()
    return bool(filesystem.exists(f"{root}/{NAME}"))


def store_name() -> str:
    """Return what this store is called, and no other: a name that lies in it, given when it is first asked for.

    Raise `OSError` where the store does not answer.
    """
    filesystem, root = open_store()
    path = f"{root}/{NAME}"
    try:
        return bytes(filesystem.cat_file(path)).decode()
    except FileNotFoundError:
        filesystem.makedirs(root, exist_ok=True)
        filesystem.pipe_file(path, new_id()[:8].encode())
        return bytes(filesystem.cat_file(path)).decode()  # of two who name it at once the later one is heard


def sweep_partial_files(*, older_than: timedelta = ABANDONED) -> int:
    """Remove the partial files of writers that are gone, and return how many there were.

    A file system that does not tell when a file was written keeps them.
    """
    filesystem, root = open_store()
    swept = 0
    for path in filesystem.find(root):
        if _PARTIAL.fullmatch(_name_in(path)) and _is_older(filesystem, path, older_than):
            with suppress(FileNotFoundError):
                filesystem.rm_file(path)
                swept += 1
    return swept


def open_store() -> tuple[fsspec.AbstractFileSystem, str]:
    """Return the file system of the store, and its root there; raise `OSError` where its package is not here."""
    try:
        filesystem, root = fsspec.url_to_fs(settings().store, use_listings_cache=False)
    except ImportError as error:
        raise OSError(str(error)) from error
    return filesystem, root.rstrip("/")


def errors_away() -> tuple[type[Exception], ...]:
    """Return the errors by which a store does not answer, or takes nothing; those of S3 where its library is in use."""
    found = (getattr(sys.modules.get(module), name, OSError) for module, name in _OF_S3)
    return (OSError, *found)


def is_passing(path: str) -> bool:
    """Tell whether a file of the store is a partial one or a note: it goes with its writer, or is swept up later."""
    name = _name_in(path)
    return bool(_PARTIAL.fullmatch(name) or _NOTE.fullmatch(name))


def path_in(root: str, digest: str) -> str:
    """Return where an object lies."""
    return f"{root}/{digest[:2]}/{digest}"


def _name_in(path: str) -> str:
    return path.rpartition("/")[2]


def _is_older(filesystem: fsspec.AbstractFileSystem, path: str, age: timedelta) -> bool:
    with suppress(FileNotFoundError, NotImplementedError):
        return bool(machine_now() - filesystem.modified(path) > age)
    return False


def _note(filesystem: fsspec.AbstractFileSystem, root: str, path: str) -> None:
    """Write an empty file that outlives a fall of the machine."""
    filesystem.pipe_file(path, b"")
    if isinstance(filesystem, LocalFileSystem):
        _sync_folder(root)


def _write(digest: str, content: bytes) -> None:
    filesystem, root = open_store()
    path = path_in(root, digest)
    filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
    part = f"{path}.{new_id()}"  # its own, so that two who keep the same bytes at once do not take it away
    _fill(filesystem, part, [content])
    _settle(filesystem, root, part, digest)


def _fill(filesystem: fsspec.AbstractFileSystem, part: str, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write a partial file and read it back; return its SHA-256 and its size. What goes wrong takes it away."""
    digest, size = sha256(), 0
    try:
        with open(part, "xb") if isinstance(filesystem, LocalFileSystem) else filesystem.open(part, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            if isinstance(filesystem, LocalFileSystem):
                file.flush()
                os.fsync(file.fileno())
        if _digest_of(filesystem, part) != digest.hexdigest():
            raise StoreFailed("store_failed", digest=digest.hexdigest())
    except BaseException:
        with suppress(OSError):
            filesystem.rm_file(part)
        raise
    return digest.hexdigest(), size


def _settle(filesystem: fsspec.AbstractFileSystem, root: str, part: str, digest: str) -> None:
    path = path_in(root, digest)
    folder = path.rpartition("/")[0]
    local = isinstance(filesystem, LocalFileSystem)
    try:
        filesystem.makedirs(folder, exist_ok=True)
        if local:
            os.replace(part, path)
        else:
            with suppress(FileNotFoundError):
                if _digest_of(filesystem, path) != digest:
                    filesystem.rm_file(path)  # damaged, and not every file system renames onto what is there
            filesystem.mv(part, path)
    except BaseException:
        with suppress(OSError):
            filesystem.rm_file(part)
        raise
    if local:
        for changed in (folder, root, root.rpartition("/")[0]):  # the folders may be new themselves
            _sync_folder(changed or "/")


def _digest_of(filesystem: fsspec.AbstractFileSystem, path: str) -> str:
    digest = sha256()
    for chunk in _chunks(filesystem, path):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(filesystem: fsspec.AbstractFileSystem, path: str) -> Iterator[bytes]:
    with filesystem.open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _sync_folder(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
