"""A seal: who sealed (the name of the secret), on what occasion, and an HMAC over what is sealed.

`made:1f0c9a3e:<64 hexadecimal digits>`. NULL counts as absent: a column that is added later, and is NULL in older rows,
leaves their seals as they were.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, StrEnum
from hashlib import sha256

from states.seals.secrets import derived, known_secrets, name_of, secret_in_force

_EXACT = 2**53
_say = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Mark(StrEnum):
    """On what occasion something was sealed."""

    MADE = "made"
    UPGRADE = "upgrade"
    UNFIT = "unfit"
    ANEW = "anew"
    TAKEN = "taken"


class Verdict(StrEnum):
    """What is to be said of a seal."""

    FITS = "fits"
    BROKEN = "broken"
    ABSENT = "absent"
    KEY_ABSENT = "key_absent"


Values = Mapping[str, object]


def make_seal(noun: str, values: Values, *, previous: str = "", mark: Mark = Mark.MADE) -> str:
    """Seal values by name with the secret in force; `previous` is the seal before it, where they are in a chain."""
    secret = secret_in_force()
    return f"{mark}:{name_of(secret)}:{_mac(secret, mark, noun, values, previous)}"


def judge(seal: str, noun: str, values: Values, *, previous: str = "") -> Verdict:
    """Say whether a seal is that of these values; no secret is made for it."""
    mark, name, mac = _parts(seal)
    if not mac:
        return Verdict.ABSENT
    secret = next((one for one in known_secrets() if name_of(one) == name), None)
    if secret is None:
        return Verdict.KEY_ABSENT
    fits = hmac.compare_digest(_mac(secret, mark, noun, values, previous), mac)
    return Verdict.FITS if fits else Verdict.BROKEN


def mark_of(seal: str) -> Mark | None:
    """Return on what occasion a seal was made; None where it is none of ours."""
    return next((mark for mark in Mark if mark == _parts(seal)[0]), None)


def key_of(seal: str) -> str:
    """Return the name of the secret by which a seal was made."""
    return _parts(seal)[1]


def weight_of(seal: str) -> int:
    """Return a number for a seal, none for no seal: the sum of a set's tells, in any order, which seals are in it."""
    return int.from_bytes(sha256(seal.encode()).digest(), "big") if seal else 0


def _parts(seal: str) -> tuple[str, str, str]:
    mark, _, rest = seal.partition(":")
    name, _, mac = rest.partition(":")
    return mark, name, mac


def _mac(secret: bytes, mark: str, noun: str, values: Values, previous: str) -> str:
    held = {name: _plain(value) for name, value in values.items() if value is not None}
    said = _say([mark, noun, previous, held])
    return hmac.digest(derived(secret, "seals"), said.encode(), "sha256").hex()


def _plain(value: object) -> object:
    """Return a value as JSON in one form only, whether it is about to be written or was read, on either engine."""
    if type(value) is str:  # most are: every write seals
        return value
    match value:
        case Enum():
            return _plain(value.value)
        case None | bool() | str():
            return value
        case int() | float():
            exact = isinstance(value, int) or value.is_integer()
            return int(value) if exact and abs(value) <= _EXACT else float(value)
        case Decimal():
            return f"{value:.2f}"  # as every column of decimals keeps it
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            raise TypeError(f"{type(value).__name__} is not sealed: teach it here")
