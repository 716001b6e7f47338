"""What suggestions out of a database of 5,000 public profiles cost, at first and when nothing has changed since."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import pytest
from sqlmodel import Session

from states.clock import now, today
from states.crossings.matchmaking.suggestions import suggestions_in
from states.lifecycle.partners_wanted import partners_wanted
from states.matchmaking.profiles.tables import Profile, ProfileState, ProfileType
from states.matchmaking.suggestions.cards import Card, Side
from states.matchmaking.suggestions.gather import cards
from states.partners.tables import Membership, Organisation
from states.places import nuts
from states.storage import begin
from tests.factories import World, a_collaboration, a_world
from tests.states.matchmaking.suggestions.samples import PoolMaker

pytestmark = [pytest.mark.bench, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]

PROFILES = 5_000
_TYPES = {Side.OFFER: ProfileType.TECHNOLOGY_OFFER, Side.REQUEST: ProfileType.TECHNOLOGY_REQUEST}


def test_suggestions_out_of_the_database(installation: Path) -> None:
    with begin() as session:
        world = a_world(session)
        centre = a_collaboration(world, sites=("gliwice", "katowice"))
        first = _fill(world, PoolMaker(1, words=120, organisations=PROFILES // 2).cards(PROFILES // 2, PROFILES // 2))
        partnership_id = world.partnership.id

    def timed(what: Callable[[Session], object]) -> float:
        with begin(read_only=True) as session:
            began = perf_counter()
            what(session)
            return perf_counter() - began

    def show(session: Session) -> None:
        assert len(suggestions_in(session, partnership_id).of(first, stop=20)) == 20

    cold, warm = timed(show), timed(show)
    reading = timed(lambda session: cards(session, partnership_id))
    wanted = timed(lambda session: partners_wanted(session, session.merge(centre, load=False)))
    print(
        f"\n{PROFILES:,} profiles of {PROFILES // 2:,} organisations: twenty suggestions {cold:.2f} s at first, "
        f"{warm:.2f} s when nothing has changed (of it {reading:.2f} s to read the profiles); "
        f"partners wanted {wanted:.2f} s"
    )
    assert warm < cold


def _fill(world: World, pool: list[Card]) -> str:
    """Put a pool into the database as organisations and public profiles; return the id of the first profile."""
    session, partnership_id = world.session, world.partnership.id
    owners = {
        card.organisation: Organisation(
            slug=card.organisation,
            name=card.organisation,
            kind=card.kind,
            country=nuts.country(card.nuts),
            nuts=card.nuts,
        )
        for card in pool
    }
    session.add_all(owners.values())
    session.flush()
    session.add_all(Membership(partnership_id=partnership_id, organisation_id=row.id) for row in owners.values())
    rows = [
        Profile(
            partnership_id=partnership_id,
            organisation_id=owners[card.organisation].id,
            reference=card.id,
            type=_TYPES[card.side],
            title=card.id,
            summary=" ".join(card.texts.values()),
            text_language=next(iter(card.texts), "en"),
            keywords=sorted(card.keywords),
            languages=sorted(card.languages),
            trl=card.trl,
            state=ProfileState.PUBLISHED,
            valid_from=today(),
            valid_until=today() + timedelta(days=90),
            created_at=now(),
        )
        for card in pool
    ]
    session.add_all(rows)
    session.flush()
    return next(row.id for row in rows if len(row.keywords) > 1)
