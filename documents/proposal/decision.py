"""The first two pages: what is asked of this reader, who borrows, what is committed, how sure the figures are."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from documents.formats import MINUS, NARROW_SPACE, euro, in_words, minus, percent, plain
from documents.meta import Line, Plain
from documents.parts import Euro
from documents.proposal.addressee import Addressee
from documents.proposal.finances import FinancialAnalysis
from documents.proposal.scenario import Scenario, SourceLine
from states.funding.case.case import FundingCase, FundingScenario
from states.funding.case.gathering import instrument_slug
from states.funding.finance.simulation import LEAST_DSCR, Simulation, quantile
from states.funding.inputs.assumptions import LoanTerms
from states.funding.tables import SourceKind, SourceStatus

LOW, HIGH = 10, 90
"""The range that is told of what is uncertain: of ten draws one is below it, and one above."""
_NOTHING = Decimal("0.00")


class AskLine(Plain):
    """What one partner is to have from the reader: amount, terms, what it pays for, how sure it is."""

    partner: Line
    instrument: Line
    amount: Euro
    status: Line
    terms: str = ""
    pays_for: str = ""
    equity: str = ""


class Tile(Plain):
    """A figure that is seen first, and what it says."""

    value: Line
    says: Line


class Standing(Plain):
    """Sources of one kind, EUR: signed, committed, and neither."""

    kind: Line
    signed: Euro
    committed: Euro
    open: Euro

    @property
    def total(self) -> Decimal:
        return self.signed + self.committed + self.open


class RangeLine(Plain):
    """A figure as planned, and its range in the draws of what is uncertain; empty where nothing is drawn."""

    name: Line
    planned: Line
    low: str = ""
    high: str = ""
    says: Line


class Decision(Plain):
    """What the reader is to decide on. `amount` is the sum of what is asked, EUR."""

    reader: Line
    asked: tuple[AskLine, ...]
    nothing: str = ""
    sentence: str = ""
    tiles: tuple[Tile, ...]
    standings: tuple[Standing, ...]
    gap: Euro
    ranges: tuple[RangeLine, ...]
    valued: str = ""
    repaid_from: str = ""
    draws: str = ""

    @property
    def amount(self) -> Decimal:
        """EUR of all that is asked."""
        return sum((one.amount for one in self.asked), _NOTHING)


_ASKED: Mapping[Addressee, frozenset[SourceKind]] = {
    Addressee.BANK: frozenset({SourceKind.LOAN}),
    Addressee.REGION: frozenset({SourceKind.GRANT}),
    Addressee.FUND: frozenset({SourceKind.EQUITY}),
}
_NOTHING_ASKED = {
    Addressee.BANK: "The chosen scenario counts on no loan: nothing is asked of a bank.",
    Addressee.REGION: "The chosen scenario counts on no grant of this reader: nothing is asked of it.",
    Addressee.FUND: "The chosen scenario counts on no equity: it is shown to an investor for what it returns.",
}


def decision_of(
    scenario: Scenario,
    *,
    reader: Addressee,
    region: str,
    codes: Sequence[str],
    case: FundingCase | None,
    mix: FundingScenario | None,
    terms: Iterable[LoanTerms],
    analysis: FinancialAnalysis | None,
) -> Decision:
    """Return what one reader is asked; `codes` are those of the one region, where it is one."""
    wanted = [line for line in scenario.sources if line.kind in _ASKED[reader] and _is_of(line, codes)]
    by_slug = {one.instrument: one for one in terms}
    asked = tuple(_ask(line, case, mix, by_slug) for line in wanted)
    return Decision(
        reader=region or _READERS[reader],
        asked=asked,
        nothing="" if asked else _NOTHING_ASKED[reader],
        sentence=_sentence(asked, reader, region),
        tiles=tuple(_tiles(asked, scenario, analysis, reader)),
        standings=tuple(_standings(scenario)),
        gap=scenario.gap,
        ranges=tuple(_ranges(analysis)) if analysis else (),
        valued=analysis.valued if analysis else "",
        repaid_from=analysis.repaid_from if analysis else "",
        draws=_draws(analysis.simulation) if analysis and analysis.simulation else "",
    )


_READERS = {Addressee.BANK: "the bank", Addressee.REGION: "the regional authorities", Addressee.FUND: "the investor"}
_VERBS = {Addressee.BANK: "lend", Addressee.REGION: "grant", Addressee.FUND: "pay in"}


def _sentence(asked: Sequence[AskLine], reader: Addressee, region: str) -> str:
    """Say what the reader is to decide on."""
    if not asked:
        return ""
    total = sum((one.amount for one in asked), _NOTHING)
    to = dict.fromkeys(one.partner for one in asked)
    who = region or _READERS[reader]
    return f"We ask {who} to decide whether to {_VERBS[reader]} {euro(total)} to {listed(list(to))}."


def listed(names: Sequence[str]) -> str:
    """Join names as a sentence does: a, b and c."""
    *first, last = names
    return f"{'; '.join(first)} and {last}" if first else last


def _is_of(line: SourceLine, codes: Sequence[str]) -> bool:
    return not codes or any(
        place.startswith(code) or code.startswith(place) for place in line.territory for code in codes
    )


def _ask(
    line: SourceLine, case: FundingCase | None, mix: FundingScenario | None, terms: Mapping[str, LoanTerms]
) -> AskLine:
    given = terms.get(line.slug)
    return AskLine(
        partner=line.partner,
        instrument=line.name,
        amount=line.amount,
        status=line.status,
        terms=terms_said(given) if given else "",
        pays_for="; ".join(_paid_for(line, case, mix)) if case and mix else "",
        equity=_equity(line, case) if case and line.kind is SourceKind.LOAN else "",
    )


def terms_said(terms: LoanTerms) -> str:
    """Say the terms of a loan."""
    said = [
        f"{percent(terms.rate)} a year",
        f"{terms.years} years after {terms.grace} of grace, {terms.repayment.value}",
    ]
    if terms.cover is not None and terms.premium is not None:
        said.append(f"{percent(terms.cover)} guaranteed at {percent(terms.premium)}")
    return ", ".join(said)


def _paid_for(line: SourceLine, case: FundingCase, mix: FundingScenario) -> Iterator[str]:
    """Yield what the source pays for: each category of cost with its whole cost."""
    items = [
        case.item_by_id[one.item]
        for one in mix.allocations
        if instrument_slug(one.instrument) == line.slug and case.item_by_id[one.item].partner == line.partner_slug
    ]
    for category, same in groupby(sorted(items, key=lambda one: one.cost_category), key=lambda one: one.cost_category):
        yield f"{in_words(category.value)} of {euro(sum((one.amount for one in same), _NOTHING))}"


def _equity(line: SourceLine, case: FundingCase) -> str:
    partner = case.partner_by_id.get(line.partner_slug)
    years = [one for one in partner.years if one.own_funds is not None] if partner else []
    if not years:
        return "no accounts"
    last = max(years, key=lambda one: one.year)
    assert last.own_funds is not None
    return f"{euro(last.own_funds)} in {last.year}"


def _tiles(
    asked: Sequence[AskLine], scenario: Scenario, analysis: FinancialAnalysis | None, reader: Addressee
) -> Iterator[Tile]:
    amount = sum((one.amount for one in asked), _NOTHING)
    whole, grants = scenario.total_uses, scenario.total_grants
    if asked:
        yield Tile(value=f"EUR {millions(amount)}", says=_counted(asked, reader))
        yield Tile(value=_part(amount, whole), says=f"of the whole cost of EUR {millions(whole)}")
    else:
        yield Tile(value=f"EUR {millions(whole)}", says="is the whole cost; nothing is asked of this reader")
        yield Tile(value=_part(grants, whole), says=f"of it are grants, EUR {millions(grants)}")
    if analysis is None:
        yield Tile(value="no plan", says="returns and debt cover are not known: see what is missing")
        return
    if reader is Addressee.BANK:
        yield _cover_tile(analysis)
    elif reader is Addressee.REGION:
        jobs = sum((one.jobs for one in analysis.regions), Decimal(0))
        yield Tile(value=plain(jobs), says="full-time jobs by the end of the plan, in all regions")
    else:
        yield Tile(
            value=f"EUR {millions(analysis.owners_npv)}", says="net present value of the owners, after everything"
        )
    owners = f"{_rate(analysis.owners_irr)} of the owners after grants"
    yield Tile(value=_rate(analysis.project_irr), says=f"return of the project before funding; {owners}")


def _part(amount: Decimal, whole: Decimal) -> str:
    return percent(round(amount * 100 / whole, 1)) if whole else "0 %"


def _counted(asked: Sequence[AskLine], reader: Addressee) -> str:
    noun = {"bank": "loan", "region": "grant", "fund": "share"}[reader.value]
    terms = list(dict.fromkeys(one.terms for one in asked if one.terms))
    return "; ".join([f"asked of you: {len(asked)} {noun}{'' if len(asked) == 1 else 's'}", *terms])


def _cover_tile(analysis: FinancialAnalysis) -> Tile:
    if not analysis.dscr:
        return Tile(value="no debt", says="in the plan: there is no debt to cover")
    year, least = min(analysis.dscr.items(), key=lambda one: one[1])
    drawn = analysis.simulation
    low = f"; in one draw of ten below {minus(round(quantile(drawn.dscr, LOW), 2))}" if drawn and drawn.dscr else ""
    return Tile(value=plain(round(least, 2)), says=f"least debt cover, in {year} (banks ask {plain(LEAST_DSCR)}){low}")


def _rate(rates: Sequence[Decimal]) -> str:
    return _signed(percent(round(rates[0], 1))) if len(rates) == 1 else "no single rate" if rates else "no return"


def millions(amount: Decimal) -> str:
    """Write an amount for the first page: 1.14 million, 635 000; the tables have the cents."""
    if abs(amount) >= 1_000_000:
        return f"{minus(round(amount / 1_000_000, 2))} million"
    return _signed(f"{amount:,.0f}".replace(",", NARROW_SPACE))


_KINDS = {
    SourceKind.GRANT: "Grants",
    SourceKind.LOAN: "Loans",
    SourceKind.EQUITY: "Equity",
    SourceKind.OWN_CASH: "Own cash of the partners",
    SourceKind.IN_KIND: "Brought in kind",
}


def _standings(scenario: Scenario) -> Iterator[Standing]:
    for kind, name in _KINDS.items():
        lines = [line for line in scenario.sources if line.kind is kind]
        if lines:
            signed, committed = _sum(lines, SourceStatus.SIGNED), _sum(lines, SourceStatus.COMMITTED)
            rest = _sum(lines, SourceStatus.IDEA, SourceStatus.APPLIED)
            yield Standing(kind=name, signed=signed, committed=committed, open=rest)


def _sum(lines: Iterable[SourceLine], *statuses: SourceStatus) -> Decimal:
    return sum((line.amount for line in lines if line.status in statuses), _NOTHING)


def _ranges(analysis: FinancialAnalysis) -> Iterator[RangeLine]:
    drawn = analysis.simulation
    of_project = analysis.measure == "of the project"

    def spread(values: Sequence[Decimal], written: Callable[[Decimal], str], *, holds: bool = True) -> dict[str, str]:
        if not values or not holds:
            return {}
        return {"low": written(quantile(values, LOW)), "high": written(quantile(values, HIGH))}

    def rated(value: Decimal) -> str:
        return _signed(percent(round(value, 2)))

    worth, rates, cover = (drawn.npv, drawn.irr, drawn.dscr) if drawn else ((), (), ())
    yield RangeLine(
        name="Net present value, project",
        planned=euro(analysis.project_npv),
        says="after tax, before funding",
        **spread(worth, euro, holds=of_project),
    )
    yield RangeLine(
        name="Rate of return, project",
        planned=_exact(analysis.project_irr),
        says="after tax, before funding",
        **spread(rates, rated, holds=of_project),
    )
    yield RangeLine(
        name="Net present value, owners",
        planned=euro(analysis.owners_npv),
        says="after grants, loans and tax",
        **spread(worth, euro, holds=not of_project),
    )
    yield RangeLine(
        name="Rate of return, owners",
        planned=_exact(analysis.owners_irr),
        says="after grants, loans and tax",
        **spread(rates, rated, holds=not of_project),
    )
    if analysis.dscr:
        least = min(analysis.dscr.values())
        says = f"cash flow over interest and principal; banks ask {plain(LEAST_DSCR)}"
        yield RangeLine(
            name="Least debt cover (DSCR)",
            planned=minus(round(least, 2)),
            says=says,
            **spread(cover, lambda value: minus(round(value, 2))),
        )


def _exact(rates: Sequence[Decimal]) -> str:
    return " and ".join(_signed(percent(round(rate, 2))) for rate in rates) or "none"


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


def _draws(drawn: Simulation) -> str:
    of_debt = ""
    if drawn.strains is not None:
        of_debt = f"; in {percent(round(drawn.strains, 1))} of them the least debt cover is below {plain(LEAST_DSCR)}"
    return f"Ranges: eight of ten among {drawn.runs} draws of what is uncertain (seed {drawn.seed}){of_debt}."
