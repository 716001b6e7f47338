"""For any rows of any kind, rights are what they are for each row alone, in a fixed number of statements."""

from pathlib import Path

import pytest
from sqlmodel import Session, SQLModel, select

import states.crossings.rights.providers  # noqa: F401 - they are what is tested
from states.archive.tables import IssuedDocument
from states.collaborations.tables import Collaboration
from states.computations.tables import Computation
from states.deadlines.tables import Deadline
from states.errors import Denied, Missing
from states.funding.tables import Scenario
from states.matchmaking.consents.tables import Avoidance
from states.matchmaking.event_day.tables import Meeting, Participant
from states.matchmaking.profiles.tables import Interest, Profile
from states.partners.queries import holders
from states.partners.tables import WorkingArea
from states.protocol.tables import ProtocolVersion, SignOff
from states.review.tables import ReviewRound
from states.rights.access import Action, Actor, Role, may
from states.rights.scopes import admit, permitted, provide, scopes_of
from states.storage import begin
from tests.api.house import furnish
from tests.api.many_rows import fill
from tests.factories import a_collaboration, a_world
from tests.statements import counted

FEW, MANY = 4, 8
KINDS = (
    Avoidance,
    Collaboration,
    Computation,
    Deadline,
    Interest,
    IssuedDocument,
    Meeting,
    Participant,
    Profile,
    ProtocolVersion,
    ReviewRound,
    Scenario,
    SignOff,
)


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_rights_to_many_are_those_to_each_and_cost_the_same(installation: Path) -> None:
    with begin() as session:
        world, _ = furnish(session)
        fill(world, MANY)
        held = {one.person.label: one.grant.actor() for one in holders(session, world.partnership.id, *Role)}
    people = [actor for label, actor in held.items() if not label.startswith("panellist")]

    for kind in KINDS:
        for actor in people:
            many, few = _cost(kind, actor, MANY), _cost(kind, actor, FEW)
            assert many == few, (kind, actor.role)
    with begin(read_only=True) as session:
        rows = [row for kind in KINDS for row in session.exec(select(kind)).all()[:MANY]]
        for actor in people:
            scopes = scopes_of(session, actor, rows)
            assert scopes == [scopes_of(session, actor, [row])[0] for row in rows], actor.role
            allowed = [row for row, scope in zip(rows, scopes, strict=True) if may(actor, Action.READ_DOSSIER, scope)]
            assert permitted(session, actor, rows, Action.READ_DOSSIER) == allowed
    assert len(rows) == MANY * len(KINDS)


def _cost(kind: type[SQLModel], actor: Actor, count: int) -> int:
    with begin(read_only=True) as session:
        rows = session.exec(select(kind)).all()[:count]
        assert len(rows) == count
        session.expunge_all()
        with counted() as statements:
            scopes_of(session, actor, rows)
    return len(statements)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_of_another_partnership_nothing_is_there(session: Session) -> None:
    here, elsewhere = a_world(session), a_world(session, slug="elsewhere")
    row = a_collaboration(here)

    with pytest.raises(Missing, match=f"no collaboration '{row.slug}' here"):
        admit(session, elsewhere.manager, row, Action.READ_COLLABORATION, noun="collaboration", named=row.slug)
    observer = here.actor(Role.OBSERVER)
    with pytest.raises(Denied):
        admit(session, observer, row, Action.EDIT_COLLABORATION, noun="collaboration", named=row.slug)
    partner = here.actor(Role.PARTNER, organisation_id=here.organisations["gliwice"].id)
    scope = admit(session, partner, row, Action.READ_COLLABORATION, noun="collaboration", named=row.slug)
    assert scope.organisation_ids == {here.organisations["gliwice"].id, here.organisations["marseille"].id}
    scope = admit(session, here.manager, row, Action.EDIT_COLLABORATION, noun="collaboration", named=row.slug)
    assert scope.organisation_ids == frozenset()  # no rule asks it of who acts for no organisation


def test_one_answers_for_each_kind_and_nobody_for_what_is_not_registered() -> None:
    area = WorkingArea(partnership_id="here", number=1, name="Implants")
    with pytest.raises(ValueError, match="two providers for Collaboration"):
        provide(Collaboration, lambda *_: [])
    with pytest.raises(LookupError, match="nobody answers for WorkingArea"):
        scopes_of(Session(), Actor(Role.OBSERVER, "here"), [area])
