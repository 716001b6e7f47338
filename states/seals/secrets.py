"""The secrets of an installation: the one in force signs and seals, former ones still open and verify."""

import hmac
import os
import secrets
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from states.errors import BankableError
from states.settings import settings

_SECRET_BYTES = 32
_FILE, _FORMER_FILE = "secret", "secret.former"


class SecretElsewhere(BankableError):
    """The secret is in the settings, and only there it can be changed."""

    code = "secret_elsewhere"


def secret_in_force() -> bytes:
    """Return the secret of the installation: from the settings, or from a file that only its owner reads."""
    if settings().secret:
        return settings().secret.encode()
    found = _held(_FILE)
    if found is None:
        _write_once(_path(_FILE), secrets.token_hex(_SECRET_BYTES))
        found = _path(_FILE).read_bytes()
    return found


def known_secrets() -> list[bytes]:
    """Return every secret that is here, the one in force first; none is made.

    Former ones stand in the settings or in a file. What lies in the folder while the settings name another is former.
    """
    return list(dict.fromkeys(_known()))


def _known() -> Iterator[bytes]:
    if settings().secret:
        yield settings().secret.encode()
    if (found := _held(_FILE)) is not None:
        yield found
    yield from (one.encode() for one in settings().former_secrets)
    yield from former_in_file()


def former_in_file() -> list[bytes]:
    """Return the former secrets that lie in the installation's folder, the last one first."""
    return (_held(_FORMER_FILE) or b"").split()


@lru_cache(maxsize=64)
def name_of(secret: bytes) -> str:
    """Return what a secret is called: eight hexadecimal digits that tell nothing of it."""
    return derived(secret, "name").hex()[:8]


@lru_cache(maxsize=64)
def derived(secret: bytes, purpose: str) -> bytes:
    """Return a key for one purpose: who learns it knows neither the secret nor the key for another one."""
    return hmac.digest(secret, f"bankable {purpose}".encode(), sha256)


def rotate_secret() -> tuple[str, str]:
    """Put a new secret in force, and keep the one before for what it signed and sealed; return the names of both.

    Raise `SecretElsewhere` where the settings name the secret.
    """
    if settings().secret:
        raise SecretElsewhere()
    before, after = secret_in_force(), secrets.token_hex(_SECRET_BYTES).encode()
    _write(_path(_FORMER_FILE), [before, *former_in_file()])  # first: what it sealed can be verified at any time
    _write(_path(_FILE), [after])
    return name_of(before), name_of(after)


def forget_secret(secret: bytes) -> None:
    """Take a former secret out of the installation's folder; raise `SecretElsewhere` where it is not kept there."""
    held = former_in_file()
    if secret in held:
        _write(_path(_FORMER_FILE), [one for one in held if one != secret])
    elif settings().secret and _held(_FILE) == secret:
        _path(_FILE).unlink()
    else:
        raise SecretElsewhere("former_secret_elsewhere")


def kept_secret() -> bytes | None:
    """Return the secret that lies in the installation's folder; None where the settings name one, or none was made."""
    return None if settings().secret else _held(_FILE)


def keep_secret(secret: bytes) -> None:
    """Lay a secret down in the installation's folder, unless one is there: links that were made by it open here too."""
    _write_once(_path(_FILE), secret.decode())


def keep_former(former: list[bytes]) -> None:
    """Lay former secrets down in the installation's folder, beside those that are there."""
    held = former_in_file()
    _write(_path(_FORMER_FILE), [*held, *(one for one in former if one not in held)])


def _held(name: str) -> bytes | None:
    """Return what a file of the installation holds, read anew whenever it is another one; None where there is none."""
    file = os.path.join(settings().home, name)
    try:
        found = os.stat(file)
    except FileNotFoundError:
        return None
    return _read(file, found.st_ino, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=16)
def _read(file: str, *_: int) -> bytes:
    return Path(file).read_bytes()


def _path(name: str) -> Path:
    return settings().home / name


def _write_once(file: Path, text: str) -> None:
    draft = _draft(file, text)
    try:
        os.link(draft, file)  # of two processes at once, one has it; a file half written is never read
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _write(file: Path, lines: list[bytes]) -> None:
    if lines:
        _draft(file, b"\n".join(lines).decode()).replace(file)
    else:
        file.unlink(missing_ok=True)


def _draft(file: Path, text: str) -> Path:
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    return draft
