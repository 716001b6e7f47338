"""How large an enterprise is by Recommendation 2003/361/EC (Annex, Article 2), from its own figures alone."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files

import yaml

from states.partners.tables import SizeClass

BOOK = "sme-2003-361.yaml"  # beside this module; the rule sets of funding read the same file


@cache
def ceilings() -> Mapping[SizeClass, tuple[int, Decimal, Decimal]]:
    """Return by class how many annual work units are too many, and the most turnover and balance sheet, in EUR."""
    book = yaml.safe_load(files("states.partners").joinpath(BOOK).read_text(encoding="utf-8"))
    limits = [limit for limit in book["size_limits"] if limit.get("size") in set(SizeClass)]
    return {
        SizeClass(one["size"]): (one["people"], Decimal(one["turnover"]), Decimal(one["balance_sheet"]))
        for one in limits
    }


def size_class(
    *, headcount: Decimal | int | None, turnover: Decimal | None, balance_sheet: Decimal | None
) -> SizeClass:
    """Return the class, or `unknown` where a figure that was not given could change it.

    The headcount binds; of turnover and balance sheet one may be exceeded. Partner and linked enterprises (Articles
    3 and 6) and the rule that a status changes after two years only (Article 4(2)) are not counted: they need
    other figures than one enterprise's own of one year.
    """
    best = _class(Decimal(headcount or 0), turnover or Decimal(0), balance_sheet or Decimal(0))
    worst = _class(_or_endless(headcount), _or_endless(turnover), _or_endless(balance_sheet))
    return best if best is worst else SizeClass.UNKNOWN


def _class(headcount: Decimal, turnover: Decimal, balance_sheet: Decimal) -> SizeClass:
    for name, (people, most_turnover, most_balance) in ceilings().items():
        if headcount < people and (turnover <= most_turnover or balance_sheet <= most_balance):
            return name
    return SizeClass.LARGE


def _or_endless(figure: Decimal | int | None) -> Decimal:
    return Decimal("Infinity") if figure is None else Decimal(figure)
