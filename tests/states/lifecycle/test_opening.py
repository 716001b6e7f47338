"""Opening: from a fruitful contact of the partnership's own, at the first stage, with its deadline and event."""

from datetime import date

import pytest
from sqlmodel import Session, select

from states.clock import today
from states.collaborations.service import AlreadyMember, Joining
from states.collaborations.tables import Collaboration
from states.deadlines.queries import open_deadlines
from states.errors import Missing
from states.lifecycle.opening import open_collaboration
from states.matchmaking.service import record_contact
from states.matchmaking.states import ContactClosed
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.outbox.tables import OutboxMessage
from states.places.working_days import shift
from states.rights.access import Role
from states.storage import begin
from tests.factories import World, a_collaboration, a_world, contacts_behind


def _contact(world: World, *, status: ContactStatus = ContactStatus.HELD) -> Contact:
    return record_contact(
        world.session,
        partnership_id=world.partnership.id,
        kind=ContactKind.MEETING,
        requester=world.organisations["marseille"],
        host=world.organisations["gliwice"],
        subject="Testing",
        status=status,
        held_on=date(2020, 1, 15),
    )


def _open(world: World, contact: Contact, *joining: Joining) -> Collaboration:
    return open_collaboration(
        world.session, world.partnership, contact=contact, slug="new", title="New", members=joining
    )


def test_a_new_collaboration(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    events = session.exec(select(OutboxMessage)).all()
    due = [(one.kind, one.subject_id, one.owner_role, one.due_on, one.nuts) for one in open_deadlines(session)]
    assert (row.stage, row.playbook, row.version > 0) == ("matchmaking", "s3@5", True)
    assert [(event.name, event.collaboration_id) for event in events] == [("collaboration.opened", row.id)]
    assert due == [("stage", row.id, Role.PROJECT_MANAGER, shift(today(), 30, nuts="PL229"), "PL229")]
    assert len(contacts_behind(session, row.id)) == 1


def test_a_contact_of_another_partnership_is_none(session: Session) -> None:
    world, other = a_world(session), a_world(session, slug="energy")
    contact = _contact(other)
    with pytest.raises(Missing):
        _open(world, contact)
    assert (session.exec(select(Collaboration)).all(), contact.collaboration_id) == ([], None)


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize(("status", "twice"), [(ContactStatus.REQUESTED, False), (ContactStatus.HELD, True)])
def test_what_is_refused_leaves_nothing_behind(status: ContactStatus, twice: bool) -> None:
    def fail() -> None:
        with begin() as session:
            world = a_world(session)
            lead = Joining(world.organisations["gliwice"])
            _open(world, _contact(world, status=status), *[lead] * (2 if twice else 1))

    with pytest.raises(AlreadyMember if twice else ContactClosed):
        fail()
    with begin() as session:
        assert [session.exec(select(table)).all() for table in (Collaboration, OutboxMessage, Contact)] == [[], [], []]
