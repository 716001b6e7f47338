"""Bearer tokens: who acts with one, and every way in which one is no good any more."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from states.clock import machine_now, now
from states.credentials.tokens import DEFAULT_DAYS, PREFIX, TokenInvalid, actor_of, create_token, revoke_token
from states.errors import Invalid, Missing
from states.partners.queries import holders
from states.partners.tables import AccessToken, RoleGrant
from states.rights.access import Actor, Role, TokenScope
from tests.expect import places
from tests.factories import World, a_world


def _grant(world: World, role: Role) -> RoleGrant:
    return holders(world.session, world.partnership.id, role)[0].grant


def _only_token(session: Session) -> AccessToken:
    return session.exec(select(AccessToken)).one()


def test_a_token_acts_by_its_grant(session: Session) -> None:
    world = a_world(session)
    member, partner = _grant(world, Role.WGRA_MEMBER), _grant(world, Role.PARTNER)
    assert actor_of(session, create_token(session, member)) == Actor(
        Role.WGRA_MEMBER, world.partnership.id, person_id=member.person_id, region_id=member.region_id
    )
    assert actor_of(session, create_token(session, partner)) == Actor(
        Role.PARTNER,
        world.partnership.id,
        person_id=partner.person_id,
        organisation_id=world.organisations["gliwice"].id,
    )


def test_only_a_digest_is_kept(session: Session) -> None:
    text = create_token(session, _grant(a_world(session), Role.OBSERVER), label="laptop")
    row = _only_token(session)
    assert text.startswith(PREFIX)
    assert text not in row.model_dump_json()
    assert (row.label, row.expires_at - row.created_at) == ("laptop", timedelta(days=DEFAULT_DAYS))


def test_an_unknown_token_is_refused(session: Session) -> None:
    text = create_token(session, _grant(a_world(session), Role.OBSERVER))
    with pytest.raises(TokenInvalid, match="not known here"):
        actor_of(session, text[:-1])


def test_an_expired_token_is_refused(session: Session) -> None:
    text = create_token(session, _grant(a_world(session), Role.OBSERVER), days=1)
    _only_token(session).expires_at = machine_now()
    session.flush()
    with pytest.raises(TokenInvalid, match="expired or was revoked"):
        actor_of(session, text)


def test_a_revoked_token_is_refused(session: Session) -> None:
    grant = _grant(a_world(session), Role.OBSERVER)
    text = create_token(session, grant)
    revoke_token(session, _only_token(session).id)
    other = create_token(session, grant)
    with pytest.raises(TokenInvalid, match="expired or was revoked"):
        actor_of(session, text)
    assert actor_of(session, other).role is Role.OBSERVER


def test_a_token_ends_with_its_grant(session: Session) -> None:
    grant = _grant(a_world(session), Role.OBSERVER)
    text = create_token(session, grant)
    grant.until = now() + timedelta(days=1)
    session.flush()
    assert actor_of(session, text).role is Role.OBSERVER
    grant.until = now()
    session.flush()
    with pytest.raises(TokenInvalid, match="expired or was revoked"):
        actor_of(session, text)


def test_a_token_carries_what_it_was_made_for(session: Session) -> None:
    grant = _grant(a_world(session), Role.IAG_MEMBER)
    text = create_token(session, grant, scopes=[TokenScope.REVIEW, TokenScope.READ])
    assert actor_of(session, text).scopes == {TokenScope.READ, TokenScope.REVIEW}
    assert _only_token(session).scopes == ["read", "review"]


def test_a_token_for_nothing_is_refused(session: Session) -> None:
    with pytest.raises(Invalid) as caught:
        create_token(session, _grant(a_world(session), Role.OBSERVER), scopes=[])
    assert places(caught.value) == ["scopes"]


@pytest.mark.parametrize("days", [0, -1])
def test_a_token_lives_at_least_a_day(session: Session, days: int) -> None:
    with pytest.raises(Invalid) as caught:
        create_token(session, _grant(a_world(session), Role.OBSERVER), days=days)
    assert places(caught.value) == ["days"]
    assert session.exec(select(AccessToken)).all() == []


def test_a_token_that_is_not_there_cannot_be_revoked(session: Session) -> None:
    with pytest.raises(Missing):
        revoke_token(session, "nothing")
