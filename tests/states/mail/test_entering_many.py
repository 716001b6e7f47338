"""Many mails entered together are the same as each for itself, also when two enter one of them at once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from states.mail.ledger import NewMail, enter_mail, enter_mails
from states.mail.tables import Mail, MailKind, MailPreference, MailState
from states.storage import begin
from tests.expect import overlap
from tests.factories import World, a_world


def _wanted(world: World, *keys: str, optional: bool = False) -> list[NewMail]:
    person_id = world.people["partner"].id
    return [
        NewMail(key, person_id, world.partnership.id, {"key": key}, optional=optional, topic="stage") for key in keys
    ]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_is_there_already_is_left_out(session: Session) -> None:
    world = a_world(session)
    first = enter_mails(session, MailKind.REMINDER, _wanted(world, "a", "b"))

    second = enter_mails(session, MailKind.REMINDER, _wanted(world, "b", "c"))

    assert (sorted(first), sorted(second)) == (["a", "b"], ["c"])
    assert enter_mails(session, MailKind.REMINDER, []) == {}
    single = enter_mail(
        session,
        MailKind.REMINDER,
        key="d",
        person_id=world.people["partner"].id,
        partnership_id=world.partnership.id,
        values={"key": "d"},
        topic="stage",
    )
    assert single is not None
    alike = {"kind", "topic", "person_id", "partnership_id", "optional", "attachment", "state", "why", "tries_failed"}
    assert single.model_dump(include=alike) == session.get_one(Mail, first["a"]).model_dump(include=alike)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_who_opted_out_is_held_back(session: Session) -> None:
    world = a_world(session)
    session.add(MailPreference(person_id=world.people["partner"].id, opted_out=["reminder.stage"]))
    session.flush()

    held = enter_mails(session, MailKind.REMINDER, _wanted(world, "a", optional=True))
    legal = enter_mails(session, MailKind.REMINDER, _wanted(world, "b"))

    assert [(row.state, row.why) for row in (session.get_one(Mail, key) for key in (held["a"], legal["b"]))] == [
        (MailState.WITHDRAWN, "opted_out"),
        (MailState.WAITING, ""),
    ]


def test_of_two_at_once_each_enters_what_the_other_does_not(installation: Path) -> None:
    with begin() as session:
        first, second = _wanted(world := a_world(session), "a", "b"), _wanted(world, "b", "c")

    def entering(wanted: list[NewMail]) -> Callable[[Session], list[str]]:
        return lambda session: sorted(enter_mails(session, MailKind.REMINDER, wanted))

    def other() -> list[str]:
        with begin() as session:
            return entering(second)(session)

    late = overlap(entering(first), other)

    with begin(read_only=True) as session:
        keys = session.exec(select(Mail.key).order_by(col(Mail.key))).all()
    assert (late, list(keys)) == (["c"], ["a", "b", "c"])
