"""Names as a reader takes them: what is made up is said on the cover and beside the block, not behind each name."""

import re
from datetime import date
from decimal import Decimal

from documents.formats import day, euro, plain, unmarked
from documents.languages import gettext, marked, pgettext
from documents.words import category

STRESSES = (
    marked("As planned"),
    marked("Revenue 10 % lower"),
    marked("Revenue 20 % lower"),
    marked("First revenue a year later"),
    marked("Investment 10 % dearer"),
    marked("Investment 20 % dearer"),
    marked("Loan rates 2 points higher"),
    marked("The largest grant does not come"),
    marked("Revenue 10 % lower and a year later, investment 10 % dearer"),
)
VARIABLES = (
    marked("Revenue"),
    marked("Operating cost"),
    marked("Investment"),
    marked("Grants"),
    marked("Loan rates"),
    marked("Residual value"),
    marked("Tax rate"),
    marked("Discount rate"),
)
BANDS = ((15, marked("critical")), (10, marked("high")), (5, marked("medium")), (1, marked("low")))


def told(text: str) -> str:
    """Return a text without the mark of what is made up."""
    return unmarked(text)


def is_made_up(text: str) -> bool:
    """Tell whether a text marks something as made up."""
    return unmarked(text) != text


_REASONS = (
    (re.compile("figures are missing"), marked("figures are missing")),
    (re.compile("by the figures of (?P<years>.+)"), marked("by the figures of %(years)s")),
    (
        re.compile("because public bodies hold (?P<percent>.+) percent of it"),
        marked("because public bodies hold %(percent)s percent of it"),
    ),
)


def reason_said(text: str) -> str:
    """Say why an enterprise has its size, as `states.funding.law.enterprises` gives it in English."""
    for pattern, said in _REASONS:
        if found := pattern.fullmatch(text):
            return gettext(said) % found.groupdict()
    return text


_NOTES = (
    (re.compile("the best by the objectives of the case"), marked("The best by the objectives of the case")),
    (re.compile("grants only"), marked("Grants only")),
    (re.compile("no call of the Union"), marked("No call of the Union")),
    (re.compile("time to money first"), marked("Time to money first")),
    (re.compile("private cash first"), marked("Private cash first")),
    (
        re.compile(r"applications first, with at least (?P<percent>\d+) percent of the outside money of the best mix"),
        marked("Few applications first, with at least %(percent)s percent of the outside money of the best mix"),
    ),
    (
        re.compile("others than in the best mix pay (?P<percent>[0-9.]+) percent of the budget"),
        marked("others than in the best mix pay %(percent)s percent of the budget"),
    ),
)


def note_said(text: str) -> str:
    """Say what a scenario is, as `states.funding.solver` notes it in English; what people wrote stays."""
    said = [_part_said(part) for part in text.removesuffix(".").split("; ")]
    return "; ".join(filter(None, said)) + "." if said and all(said) else text


def _part_said(text: str) -> str:
    for pattern, said in _NOTES:
        if found := pattern.fullmatch(text[:1].lower() + text[1:]):
            named = {name: plain(Decimal(figure)) for name, figure in found.groupdict().items()}
            return gettext(said) % named
    return ""


_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_AMOUNT = re.compile(r"(?<![\d.,])(?P<amount>\d+\.\d\d) EUR\b")


def figures_said(text: str) -> str:
    """Write days and amounts as the language does, in a sentence that the checker of scenarios keeps for machines."""
    dated = _DAY.sub(lambda found: day(date.fromisoformat(found[0])), text)
    return _AMOUNT.sub(lambda found: euro(Decimal(found["amount"])), dated)


def article_said(text: str) -> str:
    """Say an article by the name that its act has in the language of who reads."""
    return text.replace("GBER", pgettext("act", "GBER"))


def term(text: str) -> str:
    """Say what the domain names in English: a stress, a variable such as "Revenue: Tests", the band of a risk."""
    kind, colon, name = text.partition(": ")
    if not colon:
        return gettext(text)
    return f"{gettext(kind)}: {category(name)}" if kind in VARIABLES else text
