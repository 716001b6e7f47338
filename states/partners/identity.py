"""Who an organisation is before the law: numbers that registers and tax offices give, checked by their own rules."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import stdnum.exceptions
from stdnum import get_cc_module
from stdnum.eu import nace as nace_codes
from stdnum.eu import vat as eu_vat

from states.errors import Fault
from states.partners.addresses import read_host

# Where a register's numbers follow a rule, the modules of the library that know it: one of them must be content.
_REGISTERS = {
    "AT": ("businessid",),
    "BE": ("vat",),
    "CH": ("uid",),
    "DE": ("handelsregisternummer",),
    "DK": ("cvr",),
    "EE": ("registrikood",),
    "ES": ("cif",),
    "FI": ("ytunnus",),
    "FR": ("siren", "siret"),
    "HR": ("oib",),
    "IT": ("iva", "codicefiscale"),
    "NO": ("orgnr",),
    "PL": ("regon", "nip"),
    "PT": ("nif",),
    "RO": ("onrc", "cui"),
    "SE": ("orgnr",),
    "SI": ("maticna",),
}
_PIC_DIGITS = 9
# An address there says nothing of where somebody works: everybody may have one.
FREE_MAIL = frozenset(
    {
        *("aol.com", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.de", "gmx.net", "googlemail.com"),
        *("hotmail.com", "hotmail.fr", "icloud.com", "inbox.lv", "interia.pl", "laposte.net", "libero.it", "live.com"),
        *("mail.com", "mail.ru", "me.com", "msn.com", "o2.pl", "onet.pl", "orange.fr", "outlook.com", "proton.me"),
        *("protonmail.com", "seznam.cz", "t-online.de", "tuta.com", "ukr.net", "virgilio.it", "wanadoo.fr", "web.de"),
        *("wp.pl", "yahoo.com", "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.it", "yandex.ru", "zoho.com"),
    }
)


def read_vat_number(place: str, written: str, *, country: str) -> str | Fault:
    """Return a VAT number with the prefix of its country, or what is wrong with it."""
    prefix = {"GR": "EL"}.get(country, country)
    compact = "".join(one for one in written.upper() if one.isalnum())
    number = compact if compact.startswith(prefix) else f"{prefix}{compact}"
    checker: Any = eu_vat if _is_in_the_union(country) else get_cc_module(country.lower(), "vat")
    if checker is None:
        return compact
    try:
        checker.validate(number if checker is eu_vat else compact)
    except stdnum.exceptions.ValidationError:
        return Fault(place, "vat_number_unfit", remedy="as_issued_with_country", number=written, country=country)
    return number if checker is eu_vat else compact


def _is_in_the_union(country: str) -> bool:
    return country == "GR" or country.lower() in eu_vat.MEMBER_STATES


def read_registration_number(place: str, written: str, *, country: str) -> str | Fault:
    """Return a number of the national register, or what is wrong with it; without a known rule it stays as it is."""
    text = " ".join(written.split())
    modules: list[Any] = [get_cc_module(country.lower(), name) for name in _REGISTERS.get(country, ())]
    for module in modules:
        try:
            return str(module.validate(text))
        except stdnum.exceptions.ValidationError:
            continue
    if modules:
        return Fault(place, "registration_number_unfit", remedy="as_registered", number=written, country=country)
    return text


def read_pic(place: str, written: str) -> str | Fault:
    """Return a participant identification code of the Commission's portal, or what is wrong with it."""
    digits = "".join(written.split())
    if len(digits) == _PIC_DIGITS and digits.isascii() and digits.isdigit():
        return digits
    return Fault(place, "pic_unfit", remedy="nine_digits")


def read_nace(place: str, written: str) -> str | Fault:
    """Return a code of NACE Rev. 2.1 (Delegated Regulation (EU) 2023/137), or what is wrong with it."""
    try:
        return str(nace_codes.format(nace_codes.validate(written, revision="2.1")))
    except stdnum.exceptions.ValidationError:
        return Fault(place, "nace_unfit", remedy="code_of_nace", code=written)


def read_domain(place: str, written: str) -> str | Fault:
    """Return a domain of an organisation's addresses as the network has it, or why it is none.

    What people put around it (@, www., https://, a trailing dot) falls away. A domain of which everybody may have an
    address is refused: it would find conflicts of interest between strangers.
    """
    text = written.strip().lower().rpartition("@")[2]
    text = text.removeprefix("https://").removeprefix("http://").partition("/")[0].removeprefix("www.").rstrip(".")
    host = read_host(text)
    if host is None:
        return Fault(place, "no_domain", remedy="such_as_cluster_example", domain=written)
    if host in FREE_MAIL:
        return Fault(place, "domain_of_everybody", remedy="leave_it_out", domain=host)
    return host


def read_domains(place: str, written: Iterable[str]) -> tuple[list[str], list[Fault]]:
    """Return the domains that could be read, each once, and what is wrong with the others."""
    read = [read_domain(f"{place}[{number}]", one) for number, one in enumerate(written, start=1)]
    good = dict.fromkeys(one for one in read if isinstance(one, str))
    return list(good), [one for one in read if isinstance(one, Fault)]


@lru_cache(maxsize=4096)
def same_house(domain: str, other: str) -> bool | None:
    """Tell whether addresses of one domain belong to who has the other: so for the domain itself and those below it.

    None where it is the other way round: the address is of a house of which the other may be a part.
    """
    one, two = (read_host(text) or text.lower() for text in (domain, other))
    if one == two or one.endswith(f".{two}"):
        return True
    return None if two.endswith(f".{one}") else False
