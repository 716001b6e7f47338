"""Documents of law as an office writes them: a successor to what ships, a map and categories, and who adds them."""

from states.funding.rules.overview import shipped_text
from states.funding.rules.service import Signatory, add_document, put_in_force, verify_document
from states.funding.rules.tables import RuleDocument
from tests.factories import World

A_MAP = """\
kind: aid_map
id: own-map
version: 1
title: The aid map of the years after
legal_basis: Guidelines of the years after
source: a decision that was read
valid_from: 2028-01-01
valid_to: 2034-12-31
aid_map:
  - id: own-map-pl22
    article: Aid map, PL22
    sentence: Large enterprises may have 40 percent there.
    nuts: PL22
    area: a
    percent: 40
"""

CATEGORIES = """\
kind: cohesion
id: own-categories
version: 1
title: Categories of the years after
legal_basis: A decision of the years after
eli: http://data.europa.eu/eli/dec_impl/2027/1/oj
source: the Official Journal
valid_from: 2028-01-01
valid_to: 2034-12-31
categories:
  - source: the Official Journal
    certainty: read
    verified_on: 2026-11-20
    transition: [PL22]
    more_developed: [PL91]
"""


def successor(*, version: int = 1, percent: str = "60") -> str:
    """Return a successor to the shipped set: industrial research begins at another intensity, from 2027 on."""
    text = shipped_text("eu-2023")
    head = {
        "id: eu-2023\nversion: 1\n": f"id: eu-2027\nversion: {version}\n",
        "valid_from: 2023-07-01\nvalid_to: 2026-12-31\nsucceeds: eu-2014\n": (
            "valid_from: 2027-01-01\nvalid_to: 2033-12-31\nsucceeds: eu-2023\n"
            "transition:\n  until: 2027-06-30\n  article: New Regulation Art. 60\n"
            "  sentence: Schemes that ran before go on for six months.\n"
        ),
        "http://data.europa.eu/eli/reg/2014/651/2023-07-01": "http://data.europa.eu/eli/reg/2026/9999/oj",
    }
    for before, after in head.items():
        assert before in text
        text = text.replace(before, after)
    text = text.replace("verified_on: 2026-11-29", "verified_on: 2026-11-20")  # before the days of the tests
    first, mark, rest = text.partition("  - id: gber-25-5-b\n")
    assert mark
    return first + mark + rest.replace("percent: 50\n", f"percent: {percent}\n", 1)


def a_rule_document(world: World, text: str = A_MAP, *, by: str = "observer") -> RuleDocument:
    """Add a document in the name of somebody."""
    who = Signatory(world.people[by].id, by)
    return add_document(world.session, world.partnership.id, text, by=who)


def in_force(world: World, text: str) -> RuleDocument:
    """Add a document, let a second person verify it, and put it in force."""
    row = a_rule_document(world, text)
    verify_document(world.session, row, by=Signatory(world.people["project_manager"].id, "project manager"))
    return put_in_force(world.session, row)
