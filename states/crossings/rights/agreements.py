"""What rights to an agreement depend on: who receives the money, who leads, and which region's authority pays it."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, select

from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.rights.collaborations import belongings
from states.funding.awards.queries import agreements_of
from states.funding.awards.tables import Agreement
from states.funding.tables import Instrument
from states.partners.tables import Region
from states.rights.access import Action, Actor, Role, Scope, require


def of_agreements(session: Session, actor: Actor, rows: Sequence[Agreement]) -> list[Scope]:
    """Answer for agreements, in three statements more than their collaborations need."""
    keys = list(dict.fromkeys(row.collaboration_id for row in rows))
    found, members = belongings(session, actor, keys), members_of(session, keys)
    paying = _paying(session, actor, [row.instrument_id for row in rows])
    scopes = []
    for row in rows:
        everybody = {one.organisation.id for one in members[row.collaboration_id]}
        leads = {one.organisation.id for one in members[row.collaboration_id] if one.member.part is MemberPart.LEAD}
        owners = everybody if row.organisation_id is None else {row.organisation_id, *leads}
        scopes.append(
            replace(
                found[row.collaboration_id].scope,
                owner_ids=frozenset(owners),
                region_id=actor.region_id if row.instrument_id in paying else None,
            )
        )
    return scopes


def lead_scope(session: Session, row: Collaboration) -> Scope:
    """Return on what it depends whether somebody acts as the lead of a collaboration."""
    members = members_of(session, [row.id])[row.id]
    leads = frozenset(one.organisation.id for one in members if one.member.part is MemberPart.LEAD)
    return Scope(row.partnership_id, frozenset(one.organisation.id for one in members), owner_ids=leads)


def region_scope(session: Session, actor: Actor, row: Collaboration) -> Scope:
    """Return on what rights to a collaboration depend, for the authority of a region that pays in it as well."""
    instruments = session.exec(select(Agreement.instrument_id).where(Agreement.collaboration_id == row.id)).all()
    pays = bool(_paying(session, actor, instruments))
    return replace(
        belongings(session, actor, [row.id], known=[row])[row.id].scope, region_id=actor.region_id if pays else None
    )


def need_payer(session: Session, actor: Actor, row: Collaboration, agreement_id: str | None, action: Action) -> None:
    """Raise `Denied` unless the actor may do this for the funder of an agreement, or (without one) for the office."""
    scope = Scope(row.partnership_id)
    found = [one for one in agreements_of(session, row.id) if one.id == agreement_id]
    require(actor, action, of_agreements(session, actor, found)[0] if found else scope)


def _paying(session: Session, actor: Actor, instrument_ids: Sequence[str | None]) -> set[str]:
    """Return those of these instruments that pay in the actor's region alone, or in a part of it."""
    if actor.role is not Role.WGRA_MEMBER or actor.region_id is None:
        return set()
    region = session.get_one(Region, actor.region_id)
    keys = {key for key in instrument_ids if key is not None}
    instruments = session.exec(select(Instrument.id, Instrument.territory).where(col(Instrument.id).in_(keys)))
    return {key for key, territory in instruments if territory and all(_within(one, region.codes) for one in territory)}


def _within(code: str, codes: Sequence[str]) -> bool:
    return any(code.startswith(one) for one in codes)
