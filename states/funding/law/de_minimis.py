"""The de minimis ledger: what a single undertaking had from a Member State, and what is left on any date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from states.funding.case.instruments import DE_MINIMIS
from states.funding.case.partners import Partner
from states.funding.law.dates import years_before
from states.funding.law.facts import CaseFacts
from states.funding.rules.library import RuleSet

Award = tuple[date, Decimal]


@dataclass(frozen=True, slots=True)
class Headroom:
    """EUR used and left on a date, in the window that ends on it; `awards` are those that still count."""

    on: date
    ceiling: Decimal
    awards: tuple[Award, ...]

    @property
    def used(self) -> Decimal:
        """EUR granted within the window."""
        return sum((amount for _, amount in self.awards), Decimal(0))

    @property
    def left(self) -> Decimal:
        """EUR that may still be granted; never negative."""
        return max(self.ceiling - self.used, Decimal(0))


def headroom(
    awards: Iterable[Award], *, on: date, ceiling: Decimal, years: int, fiscal_years: bool = False
) -> Headroom:
    """Count the awards of the window: after the same day `years` ago, up to `on`; or of so many fiscal years."""
    since = window_begins(on, years, fiscal_years=fiscal_years)
    return Headroom(on, ceiling, tuple(sorted(award for award in awards if since < award[0] <= on)))


def window_begins(on: date, years: int, *, fiscal_years: bool) -> date:
    """Return the last day before the window: rolling, or this fiscal year and those before (Reg. 1407/2013)."""
    return date(on.year - years, 12, 31) if fiscal_years else years_before(on, years)


def awards_of(facts: CaseFacts, partner: str, state: str) -> tuple[Award, ...]:
    """Return the de minimis aid that the partner's single undertaking had from a Member State, the oldest first."""
    group = facts.undertakings[partner]
    received = (aid for aid in facts.case.aid_received if aid.recipient in group)
    found = ((aid.granted_on, aid.amount) for aid in received if (aid.basis, aid.member_state) == (DE_MINIMIS, state))
    return tuple(sorted(found))


def headroom_of(facts: CaseFacts, partner: str, state: str, on: date) -> Headroom:
    """Return what the partner's single undertaking may still have from a Member State on a date."""
    return headroom_under(facts.rules, awards_of(facts, partner, state), on=on)


def headroom_under(rules: RuleSet, awards: Iterable[Award], *, on: date) -> Headroom:
    """Count the awards of the window that a set of rules looks back on, against its ceiling."""
    figures = rules.rules["de-minimis-ceiling"].figures
    return headroom(
        awards,
        on=on,
        ceiling=figures["euro"],
        years=int(figures["years"]),
        fiscal_years=bool(figures["fiscal_years"]),
    )


def headrooms(facts: CaseFacts, partner: Partner, *, on: date) -> list[tuple[str, str, Headroom]]:
    """Return the partner, each Member State that may pay it de minimis aid, and the headroom there on a date.

    Those are the States where it has a site, and those of the case's instruments of that kind.
    """
    asked = {one.member_state for one in facts.case.instruments if DE_MINIMIS in one.basis and one.member_state}
    states = sorted(asked | {site.country for site in partner.sites})
    return [(partner.id, state, headroom_of(facts, partner.id, state, on)) for state in states]
