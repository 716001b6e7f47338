"""NPV, IRR, MIRR and payback: held to two libraries, to closed forms, and to flows with none or several rates."""

import random
from decimal import Decimal
from itertools import accumulate

import numpy as np
import numpy_financial as npf
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from states.funding.finance.returns import discounted, irr, mirr, npv, payback
from states.funding.finance.roots import rates


def euro(*amounts: int | str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def a_random_flow(seed: int) -> tuple[list[Decimal], Decimal]:
    """Make up a flow of 3 to 25 years that begins with an outlay and is earned back, and a rate in percent."""
    dice = random.Random(seed)
    outlay = [Decimal(-dice.randint(1, 10**9)).scaleb(-2) for _ in range(dice.randint(1, 3))]
    income = [Decimal(dice.randint(0, 10**9)).scaleb(-2) for _ in range(dice.randint(2, 22))]
    short = -sum(outlay) - sum(income)
    return [*outlay, *income, max(short, Decimal(0)) + Decimal(dice.randint(1, 10**8)).scaleb(-2)], Decimal(
        dice.randint(0, 2500)
    ) / 100


@pytest.mark.parametrize("seed", range(50))
def test_figures_equal_two_independent_libraries(seed: int) -> None:
    flows, rate = a_random_flow(seed)
    floats, ratio = [float(flow) for flow in flows], float(rate / 100)
    (own,) = irr(flows)
    modified = mirr(flows, finance=rate, reinvest=rate + 1)
    assert modified is not None

    assert float(npv(flows, rate)) == pytest.approx(pyxirr.npv(ratio, floats), abs=0.006)
    assert float(npv(flows, rate)) == pytest.approx(npf.npv(ratio, floats), abs=0.006)
    assert float(own) == pytest.approx(100 * (pyxirr.irr(floats) or 0), abs=6e-5)
    assert float(own) == pytest.approx(100 * npf.irr(floats), abs=6e-5)
    assert float(modified) == pytest.approx(100 * (pyxirr.mirr(floats, ratio, ratio + 0.01) or 0), abs=6e-5)
    assert float(modified) == pytest.approx(100 * npf.mirr(floats, ratio, ratio + 0.01), abs=6e-5)


@pytest.mark.parametrize(
    ("flows", "found"),
    [
        (euro(-100, 110), ["10.0000"]),
        (euro(-100, 0, 121), ["10.0000"]),
        (euro(0, -100, 110, 0), ["10.0000"]),  # years of nothing move no rate
        (euro(-100, 50), ["-50.0000"]),
        (euro(*[-300] * 6, 200), ["-59.9000"]),  # its root lies just below the bound on all of them
        (euro(100, -110), ["10.0000"]),  # a loan has a rate too
        (euro(-100, 230, -132), ["10.0000", "20.0000"]),  # 100 (1.1 v - 1)(1.2 v - 1), turned round
        (euro(-100, 220, -121), ["10.0000"]),  # touches zero without crossing it
        (euro(-1000, 3600, -4310, 1716), ["10.0000", "20.0000", "30.0000"]),
        (euro(-1, 6, -12, 8), ["100.0000"]),  # three times one rate: (2 v - 1)^3
        (euro(-10000, 400, -5, "0.02"), ["-99.0000", "-98.0000"]),  # one of them twice, both near -100 percent
        (euro(10**10, -2 * 10**10, "10000000000.01"), []),  # a pair of roots a millionth beside the real line
        (euro(10**10, "-20000000000.01", 10**10), ["-0.0001", "0.0001"]),
        (euro(-100, 200, -150), []),  # two changes of sign, no rate
        (euro(100, 50), []),
        (euro(-100, -50), []),
        (euro(0, 0), []),
        ([], []),
    ],
)
def test_every_rate_of_return_is_found(flows: list[Decimal], found: list[str]) -> None:
    assert [str(rate) for rate in irr(flows)] == found


@given(
    st.lists(st.integers(min_value=-90, max_value=400), min_size=1, max_size=6, unique=True),
    st.integers(min_value=1, max_value=10**9),
)
@settings(deadline=None)
def test_a_flow_made_of_its_rates_gives_them_back(percents: list[int], scale: int) -> None:
    flow = [scale]
    for percent in percents:  # times (100 + percent) v - 100
        before, after = [0, *flow], [*flow, 0]
        flow = [(100 + percent) * one - 100 * other for one, other in zip(before, after, strict=True)]

    found = [round(100 * rate, 6) for rate in rates(flow)]

    assert found == sorted(map(Decimal, percents))


def test_rates_that_floats_cannot_tell_apart_are_told_apart() -> None:
    percents, flow = [395, 396, 397, 398, 399, 400], [1]
    for percent in percents:
        flow = [(100 + percent) * one - 100 * other for one, other in zip([0, *flow], [*flow, 0], strict=True)]

    assert sum(abs(root.imag) > 1e-4 for root in np.roots(flow[::-1])) == 4
    assert [round(100 * rate, 6) for rate in rates(flow)] == percents


@pytest.mark.parametrize("seed", range(40))
def test_several_rates_equal_the_eigenvalues_of_the_companion_matrix(seed: int) -> None:
    dice = random.Random(seed)
    cents = [dice.randint(1, 10**8) * dice.choice((-1, 1)) for _ in range(dice.randint(4, 12))]

    roots = np.roots(cents[::-1])  # of the discount factor

    expected = sorted(1 / root.real - 1 for root in roots if abs(root.imag) < 1e-9 and root.real > 0)
    assert [float(rate) for rate in rates(cents)] == pytest.approx(expected, rel=1e-7, abs=1e-7)


def test_a_rate_of_zero_has_no_sign() -> None:
    assert list(map(str, irr(euro(-100, 100, -100, 100)))) == ["0.0000"]


def test_npv_by_hand_and_with_the_first_year_discounted() -> None:
    flows = euro(-1000, 550, 605)

    assert npv(flows, Decimal(10)) == Decimal("0.00")
    assert npv(euro(-1000, 1100), Decimal(5), first=1) == Decimal("45.35")  # -952.381 + 997.732
    assert npv(euro("0.01", "-0.005"), Decimal(0)) == Decimal("0.01")  # half away from zero


def test_mirr_by_hand() -> None:
    # 1000 now; 500 grows to 550, with 600 to 1150: the root of 1.15.
    assert mirr(euro(-1000, 500, 600), finance=Decimal(8), reinvest=Decimal(10)) == Decimal("7.2381")
    assert mirr(euro(-1000, -500), finance=Decimal(8), reinvest=Decimal(8)) is None
    assert mirr(euro(1000, 500), finance=Decimal(8), reinvest=Decimal(8)) is None


@pytest.mark.parametrize(
    ("flows", "years"),
    [
        (euro(-1000, 400, 400, 400), "2.5000"),
        (euro(-1000, 1000), "1.0000"),
        (euro(-500, -500, 2000), "1.5000"),
        (euro(-1000, 400), None),
        (euro(10, 20), "0"),
        (euro(100, -300, 400), "1.5000"),
        (euro(-100, 150, -200), "0.6667"),  # the first time counts
    ],
)
def test_payback_is_interpolated(flows: list[Decimal], years: str | None) -> None:
    assert payback(flows) == (None if years is None else Decimal(years))


def test_discounted_payback_takes_longer() -> None:
    flows = discounted(euro(-1000, 550, 605, 100), Decimal(10))

    assert [round(total, 2) for total in accumulate(flows)][2] == 0
    assert round(payback(flows) or 0, 2) == 2
