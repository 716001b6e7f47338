"""What rights to a question depend on: its audience, and for the two sides alone whose organisations these are."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import and_, not_, or_
from sqlalchemy import select as plain
from sqlmodel import Session, col

from states.collaborations.queries import members_of
from states.collaborations.tables import Member, MemberPart
from states.crossings.rights.collaborations import Circumstances, belonging_facts, belongings
from states.questions.tables import Audience, Question
from states.rights.access import Action, Actor, Scope
from states.rights.conditions import Case, Cases
from states.storage import is_among, is_value, table_of

_NEEDED = {
    Audience.PARTIES: (Action.READ_QUESTION_OF_PARTIES,),
    Audience.PARTNERS: (Action.READ_PROTOCOL,),
    Audience.CASE: (Action.READ_DOSSIER,),
    Audience.REVIEW: (Action.READ_REVIEW,),
}


def of_questions(session: Session, actor: Actor, rows: Sequence[Question]) -> list[Scope]:
    """Answer for questions; of the two sides the lead is always one, and who left is none any more."""
    found = belongings(session, actor, [row.collaboration_id for row in rows])
    members = members_of(session, sorted({row.collaboration_id for row in rows})) if actor.organisation_id else {}
    scopes = []
    for row in rows:
        present = {one.organisation.id: one.member.part for one in members.get(row.collaboration_id, [])}
        sides = {row.asked_organisation_id, row.to_organisation_id}
        owners = frozenset(key for key, part in present.items() if part is MemberPart.LEAD or key in sides)
        scopes.append(replace(found[row.collaboration_id].scope, owner_ids=owners, also=_NEEDED[row.audience]))
    return scopes


def cases_of_questions(actor: Actor, known: Circumstances) -> Cases:
    """Say the same in SQL."""
    facts = belonging_facts(actor, known, col(Question.collaboration_id))
    found = []
    for audience, needed in _NEEDED.items():
        where, scope = col(Question.audience) == audience, Scope(actor.partnership_id, also=needed)
        if audience is not Audience.PARTIES or actor.organisation_id is None:
            found.append(Case(where, scope, facts))
            continue
        key, own = col(Question.collaboration_id), actor.organisation_id
        member = table_of(Member).alias()
        there = plain(member.c.collaboration_id).where(member.c.organisation_id == own, member.c.left_on.is_(None))
        side = or_(is_value(col(Question.asked_organisation_id), own), is_value(col(Question.to_organisation_id), own))
        owns = or_(is_among(key, there.where(member.c.part == MemberPart.LEAD)), and_(side, is_among(key, there)))
        found.append(Case(and_(where, owns), replace(scope, owner_ids=frozenset({own})), facts))
        found.append(Case(and_(where, not_(owns)), scope, facts))
    return Cases(found)
