"""Cards and consortia read from profiles, events, contacts and collaborations."""

import pytest
from sqlmodel import Session

from states.clock import at, today
from states.matchmaking.event_day.attendance import record_attendance
from states.matchmaking.event_day.participants import Delegate, register
from states.matchmaking.event_day.tables import Attendance, BrokerageEvent, Participant
from states.matchmaking.profiles.tables import PartnerType, ProfileType
from states.matchmaking.suggestions.cards import Ally, Card, Line, Side, Sought
from states.matchmaking.suggestions.gather import cards, consortium
from states.matchmaking.suggestions.needs import Party
from states.matchmaking.suggestions.suggest import suggest
from states.partners.tables import OrganisationKind, SizeClass
from tests.factories import World, a_collaboration, a_world
from tests.meeting_factories import (
    BEFORE,
    DAY,
    a_brokerage_event,
    a_content,
    a_meeting,
    a_participant,
    a_profile,
    a_published_profile,
)

on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    with at(DAY):
        return a_world(session)


def _met(world: World) -> dict[str, frozenset[str]]:
    names = {row.id: name for name, row in world.organisations.items()}
    found = cards(world.session, world.partnership.id)
    return {names[card.organisation]: frozenset(names[other] for other in card.met) for card in found}


def test_a_published_profile_is_a_card_and_a_draft_is_none(world: World) -> None:
    content = a_content(
        ProfileType.RESEARCH_REQUEST,
        partner_types=[PartnerType.SME_11_TO_49, PartnerType.UNIVERSITY],
        countries=["FR"],
        call_programme="Horizon Europe",
        interest_until=today(),
        trl=4,
        text_language="pl",
        title="Tytuł",
        summary="Krótko.",
    )
    row = a_published_profile(world, content=content)
    a_profile(world, "marseille")

    assert cards(world.session, world.partnership.id) == [
        Card(
            id=row.id,
            organisation=world.organisations["gliwice"].id,
            side=Side.REQUEST,
            line=Line.RESEARCH,
            nuts="PL229",
            kind=OrganisationKind.SME,
            size=SizeClass.UNKNOWN,
            keywords=frozenset(["BI.IMP.DEN"]),
            texts={"pl": "Tytuł\nKrótko.\n\nAnimal trials."},
            cooperation=frozenset(["research"]),
            languages=frozenset(["en", "pl"]),
            trl=4,
            sought=frozenset([Sought(OrganisationKind.SME, SizeClass.SMALL), Sought(OrganisationKind.UNIVERSITY)]),
            countries_sought=frozenset(["FR"]),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        )
    ]


def test_an_offer_and_a_request_of_two_regions_are_suggested_to_each_other(world: World) -> None:
    offer = a_published_profile(world)
    request = a_published_profile(
        world, "marseille", a_content(ProfileType.TECHNOLOGY_REQUEST, partner_types=["other"])
    )
    a_published_profile(world, "katowice", a_content(ProfileType.TECHNOLOGY_OFFER))

    found = suggest(cards(world.session, world.partnership.id), on=today())

    assert [one.other.id for one in found.of(offer.id)] == [request.id]
    assert len(found.of(request.id)) == 2


@on_sqlite
def test_for_an_event_the_cards_are_those_of_its_participants_with_their_free_slots(world: World) -> None:
    a_published_profile(world)
    there = a_published_profile(world, "marseille")
    a_published_profile(world, "katowice")
    with at(DAY):
        event = a_brokerage_event(world)
        a_participant(world, event, "marseille", unavailable=(0, 1, 2))
        a_participant(world, event, "marseille", label="head of sales", unavailable=(0, 3))
        register(
            world.session,
            event,
            world.organisations["katowice"],
            Delegate(label="nurse", attendance=Attendance.ON_SITE),
        )

    with at(BEFORE):
        found = cards(world.session, world.partnership.id, event_id=event.id)

    assert [(card.id, card.slots) for card in found] == [(there.id, frozenset([1, 2, 3, 4, 5]))]


@on_sqlite
def test_who_held_a_meeting_has_met_but_not_who_missed_it(world: World) -> None:
    for who in ("gliwice", "marseille", "katowice"):
        a_published_profile(world, who)
    event, people = _event(world)
    row = a_meeting(world, event, people["gliwice"], people["marseille"], people["katowice"])
    with at(DAY.replace(hour=20)):
        record_attendance(world.session, event, row, missed=[people["katowice"].id], by=None)

    nobody: frozenset[str] = frozenset()
    assert _met(world) == {
        "gliwice": frozenset(["marseille"]),
        "marseille": frozenset(["gliwice"]),
        "katowice": nobody,
    }


@on_sqlite
def test_members_of_a_collaboration_have_met_and_are_allies(world: World) -> None:
    row = a_collaboration(world, sites=("gliwice", "marseille"))
    a_published_profile(world)
    marseille = world.organisations["marseille"].id

    (card,) = cards(world.session, world.partnership.id)

    assert (card.met, card.allies) == (frozenset([marseille]), frozenset([Ally(marseille, "FRL04")]))
    assert consortium(world.session, row) == (
        Party(world.organisations["gliwice"].id, "PL229", OrganisationKind.SME),
        Party(marseille, "FRL04", OrganisationKind.SME),
    )


def _event(world: World) -> tuple[BrokerageEvent, dict[str, Participant]]:
    with at(DAY):
        event = a_brokerage_event(world)
        return event, {who: a_participant(world, event, who) for who in ("gliwice", "marseille", "katowice")}
