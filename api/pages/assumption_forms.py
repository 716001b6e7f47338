"""What is assumed of a case's future, as a form: its groups with their fields, shown, and read back as it was typed.

A field is called as the schema places it: `horizon.first_year`, `revenues.0.by_year.2029`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.forms import Typed
from api.pages.languages import gettext
from api.pages.numbers import plain_numbers
from states.partners.registry_faults import site_code

_N, _W, _T, _CHECK = "number", "whole", "text", "check"
BY_YEAR = "by_year"


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a group; a `choice` has its options under its own name."""

    key: str
    title: Callable[[], str]
    kind: str = _T


@dataclass(frozen=True, slots=True)
class Group:
    """One thing that is assumed, or a list of such; `yearly` ones have a number for each year of the plan."""

    key: str
    title: Callable[[], str]
    parts: tuple[Part, ...]
    several: bool = False
    yearly: bool = False
    sourced: bool = True

    @property
    def fields(self) -> tuple[Part, ...]:
        """Return all fields, with where it is from."""
        return (*self.parts, *_SOURCED) if self.sourced else self.parts


def _(text: str) -> Callable[[], str]:
    return lambda: gettext(text)


_SOURCED = (Part("source", _("Where it is from")), Part("illustrative", _("An illustration"), _CHECK))
GROUPS = (
    Group(
        "horizon",
        _("Years and prices"),
        (
            Part("first_year", _("First year"), _W),
            Part("years", _("Number of years"), _W),
            Part("prices", _("Prices"), "prices"),
            Part("price_year", _("Year of the prices"), _W),
        ),
    ),
    Group(
        "rates",
        _("Rates, percent a year"),
        (
            Part("discount", _("Discount"), _N),
            Part("discount_first_year", _("Discount the first year too"), _CHECK),
            Part("tax", _("Tax on profit"), _N),
            Part("reference", _("Reference rate of aid"), _N),
            Part("award_year", _("Year of the award"), _W),
        ),
    ),
    Group("revenues", _("Revenues, EUR by year"), (Part("name", _("Product or service")),), several=True, yearly=True),
    Group(
        "operating_costs",
        _("Operating costs, EUR by year"),
        (Part("name", _("What")), Part("variable", _("Moves with the revenue"), _CHECK)),
        several=True,
        yearly=True,
    ),
    Group("spending", _("Spending, percent by year"), (Part("item", _("Cost line"), "items"),), True, True),
    Group(
        "lives",
        _("Years over which costs are written off"),
        (
            Part("category", _("Category"), "categories"),
            Part("life", _("Years"), _W),
            Part("in_service", _("In service from"), _W),
        ),
        several=True,
    ),
    Group(
        "loans",
        _("Terms of loans and guarantees"),
        (
            Part("instrument", _("Instrument, by its short name")),
            Part("rate", _("Rate"), _N),
            Part("grace", _("Years without repayment"), _W),
            Part("years", _("Years"), _W),
            Part("repayment", _("Repayment"), "repayments"),
            Part("market_rate", _("Market rate"), _N),
            Part("cover", _("Cover of a guarantee"), _N),
            Part("premium", _("Premium"), _N),
            Part("market_premium", _("Market premium"), _N),
        ),
        several=True,
    ),
    Group(
        "working_capital",
        _("Days that bind money"),
        (
            Part("receivable_days", _("Customers owe"), _W),
            Part("inventory_days", _("In stock"), _W),
            Part("payable_days", _("Owed to suppliers"), _W),
        ),
    ),
    Group(
        "jobs",
        _("Jobs at the end of the plan"),
        (
            Part("partner", _("Partner"), "partners"),
            Part("region", _("Region, NUTS 2 or 3")),
            Part("fte", _("Full-time equivalents"), _N),
        ),
        several=True,
    ),
    Group("residual", _("Worth after the last year"), (Part("amount", _("EUR"), _N),)),
    Group(
        "uncertain",
        _("What is uncertain, percent from the plan"),
        (
            Part("variable", _("Variable, as in the sensitivity")),
            Part("low", _("Low"), _N),
            Part("likely", _("Likely"), _N),
            Part("high", _("High"), _N),
        ),
        several=True,
    ),
    Group(
        "draws",
        _("Simulation"),
        (Part("seed", _("Seed"), _W), Part("runs", _("Runs"), _W), Part("measure", _("Whose value"), "measures")),
        sourced=False,
    ),
)
_OPTIONAL = {"working_capital", "residual"}


def shown_assumptions(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept as its form shows it: every value a text, every check a truth."""
    return {
        group.key: [_texts(group, one) for one in content.get(group.key) or ()]
        if group.several
        else _texts(group, content.get(group.key) or {})
        for group in GROUPS
    }


def typed_assumptions(typed: Typed) -> dict[str, Any]:
    """Return what was typed, by groups, as `shown_assumptions` does; rows with nothing in them are left out."""
    found: dict[str, Any] = {}
    for group in GROUPS:
        parts: dict[int, dict[str, Any]] = {}
        for name, value in typed.fields:
            key, _, rest = name.partition(".")
            number, _, field = rest.partition(".") if group.several else ("0", "", rest)
            if key != group.key or not field or not number.isdecimal() or len(number) > 4:
                continue
            row = parts.setdefault(int(number), {BY_YEAR: {}})
            year = field.removeprefix(f"{BY_YEAR}.")
            if year != field:
                row[BY_YEAR][year] = value
            else:
                row[field] = value
        gone = {one.rpartition(".")[2] for one in typed.all("remove") if one.startswith(f"{group.key}.")}
        rows = [_texts(group, row) for number, row in sorted(parts.items()) if str(number) not in gone]
        found[group.key] = [row for row in rows if _says(group, row)] if group.several else (rows or [{}])[0]
    return found


def read_assumptions(typed: Typed) -> dict[str, Any]:
    """Return what was typed as a request has it; raise `Invalid` with every number that is none."""
    values = typed_assumptions(typed)
    flat = Typed(tuple((name, text) for name, text, _ in _flat(values) if isinstance(text, str)))
    numbers = {name for name, _, kind in _flat(values) if kind == _N}
    plain = dict(plain_numbers(flat, numbers).fields)
    read: dict[str, Any] = {}
    for group in GROUPS:
        rows = [
            _said(group, row, f"{group.key}.{number}" if group.several else group.key, plain)
            for number, row in enumerate(values[group.key] if group.several else [values[group.key]])
        ]
        if group.several:
            read[group.key] = rows
        elif group.key not in _OPTIONAL or _says(group, values[group.key]):
            read[group.key] = rows[0]
    return read


def _texts(group: Group, row: Mapping[str, Any]) -> dict[str, Any]:
    texts: dict[str, Any] = {}
    for part in group.fields:
        value = row.get(part.key)
        texts[part.key] = value in (True, "true") if part.kind == _CHECK else "" if value is None else str(value)
    if group.yearly:
        texts[BY_YEAR] = {str(year): str(value) for year, value in (row.get(BY_YEAR) or {}).items()}
    return texts


def _says(group: Group, row: Mapping[str, Any]) -> bool:
    said = [row.get(part.key) for part in group.fields if part.kind != _CHECK]
    return any(said) or any((row.get(BY_YEAR) or {}).values())


def _flat(values: Mapping[str, Any]) -> list[tuple[str, Any, str]]:
    found = []
    for group in GROUPS:
        rows = values[group.key] if group.several else [values[group.key]]
        for number, row in enumerate(rows):
            base = f"{group.key}.{number}" if group.several else group.key
            found += [(f"{base}.{part.key}", row.get(part.key, ""), part.kind) for part in group.fields]
            found += [(f"{base}.{BY_YEAR}.{year}", text, _N) for year, text in (row.get(BY_YEAR) or {}).items()]
    return found


def _said(group: Group, row: Mapping[str, Any], base: str, plain: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for part in group.fields:
        value = row.get(part.key, False) if part.kind == _CHECK else plain.get(f"{base}.{part.key}", "")
        if value != "":
            said[part.key] = site_code(value) if part.key == "region" else value
    if group.yearly:
        years = {year: plain[f"{base}.{BY_YEAR}.{year}"] for year in row.get(BY_YEAR) or {}}
        said[BY_YEAR] = {year: text for year, text in years.items() if text}
    return said
