"""Names as a reader takes them: what is made up is said on the cover and beside the block, not behind each name."""

import re

from documents.formats import unmarked
from documents.languages import gettext, marked
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


def term(text: str) -> str:
    """Say what the domain names in English: a stress, a variable such as "Revenue: Tests", the band of a risk."""
    kind, colon, name = text.partition(": ")
    if not colon:
        return gettext(text)
    return f"{gettext(kind)}: {category(name)}" if kind in VARIABLES else text
