"""The first two pages: what is asked of this reader, who borrows, what is committed, how sure the figures are."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from documents.formats import in_euro, minus, number, percent, plain, whole_euro
from documents.languages import gettext, marked, ngettext
from documents.meta import Line, Plain
from documents.parts import Euro
from documents.proposal.addressee import Addressee
from documents.proposal.finances import FinancialAnalysis
from documents.proposal.scenario import Scenario, SourceLine
from documents.words import word
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
    Addressee.BANK: marked("The chosen scenario counts on no loan: nothing is asked of a bank."),
    Addressee.REGION: marked("The chosen scenario counts on no grant of this reader: nothing is asked of it."),
    Addressee.FUND: marked("The chosen scenario counts on no equity: it is shown to an investor for what it returns."),
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
    accounts: Mapping[str, str],
) -> Decision:
    """Return what one reader is asked; `codes` are those of the one region, where it is one.

    `accounts` are the annexes that hold accounts, by the short name of their partner.
    """
    wanted = [line for line in scenario.sources if line.kind in _ASKED[reader] and _is_of(line, codes)]
    by_slug = {one.instrument: one for one in terms}
    asked = tuple(_ask(line, case, mix, by_slug, accounts) for line in wanted)
    return Decision(
        reader=region or gettext(_READERS[reader]),
        asked=asked,
        nothing="" if asked else gettext(_NOTHING_ASKED[reader]),
        sentence=_sentence(asked, reader, region),
        tiles=tuple(_tiles(asked, scenario, analysis, reader)),
        standings=tuple(_standings(scenario)),
        gap=scenario.gap,
        ranges=tuple(_ranges(analysis)) if analysis else (),
        valued=analysis.valued if analysis else "",
        repaid_from=analysis.repaid_from if analysis else "",
        draws=_draws(analysis.simulation) if analysis and analysis.simulation else "",
    )


_READERS = {
    Addressee.BANK: marked("the bank"),
    Addressee.REGION: marked("the regional authorities"),
    Addressee.FUND: marked("the investor"),
}
_ASKS = {
    Addressee.BANK: marked("We ask the bank to decide whether to lend %(amount)s to %(partners)s."),
    Addressee.REGION: marked("We ask the regional authorities to decide whether to grant %(amount)s to %(partners)s."),
    Addressee.FUND: marked("We ask the investor to decide whether to pay in %(amount)s to %(partners)s."),
}


def _sentence(asked: Sequence[AskLine], reader: Addressee, region: str) -> str:
    """Say what the reader is to decide on."""
    if not asked:
        return ""
    total = sum((one.amount for one in asked), _NOTHING)
    to = dict.fromkeys(one.partner for one in asked)
    values = {"amount": whole_euro(total), "partners": listed(list(to)), "region": region}
    if region:
        return gettext("We ask %(region)s to decide whether to grant %(amount)s to %(partners)s.") % values
    return gettext(_ASKS[reader]) % values


def listed(names: Sequence[str]) -> str:
    """Join names as a sentence does: a, b and c."""
    *first, last = names
    return gettext("%(first)s and %(last)s") % {"first": "; ".join(first), "last": last} if first else last


def _is_of(line: SourceLine, codes: Sequence[str]) -> bool:
    return not codes or any(
        place.startswith(code) or code.startswith(place) for place in line.territory for code in codes
    )


def _ask(
    line: SourceLine,
    case: FundingCase | None,
    mix: FundingScenario | None,
    terms: Mapping[str, LoanTerms],
    accounts: Mapping[str, str],
) -> AskLine:
    given = terms.get(line.slug)
    return AskLine(
        partner=line.partner,
        instrument=line.name,
        amount=line.amount,
        status=line.status,
        terms=terms_said(given) if given else "",
        pays_for="; ".join(_paid_for(line, case, mix)) if case and mix else "",
        equity=_equity(line, case, accounts.get(line.partner_slug, ""))
        if case and line.kind is SourceKind.LOAN
        else "",
    )


def terms_said(terms: LoanTerms) -> str:
    """Say the terms of a loan."""
    said = [
        gettext("%(rate)s a year") % {"rate": percent(terms.rate)},
        gettext("%(years)s years after %(grace)s of grace, %(repayment)s")
        % {"years": terms.years, "grace": terms.grace, "repayment": word(terms.repayment)},
    ]
    if terms.cover is not None and terms.premium is not None:
        values = {"part": percent(terms.cover), "premium": percent(terms.premium)}
        said.append(gettext("%(part)s guaranteed at %(premium)s") % values)
    return ", ".join(said)


def _paid_for(line: SourceLine, case: FundingCase, mix: FundingScenario) -> Iterator[str]:
    """Yield what the source pays for: each category of cost with its whole cost."""
    items = [
        case.item_by_id[one.item]
        for one in mix.allocations
        if instrument_slug(one.instrument) == line.slug and case.item_by_id[one.item].partner == line.partner_slug
    ]
    for category, same in groupby(sorted(items, key=lambda one: one.cost_category), key=lambda one: one.cost_category):
        yield gettext("%(cost)s of %(amount)s") % {
            "cost": word(category),
            "amount": whole_euro(sum((one.amount for one in same), _NOTHING)),
        }


def _equity(line: SourceLine, case: FundingCase, annex: str) -> str:
    partner = case.partner_by_id.get(line.partner_slug)
    years = [one for one in partner.years if one.own_funds is not None] if partner else []
    if not years and annex:
        return gettext("accounts in annex %(number)s, no figures entered") % {"number": annex}
    if not years:
        return gettext("no accounts")
    last = max(years, key=lambda one: one.year)
    assert last.own_funds is not None
    return gettext("%(figure)s in %(year)s") % {"figure": whole_euro(last.own_funds), "year": last.year}


def _tiles(
    asked: Sequence[AskLine], scenario: Scenario, analysis: FinancialAnalysis | None, reader: Addressee
) -> Iterator[Tile]:
    amount = sum((one.amount for one in asked), _NOTHING)
    whole, grants = scenario.total_uses, scenario.total_grants
    if asked:
        yield Tile(value=in_euro(millions(amount)), says=_counted(asked, reader))
        yield Tile(
            value=_part(amount, whole),
            says=gettext("of the whole cost of %(amount)s") % {"amount": in_euro(millions(whole))},
        )
    else:
        yield Tile(value=in_euro(millions(whole)), says=gettext("is the whole cost; nothing is asked of this reader"))
        yield Tile(
            value=_part(grants, whole),
            says=gettext("of it are grants, %(amount)s") % {"amount": in_euro(millions(grants))},
        )
    if analysis is None:
        yield Tile(value=gettext("no plan"), says=gettext("returns and debt cover are not known: see what is missing"))
        return
    if reader is Addressee.BANK:
        yield _cover_tile(analysis)
    elif reader is Addressee.REGION:
        jobs = sum((one.jobs for one in analysis.regions), Decimal(0))
        yield Tile(value=plain(jobs), says=gettext("full-time jobs by the end of the plan, in all regions"))
    else:
        yield Tile(
            value=in_euro(millions(analysis.owners_npv)),
            says=gettext("net present value of the owners, after everything"),
        )
    owners = {"rate": _rate(analysis.owners_irr)}
    says = gettext("return of the project before funding; %(rate)s of the owners after grants") % owners
    yield Tile(value=_rate(analysis.project_irr), says=says)


def _part(amount: Decimal, whole: Decimal) -> str:
    return percent(round(amount * 100 / whole, 1)) if whole else percent(_NOTHING)


def _counted(asked: Sequence[AskLine], reader: Addressee) -> str:
    count = len(asked)
    said = {
        Addressee.BANK: ngettext("asked of you: %(num)s loan", "asked of you: %(num)s loans", count),
        Addressee.REGION: ngettext("asked of you: %(num)s grant", "asked of you: %(num)s grants", count),
        Addressee.FUND: ngettext("asked of you: %(num)s share", "asked of you: %(num)s shares", count),
    }
    terms = list(dict.fromkeys(one.terms for one in asked if one.terms))
    return "; ".join([said[reader] % {"num": count}, *terms])


def _cover_tile(analysis: FinancialAnalysis) -> Tile:
    if not analysis.dscr:
        return Tile(value=gettext("no debt"), says=gettext("in the plan: there is no debt to cover"))
    year, least = min(analysis.dscr.items(), key=lambda one: one[1])
    drawn = analysis.simulation
    says = gettext("least debt cover, in %(year)s (banks ask %(asked)s)") % {"year": year, "asked": plain(LEAST_DSCR)}
    if drawn and drawn.dscr:
        low = {"figure": minus(round(quantile(drawn.dscr, LOW), 2))}
        says += "; " + gettext("in one draw of ten below %(figure)s") % low
    return Tile(value=plain(round(least, 2)), says=says)


def _rate(rates: Sequence[Decimal]) -> str:
    if len(rates) == 1:
        return percent(round(rates[0], 1))
    return gettext("no single rate") if rates else gettext("no return")


def millions(amount: Decimal) -> str:
    """Write an amount for the first page: 1.14 million, 635 000; the tables have the cents."""
    if abs(amount) >= 1_000_000:
        return gettext("%(figure)s million") % {"figure": minus(round(amount / 1_000_000, 2))}
    return number(amount)


_KINDS = {
    SourceKind.GRANT: marked("Grants"),
    SourceKind.LOAN: marked("Loans"),
    SourceKind.EQUITY: marked("Equity"),
    SourceKind.OWN_CASH: marked("Own cash of the partners"),
    SourceKind.IN_KIND: marked("Brought in kind"),
}


def _standings(scenario: Scenario) -> Iterator[Standing]:
    for kind, name in _KINDS.items():
        lines = [line for line in scenario.sources if line.kind is kind]
        if lines:
            signed, committed = _sum(lines, SourceStatus.SIGNED), _sum(lines, SourceStatus.COMMITTED)
            rest = _sum(lines, SourceStatus.IDEA, SourceStatus.APPLIED)
            yield Standing(kind=gettext(name), signed=signed, committed=committed, open=rest)


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
        return percent(round(value, 2))

    worth, rates, cover = (drawn.npv, drawn.irr, drawn.dscr) if drawn else ((), (), ())
    yield RangeLine(
        name=gettext("Net present value, project"),
        planned=whole_euro(analysis.project_npv),
        says=gettext("after tax, before funding"),
        **spread(worth, whole_euro, holds=of_project),
    )
    yield RangeLine(
        name=gettext("Rate of return, project"),
        planned=_exact(analysis.project_irr),
        says=gettext("after tax, before funding"),
        **spread(rates, rated, holds=of_project),
    )
    yield RangeLine(
        name=gettext("Net present value, owners"),
        planned=whole_euro(analysis.owners_npv),
        says=gettext("after grants, loans and tax"),
        **spread(worth, whole_euro, holds=not of_project),
    )
    yield RangeLine(
        name=gettext("Rate of return, owners"),
        planned=_exact(analysis.owners_irr),
        says=gettext("after grants, loans and tax"),
        **spread(rates, rated, holds=not of_project),
    )
    if analysis.dscr:
        least = min(analysis.dscr.values())
        says = gettext("cash flow over interest and principal; banks ask %(asked)s") % {"asked": plain(LEAST_DSCR)}
        yield RangeLine(
            name=gettext("Least debt cover (DSCR)"),
            planned=minus(round(least, 2)),
            says=says,
            **spread(cover, lambda value: minus(round(value, 2))),
        )


def _exact(rates: Sequence[Decimal]) -> str:
    return " / ".join(percent(round(rate, 2)) for rate in rates) or gettext("none")


def _draws(drawn: Simulation) -> str:
    values = {"runs": drawn.runs, "seed": drawn.seed}
    said = gettext("Ranges: eight of ten among %(runs)s draws of what is uncertain (seed %(seed)s).") % values
    if drawn.strains is not None:
        strained = {"part": percent(round(drawn.strains, 1)), "asked": plain(LEAST_DSCR)}
        said += " " + gettext("In %(part)s of them the least debt cover is below %(asked)s.") % strained
    return said
