"""Asks ClamAV by its socket whether a file is malware (`INSTREAM` of clamd's protocol)."""

import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from states.archive.evidence.tables import Scan
from states.errors import Outage
from states.packages import refuse_file
from states.settings import settings

_SECONDS = 120  # clamd's own limit for a file, ReadTimeout
_LONGEST_ANSWER = 4_096


class ScannerAway(Outage):
    """The scanner for malware does not answer: nothing is filed until it does."""

    code = "scanner_away"


def scan(chunks: Iterable[bytes], name: str) -> Scan:
    """Return what the scanner says of a file; raise `FileInvalid` for malware, `ScannerAway` where it says nothing.

    `chunks` are read where a scanner is configured.
    """
    address = settings().evidence_scanner
    if not address:
        return Scan.NOT_SCANNED
    try:
        answer = _asked(address, chunks)
    except OSError as error:
        raise ScannerAway(reason=str(error)) from error
    if answer.endswith("OK"):
        return Scan.CLEAN
    if answer.endswith("FOUND"):
        found = answer.removeprefix("stream: ").removesuffix(" FOUND")
        raise refuse_file(name, "file_is_malware", remedy="clean_machine_and_send_again", found=found[:200])
    raise ScannerAway(reason=answer[:200])


def _asked(address: str, chunks: Iterable[bytes]) -> str:
    with _connected(address) as connection:
        connection.sendall(b"zINSTREAM\0")
        try:
            for chunk in chunks:
                connection.sendall(len(chunk).to_bytes(4, "big") + chunk)
            connection.sendall(bytes(4))
        except (BrokenPipeError, ConnectionResetError):  # it has said why before it hung up
            pass
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER and (more := connection.recv(1024)):
            answer += more
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_SECONDS)
        try:
            connection.connect(parts.path)
        except OSError:
            connection.close()
            raise
        return connection
    return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 3310), timeout=_SECONDS)
