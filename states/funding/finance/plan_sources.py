"""The sources of a plan from the money that arrives: grants by region, loans with their terms, equity, own cash."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from states.funding.case.case import FundingCase
from states.funding.case.gathering import instrument_slug
from states.funding.case.instruments import EU_DIRECT, MARKET, Instrument
from states.funding.case.vocabulary import FinanceKind
from states.funding.finance.arrivals import Arrivals, Years
from states.funding.inputs.assumptions import Assumptions, LoanTerms

Tree = dict[str, object]

LENT = (FinanceKind.LOAN, FinanceKind.GUARANTEE)
_MOST = 130  # characters of an instrument's name: an id and a region fit behind it


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources and guarantees as a plan is read from, and for each loan among them its place in the assumptions."""

    sources: list[Tree] = field(default_factory=list)
    guarantees: list[Tree] = field(default_factory=list)
    loans: dict[int, str] = field(default_factory=dict)


def sources_of(case: FundingCase, given: Assumptions, arriving: Arrivals) -> Sources:
    """Return the sources of a plan; every loan has terms among the assumptions.

    Money is public unless it comes on market terms. A guarantee stands for a bank's loan, with the cover on it.
    """
    terms = {one.instrument: (n, one) for n, one in enumerate(given.loans)}
    found = Sources()
    for payer, by_region in arriving.items():
        if payer.partner is not None:
            name = case.partner_by_id[payer.partner].name
            own = {"kind": "own_cash", "name": f"Own cash of {name}"[:200], "partner": name}
            found.sources.append({**own, "payments": _joined(by_region)})
        elif payer.granted is not None:
            aid = payer.granted
            name = f"Granted to {aid.recipient} on {aid.granted_on} ({aid.basis}) for {aid.cost_item}"
            found.sources.extend(_grants(name, by_region, {"public": True, "eu": aid.eu_grant}))
        elif payer.instrument is not None:
            paying = case.instrument_by_id[payer.instrument]
            name = _name(case, arriving, paying)
            if paying.kind in LENT:
                place, one = terms[instrument_slug(paying.id)]
                found.loans[len(found.sources)] = f"loans[{place}]"
                _lend(found, name, paying, one, _joined(by_region))
            elif paying.kind is FinanceKind.EQUITY:
                equity = {"kind": "equity", "name": name, "payments": _joined(by_region)}
                found.sources.append({**equity, **_purse(paying)})
            else:
                found.sources.extend(_grants(name, by_region, _purse(paying)))
    return found


def _grants(name: str, by_region: Mapping[str, Years], purse: Tree) -> Iterator[Tree]:
    for region, years in by_region.items():
        called = name if len(by_region) == 1 else f"{name}, {region}"
        yield {"kind": "grant", "name": called, "region": region, "payments": dict(years), **purse}


def _lend(found: Sources, name: str, paying: Instrument, one: LoanTerms, payments: Years) -> None:
    guaranteed = paying.kind is FinanceKind.GUARANTEE
    lent = one.model_dump(include={"rate", "grace", "years", "repayment", "market_rate"})
    whose = {} if guaranteed else _purse(paying)
    found.sources.append({"kind": "loan", "name": name, "payments": payments, **lent, **whose})
    if guaranteed:
        cover = one.model_dump(include={"cover", "premium", "market_premium"})
        public = _purse(paying)["public"]
        found.guarantees.append({"name": f"Cover: {name}"[:200], "loan": name, "public": public, **cover})


def _name(case: FundingCase, arriving: Arrivals, paying: Instrument) -> str:
    """Return the instrument's name, with its id where another one that pays has the same."""
    names = [case.instrument_by_id[payer.instrument].name for payer in arriving if payer.instrument]
    return paying.name[:_MOST] if names.count(paying.name) == 1 else f"{paying.name[:_MOST]} ({paying.id})"


def _purse(paying: Instrument) -> Tree:
    eu = paying.eu_grant or EU_DIRECT in paying.basis
    return {"public": eu or set(paying.basis) != {MARKET}, "eu": eu}


def _joined(by_region: Mapping[str, Years]) -> Years:
    total: Years = defaultdict(Decimal)
    for years in by_region.values():
        for year, amount in years.items():
            total[year] += amount
    return dict(total)
