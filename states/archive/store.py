"""Where the bytes of documents are kept: content-addressed under their SHA-256, behind any file system of fsspec.

An object has its name once its bytes are there: written under a name of its own, synced, read back and compared, then
renamed. Local file systems are synced, file and folders; of others fsspec offers no sync, and what they confirm is
taken for kept. Whatever goes wrong, the partial file is removed; one that a killed process left is swept up later.
"""

import os
import re
from contextlib import suppress
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
_PARTIAL = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{32}")


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
    try:
        read_bytes(digest)
    except Missing as error:
        return Kept.MISSING if error.noun == "stored_file" else Kept.DAMAGED
    return Kept.INTACT


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
        if _PARTIAL.fullmatch(path.rpartition("/")[2]):
            with suppress(FileNotFoundError, NotImplementedError):
                if machine_now() - filesystem.modified(path) > older_than:
                    filesystem.rm_file(path)
                    swept += 1
    return swept


def open_store() -> tuple[fsspec.AbstractFileSystem, str]:
    """Return the file system of the store, and its root there."""
    filesystem, root = fsspec.url_to_fs(settings().store)
    return filesystem, root.rstrip("/")


def path_in(root: str, digest: str) -> str:
    """Return where an object lies."""
    return f"{root}/{digest[:2]}/{digest}"


def _write(digest: str, content: bytes) -> None:
    filesystem, root = open_store()
    path = path_in(root, digest)
    folder = path.rpartition("/")[0]
    local = isinstance(filesystem, LocalFileSystem)
    filesystem.makedirs(folder, exist_ok=True)
    part = f"{path}.{new_id()}"  # its own, so that two who keep the same bytes at once do not take it away
    try:
        if local:
            _write_synced(part, content)
        else:
            filesystem.pipe_file(part, content)
        if sha256(filesystem.cat_file(part)).hexdigest() != digest:
            raise StoreFailed("store_failed", digest=digest)
        if local:
            os.replace(part, path)
        else:
            with suppress(FileNotFoundError):
                filesystem.rm_file(path)  # damaged, and not every file system renames onto what is there
            filesystem.mv(part, path)
    except BaseException:
        with suppress(OSError):
            filesystem.rm_file(part)
        raise
    if local:
        for changed in (folder, root, root.rpartition("/")[0]):  # the folders may be new themselves
            _sync_folder(changed or "/")


def _write_synced(path: str, content: bytes) -> None:
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
