"""What an amount is worth: exact in its currency and in EUR, with and without VAT."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.funding.money.currencies import currency_fault, known_currencies, smallest
from states.funding.money.worth import euro_of, in_euro, split_vat

CENTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("999999999.99"), places=2)
RATES = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal("20000"), places=4)
PERCENTS = st.decimals(min_value=Decimal(0), max_value=Decimal(100), places=2)


@pytest.mark.parametrize(
    ("stated", "currency", "rate", "euro"),
    [
        ("100.00", "PLN", "4.2583", "23.48"),
        ("0.02", "PLN", "4", "0.01"),  # exactly half a cent goes up
        ("1", "JPY", "200", "0.01"),
        ("123456789012.34", "SEK", "11.0001", "11223242426.19"),
    ],
)
def test_euro_are_rounded_half_up_to_the_cent(stated: str, currency: str, rate: str, euro: str) -> None:
    assert in_euro(Decimal(stated), currency, Decimal(rate)) == Decimal(euro)


def test_vat_has_the_decimals_of_its_currency() -> None:
    yen = split_vat(Decimal(1005), "JPY", percent=Decimal(10), included=False)
    dinar = split_vat(Decimal("1.005"), "KWD", percent=Decimal(10), included=False)

    assert (yen.vat, dinar.vat) == (Decimal(101), Decimal("0.101"))


@given(stated=CENTS, rate=RATES, percent=PERCENTS, included=st.booleans())
def test_net_and_vat_are_gross_in_both_currencies(
    stated: Decimal, rate: Decimal, percent: Decimal, included: bool
) -> None:
    own = split_vat(stated, "PLN", percent=percent, included=included)
    euro = euro_of(own, "PLN", rate)

    assert own.net + own.vat == own.gross
    assert euro.net + euro.vat == euro.gross
    assert stated == (own.gross if included else own.net)
    assert abs(euro.gross * rate - own.gross) <= rate * Decimal("0.005")


def test_currencies_are_those_that_people_pay_in() -> None:
    assert {"EUR", "PLN", "SEK", "HUF", "BGN", "ISK"} <= known_currencies()
    assert not {"XAU", "XTS", "XXX", "zl", ""} & known_currencies()
    assert (smallest("ISK"), smallest("SEK"), smallest("KWD")) == (Decimal(1), Decimal("0.01"), Decimal("0.001"))
    assert str(currency_fault("currency", "zł")) == (
        "currency: 'zł' is no currency (the code by ISO 4217, such as PLN or SEK)"
    )
