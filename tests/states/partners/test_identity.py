"""Numbers of registers are checked by their country's rule; domains are kept in one spelling, and free mail is none."""

import pytest

from states.errors import Fault
from states.partners.addresses import read_address
from states.partners.identity import (
    read_domain,
    read_nace,
    read_pic,
    read_registration_number,
    read_vat_number,
    same_house,
)


def said(read: str | Fault) -> str:
    return read.code if isinstance(read, Fault) else read


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [
        ("IT 00743110157", "IT", "IT00743110157"),
        ("0428.759.497", "BE", "BE0428759497"),
        ("BE0428759497", "BE", "BE0428759497"),
        ("BE0428759498", "BE", "vat_number_unfit"),
        ("IT00743110157", "BE", "vat_number_unfit"),
        ("EL094259216", "GR", "EL094259216"),
        ("CHE-107.787.577 IVA", "CH", "CHE107787577IVA"),
        ("12345", "UA", "12345"),
    ],
)
def test_a_vat_number_has_the_prefix_of_its_country(written: str, country: str, expected: str) -> None:
    assert said(read_vat_number("vat_number", written, country=country)) == expected


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [
        ("552 008 443", "FR", "552008443"),
        ("552008444", "FR", "registration_number_unfit"),
        ("192598184", "PL", "192598184"),
        ("Reg. 17/4", "LT", "Reg. 17/4"),
    ],
)
def test_a_registers_number_follows_its_countrys_rule(written: str, country: str, expected: str) -> None:
    assert said(read_registration_number("registration_number", written, country=country)) == expected


def test_codes_of_the_union() -> None:
    assert [said(read_pic("pic", one)) for one in ("999 999 999", "12345678", "٩٩٩٩٩٩٩٩٩")] == [
        "999999999",
        "pic_unfit",
        "pic_unfit",
    ]
    assert [said(read_nace("nace", one)) for one in ("01", "10.51", "1051", "45", "soil")] == [
        "01",
        "10.51",
        "10.51",
        "nace_unfit",
        "nace_unfit",
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("mill.example", "mill.example"),
        ("@Mill.example", "mill.example"),
        (" www.mill.example. ", "mill.example"),
        ("https://www.mill.example/contact", "mill.example"),
        ("office@mill.example", "mill.example"),
        ("Mühle.example", "xn--mhle-0ra.example"),
        ("gmail.com", "domain_of_everybody"),
        ("WEB.de", "domain_of_everybody"),
        ("mill", "no_domain"),
        ("", "no_domain"),
        ("mi ll.example", "no_domain"),
    ],
)
def test_a_domain_is_kept_in_one_spelling(written: str, expected: str) -> None:
    assert said(read_domain("domains[1]", written)) == expected


@pytest.mark.parametrize(
    ("domain", "other", "expected"),
    [
        ("mill.example", "mill.example", True),
        ("soil.mill.example", "mill.example", True),
        ("mill.example", "soil.mill.example", None),
        ("windmill.example", "mill.example", False),
        ("mühle.example", "xn--mhle-0ra.example", True),
    ],
)
def test_which_addresses_are_of_a_house(domain: str, other: str, expected: bool | None) -> None:
    assert same_house(domain, other) is expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Office@Straße.example", "office@xn--strae-oqa.example"),
        ("mailto:office@mill.example", "office@mill.example"),
        ("groß@mill.example", "groß@mill.example"),
        ("a\u200bb@mill.example", "address_with_invisible_letters"),
        ("office@mill.example.", "office@mill.example"),
        ("zw@mill.example\u200b", "zw@mill.example"),
        ("\ufeff\u200eoffice@mill.example\u200f ", "office@mill.example"),
        ("Mill Office <Office@Mill.example>", "office@mill.example"),
        ('"Mill, office" <mailto:office@mill.example>', "office@mill.example"),
        ("info@ορθοπαιδικός.example", "info@xn--mxagkfbg3abjht3j.example"),
        ("office@faß.example", "office@xn--fa-hia.example"),
        ("office@exa\u00admple.example", "address_with_invisible_letters"),
        ("office@mi\u200dll.example", "address_with_invisible_letters"),
        ("office@ｍill.example", "no_address"),
        ("office@mill..example", "no_address"),
        ("office@mill.example..", "no_address"),
        ("<office@mill.example> <b@mill.example>", "several_addresses"),
        ("ｏffice@mill.example", "no_address"),
        ("a@b@mill.example", "no_address"),
        ("office@mill", "no_address"),
        ("office+cluster@mill.example", "office+cluster@mill.example"),
        ("o’neill@mill.example", "o'neill@mill.example"),
        ("İpek@mill.example", "İpek@mill.example"),
        ("office..two@mill.example", "no_address"),
        (".office@mill.example", "no_address"),
        ("office.@mill.example", "no_address"),
        ("office@192.168.0.1", "no_address"),
        ("office@mill.x", "no_address"),
        ("ö" * 33 + "@mill.example", "no_address"),
        ("office@mill.example; lab@mill.example", "several_addresses"),
        ("office@mill.example, lab@mill.example", "several_addresses"),
        ("office@mill.example lab@mill.example", "several_addresses"),
        ("office@mill.example\nlab@mill.example", "address_with_invisible_letters"),
    ],
)
def test_an_address_is_kept_in_one_spelling(written: str, expected: str) -> None:
    assert said(read_address("email", written)) == expected
