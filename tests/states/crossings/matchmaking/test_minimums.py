"""What funding's catalogue asks of a consortium, as matchmaking counts it; what cannot be counted is named."""

from datetime import date

import pytest
from sqlmodel import Session

from states.crossings.matchmaking.minimums import minimums_of
from states.funding.case.reader import read_shape
from states.funding.catalogue.loading import Catalogue, load_catalogue, shipped_catalogue
from states.matchmaking.suggestions.needs import Minimums, gain
from states.places.cohesion import Category
from tests.factories import a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

SEATS = """
instruments:
  - {slug: unread, name: Nobody read it, programme: X, kind: grant}
  - slug: counted
    name: Counted
    programme: X
    kind: grant
    verified_on: 2026-01-01
    terms:
      basis: [eu_direct]
      rates: [{percent: 70}]
      consortium:
        entities: 2
        seats: [{whom: {cohesion: [less_developed, outermost]}}]
    calls: [{slug: "2025", closes_on: 2025-06-30}]
  - slug: besides
    name: Besides
    programme: X
    kind: grant
    terms:
      basis: [eu_direct]
      rates: [{percent: 70}]
      consortium:
        seats: [{whom: {kinds: [university]}}, {at_least: 2, whom: {cohesion: [transition]}}]
        coordinator: {non_profit: true}
    calls: [{slug: old, closes_on: 2025-06-30}, {slug: next, opens_on: 2027-01-01}]
"""


def test_what_counts_is_counted_and_the_rest_is_named(session: Session) -> None:
    world = a_world(session)
    load_catalogue(session, world.partnership.id, read_shape(SEATS, Catalogue))

    besides, counted = minimums_of(session, world.partnership.id, on=date(2026, 6, 1))

    assert counted == Minimums(
        "counted",
        "Counted",
        entities=2,
        categories=frozenset([Category.LESS_DEVELOPED]),
        outermost=True,
        verified=True,
        besides=("its last known call closed on 2025-06-30",),
    )
    assert (besides.categories, besides.caveats) == (
        frozenset(),
        ("minimums not verified", "the coordinator's conditions not looked at", "further seats not looked at"),
    )


def test_a_partner_from_a_third_country_brings_the_shipped_strand_nearer(session: Session) -> None:
    world = a_world(session)
    load_catalogue(session, world.partnership.id, shipped_catalogue())
    known = {one.instrument: one for one in minimums_of(session, world.partnership.id, on=date(2026, 6, 1))}

    sites = ["PL229", "PL213", "FRL04", "FRK26"]
    found = gain(known["i3-strand-1"], sites, "ITC11", on=date(2026, 6, 1))

    assert found is not None
    assert (found.opens, found.adds) == (True, ("fifth partner", "fifth region", "third country"))
    assert str(found).startswith("would open Interregional Innovation Investments, strand 1: fifth partner, ")
