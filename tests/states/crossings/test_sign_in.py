"""Signing in: by a link that is sent, used once and soon; whoever shows who it is gets a session, and a new one."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from states.changes.tables import ChangeRecord
from states.clock import machine_now
from states.credentials.links import LinkEnded, LinkFor, LinkForged, LinkPurpose, SignedLink, make_link, texts_of
from states.credentials.passwords import Password, hash_fit, set_password
from states.credentials.sessions import (
    BrowserSession,
    Means,
    SignInAnew,
    end_session,
    grants_in_force,
    need_fresh,
    session_by,
    sessions_of,
    signed_in_by,
    take_role,
)
from states.credentials.tokens import TokenInvalid
from states.crossings.people import end_role, erase_person
from states.crossings.sign_in import (
    LINK_MINUTES,
    MOST_OPEN_LINKS,
    NoRoleHere,
    begin_session,
    end_all,
    link_for,
    read_link,
    send_link,
    use_sign_in_link,
)
from states.mail.tables import Mail, MailKind
from states.partners.people import PersonPlan, edit_person, grant_role
from states.partners.queries import holders
from states.partners.tables import Person, RoleGrant
from states.rights.access import Actor, Role
from states.rights.authors import Via
from tests.factories import World, a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def held(world: World, role: Role = Role.OBSERVER) -> tuple[RoleGrant, Person]:
    found = holders(world.session, world.partnership.id, role)[0]
    return found.grant, found.person


def sent(session: Session) -> list[Mail]:
    return list(session.exec(select(Mail).where(Mail.kind == MailKind.SIGN_IN)))


def text_in(session: Session, mail: Mail) -> str:
    """Return the text of the link in a mail, signed as it goes out."""
    key = str(mail.values["link"]).partition("?")[0].rpartition("/")[2]
    return texts_of(session, [key])[key]


def test_a_link_is_sent_to_who_holds_a_role_and_to_nobody_else(session: Session, world: World) -> None:
    _, person = held(world)
    nobody = Person(email="nobody@fields.example", label="nobody")
    session.add(nobody)
    for address in (person.email.upper(), nobody.email, "unknown@fields.example", "", "no address"):
        send_link(session, address, then="/cases/7?tab=moves")

    [mail] = sent(session)
    assert (mail.person_id, mail.site, mail.optional) == (person.id, None, False)
    assert str(mail.values["link"]).endswith("?next=/cases/7%3Ftab%3Dmoves")
    assert "." not in str(mail.values["link"]).partition("?")[0].rpartition("/")[2]  # the row opens nothing
    assert read_link(session, text_in(session, mail)) == person


def test_a_link_signs_in_once_and_ends_all_others(session: Session, world: World) -> None:
    _, person = held(world)
    for _ in range(3):
        send_link(session, person.email)
    first, second, third = (text_in(session, mail) for mail in sent(session))

    assert (read_link(session, first), read_link(session, first)) == (person, person)
    assert use_sign_in_link(session, second) == person
    for text, said in ((second, "used already"), (first, "revoked"), (third, "revoked")):
        with pytest.raises(LinkEnded, match=said):
            read_link(session, text)
        with pytest.raises(LinkEnded, match=said):
            use_sign_in_link(session, text)


def test_a_link_ends_after_a_quarter_of_an_hour_and_with_the_address(session: Session, world: World) -> None:
    _, person = held(world)
    send_link(session, person.email)
    text = text_in(session, sent(session)[0])
    row = session.exec(select(SignedLink).where(SignedLink.purpose == LinkPurpose.SIGN_IN)).one()

    assert row.expires_at - row.made_at == timedelta(minutes=LINK_MINUTES)
    edit_person(session, person, PersonPlan("moved@fields.example", person.label))
    with pytest.raises(LinkEnded, match="no longer yours"):
        use_sign_in_link(session, text)
    edited = link_for(session, person).rpartition("/")[2]
    session.get_one(SignedLink, edited.partition(".")[0]).expires_at = machine_now()
    with pytest.raises(LinkForged):  # the time is signed too
        use_sign_in_link(session, edited)


def test_no_link_of_another_purpose_signs_in(session: Session, world: World) -> None:
    grant, person = held(world)
    role = make_link(session, LinkFor(world.partnership.id, person.id, LinkPurpose.ROLE, grant.id), days=30)
    for text in (role, "", ".", "x.y", link_for(session, person).rpartition("/")[2][:-1]):
        with pytest.raises(LinkForged):
            use_sign_in_link(session, text)


def test_who_is_flooded_gets_a_few_mails(session: Session, world: World) -> None:
    _, person = held(world)
    for _ in range(MOST_OPEN_LINKS + 3):
        send_link(session, person.email)

    assert len(sent(session)) == MOST_OPEN_LINKS


def test_a_sign_in_gives_a_new_session_and_ends_the_one_before(session: Session, world: World) -> None:
    grant, person = held(world)
    first = begin_session(session, person.id, means=Means.LINK, browser="Firefox " * 100)
    second = begin_session(session, person.id, means=Means.PASSWORD, former=first)

    assert first != second
    with pytest.raises(TokenInvalid, match="signed out"):
        signed_in_by(session, first)
    assert signed_in_by(session, second).actor == grant.actor()
    [(row, _, _)] = sessions_of(session, person.id)
    assert (row.means, second in row.model_dump_json()) == (Means.PASSWORD, False)
    before = session_by(session, first)
    assert before is not None
    assert len(before.browser) == 200
    session.commit()
    records = session.exec(select(ChangeRecord).where(ChangeRecord.noun == "browser_session")).all()
    assert {(one.via, one.person_id) for one in records if one.subject_id == row.id} == {(Via.SESSION, person.id)}
    assert sorted(one.field for one in records) == ["made", "made", "revoked_at"]


def test_the_role_in_force_is_the_one_of_the_last_time(session: Session, world: World) -> None:
    _, person = held(world)
    other = grant_role(session, world.partnership, person, Role.ADMINISTRATOR)
    text = begin_session(session, person.id, means=Means.LINK)
    row = session_by(session, text)
    assert row is not None
    for grant in (grants_in_force(session, person.id)[0][0], other):
        take_role(session, row, grant.id)
        assert signed_in_by(session, begin_session(session, person.id, means=Means.LINK)).grant_id == grant.id
        for one, _, _ in sessions_of(session, person.id):
            if one.id != row.id:
                session.delete(one)
        session.flush()


def test_sessions_end_with_their_role_and_all_at_once(session: Session, world: World) -> None:
    grant, person = held(world)
    other = grant_role(session, world.partnership, person, Role.ADMINISTRATOR)
    texts = [begin_session(session, person.id, means=Means.LINK) for _ in range(3)]
    for text, chosen in zip(texts, (grant, other, other), strict=True):
        row = session_by(session, text)
        assert row is not None
        take_role(session, row, chosen.id)
    send_link(session, person.email)
    link = text_in(session, sent(session)[-1])

    end_role(session, grant, actor=Actor(Role.ADMINISTRATOR, world.partnership.id), reason="Has left.")
    assert [row.grant_id for row, _, _ in sessions_of(session, person.id)] == [other.id, other.id]
    kept = session_by(session, texts[1])
    assert kept is not None
    assert end_all(session, person, but=kept.id) == 1
    assert [row.id for row, _, _ in sessions_of(session, person.id)] == [kept.id]
    assert end_all(session, person) == 1
    end_session(session, kept)
    assert sessions_of(session, person.id) == []
    with pytest.raises(LinkEnded):
        read_link(session, link)


def test_who_holds_no_role_is_let_in_by_nothing(session: Session, world: World) -> None:
    grant, person = held(world)
    link = link_for(session, person).rpartition("/")[2]
    end_role(session, grant, actor=Actor(Role.ADMINISTRATOR, world.partnership.id), reason="Has left.")

    with pytest.raises(LinkEnded):
        use_sign_in_link(session, link)
    with pytest.raises(NoRoleHere):
        begin_session(session, person.id, means=Means.PASSWORD)
    with pytest.raises(NoRoleHere):
        link_for(session, person)


def test_who_is_erased_leaves_nothing_to_sign_in_by(session: Session, world: World) -> None:
    grant, person = held(world)
    set_password(session, person.id, hash_fit(person, "seven otters on the weir"))
    begin_session(session, person.id, means=Means.PASSWORD, browser="a laptop of somebody's own")
    end_role(session, grant, actor=Actor(Role.ADMINISTRATOR, world.partnership.id), reason="Has left.")
    erase_person(session, person, reason="Asked for it.")

    for kind in (Password, BrowserSession):
        assert session.exec(select(kind).where(kind.person_id == person.id)).all() == []


def test_what_opens_the_account_for_longer_asks_for_a_sign_in_only_just(session: Session, world: World) -> None:
    _, person = held(world)
    row = session_by(session, begin_session(session, person.id, means=Means.LINK))
    assert row is not None

    need_fresh(row)
    row.made_at -= timedelta(minutes=15)
    with pytest.raises(SignInAnew, match="sign in anew"):
        need_fresh(row)
