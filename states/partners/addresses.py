"""E-mail addresses and the domains of organisations, as they are kept, and why something is none."""

import re
import unicodedata

import idna

from states.errors import Fault

_LOCAL = re.compile(r"[^\s@,;:<>()\[\]\\\"]{1,64}")
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})


def read_address(place: str, written: str) -> str | Fault:
    """Return an address in the one spelling in which it is kept, or what is wrong with it.

    The domain is written as the network has it (IDNA 2008), in small letters. Letters before the @ are made small, but
    no other letter is put in their place: ß and ss are two people.
    """
    text = unicodedata.normalize("NFC", written.strip())
    text = text[len("mailto:") :] if text.lower().startswith("mailto:") else text
    if any(unicodedata.category(one) in _INVISIBLE for one in text):
        return Fault(place, "address_with_invisible_letters", remedy="type_address_anew")
    local, at, domain = text.rpartition("@")
    host = read_host(domain)
    if not at or not _LOCAL.fullmatch(local) or host is None or unicodedata.normalize("NFKC", local) != local:
        return Fault(place, "no_address", remedy="such_as_office_cluster_example")
    return f"{local.lower()}@{host}"


def read_host(written: str) -> str | None:
    """Return the name of a host as the network has it, in small letters; None where it is none."""
    try:
        host = idna.encode(written.strip().lower(), uts46=False, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        return None
    return host if "." in host and not host.endswith(".") else None
