"""How large an enterprise is by Recommendation 2003/361/EC (Annex, Article 2), from its own figures alone."""

from decimal import Decimal

from states.partners.tables import SizeClass

# Fewer than this many annual work units, and at most this turnover or this balance sheet in EUR (Article 2).
CEILINGS = {
    SizeClass.MICRO: (10, Decimal(2_000_000), Decimal(2_000_000)),
    SizeClass.SMALL: (50, Decimal(10_000_000), Decimal(10_000_000)),
    SizeClass.MEDIUM: (250, Decimal(50_000_000), Decimal(43_000_000)),
}


def size_class(*, headcount: int | None, turnover: Decimal | None, balance_sheet: Decimal | None) -> SizeClass:
    """Return the class, or `unknown` where a figure that was not given could change it.

    The headcount binds; of turnover and balance sheet one may be exceeded. Partner and linked enterprises (Articles
    3 and 6) and the rule that a status changes after two years only (Article 4(2)) are not counted: they need
    other figures than one enterprise's own of one year.
    """
    best = _class(headcount or 0, turnover or Decimal(0), balance_sheet or Decimal(0))
    worst = _class(_or_endless(headcount), _or_endless(turnover), _or_endless(balance_sheet))
    return best if best is worst else SizeClass.UNKNOWN


def _class(headcount: int | Decimal, turnover: Decimal, balance_sheet: Decimal) -> SizeClass:
    for name, (people, most_turnover, most_balance) in CEILINGS.items():
        if headcount < people and (turnover <= most_turnover or balance_sheet <= most_balance):
            return name
    return SizeClass.LARGE


def _or_endless(figure: int | Decimal | None) -> Decimal:
    return Decimal("Infinity") if figure is None else Decimal(figure)
