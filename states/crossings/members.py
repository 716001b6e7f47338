"""Let an organisation leave a partnership, with all that it leaves behind, and come back."""

from dataclasses import dataclass

from sqlmodel import Session, select

from states.clock import now
from states.collaborations.queries import collaborations_of, members_of
from states.crossings.people import end_role
from states.errors import Refusal, Refused
from states.matchmaking.profiles.service import withdraw_profile
from states.matchmaking.profiles.states import WITHDRAW
from states.matchmaking.profiles.tables import Profile
from states.partners.queries import find_grants
from states.partners.registry_faults import RegistryInvalid
from states.partners.tables import Membership, Organisation
from states.playbooks.definition import StageKind
from states.playbooks.editions import playbooks_of
from states.rights.access import Actor, Role
from states.storage import bump_version


class MembershipRefused(Refused):
    """The organisation cannot leave, or come back, so."""

    code = "membership_refused"


@dataclass(frozen=True, slots=True)
class Left:
    """What ended with an organisation's membership: roles of its people, and profiles."""

    roles: int
    profiles: int


def withdraw_organisation(
    session: Session,
    organisation: Organisation,
    membership: Membership,
    *,
    actor: Actor,
    reason: str,
    expected_version: int | None = None,
) -> Left:
    """End an organisation's membership, the roles of who speaks for it here, and its profiles; nothing is deleted.

    Raises `MembershipRefused` where it left before, or takes part in collaborations that run: they are named.
    """
    if not reason.strip():
        raise RegistryInvalid("blank", field="reason", remedy="give_it")
    if membership.left_at is not None:
        raise MembershipRefused([Refusal("left_already", where="organisations")])
    if taking_part := _takes_part(session, membership):
        mend, count = ("project_manager",), len(taking_part)
        raise MembershipRefused(
            [Refusal("takes_part_still", missing=tuple(taking_part), count=count, mend_by=mend, where="collaborations")]
        )
    bump_version(session, organisation, expected=expected_version)
    membership.left_at, membership.left_because = now(), reason.strip()
    session.flush()
    key = membership.partnership_id
    grants = session.exec(find_grants(key, role=Role.PARTNER, organisation_id=organisation.id)).all()
    for grant, _ in grants:
        end_role(session, grant, actor=actor, reason=reason)
    owned = (Profile.partnership_id == key, Profile.organisation_id == organisation.id)
    profiles = [row for row in session.exec(select(Profile).where(*owned)) if WITHDRAW.leaves(row.state)]
    for row in profiles:
        withdraw_profile(session, row)
    return Left(len(grants), len(profiles))


def return_organisation(
    session: Session, organisation: Organisation, membership: Membership, *, expected_version: int | None = None
) -> None:
    """Let an organisation that left be a member again; roles are given, and profiles reopened, by hand."""
    if membership.left_at is None:
        raise MembershipRefused([Refusal("is_a_member", where="organisations")])
    bump_version(session, organisation, expected=expected_version)
    membership.left_at, membership.left_because = None, ""
    session.flush()


def _takes_part(session: Session, membership: Membership) -> list[str]:
    rows = collaborations_of(session, membership.partnership_id)
    members, playbooks = members_of(session, [row.id for row in rows]), playbooks_of(session, rows)
    over = (StageKind.CLOSED, StageKind.FINAL)
    return [
        row.slug
        for row in rows
        if playbooks[row.id].stages[row.stage].kind not in over
        and any(entry.organisation.id == membership.organisation_id for entry in members[row.id])
    ]
