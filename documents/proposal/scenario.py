"""A financing scenario as it is printed: sources and uses to the cent, the gap, and the rules behind it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from documents.meta import Line, Plain
from documents.parts import Euro, Percent
from states.funding.tables import SourceKind


class UseLine(Plain):
    """What money is spent on: one cost category of one partner."""

    category: Line
    partner: Line
    partner_slug: str = ""
    region_code: Line
    region_name: str = ""
    amount: Euro = Field(ge=0)


class SourceLine(Plain):
    """Where money comes from: one instrument or own means of one partner, with status and legal basis.

    `slug` and `territory` are of the instrument, `proof` is the paper on which the status rests, empty where none is
    filed.
    """

    name: Line
    kind: SourceKind
    partner: Line
    region_code: Line
    status: Line
    basis: str = ""
    slug: str = ""
    partner_slug: str = ""
    territory: tuple[str, ...] = ()
    proof: str = ""
    amount: Euro = Field(ge=0)


class InstrumentLine(Plain):
    """A programme that a scenario counts on, with its limits and whether somebody verified them."""

    name: Line
    programme: str = ""
    basis: str = ""
    maximum_rate: Percent | None = None
    maximum_amount: Euro | None = None
    verified_on: date | None = None
    illustrative: bool = False


class Amount(Plain):
    """A named amount in EUR."""

    name: str
    amount: Euro


class PartnerShare(Plain):
    """What one partner spends, and who pays for it."""

    partner: str
    region_code: str
    uses: Euro
    grants: Euro
    others: Euro

    @property
    def gap(self) -> Decimal:
        """What nobody pays for yet; below zero where more money than cost is planned."""
        return self.uses - self.grants - self.others


class CostSaid(Plain):
    """A cost that was not simply stated in EUR, and how it came about: its currency, VAT, in kind, an option."""

    what: Line
    partner: Line
    how: Line
    amount: Euro


class Scenario(Plain):
    """One way to finance the collaboration; sources plus gap equal uses."""

    key: Line
    name: Line
    chosen: bool = False
    summary: str = ""
    uses: tuple[UseLine, ...] = Field(min_length=1)
    sources: tuple[SourceLine, ...] = ()
    gap: Euro = Field(ge=0)
    costs: tuple[CostSaid, ...] = ()
    instruments: tuple[InstrumentLine, ...] = ()
    illustrative: bool = False

    @model_validator(mode="after")
    def _balances(self) -> Self:
        if self.total_sources + self.gap != self.total_uses:
            raise ValueError(
                f"scenario {self.key}: sources {self.total_sources} and gap {self.gap} "
                f"do not make the uses {self.total_uses}"
            )
        return self

    @property
    def total_uses(self) -> Decimal:
        """All costs, EUR."""
        return _total(line.amount for line in self.uses)

    @property
    def total_sources(self) -> Decimal:
        """All money found, EUR."""
        return _total(line.amount for line in self.sources)

    @property
    def total_grants(self) -> Decimal:
        """Grants, EUR."""
        return _total(line.amount for line in self.sources if line.kind is SourceKind.GRANT)

    @property
    def total_others(self) -> Decimal:
        """Loans, equity and the partners' own means, EUR."""
        return self.total_sources - self.total_grants

    @property
    def uses_by_category(self) -> tuple[Amount, ...]:
        """Uses by cost category, the largest first."""
        return _by((line.category, line.amount) for line in self.uses)

    @property
    def uses_by_region(self) -> tuple[Amount, ...]:
        """Uses by region, the largest first."""
        return _by((f"{line.region_name or line.region_code} ({line.region_code})", line.amount) for line in self.uses)

    @property
    def sources_by_name(self) -> tuple[Amount, ...]:
        """Sources by instrument, the largest first."""
        return _by((line.name, line.amount) for line in self.sources)

    @property
    def shares(self) -> tuple[PartnerShare, ...]:
        """What each partner spends and who pays, in the order of the uses."""
        places = [(use.partner, use.region_code) for use in self.uses]
        places += [(source.partner, source.region_code) for source in self.sources]
        return tuple(self._share(partner, region) for partner, region in dict.fromkeys(places))

    def _share(self, partner: str, region: str) -> PartnerShare:
        paid = [line for line in self.sources if (line.partner, line.region_code) == (partner, region)]
        grants = _total(line.amount for line in paid if line.kind is SourceKind.GRANT)
        return PartnerShare(
            partner=partner,
            region_code=region,
            uses=_total(u.amount for u in self.uses if (u.partner, u.region_code) == (partner, region)),
            grants=grants,
            others=_total(line.amount for line in paid) - grants,
        )


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal("0.00"))


def _by(pairs: Iterable[tuple[str, Decimal]]) -> tuple[Amount, ...]:
    totals: dict[str, Decimal] = {}
    for name, amount in pairs:
        totals[name] = totals.get(name, Decimal("0.00")) + amount
    ranked = sorted(totals.items(), key=lambda item: -item[1])
    return tuple(Amount(name=name, amount=amount) for name, amount in ranked)
