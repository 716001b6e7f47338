"""Contacts: what can be recorded, and which of them can carry a collaboration."""

from datetime import date

import pytest
from sqlmodel import Session, select

from states.errors import Missing
from states.matchmaking.facts import MatchmakingFacts, facts_of
from states.matchmaking.guards import originated
from states.matchmaking.queries import ORDERS, contact_by_id, find_contacts
from states.matchmaking.service import ContactInvalid, attach_contact, record_contact
from states.matchmaking.states import ContactClosed
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.partners.tables import EventKind, PartnershipEvent
from states.storage import Readings
from tests.expect import codes, places
from tests.factories import World, a_collaboration, a_world, contacts_behind

MEETING, INTEREST = ContactKind.MEETING, ContactKind.EXPRESSION_OF_INTEREST


def _record(
    world: World, *, kind: ContactKind = MEETING, status: ContactStatus, held_on: date | None = None
) -> Contact:
    return record_contact(
        world.session,
        partnership_id=world.partnership.id,
        kind=kind,
        requester=world.organisations["marseille"],
        host=world.organisations["gliwice"],
        subject="Testing",
        status=status,
        held_on=held_on,
    )


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (MEETING, ContactStatus.REQUESTED),
        (MEETING, ContactStatus.HELD),
        (MEETING, ContactStatus.NO_SHOW),
        (INTEREST, ContactStatus.ACCEPTED),
        (INTEREST, ContactStatus.WITHDRAWN),
    ],
)
def test_what_goes_together(session: Session, kind: ContactKind, status: ContactStatus) -> None:
    world = a_world(session)
    row = _record(world, kind=kind, status=status, held_on=date(2020, 1, 15))
    session.expire_all()
    assert (row.kind, row.status, row.held_on) == (kind, status, date(2020, 1, 15))


@pytest.mark.parametrize(
    ("kind", "status"),
    [(MEETING, ContactStatus.WITHDRAWN), (INTEREST, ContactStatus.HELD), (INTEREST, ContactStatus.NO_SHOW)],
)
def test_what_does_not_go_together(session: Session, kind: ContactKind, status: ContactStatus) -> None:
    world = a_world(session)
    with pytest.raises(ContactInvalid) as caught:
        _record(world, kind=kind, status=status, held_on=date(2020, 1, 15))
    assert places(caught.value) == ["status"]


def test_all_faults_come_at_once_and_nothing_is_recorded(session: Session) -> None:
    world, other = a_world(session), a_world(session, slug="energy")
    abroad = PartnershipEvent(
        partnership_id=other.partnership.id, name="Fair", kind=EventKind.BROKERAGE, held_on="2020-03"
    )
    session.add(abroad)
    session.flush()
    with pytest.raises(ContactInvalid) as caught:
        record_contact(
            session,
            partnership_id=world.partnership.id,
            kind=INTEREST,
            requester=world.organisations["gliwice"],
            host=world.organisations["gliwice"],
            subject="Testing",
            status=ContactStatus.HELD,
            event=abroad,
        )
    assert places(caught.value) == ["host", "status", "held_on", "event"]
    assert session.exec(select(Contact)).all() == []


@pytest.mark.parametrize("status", [ContactStatus.REQUESTED, ContactStatus.DECLINED, ContactStatus.NO_SHOW])
def test_a_contact_without_fruit_carries_nothing(session: Session, status: ContactStatus) -> None:
    world = a_world(session)
    contact = _record(world, status=status)
    with pytest.raises(ContactClosed) as caught:
        attach_contact(session, contact, collaboration_id=a_collaboration(world).id)
    assert (codes(caught.value), contact.collaboration_id) == (["contact_not_fruitful"], None)


def test_a_contact_stands_behind_one_collaboration(session: Session) -> None:
    world = a_world(session)
    first, second = a_collaboration(world), a_collaboration(world, slug="second")
    contact = _record(world, status=ContactStatus.ACCEPTED)
    attach_contact(session, contact, collaboration_id=first.id)
    attach_contact(session, contact, collaboration_id=first.id)
    with pytest.raises(ContactClosed) as caught:
        attach_contact(session, contact, collaboration_id=second.id)
    assert (codes(caught.value), contact.collaboration_id) == (["contact_taken"], first.id)
    read = Readings(session)
    assert [facts_of(read, one) for one in (first, second)] == [MatchmakingFacts(2), MatchmakingFacts(1)]


def test_no_contact_no_origin() -> None:
    refusal = originated(MatchmakingFacts(0))
    assert originated(MatchmakingFacts(1)) is None
    assert (refusal and refusal.code) == "no_origin"


def test_reads(session: Session) -> None:
    world, other = a_world(session), a_world(session, slug="energy")
    row = a_collaboration(world)
    loose = _record(world, status=ContactStatus.REQUESTED)
    _record(other, status=ContactStatus.REQUESTED)
    behind = contacts_behind(session, row.id)
    found = session.exec(find_contacts(world.partnership.id).order_by(ORDERS["recorded"]))
    assert [one.id for one in found] == [behind[0].id, loose.id]
    assert contact_by_id(session, loose.id) is loose
    with pytest.raises(Missing):
        contact_by_id(session, "nothing")
