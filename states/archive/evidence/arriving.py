"""How a file arrives: its type by its content, the scanner's word, then its bytes in the store, under no name yet."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from states.archive.absence import name_of_store, needing_the_store
from states.archive.evidence.file_types import type_of
from states.archive.evidence.removal import remove_unused
from states.archive.evidence.scanning import scan
from states.archive.evidence.service import Upload
from states.archive.store import CHUNK, drop, receive
from states.errors import Fault
from states.packages import FileInvalid
from states.settings import settings
from states.storage import begin


@contextmanager
def arrived(files: Sequence[tuple[BinaryIO, str]]) -> Iterator[list[Upload]]:
    """Yield the files, each with its name, as they may be filed; what the block does not file leaves no bytes behind.

    No transaction may be open when it begins. Raise `FileInvalid` with what is wrong with any of them.
    """
    uploads: list[Upload] = []
    name_of_store()
    faults: list[Fault] = []
    try:
        with needing_the_store():
            for file, name in files:
                try:
                    uploads.append(_arrive(file, name))
                except FileInvalid as error:
                    faults += error.faults
            if faults:
                raise FileInvalid(faults=faults)
            yield uploads
            for upload in uploads:
                drop(upload.received)
    except BaseException:
        for upload in uploads:
            _forget(upload)
        raise


def _arrive(file: BinaryIO, name: str) -> Upload:
    most = settings().evidence_most_bytes
    found = type_of(file, name)
    word = scan(_chunks(file), name)
    received = receive(_chunks(file))
    if received.size > most:
        drop(received)
        raise FileInvalid(
            faults=[Fault(name, "file_too_large", remedy="at_most_mib", size=received.size >> 20, most=most >> 20)]
        )
    return Upload(name, found, word, received)


def _forget(upload: Upload) -> None:
    drop(upload.received)
    with begin() as session:
        remove_unused(session, upload.received.sha256)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk
