"""E-mail addresses and the domains of organisations, as they are kept, and why something is none."""

import re
import unicodedata
from functools import lru_cache

import idna

from states.errors import Fault

_LOCAL = re.compile(r"(?!\.)(?!.*\.\.)[^\s@,;:<>()\[\]\\\"]+(?<!\.)")
_MOST_BYTES = 64  # before the @ (RFC 5321, 4.5.3.1.1)
_TOP_LEVEL = re.compile(r"\.(?:[a-z]{2,}|xn--[a-z0-9-]+)$")  # no numbers (RFC 3696, 2)
_APART = re.compile(r"[\s,;]+")
_NAMED = re.compile(r"[^<>]*<([^<>]+)>")
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})


def read_address(place: str, written: str) -> str | Fault:
    """Return an address in the one spelling in which it is kept, or what is wrong with it.

    What people put around it falls away: a name before it, `mailto:`, a last dot, blanks and marks that nobody sees.
    Inside of it such marks are refused: without them it might be another address. The domain is written as the network
    has it (IDNA 2008), in small letters. Letters before the @ are made small, but no other letter takes their place:
    ß and ss are two people; only an apostrophe that a word processor has bent is a plain one.
    """
    text = _bare(unicodedata.normalize("NFC", written))
    if named := _NAMED.fullmatch(text):
        text = _bare(named[1])
    text = _bare(text[len("mailto:") :]) if text.lower().startswith("mailto:") else text
    if any(unicodedata.category(one) in _INVISIBLE for one in text):
        return Fault(place, "address_with_invisible_letters", remedy="type_address_anew")
    if len([part for part in _APART.split(text) if "@" in part]) > 1:
        return Fault(place, "several_addresses", remedy="give_one_address")
    local, at, domain = text.rpartition("@")
    local, host = local.replace("’", "'"), read_host(domain.removesuffix("."))
    if not at or host is None or not _is_local(local):
        return Fault(place, "no_address", remedy="such_as_office_cluster_example")
    return f"{''.join(map(_small, local))}@{host}"


def _is_local(text: str) -> bool:
    fits = len(text.encode(errors="replace")) <= _MOST_BYTES and unicodedata.normalize("NFKC", text) == text
    return fits and _LOCAL.fullmatch(text) is not None


def _small(letter: str) -> str:
    """Return a letter made small; İ stays, which would become two."""
    return letter.lower() if len(letter.lower()) == 1 else letter


def _bare(text: str) -> str:
    """Take off blanks and invisible marks around a text."""
    shown = [at for at, one in enumerate(text) if not one.isspace() and unicodedata.category(one) not in _INVISIBLE]
    return text[shown[0] : shown[-1] + 1] if shown else ""


@lru_cache(maxsize=4096)
def address_key(written: str) -> str:
    """Return by what an address is found: as it is kept; what is none, in small letters."""
    read = read_address("", written)
    return read if isinstance(read, str) else written.strip().lower()


def needs_smtputf8(address: str) -> bool:
    """Tell whether mails reach an address by servers alone that take letters beyond ASCII before the @ (RFC 6531)."""
    return not address.rpartition("@")[0].isascii()


def read_host(written: str) -> str | None:
    """Return the name of a host as the network has it, in small letters; None where it is none."""
    try:
        host = idna.encode(written.strip().lower(), uts46=False, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        return None
    return host if _TOP_LEVEL.search(host) else None
