"""What rights to evidence depend on: its class, whose it is, and what opens the collaboration to a reviewer."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import and_, not_, or_
from sqlalchemy import select as plain
from sqlmodel import Session, col, select

from states.archive.evidence.tables import Evidence
from states.archive.tables import DocumentClass
from states.collaborations.tables import Collaboration, Member, MemberPart
from states.crossings.rights.collaborations import Circumstances, belonging_facts, belongings
from states.rights.access import Action, Actor, Scope
from states.rights.conditions import Case, Cases
from states.storage import is_among, is_value, table_of

_NEEDED = {
    DocumentClass.PUBLIC: (Action.READ_EVIDENCE,),
    DocumentClass.CONFIDENTIAL: (Action.READ_EVIDENCE, Action.READ_CONFIDENTIAL_EVIDENCE),
}


def of_evidence(session: Session, actor: Actor, rows: Sequence[Evidence]) -> list[Scope]:
    """Answer for evidence, in one statement more than its collaborations need."""
    found = belongings(session, actor, [row.collaboration_id for row in rows])
    present = _present(session, {row.collaboration_id for row in rows})
    return [
        replace(
            found[row.collaboration_id].scope,
            also=_NEEDED[row.evidence_class],
            owner_ids=_owners(present.get(row.collaboration_id, {}), row.organisation_id),
        )
        for row in rows
    ]


def scope_of_filing(session: Session, row: Collaboration, organisation_id: str | None) -> Scope:
    """Return on what it depends whether somebody may file for an organisation, or for the collaboration as such."""
    present = _present(session, {row.id}).get(row.id, {})
    return Scope(row.partnership_id, frozenset(present), owner_ids=_owners(present, organisation_id))


def _present(session: Session, keys: Collection[str]) -> dict[str, dict[str, bool]]:
    """Return the partners by collaboration, and whether each leads; a part that cannot be read leads nothing."""
    query = select(Member.collaboration_id, Member.organisation_id, col(Member.part) == MemberPart.LEAD)
    found: dict[str, dict[str, bool]] = {}
    there = query.where(col(Member.collaboration_id).in_(keys), col(Member.left_on).is_(None))
    for key, organisation_id, leads in session.exec(there):
        found.setdefault(key, {})[organisation_id] = bool(leads)
    return found


def _owners(present: dict[str, bool], organisation_id: str | None) -> frozenset[str]:
    """Return who answers for a file: its organisation and the lead; of what is the collaboration's, every partner."""
    if organisation_id is None:
        return frozenset(present)
    return frozenset({organisation_id, *(key for key, leads in present.items() if leads)})


def cases_of_evidence(actor: Actor, known: Circumstances) -> Cases:
    """Say the same in SQL."""
    facts = belonging_facts(actor, known, col(Evidence.collaboration_id))
    found = []
    for one, needed in _NEEDED.items():
        where = col(Evidence.evidence_class) == one
        if actor.organisation_id is None:
            found.append(Case(where, Scope(actor.partnership_id, also=needed), facts))
            continue
        own, key = col(Evidence.organisation_id), col(Evidence.collaboration_id)
        member = table_of(Member).alias()
        there = plain(member.c.collaboration_id).where(
            member.c.organisation_id == actor.organisation_id, member.c.left_on.is_(None)
        )
        answers = or_(
            is_value(own, actor.organisation_id),
            and_(own.is_(None), is_among(key, there)),
            is_among(key, there.where(member.c.part == MemberPart.LEAD)),
        )
        owner = frozenset({actor.organisation_id})
        found.append(Case(and_(where, answers), Scope(actor.partnership_id, also=needed, owner_ids=owner), facts))
        found.append(Case(and_(where, not_(answers)), Scope(actor.partnership_id, also=needed), facts))
    return Cases(found)
