"""Charts of a plan: what they draw, what they say, and that extremes stay within the frame."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from markupsafe import Markup

from documents.charts import cash_flow, cumulated, distribution, tornado
from states.funding.finance.returns import discounted
from states.funding.finance.sensitivity import Sensitivity
from states.funding.finance.simulation import Simulation
from states.funding.finance.statements import Cash


def said(drawn: Markup) -> str:
    found = re.search(r"<title>(.*?)</title>", drawn)
    assert found is not None
    return found[1].replace("\u00a0", " ").replace("\u202f", " ")


def moved(name: str, fallen: str, risen: str) -> Sensitivity:
    return Sensitivity(name, Decimal(fallen), Decimal(risen), Decimal(1), critical=False, switching=None)


def year(number: int, opening: str, net: str) -> Cash:
    nothing = [Decimal(0)] * 10
    return Cash(number, Decimal(opening), Decimal(net), *nothing)


def simulated(*npv: str) -> Simulation:
    return Simulation(1, len(npv), tuple(map(Decimal, npv)), (), ())


def test_a_tornado_tells_both_ends() -> None:
    drawn = tornado([moved("Revenue: A", "-200.50", "400.00")], Decimal("100.00"), Decimal(10))

    assert said(drawn) == (
        "NPV of EUR 100.00 when one variable falls and rises by 10 %: Revenue: A EUR −200.50 and EUR 400.00."
    )


def test_a_tornado_names_what_it_leaves_out() -> None:
    drawn = tornado([moved(f"V{n}", "-1", "1") for n in range(15)], Decimal(0), Decimal(1))

    assert "3 more move less" in drawn
    assert drawn.count("<rect") == 12 * 2 + 2


def test_a_variable_that_moves_nothing_says_so() -> None:
    assert "does not move it" in tornado([moved("Loan rates", "5", "5")], Decimal(5), Decimal(1))


def test_cash_below_zero_is_a_ring() -> None:
    drawn = cash_flow([year(2027, "0", "-100"), year(2028, "-100", "300")])

    assert said(drawn) == (
        "Cash flow and cash at the end of each year: 2027 EUR −100.00, then EUR −100.00; "
        "2028 EUR 300.00, then EUR 200.00."
    )
    assert drawn.count('fill="#ffffff" stroke="#12466b"') == 1 + 1  # and one in the key


def test_cumulated_flows_are_paid_back_or_not() -> None:
    flows = [Decimal(-100), Decimal(80), Decimal(40)]

    drawn = cumulated(2027, flows, discounted(flows, Decimal(20)))

    assert said(drawn) == (
        "Cumulated flow 2027 – 2029: EUR 20.00, discounted EUR −5.56; paid back after 1.5 years, discounted never."
    )
    assert drawn.count("<circle") == 1


def test_only_what_is_below_zero_is_hatched() -> None:
    lossless, half = (distribution(simulated(*values)) for values in (("0", "10", "20"), ("-20", "-10", "10", "20")))

    assert (lossless.count("stroke-dasharray"), half.count("stroke-dasharray")) == (3 + 1, 3 + 1 + 2)
    assert said(half) == (
        "NPV in 4 runs: 5 % EUR −20.00, median EUR −10.00, 95 % EUR 20.00; mean EUR 0.00; 50 % below zero."
    )


def extremes() -> Iterator[Markup]:
    for size in ("0", "0.01", "-3", "9999999999.99", "-9999999999.99"):
        flows = [Decimal(size), Decimal(0)] * 25
        yield tornado([moved("V" * 90, size, "0"), moved("W", "0", size)], Decimal(size) / 2, Decimal(1))
        yield cash_flow([year(2027 + n, size, size) for n in range(50)])
        yield cumulated(2027, flows, flows)
        yield distribution(simulated(*sorted((size, size, "0"), key=Decimal)))


@pytest.mark.parametrize("drawn", [pytest.param(one, id=str(n)) for n, one in enumerate(extremes())])
def test_extremes_stay_within_the_frame(drawn: Markup) -> None:
    frame = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn)
    assert frame is not None
    wide, tall = map(float, frame.groups())

    across = [float(x) for x in re.findall(r' (?:x|x1|x2|cx)="(-?[\d.]+)"', drawn)]
    down = [float(y) for y in re.findall(r' (?:y|y1|y2|cy)="(-?[\d.]+)"', drawn)]

    assert 0 <= min(across) <= max(across) <= wide
    assert 0 <= min(down) <= max(down) <= tall
    assert not re.search(r'(?:width|height)="-', drawn)
