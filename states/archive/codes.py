"""Short codes of editions: printed on the cover with the address where anybody may ask whether the paper is genuine."""

import hmac
from dataclasses import dataclass

from states.seals.secrets import derived, secret_in_force
from states.settings import settings

# Crockford's base 32: no letter that is taken for a digit. Ten of them are too many to be guessed at the door's rate.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DIGITS = 10
_READ_AS = str.maketrans("OIL", "011", "- \t\u00a0\u2010\u2011\u2013")
PATH = "/verify"
"""Where the public page lies."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is printed on the cover of an edition: its code, and the address to which its QR code leads."""

    code: str
    address: str

    @property
    def shown(self) -> str:
        """The code as people read it."""
        return shown_code(self.code)


def stamp_for(message_id: str) -> Stamp:
    """Return the stamp of the edition that a message asks for: of each try the same, for others not to be guessed.

    So a print that came to nothing after its file was kept leaves no file behind that no edition has.
    """
    drawn = int.from_bytes(hmac.digest(derived(secret_in_force(), "codes"), message_id.encode(), "sha256"))
    code = "".join(_SIGNS[(drawn >> 5 * place) % len(_SIGNS)] for place in range(_DIGITS))
    return Stamp(code, f"{settings().public_url.rstrip('/')}{PATH}/{code}")


def shown_code(code: str) -> str:
    """Return a code in two halves."""
    return f"{code[: _DIGITS // 2]}-{code[_DIGITS // 2 :]}"


def read_code(written: str) -> str:
    """Return a code as it is kept, however somebody typed it; what is none is found nowhere."""
    return written.replace("\0", "").strip().upper().translate(_READ_AS)
